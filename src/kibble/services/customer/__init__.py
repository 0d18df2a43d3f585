"""Customer: who the customers are, and how they prove it."""
