"""Carts: filling, merging, and what they would cost."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from kibble.contracts.order import CartChanged, CartItem
from kibble.contracts.product import Quote
from kibble.kernel.clock import Clock
from kibble.kernel.errors import InvalidInput, RuleViolated
from kibble.kernel.ids import CartId, CustomerId, IdSource, ProductId
from kibble.kernel.money import Money
from kibble.platform.persistence.changes import Changes, Outcome
from kibble.services.order.errors import UnknownCart, UnknownProduct
from kibble.services.order.integration import StockHolder
from kibble.services.order.model.cart import Cart
from kibble.services.order.model.order import Charges
from kibble.services.order.model.promotion import Priced
from kibble.services.order.repository.carts import CartRepository
from kibble.services.order.service.desk import Desk, demands

MOST_CARTS = 5
"""As many of a customer's open carts as are shown: others are forgotten ones."""


@dataclass(frozen=True, slots=True)
class Problem:
    """Why a line cannot be bought as it is; ``left`` is how many units there are, if too few."""

    code: str
    detail: str
    left: int | None = None


@dataclass(frozen=True, slots=True)
class ShownLine:
    """A line with today's name, picture and price; a product that is gone has none."""

    product_id: ProductId
    quantity: int
    price: Money
    quote: Quote | None
    problem: Problem | None


@dataclass(frozen=True, slots=True)
class ShownCart:
    """A cart as its owner sees it, with today's prices; see ``PricedBasket``."""

    cart: Cart
    lines: list[ShownLine]
    charges: Charges
    free_shipping_from: Money | None = None


@dataclass(frozen=True, slots=True)
class Wish:
    """How the owner of a cart thinks of ordering it, as far as they have said.

    ``address`` needs what prices follow: ``state`` and ``zipCode``, beside a street and a city.
    """

    promotion_code: str | None = None
    shipping_method: str | None = None
    address: Mapping[str, str] | None = None


