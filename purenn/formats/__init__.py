"""Bytes that become numbers and back: nothing in a file is run, and every size has a limit."""
