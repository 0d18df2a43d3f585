"""The types of the API's client, made from schemas."""

from __future__ import annotations

from typing import Any

import pytest

from tools.client import render, typescript


@pytest.mark.parametrize(
    ("schema", "expected"),
    [
        ({"type": "string"}, "string"),
        ({"type": "integer"}, "number"),
        ({"$ref": "#/components/schemas/Order"}, "Order"),
        ({"enum": ["b", "a"]}, '"a" | "b"'),
        ({"anyOf": [{"type": "string"}, {"type": "null"}]}, "string | null"),
        ({"type": "array", "items": {"type": "number"}}, "readonly (number)[]"),
        (
            {"type": "object", "additionalProperties": {"type": "boolean"}},
            "Readonly<Record<string, boolean>>",
        ),
        ({}, "unknown"),
    ],
)
def test_a_schema_becomes_the_type_that_says_the_same(
    schema: dict[str, Any], expected: str
) -> None:
    assert typescript(schema) == expected


def test_only_required_fields_must_be_there() -> None:
    schema = {
        "type": "object",
        "required": ["id"],
        "properties": {"id": {"type": "string"}, "note": {"type": "string"}},
    }
    assert typescript(schema) == "{ readonly id: string; readonly note?: string; }"


def test_a_row_tells_what_a_path_takes_and_answers() -> None:
    operation = {
        "parameters": [
            {"name": "id", "in": "path", "required": True, "schema": {"type": "string"}},
            {"name": "limit", "in": "query", "schema": {"type": "integer"}},
        ],
        "responses": {
            "200": {"content": {"application/json": {"schema": {"type": "number"}}}},
            "404": {},
        },
    }
    text = render({"paths": {"/api/x/{id}": {"get": operation}}, "components": {"schemas": {}}})
    assert (
        '"/api/x/{id}": { path: { readonly id: string; }; query: { readonly limit?: number; };'
        " body: undefined; answer: number };" in text
    )


def test_what_only_leads_elsewhere_answers_nothing() -> None:
    operation: dict[str, Any] = {"responses": {"302": {}}}
    text = render({"paths": {"/go": {"get": operation}}, "components": {"schemas": {}}})
    assert "answer: undefined };" in text
