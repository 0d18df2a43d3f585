"""Logs, metrics and the trace context."""
