"""The distributed profile: a process a service, any number of each, on real engines."""
