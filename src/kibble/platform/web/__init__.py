"""HTTP for services: a table of routes, typed bodies, problems, idempotency keys, OpenAPI."""
