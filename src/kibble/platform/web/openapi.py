"""OpenAPI 3.1 from the tables of routes (https://spec.openapis.org/oas/v3.1.0)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

import msgspec

from kibble.platform.web.json import schema_hook
from kibble.platform.web.ownership import Owned
from kibble.platform.web.route import Route

_NONE = type(None)
_SERVICE = 2
"""Where a module's name has the service: kibble.services.NAME."""
_CREATED, _BAD_REQUEST, _UNAUTHORIZED = 201, 400, 401
_REF = "#/components/schemas/{name}"
_BYTES = {"schema": {"type": "string", "format": "binary"}}
_FORM = {
    "schema": {
        "type": "object",
        "required": ["file"],
        "properties": {"file": {"type": "string", "format": "binary"}},
    }
}
_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "code"],
    "properties": {
        "type": {"type": "string", "format": "uri"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "detail": {"type": "string"},
        "code": {"type": "string"},
    },
}
_INVALID = {
    "allOf": [{"$ref": "#/components/schemas/Problem"}],
    "type": "object",
    "required": ["errors"],
    "properties": {
        "errors": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["pointer", "detail"],
                "properties": {"pointer": {"type": "string"}, "detail": {"type": "string"}},
            },
        },
    },
}
_ERRORS = {
    400: "The request is invalid; `errors` points at each invalid field.",
    401: "No valid token.",
    402: "The payment was declined.",
    403: "Not the caller's, a missing scope, or a browser's call from another site.",
    404: "Absent, or private to somebody else.",
    409: "Conflicts with the present state, which the answer tells.",
    412: "Changed after the caller read it.",
    413: "The body is too large.",
    415: "The body is of another media type.",
    422: "The Idempotency-Key was used with another body.",
    429: "Too many requests; Retry-After tells when.",
    503: "Overloaded or degraded; Retry-After tells when.",
    504: "A neighbour did not answer in time.",
}


def document(
    title: str, version: str, routes: Iterable[tuple[str, Sequence[Route]]]
) -> dict[str, Any]:
    """Return the document of ``routes``: pairs of a service's name and its table."""
    tables = list(routes)
    schemas = _Schemas(_types(route for _, table in tables for route in table))
    paths: dict[str, dict[str, Any]] = {}
    for tag, table in tables:
        for route in table:
            operation = _operation(tag, route, schemas)
            paths.setdefault(route.path, {})[route.method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version},
        "paths": paths,
        "components": {
            "schemas": {**schemas.components, "Problem": _PROBLEM, "InvalidRequest": _INVALID},
            "securitySchemes": {
                "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"}
            },
        },
    }


class _Schemas:
    """The schemas of all types, made together: two services may have a type of one name."""

    def __init__(self, kinds: list[Any]) -> None:
        made, components = msgspec.json.schema_components(
            kinds, schema_hook=schema_hook, ref_template=_REF
        )
        self._kinds = kinds
        self._made: list[dict[str, Any]] = [_shortened(schema) for schema in made]
        self.components: dict[str, Any] = {
            _short_name(name): _shortened(schema) for name, schema in components.items()
        }
        if len(self.components) != len(components):
            raise ValueError("two types of one service have one name")

    def of(self, kind: Any) -> dict[str, Any]:
        """Return the schema of one of the types."""
        return self._made[self._kinds.index(kind)]


def _shortened(value: Any) -> Any:
    """Return a schema whose references have short names."""
    if isinstance(value, dict):
        return {
            key: _REF.format(name=_short_name(inner.rpartition("/")[2]))
            if key == "$ref"
            else _shortened(inner)
            for key, inner in value.items()
        }
    return [_shortened(inner) for inner in value] if isinstance(value, list) else value


def _short_name(name: str) -> str:
    """Return a type's name, behind its service's when another one has a type of this name."""
    *package, short = name.split(".")
    return package[_SERVICE].capitalize() + short if len(package) > _SERVICE else short


def _types(routes: Iterable[Route]) -> list[Any]:
    """Return the types of bodies, answers and query parameters, each once."""
    kinds: list[Any] = []
    for route in routes:
        kinds += [route.body, route.answer, *(kind for _, kind in route.also)]
        if route.refuses is not None:
            kinds.append(route.refuses[1])
        if route.query is not _NONE:
            kinds += [field.type for field in msgspec.structs.fields(route.query)]
    found: list[Any] = []
    for kind in kinds:
        if kind not in (None, _NONE) and kind not in found:
            found.append(kind)
    return found


