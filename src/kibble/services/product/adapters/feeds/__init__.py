"""Suppliers' feeds: opened safely, cut into chunks, read and checked in worker processes."""
