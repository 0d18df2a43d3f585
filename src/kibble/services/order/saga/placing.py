"""Placing an order: the steps that span services, what undoes each, and who finishes what was left.

=======  ======================================  ================================================
step     does                                    undone by
=======  ======================================  ================================================
check    compares lines and prices with Product  nothing to undo
intend   commits an intent: order id and key     the completer removes it
reserve  holds the stock under the order id      the completer releases it; else it expires
entrust  hands amount and token to Payment       nothing: without order.placed none is charged
place    commits the order and order.placed,     cancelling the order
         and removes the intent
=======  ======================================  ================================================

A repeat with the same key finds the intent and resumes under its order id; every step may be
repeated without harm. An intent is given up in three steps, too: it loses its key, so that nobody
resumes it and whoever is placing it fails; its stock is released; it is removed. What follows
(charge, confirm, ship) is moved by events.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from weakref import WeakValueDictionary

from kibble.contracts.inventory import Reservation, Shortage
from kibble.contracts.product import Quote
from kibble.kernel.clock import Clock
from kibble.kernel.errors import Conflict, InvalidInput, StaleVersion
from kibble.kernel.ids import CartId, CustomerId, IdSource, OrderId, ProductId, SubscriptionId
from kibble.kernel.money import Money
from kibble.platform.persistence.changes import Changes
from kibble.platform.persistence.store import StoredReply
from kibble.services.order.errors import CartEmpty, NotEnoughStock, WrongPrice
from kibble.services.order.integration import Cashier, GuestTokens, StockHolder
from kibble.services.order.model.cart import Cart
from kibble.services.order.model.order import Allocated, Intent, Order, OrderLine
from kibble.services.order.model.promotion import Priced, Redemption
from kibble.services.order.repository.orders import OrderRepository
from kibble.services.order.service.announce import placed
from kibble.services.order.service.carts import CartService
from kibble.services.order.service.desk import Desk, PricedBasket, demands

ABANDONED_AFTER = timedelta(seconds=60)

Seal = Callable[[Order], StoredReply | None]


@dataclass(frozen=True, slots=True)
class WantedLine:
    """A line as the customer sent it: ``price`` is what the customer saw."""

    product_id: ProductId
    quantity: int
    price: Money


@dataclass(frozen=True, slots=True)
class Purchase:
    """What a customer or guest (``email``) wants to buy, and how to pay and ship it.

    ``address`` is kept as it was sent. ``cart`` is the cart that this becomes the order of.
    """

    customer_id: CustomerId | None
    lines: Sequence[WantedLine]
    address: dict[str, str]
    payment_method: str
    payment_token: str | None
    shipping_method: str | None = None
    promotion_code: str | None = None
    email: str | None = None
    cart: Cart | None = None
    subscription_id: SubscriptionId | None = None

    @property
    def buyer(self) -> str | None:
        """Whom a promotion's limit per customer counts: an e-mail address in any case is one."""
        return self.customer_id or (self.email.lower() if self.email else None)


