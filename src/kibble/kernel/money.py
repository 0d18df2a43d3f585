"""Money as integer minor units and an ISO 4217 currency code; never a float.

All of Kibble's currencies have two decimals, as the owner's ``DECIMAL(10, 2)`` columns do.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal

MAX_MINOR = 9_999_999_999
"""The largest amount that DECIMAL(10, 2) holds: 99,999,999.99."""
_MAX = Decimal(MAX_MINOR).scaleb(-2)
_CENT = Decimal("0.01")


@dataclass(frozen=True, slots=True, order=True)
class Money:
    """An amount of one currency.

    ``minor`` is in minor units (cents); ``currency`` is an ISO 4217 code. Arithmetic between two
    currencies raises ``ValueError``: there is no meaningful answer.
    """

    minor: int
    currency: str = "USD"

    def __add__(self, other: Money) -> Money:
        """Add two amounts of one currency."""
        self._same_currency(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        """Subtract two amounts of one currency."""
        self._same_currency(other)
        return Money(self.minor - other.minor, self.currency)

    def __mul__(self, quantity: int) -> Money:
        """Multiply by a whole quantity."""
        return Money(self.minor * quantity, self.currency)

    def __bool__(self) -> bool:
        """Tell whether the amount is not zero."""
        return self.minor != 0

    @property
    def decimal(self) -> Decimal:
        """The amount in major units, always with two decimals."""
        return to_decimal(self.minor)

    def percentage(self, basis_points: int) -> Money:
        """Return a share of the amount in basis points (1/100 of a per cent), half rounded up."""
        return Money((self.minor * basis_points + 5_000) // 10_000, self.currency)

    def split(self, weights: Sequence[int]) -> list[Money]:
        """Split the amount over ``weights`` so that the parts always sum back to it.

        The cents that do not divide go to the largest remainders, the first line winning a tie
        (largest remainder method). Weights that are all zero count as equal. Raises
        ``ValueError`` for no weights or a negative one.
        """
        if not weights or min(weights) < 0:
            raise ValueError("weights must be a non-empty list of numbers >= 0")
        total = sum(weights)
        shares = list(weights) if total else [1] * len(weights)
        total = total or len(weights)
        sign = -1 if self.minor < 0 else 1
        parts = [abs(self.minor) * share // total for share in shares]
        remainders = [abs(self.minor) * share % total for share in shares]
        missing = abs(self.minor) - sum(parts)
        for index in sorted(range(len(parts)), key=lambda i: -remainders[i])[:missing]:
            parts[index] += 1
        return [Money(sign * part, self.currency) for part in parts]

    def _same_currency(self, other: Money) -> None:
        if self.currency != other.currency:
            raise ValueError(f"cannot mix {self.currency} and {other.currency}")


def total(amounts: Iterable[Money], currency: str = "USD") -> Money:
    """Sum ``amounts``; nothing sums to zero of ``currency``."""
    return sum(amounts, Money(0, currency))


def to_decimal(minor: int) -> Decimal:
    """Return minor units as a decimal of major units with two decimals."""
    return Decimal(minor).scaleb(-2)


def to_minor(amount: Decimal | int | str) -> int:
    """Return an amount of major units in minor units.

    Raises ``ValueError`` when it is no finite number, has more than two decimals, or is outside
    what DECIMAL(10, 2) holds.
    """
    try:
        exact = Decimal(amount)
        magnitude = abs(exact)
    except ArithmeticError as error:
        raise ValueError("is not a number") from error
    if not exact.is_finite():
        raise ValueError("is not a number")
    if magnitude > _MAX:
        raise ValueError("must be between 0 and 99,999,999.99")
    if exact != exact.quantize(_CENT):
        raise ValueError("may have at most two decimals")
    return int(exact * 100)
