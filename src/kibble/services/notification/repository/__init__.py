"""Notification's store: the ports that its adapters implement."""
