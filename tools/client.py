"""The TypeScript types of the API: ``python -m tools.client`` writes them, ``--check`` compares.

One file, ``storefront/projects/shared/src/api/schema.ts``: an interface a schema of the OpenAPI
document, and a table a method whose rows are its paths with the types of what goes in and comes
out. There is nothing in it that runs.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from kibble.platform.clock import SystemClock, Uuid7Ids, system_randomness
from kibble.platform.config import Settings
from kibble.platform.security.keys import key_path, load_or_make_key
from kibble.platform.security.tokens import TokenIssuer
from kibble.platform.service import World
from kibble.runtime.loopback import Loopback
from kibble.runtime.shop import Shop

FILE = Path(__file__).parents[1] / "storefront/projects/shared/src/api/schema.ts"
METHODS = ("get", "post", "put", "patch", "delete")
_SIMPLE = {
    "string": "string",
    "integer": "number",
    "number": "number",
    "boolean": "boolean",
    "null": "null",
}
_NAME = re.compile(r"[A-Za-z_$][\w$]*")
_HEAD = "// The types of Kibble's API, made from its document by `make client`. Do not edit.\n"

_ERRORS = ("Problem", "InvalidRequest")
"""The client has a class of its own for answers that say no."""

Node = dict[str, Any]


def document() -> Node:
    """Return the API's document, as a shop in an empty folder has it."""
    clock, randomness = SystemClock(), system_randomness()
    ids = Uuid7Ids(clock, randomness)
    with TemporaryDirectory() as name:
        folder = Path(name)
        issuer = TokenIssuer(load_or_make_key(key_path(folder)), clock, ids)
        token = issuer.for_client("client", [], timedelta(minutes=1))
        shop = Shop(Settings(data_dir=folder), World(clock, ids, randomness), inline=True)
        try:
            found: Node = asyncio.run(Loopback(shop, token).get("/openapi.json"))
        finally:
            shop.close()
    return found


def typescript(schema: Node) -> str:
    """Return the TypeScript type of a JSON Schema; what has no shape is ``unknown``."""
    if "$ref" in schema:
        return str(schema["$ref"].rpartition("/")[2])
    if "enum" in schema:
        return " | ".join(sorted(json.dumps(value) for value in schema["enum"]))
    if parts := schema.get("anyOf", schema.get("oneOf")):
        return " | ".join(dict.fromkeys(typescript(part) for part in parts))
    return _of_kind(schema)


def _of_kind(schema: Node) -> str:
    kind = schema.get("type")
    if kind == "array":
        return f"readonly ({typescript(schema.get('items', {}))})[]"
    if kind == "object":
        return _object(schema)
    return _SIMPLE.get(str(kind), "unknown")


def _object(schema: Node) -> str:
    if "properties" in schema:
        return "{ " + " ".join(_fields(schema)) + " }"
    values = schema.get("additionalProperties", {})
    shape = typescript(values) if isinstance(values, dict) and values else "unknown"
    return f"Readonly<Record<string, {shape}>>"


def _fields(schema: Node) -> Iterator[str]:
    required = set(schema.get("required", ()))
    for name, part in schema["properties"].items():
        mark = "" if name in required else "?"
        key = name if _NAME.fullmatch(name) else f'"{name}"'
        yield f"readonly {key}{mark}: {typescript(part)};"


def render(api: Node) -> str:
    """Return the whole file."""
    parts = [_HEAD]
    for name, schema in sorted(api["components"]["schemas"].items()):
        if name in _ERRORS:
            continue
        parts.append(_declared(name, schema))
    for method in METHODS:
        rows = [
            _row(path, operations[method])
            for path, operations in sorted(api["paths"].items())
            if method in operations
        ]
        title = f"/** What {method.upper()} takes and answers, by path. */"
        body = "\n".join(rows)
        parts.append(f"{title}\nexport interface {method.capitalize()}Paths {{\n{body}\n}}\n")
    return "\n".join(parts)


def _declared(name: str, schema: Node) -> str:
    if schema.get("type") == "object" and "properties" in schema:
        body = "\n".join(f"  {field}" for field in _fields(schema))
        return f"export interface {name} {{\n{body}\n}}\n"
    return f"export type {name} = {typescript(schema)};\n"


def _row(path: str, operation: Node) -> str:
    given: dict[str, list[str]] = {"path": [], "query": []}
    for parameter in operation.get("parameters", ()):
        if (where := parameter["in"]) in given:
            mark = "" if parameter.get("required") else "?"
            shape = typescript(parameter["schema"])
            name = parameter["name"]
            key = name if _NAME.fullmatch(name) else f'"{name}"'
            given[where].append(f"readonly {key}{mark}: {shape};")
    fields = [
        f"{where}: {{ {' '.join(fields)} }}" if fields else f"{where}: undefined"
        for where, fields in given.items()
    ]
    fields += [f"body: {_body(operation)}", f"answer: {_answer(operation)}"]
    return f'  "{path}": {{ {"; ".join(fields)} }};'


def _body(operation: Node) -> str:
    content = operation.get("requestBody", {}).get("content", {})
    if "application/json" in content:
        return typescript(content["application/json"]["schema"])
    return "Blob | FormData" if content else "undefined"


def _answer(operation: Node) -> str:
    shapes = [
        typescript(content["application/json"]["schema"])
        if "application/json" in (content := answer.get("content", {}))
        else "undefined"
        for status, answer in operation["responses"].items()
        if status.startswith("2")
    ]
    return " | ".join(dict.fromkeys(shapes)) or "undefined"


def main(arguments: list[str]) -> int:
    """Write the file, or tell whether it is fresh."""
    text = render(document())
    if "--check" not in arguments:
        FILE.write_text(text)
        return 0
    if FILE.read_text() == text:
        return 0
    print(f"{FILE} is not what the API's document makes; run `make client`.", file=sys.stderr)
    return 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
