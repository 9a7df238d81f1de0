"""The command ``python -m purenn.show``: digits, and what a trained network makes of them."""
