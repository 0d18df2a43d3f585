"""Ports of what Product keeps: the catalogue, and what search needs of it."""