class Placing:
    """Places orders, and tidies up after those that were never finished."""

    def __init__(
        self,
        *,
        orders: OrderRepository,
        desk: Desk,
        stock: StockHolder,
        cashier: Cashier,
        clock: Clock,
        ids: IdSource,
        hold: timedelta,
    ) -> None:
        self._orders = orders
        self._desk = desk
        self._stock = stock
        self._cashier = cashier
        self._clock = clock
        self._ids = ids
        self._hold = hold

    async def place(self, purchase: Purchase, key: str | None, seal: Seal) -> Order:
        """Place an order and return it, durable.

        Raises ``InvalidInput`` for an unknown product, ``WrongPrice`` with the right prices,
        ``NotEnoughStock`` with what is left, ``StaleVersion`` when somebody else was first, and
        ``Unavailable`` when a neighbour is away.
        """
        quotes = await self._check(purchase)
        basket = await self._price(purchase, quotes)
        intent, held = await self._reserve(purchase, quotes, key)
        order = order_of(purchase, quotes, basket, held, ids=self._ids, now=self._clock.now())
        await self._entrust(order, purchase.payment_token, intent)
        return await self._place(order, purchase, intent, basket, seal)

    async def _check(self, purchase: Purchase) -> dict[ProductId, Quote]:
        """Return the quotes that the customer's prices agree with.

        A copy may agree; before a price is called wrong, it is read again from Product's store.
        """
        wanted = [line.product_id for line in purchase.lines]
        quotes = await self._desk.quotes(wanted)
        if not _agree(purchase.lines, quotes):
            quotes = await self._desk.quotes(wanted, fresh=True)
            _require_agreement(purchase.lines, quotes)
        return quotes

    async def _price(self, purchase: Purchase, quotes: dict[ProductId, Quote]) -> PricedBasket:
        return await self._desk.price(
            [Priced(line.product_id, line.quantity, line.price) for line in purchase.lines],
            quotes,
            address=purchase.address,
            shipping_method=purchase.shipping_method,
            promotion_code=purchase.promotion_code,
            customer=purchase.buyer,
        )

    async def _intend(self, key: str | None) -> Intent:
        """Return the open intent of this key, or commit a new one."""
        if key is not None and (left := await self._orders.intent(key)):
            return left
        intent = Intent(OrderId(self._ids.new()), key, self._clock.now())
        changes = Changes()
        changes.save(intent)
        try:
            await self._orders.commit(changes)
        except StaleVersion:
            return await self._intend(key)
        return intent

    async def _reserve(
        self, purchase: Purchase, quotes: dict[ProductId, Quote], key: str | None
    ) -> tuple[Intent, Reservation]:
        """Hold the stock under the key's intent; an earlier attempt's for another basket goes."""
        intent = await self._intend(key)
        quantities = quantities_of(purchase.lines)
        wanted, until = demands(quantities, quotes), self._clock.now() + self._hold
        try:
            held = await self._stock.reserve(intent.order_id, wanted, until)
        except Conflict:
            intent = await self._start_over(intent)
            held = await self._stock.reserve(intent.order_id, wanted, until)
        if isinstance(held, list):
            await self._close(intent)
            raise NotEnoughStock(_short_lines(held, quantities, quotes))
        return intent, held

    async def _entrust(self, order: Order, token: str | None, intent: Intent) -> None:
        """Hand over what is to be charged; what Payment cannot take holds no stock."""
        try:
            await self._cashier.prepare(
                order.order_id, order.customer_id, order.charges.due, order.payment_method, token
            )
        except InvalidInput:
            await self._give_up(intent)
            raise

    async def _place(
        self, order: Order, purchase: Purchase, intent: Intent, basket: PricedBasket, seal: Seal
    ) -> Order:
        """Commit the order, or return the one that somebody else placed from the same intent.

        When a promotion or a cart was used up meanwhile, there is none: the stock goes back.
        """
        changes = Changes()
        changes.save(order)
        changes.publish(placed(order), order.version)
        changes.remove(replace(intent))
        if basket.promotion is not None:
            changes.save(Redemption(basket.promotion.code, order.order_id, purchase.buyer))
        if purchase.cart is not None:
            purchase.cart.become(order.order_id, order.customer_id, order.created_at)
            changes.save(purchase.cart)
        try:
            await self._orders.commit(changes, reply=seal(order))
        except StaleVersion as error:
            given_up = await self._give_up(intent)
            if not given_up and (existing := await self._orders.order(order.order_id)):
                return existing
            raise _overtaken() from error
        return order

    async def _give_up(self, intent: Intent) -> bool:
        """Give an intent's stock back; False when somebody else placed it or gave it up."""
        keyless = replace(intent, key=None)
        changes = Changes()
        changes.save(keyless)
        try:
            await self._orders.commit(changes)
        except StaleVersion:
            return False
        await self._stock.release(keyless.order_id)
        await self._close(keyless)
        return True

    async def _start_over(self, intent: Intent) -> Intent:
        if not await self._give_up(intent):
            raise _overtaken()
        return await self._intend(intent.key)

    async def _close(self, intent: Intent) -> None:
        """Remove an intent, unless somebody else did."""
        changes = Changes()
        changes.remove(replace(intent))
        with suppress(StaleVersion):
            await self._orders.commit(changes)

    async def tidy(self, older_than: timedelta = ABANDONED_AFTER) -> int:
        """Give back the stock of orders that were never placed; return how many there were."""
        left = await self._orders.intents_before(self._clock.now() - older_than)
        return sum([await self._give_up(intent) for intent in left])


def order_of(
    purchase: Purchase,
    quotes: Mapping[ProductId, Quote],
    basket: PricedBasket,
    held: Reservation,
    *,
    ids: IdSource,
    now: datetime,
) -> Order:
    """Return the order that the stock is held for."""
    order = Order(
        order_id=held.order_id,
        customer_id=purchase.customer_id,
        email=purchase.email,
        lines=_lines(purchase.lines, quotes, ids),
        charges=basket.charges,
        shipping_address=purchase.address,
        shipping_method=basket.shipping_method,
        payment_method=purchase.payment_method,
        promotion_code=basket.promotion.code if basket.promotion else None,
        cart_id=purchase.cart.cart_id if purchase.cart else None,
        allocations=tuple(
            Allocated(a.product_id, a.warehouse_id, a.quantity) for a in held.allocations
        ),
        hold_expires_at=held.expires_at,
        created_at=now,
        updated_at=now,
        refunded=Money(0, basket.charges.items.currency),
        subscription_id=purchase.subscription_id,
    )
    order.place(now)
    return order


