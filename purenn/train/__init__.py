"""The command ``python3 -m purenn.train``: learn handwritten digits, and show what was learned."""
