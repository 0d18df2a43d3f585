"""Kibble's own tools: lint rules, checks of the lock files, generators."""
