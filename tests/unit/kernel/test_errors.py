from __future__ import annotations

from kibble.kernel import errors
from kibble.kernel.errors import (
    FieldError,
    InvalidInput,
    KibbleError,
    NotFound,
    StaleVersion,
    TimedOut,
)


def kinds(parent: type[KibbleError] = KibbleError) -> list[type[KibbleError]]:
    """Every kind in the tree, parents first, without those that services derive."""
    children = [kind for kind in parent.__subclasses__() if kind.__module__ == errors.__name__]
    return [parent, *(kind for child in children for kind in kinds(child))]


def test_every_kind_has_a_code_of_its_own() -> None:
    codes = [kind.code for kind in kinds()]
    assert len(codes) == len(set(codes))


def test_every_kind_is_drawn_in_the_tree_of_the_docstring() -> None:
    drawing = errors.__doc__ or ""
    assert [kind.__name__ for kind in kinds() if kind.__name__ not in drawing] == []


def test_carries_a_code_a_message_and_details() -> None:
    error = NotFound("No such order.", details={"orderId": "17"})
    assert (error.code, error.message, error.details) == (
        "not-found",
        "No such order.",
        {"orderId": "17"},
    )


def test_takes_a_more_special_code() -> None:
    assert NotFound("No such order.", code="order-not-found").code == "order-not-found"


def test_names_each_invalid_field() -> None:
    error = InvalidInput.at("/items/0/quantity", "must be at least 1")
    assert error.errors == (FieldError("/items/0/quantity", "must be at least 1"),)


def test_says_when_to_come_back() -> None:
    assert TimedOut("The provider is slow.", retry_after=3).retry_after == 3


def test_a_stale_version_is_a_conflict() -> None:
    assert isinstance(StaleVersion("Changed meanwhile."), errors.Conflict)
