"""The command ``python -m purenn.train``: learn handwritten digits, and show what was learned."""
