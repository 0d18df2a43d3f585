"""What search takes and answers."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Annotated

import msgspec

from kibble.kernel.ids import ProductId
from kibble.kernel.paging import DEFAULT_LIMIT, MAX_LIMIT
from kibble.platform.web.json import Amount
from kibble.services.product.model.search import (
    BandCount,
    Count,
    Facets,
    Filters,
    SearchQuery,
    Sort,
    Suggestion,
    SuggestionKind,
    typed,
)

ATTRIBUTE = "attr."
"""How the parameter that filters by an attribute begins; its name follows."""


class FilterParameters(msgspec.Struct, frozen=True, rename="camel"):
    """What is searched for. Prices are inclusive; ``sort`` and paging do not change the counts."""

    q: str | None = None
    category: str | None = None
    price_min: Amount | None = None
    price_max: Amount | None = None
    brand: str | None = None
    tag: str | None = None
    in_stock: bool | None = None
    on_sale: bool | None = None

    def filters(self, given: Iterable[tuple[str, str]]) -> Filters:
        """Return the filters; ``given`` has every parameter, since some may be given repeatedly."""
        values: dict[str, list[str]] = {}
        for name, value in given:
            values.setdefault(name, []).append(value)
        return Filters(
            category=self.category,
            price_min=self.price_min.minor if self.price_min else None,
            price_max=self.price_max.minor if self.price_max else None,
            brands=tuple(values.get("brand", ())),
            tags=tuple(values.get("tag", ())),
            attributes=tuple(
                (name.removeprefix(ATTRIBUTE), tuple(several))
                for name, several in values.items()
                if name.startswith(ATTRIBUTE)
            ),
            in_stock=self.in_stock,
            on_sale=self.on_sale,
        )


class SearchParameters(FilterParameters, frozen=True, rename="camel"):
    """What is searched for, in which order, and which page of it."""

    sort: Sort = Sort.RELEVANCE
    limit: Annotated[int, msgspec.Meta(ge=1, le=MAX_LIMIT)] = DEFAULT_LIMIT
    cursor: str | None = None

    def query(self, given: Iterable[tuple[str, str]]) -> SearchQuery:
        """Return the question to the catalogue."""
        return SearchQuery(typed(self.q), self.filters(given), self.sort, self.limit, self.cursor)


class FacetParameters(FilterParameters, frozen=True, rename="camel"):
    """What is searched for, and the order, which the counts do not depend on."""

    sort: Sort = Sort.RELEVANCE

    def query(self, given: Iterable[tuple[str, str]]) -> SearchQuery:
        """Return the question to the catalogue."""
        return SearchQuery(typed(self.q), self.filters(given))


class SuggestParameters(msgspec.Struct, frozen=True):
    """What has been typed so far."""

    q: str = ""


class Answer(msgspec.Struct, frozen=True, rename="camel", omit_defaults=True):
    """The base of what is answered."""


class CountView(Answer, frozen=True):
    """A value, and how many products have it."""

    value: str
    count: int

    @classmethod
    def of(cls, counts: Iterable[Count]) -> list[CountView]:
        """Return the view of ``counts``."""
        return [cls(one.value, one.count) for one in counts]


class PriceBandView(Answer, frozen=True):
    """A range of prices from ``min`` up to, not including, ``max``; the last has no end."""

    value: str
    count: int
    min: Amount
    max: Amount | None = None

    @classmethod
    def of(cls, found: BandCount) -> PriceBandView:
        """Return the view of a band's count."""
        high = None if found.band.high is None else Amount(found.band.high)
        return cls(found.band.name, found.count, Amount(found.band.low), high)


class FacetsView(msgspec.Struct, frozen=True):
    """What a search can be narrowed down to, the most frequent first; bands in their own order."""

    categories: list[CountView]
    brands: list[CountView]
    prices: list[PriceBandView]
    popularity: list[CountView]
    attributes: dict[str, list[CountView]]

    @classmethod
    def of(cls, facets: Facets) -> FacetsView:
        """Return the view of ``facets``."""
        return cls(
            CountView.of(facets.categories),
            CountView.of(facets.brands),
            [PriceBandView.of(one) for one in facets.prices],
            [CountView(one.band.name, one.count) for one in facets.popularity],
            {name: CountView.of(counts) for name, counts in facets.attributes.items()},
        )


class SuggestionView(Answer, frozen=True):
    """A completion; ``count`` is of the products in a category or of a brand."""

    kind: SuggestionKind
    text: str
    product_id: ProductId | None = None
    count: int | None = None

    @classmethod
    def of(cls, suggestion: Suggestion) -> SuggestionView:
        """Return the view of ``suggestion``."""
        count = None if suggestion.product_id else suggestion.count
        return cls(suggestion.kind, suggestion.text, suggestion.product_id, count)
