"""Inventory: how many of each product, where, and held for whom."""
