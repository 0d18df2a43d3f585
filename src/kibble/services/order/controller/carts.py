"""Carts over HTTP."""

from __future__ import annotations

import msgspec

from kibble.kernel.ids import CartId, ProductId
from kibble.kernel.paging import Page
from kibble.platform.persistence.store import Store
from kibble.platform.web.call import Call, Seal
from kibble.platform.web.ownership import By, owned
from kibble.platform.web.reply import Reply, created, listed, no_content, ok
from kibble.platform.web.route import ANYONE, Route, get, write
from kibble.services.order.controller.orders import placed_reply
from kibble.services.order.model.order import Order
from kibble.services.order.saga.placing import CheckingOut, CheckoutTerms
from kibble.services.order.schemas.carts import (
    CartQuery,
    CartView,
    Checkout,
    MergeCart,
    OpenCart,
    PutItem,
)
from kibble.services.order.schemas.orders import OrderView
from kibble.services.order.service.carts import CartService, ShownCart, Wish


class CartController:
    """One method a route."""

    def __init__(self, service: CartService, checking_out: CheckingOut, store: Store) -> None:
        self._service = service
        self._checking_out = checking_out
        self._store = store

    async def open_cart(self, call: Call[OpenCart, None]) -> Reply:
        """POST /api/carts."""
        items: dict[ProductId, int] = {}
        customer_id = call.asking
        for item in call.body.items:
            product_id = ProductId(item.product_id)
            items[product_id] = items.get(product_id, 0) + item.quantity
        return await call.transact(
            self._store,
            lambda: self._service.open_cart(customer_id, items, followed=call.may_be_followed),
            lambda shown: created(
                CartView.of(shown), f"/api/carts/{shown.cart.cart_id}", etag=str(shown.cart.version)
            ),
        )

    async def list_carts(self, call: Call[None, None]) -> Reply:
        """GET /api/carts: the caller's own, on whatever device they were filled."""
        customer_id = call.asking
        carts = await self._service.open_carts(customer_id) if customer_id else []
        return listed(Page(carts), CartView.of, call.next_url)

    async def get_cart(self, call: Call[None, CartQuery]) -> Reply:
        """GET /api/carts/{cartId}."""
        cart = await self._service.cart(CartId(call.id("cartId")), call.asking)
        return _shown(await self._service.show(cart, _wish(call.query)))

    async def discard_cart(self, call: Call[None, None]) -> Reply:
        """DELETE /api/carts/{cartId}."""
        cart_id, customer_id = CartId(call.id("cartId")), call.asking
        return await call.transact(
            self._store,
            lambda: self._service.discard(cart_id, customer_id),
            lambda _: no_content(),
        )

    async def put_item(self, call: Call[PutItem, None]) -> Reply:
        """PUT /api/carts/{cartId}/items/{productId}."""
        cart_id, product_id = CartId(call.id("cartId")), ProductId(call.id("productId"))
        customer_id = call.asking
        return await call.transact(
            self._store,
            lambda: self._service.put_item(
                cart_id,
                customer_id,
                product_id,
                call.body.quantity,
                followed=call.may_be_followed,
            ),
            _shown,
        )

    async def remove_item(self, call: Call[None, None]) -> Reply:
        """DELETE /api/carts/{cartId}/items/{productId}."""
        cart_id, product_id = CartId(call.id("cartId")), ProductId(call.id("productId"))
        customer_id = call.asking
        return await call.transact(
            self._store,
            lambda: self._service.remove_item(
                cart_id, customer_id, product_id, followed=call.may_be_followed
            ),
            _shown,
        )

    async def merge_cart(self, call: Call[MergeCart, None]) -> Reply:
        """POST /api/carts/{cartId}/merge."""
        cart_id, other = CartId(call.id("cartId")), CartId(call.body.cart_id)
        customer_id = call.asking or call.customer_id
        return await call.transact(
            self._store, lambda: self._service.merge(cart_id, customer_id, other), _shown
        )

    async def check_out(self, call: Call[Checkout, None]) -> Reply:
        """POST /api/carts/{cartId}/checkout."""
        cart_id, body, customer_id = CartId(call.id("cartId")), call.body, call.asking
        terms = CheckoutTerms(
            address=msgspec.to_builtins(body.shipping_address),
            payment_method=body.payment_method,
            payment_token=body.payment_token,
            shipping_method=body.shipping_method,
            promotion_code=body.promotion_code,
            email=body.email,
        )

        async def work(seal: Seal) -> Reply:
            order = await self._checking_out.check_out(
                cart_id, customer_id, terms, lambda order: seal(self._placed(order))
            )
            return self._placed(order)

        return await call.once(self._store, work)

    def _placed(self, order: Order) -> Reply:
        return placed_reply(order, self._checking_out.guest_token(order))


def _wish(query: CartQuery) -> Wish:
    """Return what a cart is priced with; what shipping costs follows state and ZIP code alone."""
    address = None
    if query.state is not None and query.zip_code is not None:
        address = {"street": "-", "city": "-", "state": query.state, "zipCode": query.zip_code}
    return Wish(query.promotion_code, query.shipping_method, address)


def _shown(shown: ShownCart) -> Reply:
    return ok(CartView.of(shown), etag=str(shown.cart.version))


def routes(controller: CartController) -> list[Route]:
    """Return the table of the carts' routes."""
    c = controller
    carts, one = "/api/carts", "/api/carts/{cartId}"
    theirs = owned(By.SEARCH, guests=True)
    item = f"{one}/items/{{productId}}"
    return [
        write(
            "POST",
            carts,
            c.open_cart,
            "Make a cart",
            ANYONE,
            body=OpenCart,
            answer=CartView,
            status=201,
        ),
        get(
            carts,
            c.list_carts,
            "Your open carts, the last changed first",
            owned(By.SEARCH),
            answer=list[CartView],
        ),
        get(
            one,
            c.get_cart,
            "A cart at today's prices",
            theirs,
            query=CartQuery,
            answer=CartView,
            also=((409, None),),
        ),
        write("DELETE", one, c.discard_cart, "Delete a cart", theirs, status=204),
        write(
            "PUT", item, c.put_item, "Set a line's quantity", theirs, body=PutItem, answer=CartView
        ),
        write("DELETE", item, c.remove_item, "Take a line out", theirs, answer=CartView),
        write(
            "POST",
            f"{one}/merge",
            c.merge_cart,
            "Take over a guest's cart",
            owned(By.SEARCH),
            body=MergeCart,
            answer=CartView,
        ),
        write(
            "POST",
            f"{one}/checkout",
            c.check_out,
            "Order a cart, once",
            theirs,
            body=Checkout,
            answer=OrderView,
            status=201,
        ),
    ]
