"""Customer's adapters: one file per engine or library."""
