"""Products over HTTP."""

from __future__ import annotations

from collections.abc import Iterable

from kibble.kernel.ids import ProductId
from kibble.platform.persistence.store import Store
from kibble.platform.web.call import Call
from kibble.platform.web.reply import JSON, Reply, created, no_content, ok
from kibble.platform.web.route import ANYONE, Route, get, write
from kibble.services.product.model.listing import Listing
from kibble.services.product.schemas.assembly import NewBundle, NewConfigurable
from kibble.services.product.schemas.products import (
    ChangedProduct,
    NewProduct,
    ProductEntry,
    ProductPage,
    ProductsQuery,
    encode_page,
)
from kibble.services.product.service.products import ProductService
from kibble.services.product.service.reading import CatalogueReader
from kibble.services.product.service.viewing import ViewService

WRITE = "catalog:write"
PATH = "/api/products"


class ProductController:
    """One method a route."""

    def __init__(
        self,
        reader: CatalogueReader,
        service: ProductService,
        views: ViewService,
        store: Store,
        *,
        currency: str,
    ) -> None:
        self._reader = reader
        self._service = service
        self._views = views
        self._store = store
        self._currency = currency

    async def get_product(self, call: Call[None, None]) -> Reply:
        """GET /api/products/{productId}. A signed-in customer's is a view, unless they object."""
        product_id = ProductId(call.id("productId"))
        page = await self._reader.page(product_id)
        caller = call.caller
        if caller is not None and caller.customer_id is not None and call.may_be_followed:
            self._views.note(caller.customer_id, product_id)
        etag = f'"{page.etag}"'
        if _is_known(call.request.headers.get("if-none-match"), etag):
            return Reply(status=304, headers={"etag": etag})
        return Reply(page.body, headers={"content-type": JSON, "etag": etag})

    async def list_products(self, call: Call[None, ProductsQuery]) -> Reply:
        """GET /api/products."""
        if call.query.sku is not None:
            found = await self._reader.ids_of([call.query.sku])
            return ok(joined(await self._reader.encoded(list(found.values()))))
        page = await self._reader.list(call.query.limit, call.query.cursor)
        reply = ok(joined(page.items))
        if page.cursor is not None:
            reply.headers["link"] = f'<{call.next_url(page.cursor)}>; rel="next"'
        return reply

    async def create_product(self, call: Call[NewProduct, None]) -> Reply:
        """POST /api/products."""
        fields = call.body.fields(self._currency)
        return await call.transact(self._store, lambda: self._service.create(fields), _created)

    async def create_configurable(self, call: Call[NewConfigurable, None]) -> Reply:
        """POST /api/products/configurable."""
        fields, asked = call.body.fields(self._currency), call.body.asked(self._currency)
        return await call.transact(
            self._store, lambda: self._service.create_configurable(fields, asked), _created
        )

    async def create_bundle(self, call: Call[NewBundle, None]) -> Reply:
        """POST /api/products/bundles."""
        fields, asked = call.body.fields(), call.body.asked(self._currency)
        return await call.transact(
            self._store, lambda: self._service.create_bundle(fields, asked), _created
        )

    async def replace_product(self, call: Call[NewProduct, None]) -> Reply:
        """PUT /api/products/{productId}."""
        product_id = ProductId(call.id("productId"))
        fields = call.body.fields(self._currency)
        return await call.transact(
            self._store,
            lambda: self._service.revise(product_id, lambda _: fields, call.require_version),
            _changed,
        )

    async def change_product(self, call: Call[ChangedProduct, None]) -> Reply:
        """PATCH /api/products/{productId}."""
        product_id = ProductId(call.id("productId"))
        fields_of = call.body.fields_of(self._currency)
        return await call.transact(
            self._store,
            lambda: self._service.revise(product_id, fields_of, call.require_version),
            _changed,
        )

    async def delete_product(self, call: Call[None, None]) -> Reply:
        """DELETE /api/products/{productId}."""
        product_id = ProductId(call.id("productId"))
        return await call.transact(
            self._store,
            lambda: self._service.delete(product_id, call.require_version),
            lambda _: no_content(),
        )


def _created(listing: Listing) -> Reply:
    return created(encode_page(listing), f"{PATH}/{listing.product.id}", etag=listing.etag)


def _changed(listing: Listing) -> Reply:
    return ok(encode_page(listing), etag=listing.etag)


def _is_known(header: str | None, etag: str) -> bool:
    """Tell whether If-None-Match names ``etag`` (weak comparison, RFC 9110, section 13.1.2)."""
    if header is None:
        return False
    return header.strip() == "*" or etag in {
        tag.strip().removeprefix("W/") for tag in header.split(",")
    }


def joined(entries: Iterable[bytes]) -> bytes:
    """Return encoded entries as one JSON array."""
    return b"[" + b",".join(entries) + b"]"


def routes(controller: ProductController) -> list[Route]:
    """Return the table of products."""
    c = controller
    one = f"{PATH}/{{productId}}"
    return [
        get(one, c.get_product, "A product", ANYONE, answer=ProductPage, cached=True),
        get(
            PATH,
            c.list_products,
            "All products, newest first, or the one that has a SKU",
            ANYONE,
            query=ProductsQuery,
            answer=list[ProductEntry],
        ),
        write(
            "POST",
            PATH,
            c.create_product,
            "Add a product",
            WRITE,
            body=NewProduct,
            answer=ProductPage,
            status=201,
        ),
        write(
            "POST",
            f"{PATH}/configurable",
            c.create_configurable,
            "Add a product with options, and its variants",
            WRITE,
            body=NewConfigurable,
            answer=ProductPage,
            status=201,
        ),
        write(
            "POST",
            f"{PATH}/bundles",
            c.create_bundle,
            "Add a bundle of products",
            WRITE,
            body=NewBundle,
            answer=ProductPage,
            status=201,
        ),
        write(
            "PUT",
            one,
            c.replace_product,
            "Replace a product",
            WRITE,
            body=NewProduct,
            answer=ProductPage,
            conditional=True,
        ),
        write(
            "PATCH",
            one,
            c.change_product,
            "Change a product by a JSON Merge Patch",
            WRITE,
            body=ChangedProduct,
            answer=ProductPage,
            conditional=True,
        ),
        write(
            "DELETE", one, c.delete_product, "Delete a product", WRITE, status=204, conditional=True
        ),
    ]
