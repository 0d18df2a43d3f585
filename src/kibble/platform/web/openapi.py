"""OpenAPI 3.1 from the tables of routes (https://spec.openapis.org/oas/v3.1.0)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from kibble.platform.web.json import schema_hook
from kibble.platform.web.route import ANYONE, SIGNED_IN, Route

_NONE = type(None)
_REF = "#/components/schemas/{name}"
_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
        "errors": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {"pointer": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
    },
}
_ERRORS = {
    "400": "The request is invalid; `errors` points at each invalid field.",
    "401": "No valid token.",
    "403": "Not the caller's, or a missing scope.",
    "404": "Absent, or private to somebody else.",
    "409": "Conflicts with the present state, which the answer tells.",
    "429": "Too many requests; Retry-After tells when.",
    "503": "Overloaded or degraded; Retry-After tells when.",
}


def document(
    title: str, version: str, routes: Iterable[tuple[str, Sequence[Route]]]
) -> dict[str, Any]:
    """Return the document of ``routes``: pairs of a service's name and its table."""
    tables = list(routes)
    kinds = _types(route for _, table in tables for route in table)
    _, components = msgspec.json.schema_components(
        kinds, schema_hook=schema_hook, ref_template=_REF
    )
    paths: dict[str, dict[str, Any]] = {}
    for tag, table in tables:
        for route in table:
            paths.setdefault(route.path, {})[route.method.lower()] = _operation(tag, route)
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version},
        "paths": paths,
        "components": {
            "schemas": {**components, "Problem": _PROBLEM},
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
            },
        },
    }


def _types(routes: Iterable[Route]) -> list[Any]:
    kinds: list[Any] = []
    for route in routes:
        kinds += [
            kind for kind in (route.body, route.query, route.answer) if kind not in (None, _NONE)
        ]
    return kinds


def _schema(kind: Any) -> dict[str, Any]:
    (schema,), _ = msgspec.json.schema_components(
        [kind], schema_hook=schema_hook, ref_template=_REF
    )
    return schema


def _operation(tag: str, route: Route) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": f"{tag}_{route.operation}",
        "tags": [tag],
        "summary": route.summary,
        "parameters": _parameters(route),
        "responses": _responses(route),
    }
    if route.body is not _NONE:
        operation["requestBody"] = {
            "required": not route.body_optional,
            "content": {"application/json": {"schema": _schema(route.body)}},
        }
    elif route.takes:
        raw = {"schema": {"type": "string", "format": "binary"}}
        operation["requestBody"] = {"required": True, "content": dict.fromkeys(route.takes, raw)}
    if route.access is not ANYONE:
        operation["security"] = [{"bearer": []}]
        if route.access is not SIGNED_IN:
            operation["x-scope"] = route.access
    return operation


def _parameters(route: Route) -> list[dict[str, Any]]:
    parameters: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"{(\w+)}", route.path)
    ]
    if route.query is not _NONE:
        parameters += _query_parameters(route.query)
    if route.method == "POST":
        parameters.append(
            {
                "name": "Idempotency-Key",
                "in": "header",
                "required": False,
                "schema": {
                    "type": "string",
                    "minLength": 1,
                    "maxLength": 255,
                    "pattern": "^[!-~]+$",
                },
            }
        )
    return parameters


def _query_parameters(kind: Any) -> list[dict[str, Any]]:
    parameters = []
    for field in msgspec.structs.fields(kind):
        schema = _schema(field.type)
        if "anyOf" in schema:
            options = [option for option in schema["anyOf"] if option != {"type": "null"}]
            schema = options[0] if len(options) == 1 else {"anyOf": options}
        parameters.append(
            {"name": field.encode_name, "in": "query", "required": field.required, "schema": schema}
        )
    return parameters


def _responses(route: Route) -> dict[str, Any]:
    success: dict[str, Any] = {"description": "Success"}
    if route.answer is not None:
        success["content"] = {"application/json": {"schema": _schema(route.answer)}}
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    responses: dict[str, Any] = {str(route.status): success}
    for status, description in _ERRORS.items():
        responses[status] = {"description": description, "content": problem}
    responses["default"] = {"description": "A problem", "content": problem}
    return responses
