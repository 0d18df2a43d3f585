"""What Order stands on: one module per engine or neighbour."""
