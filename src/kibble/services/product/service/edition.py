"""The writes of one use case on products: each saved once, with its event and what follows."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

from kibble.contracts.product import (
    Component,
    PriceChanged,
    ProductCreated,
    ProductDeleted,
    ProductUpdated,
)
from kibble.kernel.ids import CategoryId, IdSource, ProductId
from kibble.kernel.money import Money
from kibble.platform.persistence.changes import Changes
from kibble.services.product.model.category import Category, CategoryTree
from kibble.services.product.model.fields import Fields, Scalar
from kibble.services.product.model.product import CategoryRef, Kind, Product
from kibble.services.product.model.sale import Sale
from kibble.services.product.repository.catalogue import Catalogue

E = TypeVar("E", bound=ProductCreated)


@dataclass(frozen=True, slots=True)
class _Before:
    """What others took over from a product, as it was before the edit."""

    price: Money
    attributes: Mapping[str, Scalar]


class Edition:
    """Collects edits of products, lets others follow them, and turns all into changes.

    A variant follows its configurable product, which counts an edit of a variant as its own; a
    bundle's price follows its components'. Categories that were named and are new come along.
    """

    def __init__(self, catalogue: Catalogue, ids: IdSource, now: datetime) -> None:
        self._catalogue = catalogue
        self._ids = ids
        self.now = now
        self._tree: CategoryTree | None = None
        self._new_categories: dict[str, Category] = {}
        self._loaded: dict[ProductId, Product] = {}
        self._before: dict[ProductId, _Before] = {}
        self._created: dict[ProductId, Product] = {}
        self._edited: dict[ProductId, Product] = {}

    async def category(self, name: str, above: Sequence[str] = ()) -> CategoryRef:
        """Return the category of a name, made when there is none.

        A new one stands below the last of ``above``, which are made likewise; at the root without.
        """
        if self._tree is None:
            self._tree = await self._catalogue.categories()
        if found := self._tree.named(name) or self._new_categories.get(name):
            return found.ref
        parent = await self.category(above[-1], above[:-1]) if above else None
        made = Category(CategoryId(self._ids.new()), name, parent.id if parent else None)
        self._new_categories[name] = made
        return made.ref

    def load(self, products: Iterable[Product]) -> None:
        """Take these as the products to edit, instead of others of the same ids from the store."""
        for product in products:
            self._loaded.setdefault(product.id, product)

    def create(self, product: Product) -> None:
        """Add a product."""
        self._created[product.id] = product

    def revise(self, product: Product, fields: Fields, category: CategoryRef | None) -> bool:
        """Edit a product; tell whether anything changed."""
        self._remember(product)
        return self._note(product, changed=product.revise(fields, category, self.now))

    def plan_sale(self, product: Product, sale: Sale | None) -> bool:
        """Have this sale, or none, instead of any other; tell whether anything changed."""
        self._remember(product)
        return self._note(product, changed=product.plan_sale(sale, self.now))

    def keep_time(self, product: Product) -> bool:
        """Begin or end a product's sale if it is time to; tell whether anything changed."""
        self._remember(product)
        return self._note(product, changed=product.keep_time(self.now))

    def add_image(self, product: Product, image: str) -> bool:
        """Show one more picture of a product; False when it is there."""
        return self._note(product, changed=product.add_image(image, self.now))

    def touch(self, product: Product) -> None:
        """Count something that is shown with a product as an edit of it."""
        product.updated_at = self.now
        self._note(product, changed=True)

    def _remember(self, product: Product) -> None:
        self._before.setdefault(product.id, _Before(product.price, product.attributes))

    def _note(self, product: Product, *, changed: bool) -> bool:
        if changed and product.id not in self._created:
            self._edited[product.id] = product
        return changed

    async def finish(self) -> Changes:
        """Return everything to write: categories, products, their events."""
        if self._edited:
            await self._let_variants_follow()
            await self._touch_parents()
            await self._let_bundles_follow()
        changes = Changes()
        for category in self._new_categories.values():
            changes.save(category)
        for product in self._created.values():
            changes.save(product)
            changes.publish(created_event(product), product.version)
        for product in self._edited.values():
            changes.save(product)
            changes.publish(updated_event(product), product.version)
            before = self._before.get(product.id)
            if before is not None and before.price != product.price:
                changes.publish(price_event(product, before.price), product.version)
        return changes

    async def _let_variants_follow(self) -> None:
        parents = {id_: p for id_, p in self._edited.items() if p.kind is Kind.CONFIGURABLE}
        if not parents:
            return
        for variant in map(self._known, await self._catalogue.variants(list(parents))):
            parent = parents.get(variant.parent_id) if variant.parent_id else None
            if parent is not None and parent.id in self._before:
                self._remember(variant)
                inherited = self._before[parent.id].attributes
                self._note(variant, changed=variant.follow(parent, inherited, self.now))

    async def _touch_parents(self) -> None:
        wanted = {p.parent_id for p in self._edited.values() if p.parent_id is not None}
        missing = [parent_id for parent_id in wanted if parent_id not in self._edited]
        if missing:
            for parent in (await self._catalogue.products(missing)).values():
                self.touch(self._known(parent))

    async def _let_bundles_follow(self) -> None:
        repriced = [
            product_id
            for product_id, product in self._edited.items()
            if product_id in self._before and self._before[product_id].price != product.price
        ]
        if not repriced:
            return
        bundles = [self._known(found) for found in await self._catalogue.bundles_with(repriced)]
        if not bundles:
            return
        parts = {part.product_id for bundle in bundles for part in bundle.components}
        found = await self._catalogue.products(list(parts))
        prices = {id_: self._known(product).price for id_, product in found.items()}
        for bundle in bundles:
            self._remember(bundle)
            self._note(bundle, changed=bundle.reprice(prices, self.now))

    def _known(self, product: Product) -> Product:
        """Return the object that stands for a product in this edition."""
        return self._edited.get(product.id) or self._loaded.setdefault(product.id, product)


def created_event(product: Product) -> ProductCreated:
    """Return the event that a product exists."""
    return _state(ProductCreated, product)


def updated_event(product: Product) -> ProductUpdated:
    """Return the event that a product changed."""
    return _state(ProductUpdated, product)


def price_event(product: Product, was: Money) -> PriceChanged:
    """Return the event that a product costs something else than it did."""
    sale = product.sale if product.on_sale else None
    return PriceChanged(
        product_id=product.id,
        name=product.name,
        price=product.price.minor,
        was=was.minor,
        currency=product.price.currency,
        regular_price=product.regular_price.minor,
        sale_ends_at=sale.ends_at if sale else None,
    )


def deleted_event(product: Product) -> ProductDeleted:
    """Return the event that a product is gone."""
    return ProductDeleted(product_id=product.id)


def _state(kind: type[E], product: Product) -> E:
    species = product.attributes.get("species")
    return kind(
        product_id=product.id,
        name=product.name,
        category=product.category.name,
        price=product.price.minor,
        currency=product.price.currency,
        image=product.images[0] if product.images else None,
        tags=list(product.tags),
        species=species if isinstance(species, str) else None,
        components=[
            Component(product_id=part.product_id, quantity=part.quantity)
            for part in product.components
        ],
        parent_id=product.parent_id,
        regular_price=product.regular_price.minor if product.on_sale else None,
    )
