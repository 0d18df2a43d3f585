"""The gates of security that need no network; each proves first that it finds its canary."""
