"""HTTP for services: a table of routes, typed bodies, problem details, idempotency keys, OpenAPI."""
