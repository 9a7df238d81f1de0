"""The truth about each number, with the bound of what rounding can do to it."""
