"""Shipping: rates, labels, tracking."""
