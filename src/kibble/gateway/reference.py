"""The API for people: its OpenAPI document as one page."""

from __future__ import annotations

import html
import re
from collections.abc import Iterator, Mapping
from typing import Any

_CODE, _BOLD = re.compile(r"`([^`]+)`"), re.compile(r"\*\*([^*]+)\*\*")
_NULL = {"type": "null"}
_LINKS = (
    '<p>For programs: <a href="/openapi.json">OpenAPI</a>,'
    ' <a href="/asyncapi.json">AsyncAPI</a> for events.</p>'
)

Node = Mapping[str, Any]


def reference(document: Node) -> str:
    """Return the body of the page: what holds of all calls, each call, each type."""
    info, schemas = document["info"], document["components"]["schemas"]
    calls: dict[str, list[str]] = {}
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            calls.setdefault(operation["tags"][0], []).append(_call(method, path, operation))
    parts = [
        f"<h1>{html.escape(info['title'])}'s API</h1>{_markdown(info['description'])}{_LINKS}",
    ]
    parts += [
        f"<h2>{html.escape(tag.capitalize())}</h2>{''.join(made)}" for tag, made in calls.items()
    ]
    parts.append("<h2>Types</h2>")
    parts += [_type(name, schema) for name, schema in sorted(schemas.items())]
    return "".join(parts)


def _call(method: str, path: str, operation: Node) -> str:
    rows = [
        _row(one["name"], one["schema"], one["in"], required=one["required"])
        for one in operation["parameters"]
    ]
    body = operation.get("requestBody")
    if body is not None:
        rows += [_row("", shape, "body", required=body["required"]) for shape in _shapes(body)]
    answers = "".join(
        f"<tr><td>{status}</td><td>{_inline(one['description'])}</td>"
        f"<td>{' or '.join(map(_named, _shapes(one)))}</td></tr>"
        for status, one in operation["responses"].items()
    )
    return (
        f'<details id="{operation["operationId"]}"><summary><b>{method.upper()}</b>'
        f" <code>{html.escape(path)}</code> {html.escape(operation['summary'])}</summary>"
        f"<p>{_inline(operation['description'])}</p>"
        f"<table>{''.join(rows)}</table><h3>Answers</h3><table>{answers}</table></details>"
    )


def _type(name: str, schema: Node) -> str:
    required = schema.get("required", ())
    rows = "".join(
        _row(field, part, "", required=field in required)
        for field, part in schema.get("properties", {}).items()
    )
    told = _markdown(schema.get("description", ""))
    shape = f"<table>{rows}</table>" if rows else f"<p>{_named(schema)}</p>"
    return f'<h3 id="{name}">{name}</h3>{told}{shape}'


def _row(name: str, schema: Node, where: str, *, required: bool) -> str:
    words = [where, "required" if required else "", schema.get("description", "")]
    told = "; ".join(_inline(word) for word in words if word)
    return f"<tr><td>{html.escape(name)}</td><td>{_named(schema)}</td><td>{told}</td></tr>"


def _shapes(content: Node) -> Iterator[Node]:
    """Yield the schemas of what is sent, each once."""
    seen: list[Node] = []
    for media in content.get("content", {}).values():
        schema: Node = media.get("schema", {})
        if schema not in seen:
            seen.append(schema)
            yield schema


def _named(schema: Node) -> str:
    """Return what a schema is, in a few words that lead to its type."""
    if "$ref" in schema:
        name = schema["$ref"].rpartition("/")[2]
        return f'<a href="#{name}">{name}</a>'
    if "enum" in schema:
        return ", ".join(f"<code>{html.escape(str(value))}</code>" for value in schema["enum"])
    if "anyOf" in schema:
        return " or ".join("null" if one == _NULL else _named(one) for one in schema["anyOf"])
    if schema.get("type") == "array":
        return f"array of {_named(schema.get('items', {}))}"
    return html.escape(str(schema.get("format", schema.get("type", "any"))))


def _markdown(text: str) -> str:
    """Return paragraphs and one level of list as HTML: docstrings have no more."""
    blocks = []
    for block in filter(None, text.split("\n\n")):
        items = block.split("\n* ")
        if block.startswith("* "):
            points = "".join(f"<li>{_inline(item.removeprefix('* '))}</li>" for item in items)
            blocks.append(f"<ul>{points}</ul>")
        else:
            blocks.append(f"<p>{_inline(block)}</p>")
    return "".join(blocks)


def _inline(text: str) -> str:
    safe = html.escape(text, quote=False)
    return _BOLD.sub(r"<strong>\1</strong>", _CODE.sub(r"<code>\1</code>", safe))
