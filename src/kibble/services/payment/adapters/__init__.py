"""What Payment's ports are made of."""
