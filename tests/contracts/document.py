"""The OpenAPI document of a running shop, and answers held against it."""

from __future__ import annotations

import re
from functools import cached_property
from typing import Any

import jsonschema_rs

from tests.fixtures.http import Answer
from tests.fixtures.shopping import Json

JSON = ("application/json", "application/problem+json")
METHODS = ("get", "put", "post", "delete", "patch")

Operation = tuple[str, str]
"""A method in capitals and a path with ``{names}``."""


class Document:
    """An OpenAPI document."""

    def __init__(self, raw: Json) -> None:
        self.raw = raw
        self._validators: dict[tuple[Operation, str, str], Any] = {}

    @cached_property
    def operations(self) -> dict[Operation, Json]:
        """All operations."""
        return {
            (method.upper(), path): operation
            for path, operations in self.raw["paths"].items()
            for method, operation in operations.items()
            if method in METHODS
        }

    def successes(self, operation: Operation) -> set[int]:
        """Return the documented statuses below 300 of an operation."""
        return {int(code) for code in self.operations[operation]["responses"] if code < "300"}

    def scope(self, operation: Operation) -> str | None:
        """Return the scope that an operation asks for."""
        scope: str | None = self.operations[operation].get("x-scope")
        return scope

    def owner(self, operation: Operation) -> Json | None:
        """Return what an operation declares of whose it is: ``by`` what, and staff's ``scopes``."""
        owner: Json | None = self.operations[operation].get("x-owner")
        return owner

    def opening(self, operation: Operation) -> frozenset[str] | None:
        """Return the scopes with any of which staff may; None for what is open to anybody."""
        scope, owner = self.scope(operation), self.owner(operation)
        if owner is not None:
            return None if owner["by"] == "link" else frozenset(owner["scopes"])
        return None if scope is None else frozenset({scope})

    def check(self, operation: Operation, answer: Answer) -> None:
        """See that an answer is one that the document tells of."""
        responses = self.operations[operation]["responses"]
        what = f"{' '.join(operation)} answered {answer.status}"
        response = responses.get(str(answer.status))
        assert response is not None, f"{what}, which is not documented: {answer.body[:300]!r}"
        content = response.get("content")
        if content is None:
            assert answer.body == b"", f"{what} with a body that is not documented"
            return
        media = answer.headers["content-type"].partition(";")[0]
        assert media in content, f"{what} as {media}, not as {list(content)}"
        if media in JSON:
            problems = self._problems(operation, str(answer.status), media, answer)
            assert not problems, f"{what} with {answer.body[:500]!r}: {problems}"

    def _problems(self, operation: Operation, status: str, media: str, answer: Answer) -> list[str]:
        key = (operation, status, media)
        if key not in self._validators:
            content = self.operations[operation]["responses"][status]["content"]
            schema = {**content[media]["schema"], "components": self.raw["components"]}
            self._validators[key] = jsonschema_rs.Draft202012Validator(
                schema, validate_formats=True
            )
        return [str(error) for error in self._validators[key].iter_errors(answer.json())]


def parameters(path: str) -> list[str]:
    """Return the names in a path."""
    return re.findall(r"{(\w+)}", path)
