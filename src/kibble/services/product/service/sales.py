"""Sale prices: planned by staff, begun and ended by the clock."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from kibble.kernel.clock import Clock
from kibble.kernel.errors import InvalidInput
from kibble.kernel.ids import IdSource, ProductId
from kibble.platform.persistence.changes import Outcome
from kibble.services.product.errors import NoSale, PricedByVariants, UnknownProduct
from kibble.services.product.model.product import Kind, Product
from kibble.services.product.model.sale import Sale
from kibble.services.product.repository.catalogue import Catalogue
from kibble.services.product.service.edition import Edition

AT_A_TIME = 100
"""So many sales begin or end in one transaction; more follow in the next second's."""

LOOKED_AHEAD = 500
"""Among so many sales that begin or end next, those that are planned are looked for."""

_ALWAYS = datetime.max.replace(tzinfo=UTC)

VersionCheck = Callable[[int], None]
"""Raises when a product's version is not the one that the caller has seen."""


class SaleService:
    """Keeps sales. One begins, and ends, with a change of its product that is committed once."""

    def __init__(self, catalogue: Catalogue, clock: Clock, ids: IdSource) -> None:
        self._catalogue = catalogue
        self._clock = clock
        self._ids = ids

    async def product(self, product_id: ProductId) -> Product:
        """Return a product; raises ``UnknownProduct``."""
        product = (await self._catalogue.products([product_id])).get(product_id)
        if product is None:
            raise UnknownProduct(product_id)
        return product

    async def planned(self) -> list[Product]:
        """Return the products whose sale is still to begin, the next first."""
        stepping = await self._catalogue.sales_due(_ALWAYS, LOOKED_AHEAD)
        return [product for product in stepping if not product.on_sale]

    async def plan(
        self,
        product_id: ProductId,
        sale_at: Callable[[datetime], Sale],
        check_version: VersionCheck,
    ) -> Outcome[Product]:
        """Have the sale that ``sale_at`` makes of the time instead of any other.

        One whose time has come is on at once. Raises ``UnknownProduct``, ``PricedByVariants``,
        ``InvalidInput``, and what ``check_version`` raises.
        """
        product = await self.product(product_id)
        check_version(product.version)
        if product.kind is Kind.CONFIGURABLE:
            raise PricedByVariants(product_id)
        edition = self._edition()
        sale = sale_at(edition.now)
        if errors := list(sale.errors(product.regular_price, edition.now)):
            raise InvalidInput(errors)
        edition.load([product])
        edition.plan_sale(product, sale)
        return Outcome(product, await edition.finish())

    async def withdraw(self, product_id: ProductId, check_version: VersionCheck) -> Outcome[None]:
        """Take a sale back, or end it now; raises ``UnknownProduct``, ``NoSale``, as ``plan``."""
        product = await self.product(product_id)
        if product.sale is None:
            raise NoSale(product_id)
        check_version(product.version)
        edition = self._edition()
        edition.load([product])
        edition.plan_sale(product, None)
        return Outcome(None, await edition.finish())

    async def keep_time(self) -> Outcome[None]:
        """Begin and end the sales that it is time for."""
        edition = self._edition()
        due = await self._catalogue.sales_due(edition.now, AT_A_TIME)
        edition.load(due)
        for product in due:
            edition.keep_time(product)
        return Outcome(None, await edition.finish())

    def _edition(self) -> Edition:
        return Edition(self._catalogue, self._ids, self._clock.now())
