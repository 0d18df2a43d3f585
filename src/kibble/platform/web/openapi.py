"""OpenAPI 3.1 from the tables of routes (https://spec.openapis.org/oas/v3.1.0)."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, get_origin

import msgspec

from kibble.platform.prose import prose
from kibble.platform.web.json import schema_hook
from kibble.platform.web.ownership import By, Owned
from kibble.platform.web.route import Route

_NONE = type(None)
_ABOUT = """\
The REST API of a Kibble shop.

* **Tokens**: `Authorization: Bearer ...`, from `POST /oauth2/token` (client credentials for
  programs, authorization code with PKCE for apps). Each call says who may make it.
* **Bodies** are JSON. A field that is not known is refused; `PATCH` is a JSON Merge Patch (RFC
  7396): what is left out stays, `null` clears.
* **Amounts** are numbers of major units of the `currency` beside them, with at most two
  decimals. **Times** are RFC 3339 in UTC. **Ids** are opaque texts.
* **Lists** are arrays; where there is more, the `Link` header has the next page (`rel="next"`).
  A cursor names the last thing seen: what comes or goes meanwhile shifts nothing. Query
  parameters that are not known are refused where a token is needed, and left alone elsewhere.
* **Retries**: an `Idempotency-Key` has a `POST` done once in 24 hours. Its repeat gets the
  first answer, with `Idempotent-Replayed: true`; with another body it is 422, and while the
  first is at work 409 with `Retry-After`.
* **Versions**: an `ETag` names what was read; `If-None-Match` answers 304 when it is still so,
  `If-Match` changes only what was read (412).
* **Errors** are problem details (RFC 9457) with a stable `code`; `errors` points at each field
  that is wrong. Where there is a `Retry-After` (429, 503), come back when it says. Every answer
  has an `X-Request-Id` to ask the shop about.
