"""The command ``python3 -m purenn.explain``: ``python3 -m purenn.explain``."""
