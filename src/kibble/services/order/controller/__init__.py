"""Order over HTTP."""
