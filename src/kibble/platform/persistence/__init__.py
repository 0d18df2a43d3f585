"""The unit of work: what a use case wants written, and the port that writes it."""