"""
_SERVICE = 2
"""Where a module's name has the service: kibble.services.NAME."""
_CREATED, _BAD_REQUEST, _UNAUTHORIZED, _CONFLICT = 201, 400, 401, 409
_REF = "#/components/schemas/{name}"
_BYTES = {"schema": {"type": "string", "format": "binary"}}
_UPLOAD = {
    "schema": {
        "type": "object",
        "required": ["file"],
        "properties": {"file": {"type": "string", "format": "binary"}},
    }
}
_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "detail", "code"],
    "description": "What went wrong (RFC 9457); some codes have fields of their own.",
    "properties": {
        "type": {
            "type": "string",
            "format": "uri",
            "description": "An address that ends in the code.",
        },
        "title": {"type": "string", "description": "What kind of problem it is, for people."},
        "status": {"type": "integer", "description": "The status of the answer."},
        "detail": {"type": "string", "description": "What went wrong here, for people."},
        "code": {
            "type": "string",
            "description": "What went wrong, for programs: it does not change.",
            "examples": ["not-enough-stock"],
        },
    },
}
_INVALID = {
    "allOf": [{"$ref": "#/components/schemas/Problem"}],
    "type": "object",
    "required": ["errors"],
    "description": "A request that is not as it must be.",
    "properties": {
        "errors": {
            "type": "array",
            "minItems": 1,
            "items": {
                "type": "object",
                "required": ["pointer", "detail"],
                "properties": {
                    "pointer": {
                        "type": "string",
                        "description": "Where: a JSON Pointer (RFC 6901) into the body, or a"
                        " query parameter's name behind a slash; empty for the whole.",
                        "examples": ["/items/0/quantity"],
                    },
                    "detail": {
                        "type": "string",
                        "description": "What it must be.",
                        "examples": ["must be at least 1"],
                    },
                },
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
_HEADERS = {
    "ETag": "The version of what is answered.",
    "Link": 'The address of the next page, `rel="next"` (RFC 8288); none with the last.',
    "Retry-After": "The seconds to wait, where waiting helps.",
    "WWW-Authenticate": "What to show instead (RFC 6750).",
}
_OWNERS = {
    By.CALLER: "customers, of their own",
    By.ACCOUNT: "the account itself, signed in in person",
}
_TELLING = {401: "WWW-Authenticate", 429: "Retry-After", 503: "Retry-After"}
"""The header that a refusal has."""


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
        "info": {"title": title, "version": version, "description": _ABOUT},
        "servers": [{"url": "/", "description": "The shop that serves this document."}],
        "paths": paths,
        "components": {
            "schemas": {**schemas.components, "Problem": _PROBLEM, "InvalidRequest": _INVALID},
            "securitySchemes": {
                "bearer": {
                    "type": "http",
                    "scheme": "bearer",
                    "bearerFormat": "JWT",
                    "description": "An access token of `POST /oauth2/token`, of a customer or a"
                    " program; a guest's order has one of its own, as `accessToken`.",
                }
            },
        },
    }


def joined(parts: Mapping[str, dict[str, Any]]) -> dict[str, Any]:
    """Return one document with all that is in those of ``parts``, by the services' names.

    A schema's name that services use for different things has the service's name before it, as
    in a document that is made of all of them.
    """
    named: dict[str, list[Any]] = {}
    for part in parts.values():
        for name, schema in part["components"]["schemas"].items():
            named.setdefault(name, []).append(schema)
    twice = {name for name, found in named.items() if any(one != found[0] for one in found)}
    whole: dict[str, Any] = {}
    for service, part in parts.items():
        renamed = _renamed(part, {name: f"{service.capitalize()}{name}" for name in twice})
        whole = whole or renamed
        whole["paths"] |= renamed["paths"]
        whole["components"]["schemas"] |= renamed["components"]["schemas"]
    return whole


def _renamed(part: dict[str, Any], names: Mapping[str, str]) -> dict[str, Any]:
    """Return a document whose schemas have the new names that ``names`` has for them."""
    moved = {_REF.format(name=old): _REF.format(name=new) for old, new in names.items()}
    renamed: dict[str, Any] = _changed(
        part, "$ref", lambda reference: moved.get(reference, reference)
    )
    schemas = renamed["components"]["schemas"]
    renamed["components"]["schemas"] = {
        (new := names.get(name, name)): _entitled(new, schema) for name, schema in schemas.items()
    }
    return renamed


class _Schemas:
    """The schemas of all types, made together: two services may have a type of one name."""

    def __init__(self, kinds: list[Any]) -> None:
        made, components = msgspec.json.schema_components(
            kinds, schema_hook=schema_hook, ref_template=_REF
        )
        self._kinds = kinds
        self._made: list[dict[str, Any]] = [_told(schema) for schema in made]
        self.components: dict[str, Any] = {
            (short := _short_name(name)): _entitled(short, _told(schema))
            for name, schema in components.items()
        }
        if len(self.components) != len(components):
            raise ValueError("two types of one service have one name")

    def of(self, kind: Any) -> dict[str, Any]:
        """Return the schema of one of the types."""
        return self._made[self._kinds.index(kind)]


def _told(schema: Any) -> Any:
    """Return a schema whose references have short names, and whose words are those of JSON."""
    return _changed(_changed(schema, "$ref", _short_reference), "description", prose)


def _entitled(name: str, schema: dict[str, Any]) -> dict[str, Any]:
    """Return a schema under its own name: generators call a class by the title.

    Those that have a set of texts say that they are texts, for the same readers.
    """
    kind = (
        {"type": "string"} if all(isinstance(one, str) for one in schema.get("enum", [0])) else {}
    )
    return schema | kind | {"title": name}


def _short_reference(reference: str) -> str:
    return _REF.format(name=_short_name(reference.rpartition("/")[2]))


def _changed(value: Any, key: str, change: Callable[[str], str]) -> Any:
    """Return ``value`` with each text under ``key`` changed, at any depth."""
    if isinstance(value, dict):
        return {
            name: change(inner)
            if name == key and isinstance(inner, str)
            else _changed(inner, key, change)
            for name, inner in value.items()
        }
    return [_changed(inner, key, change) for inner in value] if isinstance(value, list) else value


def _short_name(name: str) -> str:
    """Return a type's name, behind its service's when another one has a type of this name."""
    *package, short = name.split(".")
    return package[_SERVICE].capitalize() + short if len(package) > _SERVICE else short


def _types(routes: Iterable[Route]) -> list[Any]:
    """Return the types of bodies, answers and query parameters, each once."""
    kinds: list[Any] = []
    for route in routes:
        kinds += [route.body, route.form, route.answer, *(kind for _, kind in route.also)]
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
        "description": _who_may(route),
        "parameters": _parameters(route, schemas),
        "responses": _responses(route, schemas),
    }
    if route.body is not _NONE:
        operation["requestBody"] = {
            "required": not route.body_optional,
            "content": {"application/json": {"schema": schemas.of(route.body)}},
        }
    elif route.form is not None:
        content = {kind: {"schema": schemas.of(route.form)} for kind in route.takes}
        operation["requestBody"] = {"required": True, "content": content}
    elif route.takes:
        content = {
            kind: _UPLOAD if kind == "multipart/form-data" else _BYTES for kind in route.takes
        }
        operation["requestBody"] = {"required": True, "content": content}
    if route.needs_token:
        operation["security"] = [{"bearer": []}]
    if isinstance(route.access, str):
        operation["x-scope"] = route.access
    elif isinstance(route.access, Owned):
        operation["x-owner"] = {"by": route.access.by.value, "scopes": list(route.access.scopes)}
    return operation


def _who_may(route: Route) -> str:
    """Return in words who may call."""
    access = route.access
    if isinstance(access, str):
        return f"Needs the scope `{access}`."
    if not isinstance(access, Owned) or access.by is By.LINK:
        return "Needs no token." if not route.own_login else "For OAuth clients, by their secret."
    owner = _OWNERS.get(access.by, "the customer whose it is")
    guests = ", for a guest who knows its id" if access.guests else ""
    scopes = " or ".join(f"`{scope}`" for scope in access.scopes)
    staff = f", and for staff and programs with the scope {scopes}" if scopes else ""
    return f"For {owner}{guests}{staff}."


def _parameters(route: Route, schemas: _Schemas) -> list[dict[str, Any]]:
    parameters: list[dict[str, Any]] = [
        {"name": name, "in": "path", "required": True, "schema": {"type": "string"}}
        for name in re.findall(r"{(\w+)}", route.path)
    ]
    if route.query is not _NONE:
        parameters += _query_parameters(route.query, schemas)
    if _takes_key(route):
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
    if route.conditional:
        parameters.append(_header("If-Match", "Change only this version: an `ETag` that was read."))
    if _has_version(route):
        parameters.append(_header("If-None-Match", "The `ETag` that is there already."))
    return parameters


def _takes_key(route: Route) -> bool:
    """Tell whether a route is called once an Idempotency-Key."""
    return route.method == "POST" and not route.own_login


def _header(name: str, description: str) -> dict[str, Any]:
    schema = {"type": "string", "examples": ['"7"']}
    return {
        "name": name,
        "in": "header",
        "required": False,
        "description": description,
        "schema": schema,
    }


def _has_version(route: Route) -> bool:
    """Tell whether a route reads one thing, whose answer may have an ``ETag``."""
    is_list = get_origin(route.answer) is list
    return route.method == "GET" and route.answer is not None and not is_list


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
    if _takes_key(route):
        responses[_CONFLICT]["headers"] = _shown("Retry-After")
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
    elif _is_paged(route):
        response["headers"] = _shown("Link")
    elif _has_version(route) or (route.conditional and route.answer is not None):
        response["headers"] = _shown("ETag")
    return response


def _is_paged(route: Route) -> bool:
    return "cursor" in getattr(route.query, "__struct_fields__", ())


def _shown(name: str) -> dict[str, Any]:
    return {name: {"description": _HEADERS[name], "schema": {"type": "string"}}}


def _answer(kind: Any, schemas: _Schemas) -> dict[str, Any]:
    response: dict[str, Any] = {"description": "Success"}
    if kind is not None:
        response["content"] = {"application/json": {"schema": schemas.of(kind)}}
    return response


def _problem(status: int) -> dict[str, Any]:
    name = "InvalidRequest" if status == _BAD_REQUEST else "Problem"
    schema = {"$ref": _REF.format(name=name)}
    content = {"application/problem+json": {"schema": schema}}
    problem: dict[str, Any] = {"description": _ERRORS[status], "content": content}
    if status in _TELLING:
        problem["headers"] = _shown(_TELLING[status])
    return problem


def _refusals(route: Route) -> list[int]:
    """Return the statuses of the problems that a route may answer."""
    statuses = [400, 401, 404, 429, 503, 504]
    if route.needs_token or route.method != "GET":
        statuses.append(403)
    if route.method != "GET":
        statuses.append(409)
    if route.method == "POST":
        statuses.append(422)
    if route.conditional:
        statuses.append(412)
    if route.body is not _NONE or route.takes:
        statuses += [413, 415]
    return statuses
