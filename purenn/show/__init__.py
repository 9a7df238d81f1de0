"""The command ``python3 -m purenn.show``: digits, and what a trained network makes of them."""
