"""Reading the catalogue: pages, entries of lists, quotes; from memory when nothing changed."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from kibble.contracts.product import Component, Quote
from kibble.kernel.ids import ProductId
from kibble.kernel.paging import Page as PageOf
from kibble.services.product.cache import Page, ProductCache
from kibble.services.product.errors import UnknownProduct
from kibble.services.product.model.listing import Listing
from kibble.services.product.model.product import Kind
from kibble.services.product.repository.catalogue import Catalogue


@dataclass(frozen=True, slots=True)
class Encoding:
    """How a product becomes the bytes of an answer: as a page of its own, and as one of a list."""

    page: Callable[[Listing], bytes]
    entry: Callable[[Listing], bytes]


class CatalogueReader:
    """Answers what the catalogue holds."""

    def __init__(self, catalogue: Catalogue, cache: ProductCache, encoding: Encoding) -> None:
        self._catalogue = catalogue
        self._cache = cache
        self._encoding = encoding
        self._making: dict[tuple[ProductId, int], asyncio.Task[Page]] = {}
        catalogue.watch(cache.drop)

    async def page(self, product_id: ProductId) -> Page:
        """Return a product's answer; raises ``UnknownProduct``."""
        if kept := self._cache.pages.get(product_id):
            return kept
        return await self._made_once(product_id)

    async def _made_once(self, product_id: ProductId) -> Page:
        """Make a page once for all that wait for it; those that come after a change make anew."""
        key = (product_id, self._cache.stamp)
        if key not in self._making:
            task = asyncio.get_running_loop().create_task(self._make(product_id))
            self._making[key] = task
            task.add_done_callback(lambda done: self._made(key, done))
        return await asyncio.shield(self._making[key])

    def _made(self, key: tuple[ProductId, int], done: asyncio.Task[Page]) -> None:
        del self._making[key]
        if not done.cancelled():
            done.exception()  # looked at here, should everybody have left who waited for it

    async def _make(self, product_id: ProductId) -> Page:
        stamp = self._cache.stamp
        page = await self._cache.shared_page(product_id)
        if page is None:
            listing = await self._catalogue.listing(product_id)
            if listing is None:
                raise UnknownProduct(product_id)
            page = Page(self._encoding.page(listing), listing.etag)
            if stamp == self._cache.stamp:
                self._cache.share_page(product_id, page)
        if stamp == self._cache.stamp:
            self._cache.pages.put(product_id, page)
        return page

    async def encoded(self, ids: Sequence[ProductId]) -> Sequence[bytes]:
        """Return the entry of each product that exists, in the order of ``ids``."""
        entries = {product_id: self._cache.entries.get(product_id) for product_id in ids}
        missing = [product_id for product_id, entry in entries.items() if entry is None]
        if missing:
            entries |= await self._encode(missing)
        return [entry for product_id in ids if (entry := entries[product_id]) is not None]

    async def _encode(self, ids: Sequence[ProductId]) -> dict[ProductId, bytes]:
        stamp = self._cache.stamp
        entries = await self._cache.shared_entries(ids)
        made: dict[ProductId, bytes] = {}
        if missing := [product_id for product_id in ids if product_id not in entries]:
            listings = await self._catalogue.listings(missing)
            made = {id_: self._encoding.entry(listing) for id_, listing in listings.items()}
        if stamp == self._cache.stamp:
            for product_id, entry in made.items():
                self._cache.share_entry(product_id, entry)
            for product_id, entry in (entries | made).items():
                self._cache.entries.put(product_id, entry)
        return entries | made

    async def list(self, limit: int, cursor: str | None) -> PageOf[bytes]:
        """Return the entries of all products but variants, newest first."""
        page = await self._catalogue.page(limit, cursor)
        return PageOf(await self.encoded(page.items), page.cursor)

    async def quotes(
        self, ids: Iterable[ProductId], *, fresh: bool = False
    ) -> dict[ProductId, Quote]:
        """Return what an order needs to know of those of the products that can be bought.

        A configurable product cannot, its variants can. ``fresh`` reads the store itself.
        """
        wanted = list(dict.fromkeys(ids))
        found: dict[ProductId, Quote] = {}
        if not fresh:
            kept = {product_id: self._cache.quotes.get(product_id) for product_id in wanted}
            found = {product_id: quote for product_id, quote in kept.items() if quote}
        missing = [product_id for product_id in wanted if product_id not in found]
        if missing:
            found |= await self._quote(missing)
        return found

    async def _quote(self, ids: Sequence[ProductId]) -> dict[ProductId, Quote]:
        stamp = self._cache.stamp
        listings = (await self._catalogue.listings(ids)).values()
        made = {
            listing.product.id: quote_of(listing)
            for listing in listings
            if listing.product.kind is not Kind.CONFIGURABLE
        }
        if stamp == self._cache.stamp:
            for product_id, quote in made.items():
                self._cache.quotes.put(product_id, quote)
        return made

    async def ids_of(self, skus: Sequence[str]) -> dict[str, ProductId]:
        """Return the products of these SKUs."""
        return {sku: found.id for sku, found in (await self._catalogue.with_skus(skus)).items()}

    async def names(self, ids: Sequence[ProductId]) -> dict[ProductId, str]:
        """Return the names of those of the products that exist."""
        return {found.id: found.name for found in (await self._catalogue.products(ids)).values()}


def quote_of(listing: Listing) -> Quote:
    """Return what an order needs to know of a product."""
    product = listing.product
    return Quote(
        product_id=product.id,
        name=product.name,
        price=product.price.minor,
        currency=product.price.currency,
        weight_grams=listing.weight_grams,
        size_mm=product.size_mm,
        cold_chain=listing.cold_chain,
        hazardous=listing.hazardous,
        image=product.images[0] if product.images else None,
        components=[
            Component(product_id=part.product_id, quantity=part.quantity)
            for part in product.components
        ],
        regular_price=product.regular_price.minor if product.on_sale else None,
    )
