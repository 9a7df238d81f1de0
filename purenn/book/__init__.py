"""The command ``python -m purenn.book``: the experiments of Nielsen's book, beside its numbers."""
