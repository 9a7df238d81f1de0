"""The command ``python -m purenn.explain``: ``python -m purenn.explain``."""
