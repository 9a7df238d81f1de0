"""Which part of the computation is wrong, and what explains it."""
