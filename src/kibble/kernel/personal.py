"""Marks of personal data, in the types of the fields that hold it.

``email: Personal[str]`` tells whoever reads the model, and the log, the export, the erasure and
their tests, that the field tells of a person; ``Secret`` that it opens something. What carries no
mark tells of nobody: ``tests/architecture/test_personal_data.py`` asks of every text for one.
"""

from __future__ import annotations

from collections.abc import Mapping
from enum import Enum
from typing import Annotated, Any, TypeVar, get_args, get_origin, get_type_hints

T = TypeVar("T")


class Mark(Enum):
    """What is to be kept of a field's value from others."""

    PERSONAL = "personal"
    """Tells of a person: exported to them, erased for them, kept out of logs."""
    SECRET = "secret"  # noqa: S105 - the name of a mark
    """Opens something: shown to nobody, erased, kept out of logs."""


Personal = Annotated[T, Mark.PERSONAL]
Secret = Annotated[T, Mark.SECRET]


def mark_of(hint: Any) -> Mark | None:
    """Return the mark that a type carries."""
    if get_origin(hint) is not Annotated:
        return None
    return next((one for one in get_args(hint)[1:] if isinstance(one, Mark)), None)


def marks(owner: type[Any]) -> Mapping[str, Mark]:
    """Return the marked fields of a class, and their marks."""
    hints = get_type_hints(owner, include_extras=True)
    found = {name: mark_of(hint) for name, hint in hints.items()}
    return {name: mark for name, mark in found.items() if mark is not None}
