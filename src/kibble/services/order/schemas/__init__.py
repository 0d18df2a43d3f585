"""What Order's API takes and answers."""
