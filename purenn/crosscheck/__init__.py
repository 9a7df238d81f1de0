"""Cross-check."""
