"""What a search index keeps of a product, whatever store it comes from."""

from __future__ import annotations

from collections.abc import Iterator

from kibble.services.product.model.category import CategoryTree
from kibble.services.product.model.listing import Listing
from kibble.services.product.model.pricing import Configuration
from kibble.services.product.repository.search import Entry


def entry(listing: Listing, tree: CategoryTree) -> Entry:
    """Return what an index keeps of a product as it is shown."""
    product = listing.product
    return Entry(
        id=product.id,
        name=product.name,
        price=listing.cheapest.price.minor,
        categories=tree.path(product.category.id),
        created_at=product.created_at,
        description=product.description,
        tags=product.tags,
        attributes=product.attributes,
        choices=tuple(_choices(product.structure)),
        in_stock=listing.available > 0,
        on_sale=listing.on_sale,
        popularity=listing.standing.popularity,
        rating=listing.standing.rating,
    )


def _choices(structure: object) -> Iterator[tuple[str, str]]:
    if isinstance(structure, Configuration):
        for option in structure.options:
            for value in option.values:
                yield option.name, value
