"""Notification's adapters: one file per engine, relay or library."""
