"""Tokens, and what their holder may do."""
