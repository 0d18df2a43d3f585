"""What Inventory stands on: one module per engine or neighbour."""
