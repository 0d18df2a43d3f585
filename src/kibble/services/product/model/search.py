"""What can be asked of the catalogue, and what the answers are made of."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from kibble.kernel.errors import FieldError, InvalidInput
from kibble.kernel.ids import ProductId
from kibble.kernel.paging import DEFAULT_LIMIT
from kibble.services.product.model.query_text import begins, tokens, words_of

MAX_ATTRIBUTES = 10
"""Attributes that are offered as facets, those of the most products first."""

MAX_VALUES = 20
"""Values that are offered of one facet, the most frequent first."""

MIN_COVERAGE = 0.2
"""The share of the products found that has an attribute, for it to be a facet."""

FEW_VALUES = 5
MIN_SHARED = 1.5
"""An attribute of more values than few is a facet when so many products share each on average: what
differs with every product, as part numbers do, narrows nothing down."""


class Sort(StrEnum):
    """The orders of a result, as the API names them."""

    RELEVANCE = "relevance"
    PRICE = "price"
    PRICE_DOWN = "-price"
    NAME = "name"
    NEWEST = "newest"
    POPULARITY = "popularity"
    RATING = "rating"


@dataclass(frozen=True, slots=True)
class Filters:
    """What a product must be. Prices are in minor units and inclusive.

    Several values of one filter mean any of them; different filters must all hold. ``category``
    names one with all its descendants. Texts are compared without regard to case and accents.
    """

    category: str | None = None
    price_min: int | None = None
    price_max: int | None = None
    brands: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    attributes: tuple[tuple[str, tuple[str, ...]], ...] = ()
    in_stock: bool | None = None
    on_sale: bool | None = None

    def __post_init__(self) -> None:
        """Check the prices; raises ``InvalidInput``."""
        bounds = (("/priceMin", self.price_min), ("/priceMax", self.price_max))
        errors = [
            FieldError(at, "must not be negative") for at, price in bounds if price and price < 0
        ]
        if self.price_max is not None and (self.price_min or 0) > self.price_max >= 0:
            errors.append(FieldError("/priceMin", "must not be more than priceMax"))
        if errors:
            raise InvalidInput(errors)


@dataclass(frozen=True, slots=True)
class SearchQuery:
    """A question to the catalogue.

    ``words`` is None when nothing was typed, which every product answers; it is empty when what
    was typed holds no word, which none does. ``cursor`` continues an earlier page.
    """

    words: tuple[str, ...] | None = None
    filters: Filters = field(default_factory=Filters)
    sort: Sort = Sort.RELEVANCE
    limit: int = DEFAULT_LIMIT
    cursor: str | None = None


def typed(text: str | None) -> tuple[str, ...] | None:
    """Return the words of a typed text; None when nothing but space was typed."""
    return None if text is None or not text.strip() else words_of(text)


@dataclass(frozen=True, slots=True)
class Band:
    """A range from ``low`` up to, not including, ``high``; None has no end."""

    name: str
    low: int
    high: int | None


PRICE_BANDS = (
    Band("under 10", 0, 10_00),
    Band("10 to 25", 10_00, 25_00),
    Band("25 to 50", 25_00, 50_00),
    Band("50 to 100", 50_00, 100_00),
    Band("100 and more", 100_00, None),
)
"""Price bands, in minor units."""

POPULARITY_BANDS = (
    Band("bestseller", 100, None),
    Band("popular", 10, 100),
    Band("known", 1, 10),
    Band("new", 0, 1),
)
"""Popularity bands, by units sold."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many products of a result share a value."""

    value: str
    count: int


@dataclass(frozen=True, slots=True)
class BandCount:
    """How many products of a result lie in a band."""

    band: Band
    count: int


@dataclass(frozen=True, slots=True)
class Facets:
    """The counts of a result, most frequent first; bands in their own order, empty ones left out.

    Each facet ignores the filter on itself, so that another of its values can be chosen.
    """

    categories: tuple[Count, ...] = ()
    brands: tuple[Count, ...] = ()
    prices: tuple[BandCount, ...] = ()
    popularity: tuple[BandCount, ...] = ()
    attributes: Mapping[str, tuple[Count, ...]] = field(
        default_factory=dict[str, tuple[Count, ...]]
    )


def attribute_facets(
    pairs: Iterable[tuple[str, Count]], products: int
) -> dict[str, tuple[Count, ...]]:
    """Group counts by attribute, and keep the useful ones that most of ``products`` have.

    ``pairs`` come with the most frequent first.
    """
    grouped: dict[str, list[Count]] = {}
    for name, count in pairs:
        grouped.setdefault(name, []).append(count)
    coverage = {name: sum(count.count for count in counts) for name, counts in grouped.items()}
    useful = [
        name
        for name, counts in grouped.items()
        if coverage[name] >= MIN_COVERAGE * products
        and (len(counts) <= FEW_VALUES or coverage[name] >= MIN_SHARED * len(counts))
    ]
    useful.sort(key=lambda name: -coverage[name])
    return {name: tuple(grouped[name][:MAX_VALUES]) for name in useful[:MAX_ATTRIBUTES]}


def attribute_text(value: str | float | bool) -> str:  # noqa: FBT001 - a value, not a switch
    """Return an attribute's value as it is typed in a filter: true, 12, 1.5, Chicken."""
    if isinstance(value, bool):
        return str(value).lower()
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)


class SuggestionKind(StrEnum):
    """What a completion leads to."""

    PRODUCT = "product"
    CATEGORY = "category"
    BRAND = "brand"


@dataclass(frozen=True, slots=True)
class Suggestion:
    """A completion of what is being typed; ``count`` is of the products behind it."""

    kind: SuggestionKind
    text: str
    product_id: ProductId | None = None
    count: int = 1


def completes(words: Sequence[str], label: str) -> bool:
    """Tell whether each of ``words`` begins a word of ``label``, give or take a typo."""
    parts = tokens(label)
    return all(any(begins(part, word) for part in parts) for word in words)


def lift(*, in_stock: bool, popularity: int, rating: float) -> float:
    """Return the factor, from 1, by which a product's score rises over its bare text match.

    Stock counts most, since what cannot be bought helps nobody; popularity (units sold) and
    rating (0 to 5) only decide between products that match about as well.
    """
    stock = 0.2 if in_stock else 0.0
    return 1.0 + stock + 0.03 * math.log10(1 + max(popularity, 0)) + 0.01 * rating
