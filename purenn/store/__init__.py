"""Networks as files, and files that are whole or not there."""
