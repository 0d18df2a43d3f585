"""Kibble's tests."""
