"""Order's use cases."""
