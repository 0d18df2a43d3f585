"""What Product's API takes and answers."""
