"""Making, changing and deleting products."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from kibble.kernel.clock import Clock
from kibble.kernel.errors import InvalidInput
from kibble.kernel.ids import IdSource, ProductId
from kibble.platform.persistence.changes import Changes, Outcome
from kibble.services.product.errors import LastVariant, PartOfBundle, SkuTaken, UnknownProduct
from kibble.services.product.model.builder import Assembly, ProductBuilder
from kibble.services.product.model.fields import Fields, check
from kibble.services.product.model.listing import Listing
from kibble.services.product.model.pricing import BundlePricing, Option, PriceRule
from kibble.services.product.model.product import CategoryRef, Product
from kibble.services.product.model.standing import Standing
from kibble.services.product.repository.catalogue import Catalogue
from kibble.services.product.service.edition import Edition, deleted_event

VersionCheck = Callable[[int], None]
"""Raises when a product's version is not the one that the caller has seen."""


@dataclass(frozen=True, slots=True)
class Configurable:
    """What is asked of a configurable product, besides its fields."""

    options: Sequence[Option]
    rules: Sequence[PriceRule] = ()
    excluded: Sequence[dict[str, str]] = ()
    skus: Sequence[tuple[dict[str, str], str]] = ()


@dataclass(frozen=True, slots=True)
class Bundle:
    """What is asked of a bundle, besides its fields: how many of which products, and its price."""

    parts: Sequence[tuple[ProductId, int]]
    pricing: BundlePricing = field(default_factory=BundlePricing)


class ProductService:
    """Keeps products. What it returns are products as they will be shown after the commit."""

    def __init__(self, catalogue: Catalogue, clock: Clock, ids: IdSource) -> None:
        self._catalogue = catalogue
        self._clock = clock
        self._ids = ids

    def _edition(self) -> Edition:
        return Edition(self._catalogue, self._ids, self._clock.now())

    async def create(self, fields: Fields) -> Outcome[Listing]:
        """Add a simple product; raises ``InvalidInput``, ``SkuTaken``."""
        return await self._add(fields, lambda builder: builder)

    async def create_configurable(self, fields: Fields, asked: Configurable) -> Outcome[Listing]:
        """Add a product with options, and all its variants; raises as ``create`` does."""

        def assemble(builder: ProductBuilder) -> ProductBuilder:
            for option in asked.options:
                builder.option(option.name, *option.values)
            for rule in asked.rules:
                builder.rule(rule)
            for excluded in asked.excluded:
                builder.without(excluded)
            for choices, sku in asked.skus:
                builder.variant_sku(choices, sku)
            return builder

        return await self._add(fields, assemble)

    async def create_bundle(self, fields: Fields, asked: Bundle) -> Outcome[Listing]:
        """Add a bundle of products that exist; raises as ``create`` does."""
        wanted = [product_id for product_id, _ in asked.parts]
        found = await self._catalogue.listings(wanted)

        def assemble(builder: ProductBuilder) -> ProductBuilder:
            for product_id, quantity in asked.parts:
                part = found.get(product_id)
                builder.component(product_id, quantity, part.product if part else None)
            return builder.priced(asked.pricing)

        outcome = await self._add(fields, assemble)
        listing = outcome.value
        return Outcome(
            Listing(listing.product, listing.standing, components=found), outcome.changes
        )

    async def _add(
        self, fields: Fields, assemble: Callable[[ProductBuilder], ProductBuilder]
    ) -> Outcome[Listing]:
        edition = self._edition()
        builder = ProductBuilder(self._ids, edition.now).described_by(fields)
        if name := fields.get("category"):
            builder.in_category(await edition.category(name))
        built = assemble(builder).build()
        await self._check_skus(built)
        for product in (built.product, *built.variants):
            edition.create(product)
        variants = [Listing(variant, Standing(variant.id)) for variant in built.variants]
        listing = Listing(built.product, Standing(built.product.id), variants)
        return Outcome(listing, await edition.finish())

    async def _check_skus(self, built: Assembly) -> None:
        taken = await self._catalogue.with_skus(
            [product.sku for product in (built.product, *built.variants)]
        )
        for sku, product in taken.items():
            raise SkuTaken(sku, product.id)

    async def revise(
        self,
        product_id: ProductId,
        fields_of: Callable[[Product], Fields],
        check_version: VersionCheck,
    ) -> Outcome[Listing]:
        """Change a product by the fields that ``fields_of`` makes of it as it is.

        Nothing is written when nothing changes. Raises ``UnknownProduct``, ``InvalidInput``,
        ``SkuTaken``, and what ``check_version`` raises.
        """
        listing = await self._catalogue.listing(product_id)
        if listing is None:
            raise UnknownProduct(product_id)
        product = listing.product
        check_version(product.version)
        fields = fields_of(product)
        if errors := check(fields):
            raise InvalidInput(errors)
        await self._check_sku(fields.get("sku"), product_id)
        edition = self._edition()
        edition.load([product, *(variant.product for variant in listing.variants)])
        edition.revise(product, fields, await self._category(edition, fields))
        return Outcome(listing, await edition.finish())

    async def _category(self, edition: Edition, fields: Fields) -> CategoryRef | None:
        name = fields.get("category")
        return await edition.category(name) if name else None

    async def _check_sku(self, sku: str | None, product_id: ProductId) -> None:
        if sku is not None:
            holder = (await self._catalogue.with_skus([sku])).get(sku)
            if holder is not None and holder.id != product_id:
                raise SkuTaken(sku, holder.id)

    async def delete(self, product_id: ProductId, check_version: VersionCheck) -> Outcome[None]:
        """Delete a product, with its variants.

        Raises ``UnknownProduct``, ``PartOfBundle`` while a bundle needs it, ``LastVariant``, and
        what ``check_version`` raises.
        """
        product = (await self._catalogue.products([product_id])).get(product_id)
        if product is None:
            raise UnknownProduct(product_id)
        check_version(product.version)
        doomed = [*await self._catalogue.variants([product_id]), product]
        if bundles := await self._catalogue.bundles_with([each.id for each in doomed]):
            raise PartOfBundle([bundle.id for bundle in bundles])
        changes = await self._without_variant(product)
        for each in doomed:
            changes.remove(each)
            changes.publish(deleted_event(each), each.version)
        return Outcome(None, changes)

    async def _without_variant(self, product: Product) -> Changes:
        """Return the change of a configurable product that loses a variant; none for any other."""
        parent_id = product.parent_id
        if parent_id is None:
            return Changes()
        if len(await self._catalogue.variants([parent_id])) == 1:
            raise LastVariant(parent_id)
        edition = self._edition()
        for parent in (await self._catalogue.products([parent_id])).values():
            edition.touch(parent)
        return await edition.finish()
