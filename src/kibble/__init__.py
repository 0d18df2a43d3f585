"""Kibble: the store platform that a pet-supplies retailer runs itself."""

__version__ = "0.1.0"
