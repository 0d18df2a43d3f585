"""What Product stands on: one module per engine or format."""
