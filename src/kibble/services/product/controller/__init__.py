"""Product over HTTP."""
