"""What Recommendation stands on: one module per engine or neighbour."""
