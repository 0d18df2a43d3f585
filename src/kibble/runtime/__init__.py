"""Composition: which services and engines make a process, and the commands that start it."""
