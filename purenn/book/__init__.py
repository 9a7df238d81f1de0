"""The command ``python3 -m purenn.book``: the experiments of Nielsen's book, beside its numbers."""
