"""Mistakes that people make, and conventions that are no mistakes."""
