"""What is wrong with a value, in words of JSON and of people instead of Python's."""

from __future__ import annotations

import re
from enum import Enum
from typing import Any, Literal, get_args, get_origin

import msgspec

_TYPES = {
    "str": "a string",
    "int": "a whole number",
    "float": "a number",
    "bool": "true or false",
    "array": "an array",
    "object": "an object",
    "null": "null",
    "datetime": "a time, such as 2026-03-02T15:00:00Z",
    "date": "a date, such as 2026-03-02",
}
_UNITS = {"str": "character", "array": "item", "object": "field"}
_BOUNDS = {">=": "at least", "<=": "at most", ">": "more than", "<": "less than"}


def in_words(message: str, kind: Any) -> str:
    """Return what msgspec says of a value that is no ``kind``, for people."""
    for pattern, say in _RULES:
        if (found := pattern.fullmatch(message)) is not None:
            return say(found, kind)
    return message


def _of_type(found: re.Match[str], _: Any) -> str:
    wanted = " or ".join(_TYPES.get(name, name) for name in found[1].split(" | "))
    return f"must be {wanted}{', not null' if found[2] == 'null' else ''}"


def _of_length(found: re.Match[str], _: Any) -> str:
    kind, bound, length = found.groups()
    if (bound, length) == (">=", "1"):
        return "must not be empty"
    return f"must have {_BOUNDS[bound]} {length} {_UNITS[kind]}{'' if length == '1' else 's'}"


def _in_range(found: re.Match[str], _: Any) -> str:
    return f"must be {_BOUNDS[found[1]]} {found[2].removesuffix('.0')}"


def _as_time(found: re.Match[str], _: Any) -> str:
    return f"must be {_TYPES[found[1]]}"


def _with_zone(_: re.Match[str], __: Any) -> str:
    return "needs a time zone"


def _of_choices(_: re.Match[str], kind: Any) -> str:
    return f"must be one of {', '.join(_choices(kind))}"


def _of_form(_: re.Match[str], kind: Any) -> str:
    """Leave the expression out: OpenAPI shows it."""
    form = _form(kind)
    return f"must be {form}" if form else "is not of the expected form"


def _choices(kind: Any) -> list[str]:
    """Return the values of the enum, or the literal, that a type is or holds."""
    if isinstance(kind, type) and issubclass(kind, Enum):
        return [str(member.value) for member in kind]
    if get_origin(kind) is Literal:
        return [str(value) for value in get_args(kind)]
    return next((found for found in map(_choices, get_args(kind)) if found), [])


def _form(kind: Any) -> str | None:
    """Return what a type says in words of the texts that match its pattern."""
    for one in getattr(kind, "__metadata__", ()):
        if isinstance(one, msgspec.Meta) and one.pattern and one.description:
            return one.description
    return next((form for form in map(_form, get_args(kind)) if form), None)


_RULES = (
    (re.compile(r"Expected `([^`]+)`, got `(\w+)`"), _of_type),
    (re.compile(r"Expected `(str|array|object)` of length (>=|<=) (\d+)"), _of_length),
    (re.compile(r"Expected `(?:int|float)` (>=|<=|>|<) (\S+)"), _in_range),
    (re.compile(r"Invalid RFC3339 encoded (datetime|date)"), _as_time),
    (re.compile(r"Expected `datetime` with a timezone component"), _with_zone),
    (re.compile(r"Invalid enum value .*", re.DOTALL), _of_choices),
    (re.compile(r"Expected `str` matching regex .*", re.DOTALL), _of_form),
)
"""What msgspec says, and how it is said here."""
