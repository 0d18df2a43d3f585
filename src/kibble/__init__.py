"""Kibble: the store platform that a pet-supplies retailer runs itself."""