class CartService:
    """Keeps carts, and says what they cost today."""

    def __init__(
        self,
        carts: CartRepository,
        desk: Desk,
        stock: StockHolder,
        clock: Clock,
        ids: IdSource,
        *,
        clicks: bool = False,
    ) -> None:
        """``clicks`` says that the shop has a stream of clicks, which is told of changes."""
        self._clicks = clicks
        self._carts = carts
        self._desk = desk
        self._stock = stock
        self._clock = clock
        self._ids = ids

    async def cart(self, cart_id: CartId, customer_id: CustomerId | None) -> Cart:
        """Return a cart that the caller may see; raises ``UnknownCart``.

        A guest's cart is reached by whoever knows its id; a customer's by the customer alone.
        """
        cart = await self._carts.cart(cart_id)
        if cart is None or (cart.customer_id is not None and cart.customer_id != customer_id):
            raise UnknownCart(cart_id)
        return cart

    async def open_carts(self, customer_id: CustomerId) -> list[ShownCart]:
        """Return a customer's carts with something in them, the last changed first."""
        carts = await self._carts.carts_of_customer(customer_id)
        open_ones = [cart for cart in carts if cart.lines and cart.order_id is None]
        latest = sorted(open_ones, key=lambda cart: cart.updated_at, reverse=True)
        return [await self.show(cart) for cart in latest[:MOST_CARTS]]

    async def open_cart(
        self,
        customer_id: CustomerId | None,
        items: Mapping[ProductId, int],
        *,
        followed: bool = True,
    ) -> Outcome[ShownCart]:
        """Make a cart, with items in it if any are given; raises ``InvalidInput``.

        Here and elsewhere, ``followed`` says that the caller does not object to being followed.
        """
        now = self._clock.now()
        cart = Cart(CartId(self._ids.new()), customer_id, now, now)
        quotes = await self._desk.quotes(list(items)) if items else {}
        for index, (product_id, quantity) in enumerate(items.items()):
            quote = quotes.get(product_id)
            if quote is None:
                raise InvalidInput.at(f"/items/{index}/productId", "is not a product of this shop")
            cart.put(product_id, quantity, Money(quote.price, quote.currency), now)
        return await self._saved(cart, {}, followed=followed)

    async def put_item(
        self,
        cart_id: CartId,
        customer_id: CustomerId | None,
        product_id: ProductId,
        quantity: int,
        *,
        followed: bool = True,
    ) -> Outcome[ShownCart]:
        """Set how many of a product a cart has; raises ``UnknownCart``, ``UnknownProduct``."""
        cart = await self.cart(cart_id, customer_id)
        quotes = await self._desk.quotes([product_id])
        quote = quotes.get(product_id)
        if quote is None:
            raise UnknownProduct(product_id)
        before = _quantities(cart)
        cart.put(product_id, quantity, Money(quote.price, quote.currency), self._clock.now())
        return await self._saved(cart, before, followed=followed)

    async def remove_item(
        self,
        cart_id: CartId,
        customer_id: CustomerId | None,
        product_id: ProductId,
        *,
        followed: bool = True,
    ) -> Outcome[ShownCart]:
        """Take a product out of a cart; one that is not in it changes nothing."""
        cart = await self.cart(cart_id, customer_id)
        before = _quantities(cart)
        if cart.remove(product_id, self._clock.now()):
            return await self._saved(cart, before, followed=followed)
        return Outcome(await self.show(cart), Changes())

    async def merge(
        self, cart_id: CartId, customer_id: CustomerId, other_id: CartId
    ) -> Outcome[ShownCart]:
        """Take a guest's cart over into the customer's, and make it the customer's own.

        The merged cart is emptied in the same transaction. Repeating it changes nothing.
        """
        if cart_id == other_id:
            raise InvalidInput.at("/cartId", "is this very cart")
        cart = await self.cart(cart_id, customer_id)
        other = await self.cart(other_id, customer_id)
        if other.order_id is not None:
            raise RuleViolated("The other cart was ordered.", code="cart-ordered")
        now = self._clock.now()
        cart.merge(other, now)
        cart.customer_id = customer_id
        # What is in it was told of when it was put into the other.
        outcome = await self._saved(cart, _quantities(cart), followed=False)
        if other.lines:
            other.empty(now)
            outcome.changes.save(other)
        return outcome

    async def discard(self, cart_id: CartId, customer_id: CustomerId | None) -> Outcome[None]:
        """Delete a cart."""
        changes = Changes()
        changes.remove(await self.cart(cart_id, customer_id))
        return Outcome(None, changes)

    async def show(self, cart: Cart, terms: Wish = Wish()) -> ShownCart:
        """Return what a cart costs today, with the problem of each line that has one.

        Raises ``InvalidInput`` for a shipping method that does not go to the address, and
        ``PromotionRefused``.
        """
        product_ids = list(cart.lines)
        quotes = await self._desk.quotes(product_ids) if product_ids else {}
        available = await self._available(quotes)
        lines = [
            _shown_line(product_id, line.quantity, line.seen_price, quotes, available)
            for product_id, line in cart.lines.items()
        ]
        priced = [
            Priced(line.product_id, line.quantity, line.price) for line in lines if line.quote
        ]
        basket = await self._desk.price(
            priced,
            quotes,
            address=terms.address,
            shipping_method=terms.shipping_method,
            promotion_code=terms.promotion_code,
            customer=cart.customer_id,
        )
        return ShownCart(cart, lines, basket.charges, basket.free_shipping_from)

    async def _available(self, quotes: Mapping[ProductId, Quote]) -> dict[ProductId, int]:
        """Return how many of each product there are; of a bundle, what its components make."""
        if not quotes:
            return {}
        parts = demands(dict.fromkeys(quotes, 1), quotes)
        units = await self._stock.available([part.product_id for part in parts])
        return {
            product_id: min(
                (units.get(part.product_id, 0) // part.quantity for part in quote.components),
                default=units.get(product_id, 0),
            )
            for product_id, quote in quotes.items()
        }

    async def _saved(
        self, cart: Cart, before: Mapping[ProductId, int], *, followed: bool
    ) -> Outcome[ShownCart]:
        changes = Changes()
        changes.save(cart)
        changed = _changed(before, _quantities(cart)) if self._clicks and followed else []
        if changed:
            event = CartChanged(cart_id=cart.cart_id, customer_id=cart.customer_id, items=changed)
            changes.publish(event, cart.version)
        return Outcome(await self.show(cart), changes)


def _quantities(cart: Cart) -> dict[ProductId, int]:
    return {product_id: line.quantity for product_id, line in cart.lines.items()}


def _changed(before: Mapping[ProductId, int], now: Mapping[ProductId, int]) -> list[CartItem]:
    """Return what differs between two states of a cart."""
    return [
        CartItem(product_id=each, quantity=now.get(each, 0), before=before.get(each, 0))
        for each in {**before, **now}
        if now.get(each, 0) != before.get(each, 0)
    ]


def _shown_line(
    product_id: ProductId,
    quantity: int,
    seen_price: Money,
    quotes: Mapping[ProductId, Quote],
    available: Mapping[ProductId, int],
) -> ShownLine:
    quote = quotes.get(product_id)
    if quote is None:
        problem = Problem("gone", "This product is no longer sold.", 0)
        return ShownLine(product_id, quantity, seen_price, None, problem)
    price = Money(quote.price, quote.currency)
    left = available.get(product_id, 0)
    return ShownLine(
        product_id, quantity, price, quote, _problem(quantity, left, seen_price, price)
    )


def _problem(quantity: int, left: int, seen_price: Money, price: Money) -> Problem | None:
    if left <= 0:
        return Problem("sold-out", "This product is sold out.", 0)
    if left < quantity:
        return Problem("not-enough-stock", f"Only {left} left.", left)
    if price != seen_price:
        was, now = seen_price.decimal, price.decimal
        return Problem("price-changed", f"The price changed from {was} to {now}.")
    return None
