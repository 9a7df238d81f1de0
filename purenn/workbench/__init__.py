"""What the commands share and the reference does not need."""
