"""Product's use cases."""
