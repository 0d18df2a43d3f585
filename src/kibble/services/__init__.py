"""The eight services: strangers that know each other by contracts alone."""