def _lines(
    lines: Sequence[WantedLine], quotes: Mapping[ProductId, Quote], ids: IdSource
) -> tuple[OrderLine, ...]:
    return tuple(
        OrderLine(
            ids.new(),
            line.product_id,
            line.quantity,
            line.price,
            quotes[line.product_id].name,
            quotes[line.product_id].weight_grams,
        )
        for line in lines
    )


def cart_key(cart_id: CartId) -> str:
    """Return the intent key of a cart's checkout."""
    return f"cart:{cart_id}"


def _overtaken() -> StaleVersion:
    """Return what is said to who came second; a repeat with the same key may well succeed."""
    return StaleVersion("Somebody else was first; try again.", code="overtaken")


def _agree(lines: Sequence[WantedLine], quotes: dict[ProductId, Quote]) -> bool:
    return all(
        (quote := quotes.get(line.product_id)) is not None
        and quote.price == line.price.minor
        and quote.currency == line.price.currency
        for line in lines
    )


def _require_agreement(lines: Sequence[WantedLine], quotes: dict[ProductId, Quote]) -> None:
    for index, line in enumerate(lines):
        if line.product_id not in quotes:
            raise InvalidInput.at(f"/items/{index}/productId", "is not a product of this shop")
    if not _agree(lines, quotes):
        raise WrongPrice(
            [
                {
                    "productId": line.product_id,
                    "price": line.price.decimal,
                    "currentPrice": Money(quote.price, quote.currency).decimal,
                }
                for line in lines
                if (quote := quotes[line.product_id]).price != line.price.minor
            ]
        )


def quantities_of(lines: Sequence[WantedLine]) -> dict[ProductId, int]:
    """Return how many units of each product the lines come to."""
    quantities: dict[ProductId, int] = {}
    for line in lines:
        quantities[line.product_id] = quantities.get(line.product_id, 0) + line.quantity
    return quantities


def _short_lines(
    shortages: Sequence[Shortage],
    quantities: dict[ProductId, int],
    quotes: dict[ProductId, Quote],
) -> list[dict[str, object]]:
    """Return the lines that are short; of a bundle, how many its scarcest component still makes."""
    left = {shortage.product_id: shortage.available for shortage in shortages}
    short: list[dict[str, object]] = []
    for product_id, quantity in quantities.items():
        parts = quotes[product_id].components
        counts = [left[p.product_id] // p.quantity for p in parts if p.product_id in left]
        if not parts and product_id in left:
            counts = [left[product_id]]
        if counts:
            short.append({"productId": product_id, "requested": quantity, "available": min(counts)})
    return short


@dataclass(frozen=True, slots=True)
class CheckoutTerms:
    """How a cart is to be paid and shipped; a guest's ``email``."""

    address: dict[str, str]
    payment_method: str
    payment_token: str | None
    shipping_method: str | None
    promotion_code: str | None
    email: str | None


class CheckingOut:
    """Turns a cart into one order, however often and by however many it is asked."""

    def __init__(
        self, carts: CartService, orders: OrderRepository, placing: Placing, tokens: GuestTokens
    ) -> None:
        self._carts = carts
        self._orders = orders
        self._placing = placing
        self._tokens = tokens
        self._locks: WeakValueDictionary[CartId, asyncio.Lock] = WeakValueDictionary()

    def guest_token(self, order: Order) -> str | None:
        """Return the token by which a guest comes back to the order; None for a customer's."""
        return None if order.customer_id else self._tokens.for_order(order.order_id)

    async def check_out(
        self, cart_id: CartId, customer_id: CustomerId | None, terms: CheckoutTerms, seal: Seal
    ) -> Order:
        """Return the order that the cart became, now or before.

        Raises ``UnknownCart``, ``CartEmpty``, ``InvalidInput`` for a guest without an e-mail
        address, and what ``Placing.place`` raises.
        """
        lock = self._locks.setdefault(cart_id, asyncio.Lock())
        async with lock:
            return await self._check_out(cart_id, customer_id, terms, seal)

    async def _check_out(
        self, cart_id: CartId, customer_id: CustomerId | None, terms: CheckoutTerms, seal: Seal
    ) -> Order:
        cart = await self._carts.cart(cart_id, customer_id)
        if cart.order_id is not None and (order := await self._orders.order(cart.order_id)):
            return order
        if not cart.lines:
            raise CartEmpty("The cart is empty.")
        buyer = customer_id or cart.customer_id
        if buyer is None and terms.email is None:
            raise InvalidInput.at("/email", "is required for a guest")
        purchase = Purchase(
            customer_id=buyer,
            lines=[
                WantedLine(product_id, line.quantity, line.seen_price)
                for product_id, line in cart.lines.items()
            ],
            address=terms.address,
            payment_method=terms.payment_method,
            payment_token=terms.payment_token,
            shipping_method=terms.shipping_method,
            promotion_code=terms.promotion_code,
            email=None if buyer else terms.email,
            cart=cart,
        )
        return await self._placing.place(purchase, cart_key(cart_id), seal)
