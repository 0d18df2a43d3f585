"""What the rows of a feed do to the catalogue."""

from __future__ import annotations

from kibble.kernel.errors import InvalidInput
from kibble.kernel.ids import IdSource
from kibble.services.product.model.builder import ProductBuilder
from kibble.services.product.model.fields import Fields
from kibble.services.product.model.imports import FeedBatch, FeedRow, FeedStock, RowError, Tally
from kibble.services.product.model.product import CategoryRef, Product
from kibble.services.product.service.edition import Edition


class RowApplier:
    """Applies rows to an edition, and counts what became of them.

    ``known`` are the products that the rows name, by SKU. Attributes that a row does not name are
    left as they are, like its other fields.
    """

    def __init__(self, known: dict[str, Product], edition: Edition, ids: IdSource) -> None:
        self._known = known
        self._edition = edition
        self._ids = ids
        self._tally = Tally()
        self.errors: list[RowError] = []
        self.stock: list[FeedStock] = []

    async def apply(self, row: FeedRow) -> None:
        """Create or change the product of one row; what is wrong goes to ``errors``."""
        sku = row.fields.get("sku", "")
        name = row.fields.get("category")
        category = await self._edition.category(name, row.above) if name else None
        product = self._known.get(sku)
        if product is not None:
            self._revise(product, row.fields, category)
        else:
            product = self._create(row, sku, category)
        if product is not None:
            self.stock += (FeedStock(product.id, code, units) for code, units in row.stock.items())

    def _revise(self, product: Product, fields: Fields, category: CategoryRef | None) -> None:
        if "attributes" in fields:
            fields = {**fields, "attributes": {**product.attributes, **fields["attributes"]}}
        if self._edition.revise(product, fields, category):
            self._tally.updated += 1
        else:
            self._tally.unchanged += 1

    def _create(self, row: FeedRow, sku: str, category: CategoryRef | None) -> Product | None:
        builder = ProductBuilder(self._ids, self._edition.now).described_by(row.fields)
        if category is not None:
            builder.in_category(category)
        try:
            product = builder.build().product
        except InvalidInput as error:
            self.errors += (
                RowError(row.number, wrong.pointer, f"{wrong.detail} for a new product", sku)
                for wrong in error.errors
            )
            return None
        self._known[sku] = product
        self._edition.create(product)
        self._tally.created += 1
        return product

    def tally(self, batch: FeedBatch, read_before: int) -> Tally:
        """Return what became of the rows of a batch that follow row ``read_before``."""
        tally = self._tally
        applied = tally.created + tally.updated + tally.unchanged
        tally.failed = batch.last - read_before - applied
        return tally