def _operation(tag: str, route: Route, schemas: _Schemas) -> dict[str, Any]:
    operation: dict[str, Any] = {
        "operationId": f"{tag}_{route.operation}",
        "tags": [tag],
        "summary": route.summary,
        "parameters": _parameters(route, schemas),
        "responses": _responses(route, schemas),
    }
    if route.body is not _NONE:
        operation["requestBody"] = {
            "required": not route.body_optional,
            "content": {"application/json": {"schema": schemas.of(route.body)}},
        }
    elif route.takes:
        content = {kind: _FORM if kind == "multipart/form-data" else _BYTES for kind in route.takes}
        operation["requestBody"] = {"required": True, "content": content}
    if route.needs_token:
        operation["security"] = [{"bearer": []}]
    if isinstance(route.access, str):
        operation["x-scope"] = route.access
    elif isinstance(route.access, Owned):
        operation["x-owner"] = {"by": route.access.by.value, "scopes": list(route.access.scopes)}
    return operation


def _parameters(route: Route, schemas: _Schemas) -> list[dict[str, Any]]:
    parameters: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"{(\w+)}", route.path)
    ]
    if route.query is not _NONE:
        parameters += _query_parameters(route.query, schemas)
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
                    "pattern": r"^[!-~]+$(?!\n)",
                    "description": "a name of the caller's own for this call, printable ASCII",
                },
            }
        )
    return parameters


def _query_parameters(kind: Any, schemas: _Schemas) -> list[dict[str, Any]]:
    parameters = []
    for field in msgspec.structs.fields(kind):
        schema = schemas.of(field.type)
        if "anyOf" in schema:
            options = [option for option in schema["anyOf"] if option != {"type": "null"}]
            schema = options[0] if len(options) == 1 else {"anyOf": options}
        parameters.append(
            {"name": field.encode_name, "in": "query", "required": field.required, "schema": schema}
        )
    return parameters


def _responses(route: Route, schemas: _Schemas) -> dict[str, Any]:
    responses = {route.status: _success(route, schemas)}
    if route.method == "GET":
        responses[304] = {"description": "What If-None-Match names is still so."}
    for status, kind in route.also:
        responses[status] = _problem(status) if status in _ERRORS else _answer(kind, schemas)
    for status in _refusals(route):
        responses[status] = _problem(status)
    if route.refuses is not None:
        media, kind = route.refuses
        schema = {} if kind is None else {"schema": schemas.of(kind)}
        for status in (_BAD_REQUEST, _UNAUTHORIZED):
            responses[status]["content"][media] = schema
    return {str(status): response for status, response in sorted(responses.items())}


def _success(route: Route, schemas: _Schemas) -> dict[str, Any]:
    if route.gives:
        return {"description": "Success", "content": dict.fromkeys(route.gives, _BYTES)}
    response = _answer(route.answer, schemas)
    if route.status == _CREATED:
        response["headers"] = {
            "Location": {
                "description": "Where it is.",
                "required": True,
                "schema": {"type": "string"},
            }
        }
    return response


def _answer(kind: Any, schemas: _Schemas) -> dict[str, Any]:
    response: dict[str, Any] = {"description": "Success"}
    if kind is not None:
        response["content"] = {"application/json": {"schema": schemas.of(kind)}}
    return response


def _problem(status: int) -> dict[str, Any]:
    name = "InvalidRequest" if status == _BAD_REQUEST else "Problem"
    schema = {"$ref": _REF.format(name=name)}
    content = {"application/problem+json": {"schema": schema}}
    return {"description": _ERRORS[status], "content": content}


def _refusals(route: Route) -> list[int]:
    """Return the statuses of the problems that a route may answer."""
    statuses = [400, 401, 404, 429, 503, 504]
    if route.needs_token or route.method != "GET":
        statuses.append(403)
    if route.method != "GET":
        statuses.append(409)
    if route.method == "POST":
        statuses.append(422)
    if route.method in ("PUT", "PATCH", "DELETE"):
        statuses.append(412)
    if route.body is not _NONE or route.takes:
        statuses += [413, 415]
    return statuses
