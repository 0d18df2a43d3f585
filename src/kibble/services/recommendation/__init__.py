"""Recommendation: what goes together, what a customer may like, what is trending."""
