"""Comparing the provider's books with ours."""

from __future__ import annotations

from kibble.kernel.ids import OrderId, PaymentId
from kibble.kernel.money import Money
from kibble.services.payment.model import (
    Books,
    ChargeRecord,
    Drift,
    DriftKind,
    RefundRecord,
    compare,
)

EMPTY = Books()


def charges(*ids: str, cents: int = 100, undecided: frozenset[str] = frozenset()) -> Books:
    """Return books with a charge of each of ``ids``."""
    return Books(
        {key: ChargeRecord(PaymentId(key), OrderId("o-1"), Money(cents)) for key in ids},
        undecided=undecided,
    )


def refunds(*ids: str) -> Books:
    """Return books with a refund of each of ``ids``."""
    return Books({}, {key: RefundRecord(key, PaymentId("p-1"), Money(1)) for key in ids})


def test_equal_books_do_not_drift() -> None:
    assert compare(charges("a", "b"), charges("a", "b"), charges("a", "b")) == []


def test_finds_a_charge_that_we_do_not_know() -> None:
    seen = compare(charges("a"), charges("a", "b"), charges("a"))
    assert seen == [Drift(DriftKind.MISSING_HERE, "charge", "b")]


def test_finds_a_charge_that_the_provider_does_not_know() -> None:
    seen = compare(charges("a"), EMPTY, charges("a"))
    assert seen == [Drift(DriftKind.MISSING_THERE, "charge", "a")]


def test_finds_different_amounts() -> None:
    seen = compare(charges("a"), charges("a", cents=99), charges("a"))
    assert seen == [Drift(DriftKind.DIFFERENT, "charge", "a")]


def test_finds_refunds_on_either_side() -> None:
    seen = compare(refunds("a"), refunds("b"), refunds("a"))
    assert seen == [
        Drift(DriftKind.MISSING_THERE, "refund", "a"),
        Drift(DriftKind.MISSING_HERE, "refund", "b"),
    ]


def test_what_is_undecided_here_is_no_drift() -> None:
    assert compare(EMPTY, charges("a"), charges(undecided=frozenset({"a"}))) == []


def test_what_went_through_while_the_provider_was_read_is_no_drift() -> None:
    assert compare(EMPTY, EMPTY, charges("a")) == []


def test_what_was_made_known_while_we_were_read_is_no_drift() -> None:
    assert compare(EMPTY, charges("a"), charges("a")) == []
