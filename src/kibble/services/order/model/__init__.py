"""Order's rules: pure decisions."""
