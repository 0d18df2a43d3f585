"""Carts at the border."""

from __future__ import annotations

from typing import Annotated

import msgspec

from kibble.contracts.address import Address, StateCode, ZipCode
from kibble.contracts.email import Email
from kibble.contracts.product import Quote
from kibble.kernel.money import Money
from kibble.kernel.personal import Personal
from kibble.platform.web.json import Amount, Instant
from kibble.services.order.schemas.common import (
    Answer,
    Code,
    Id,
    PaymentMethod,
    Quantity,
    Request,
    ShortText,
)
from kibble.services.order.service.carts import Problem, ShownCart, ShownLine


class CartItem(Request, frozen=True):
    """So many units of a product."""

    product_id: Id
    quantity: Quantity


class OpenCart(Request, frozen=True):
    """A cart to make; ``items`` may be filled at once."""

    items: Annotated[list[CartItem], msgspec.Meta(max_length=100)] = []


class PutItem(Request, frozen=True):
    """How many units are wanted."""

    quantity: Quantity


class MergeCart(Request, frozen=True):
    """The cart to take over."""

    cart_id: Id


class Checkout(Request, frozen=True):
    """How a cart is to be paid and shipped; a guest gives an ``email``."""

    shipping_address: Address
    payment_method: PaymentMethod
    payment_token: ShortText | None = None
    shipping_method: ShortText | None = None
    promotion_code: Code | None = None
    email: Email | None = None


class CartQuery(msgspec.Struct, frozen=True, rename="camel"):
    """What a cart would cost with a promotion, shipped by a method to a state and ZIP code."""

    promotion_code: Code | None = None
    shipping_method: ShortText | None = None
    state: Personal[StateCode | None] = None
    zip_code: ZipCode | None = None


class ProblemView(Answer, frozen=True, omit_defaults=True):
    """Why a line cannot be bought as it is."""

    code: str
    detail: str
    available: int | None = None

    @classmethod
    def of(cls, problem: Problem) -> ProblemView:
        """Return the view of ``problem``."""
        return cls(code=problem.code, detail=problem.detail, available=problem.left)


class CartLineView(Answer, frozen=True, omit_defaults=True):
    """A line of a cart at today's price; ``regular_price`` is the usual one of what is on sale."""

    product_id: str
    name: str
    image: str | None
    quantity: int
    price: Amount
    line_total: Amount
    problem: ProblemView | None = None
    regular_price: Amount | None = None

    @classmethod
    def of(cls, line: ShownLine) -> CartLineView:
        """Return the view of ``line``."""
        return cls(
            product_id=line.product_id,
            name=line.quote.name if line.quote else "",
            image=line.quote.image if line.quote else None,
            quantity=line.quantity,
            price=Amount.of(line.price),
            line_total=Amount.of(line.price * line.quantity),
            problem=ProblemView.of(line.problem) if line.problem else None,
            regular_price=_regular(line.quote),
        )


def _regular(quote: Quote | None) -> Amount | None:
    if quote is None or quote.regular_price is None:
        return None
    return Amount(quote.regular_price)


class CartView(Answer, frozen=True, omit_defaults=True):
    """A cart and what it costs; ``order_id`` once it was ordered.

    ``free_shipping_from`` is what the items must come to for free shipping, in a shop that has it.
    """

    id: str
    items: list[CartLineView]
    subtotal: Amount
    tax: Amount
    shipping: Amount
    discount: Amount
    total: Amount
    currency: str
    created_at: Instant
    updated_at: Instant
    order_id: str | None = None
    free_shipping_from: Amount | None = None

    @classmethod
    def of(cls, shown: ShownCart) -> CartView:
        """Return the view of a cart."""
        charges = shown.charges
        return cls(
            id=shown.cart.cart_id,
            items=[CartLineView.of(line) for line in shown.lines],
            subtotal=Amount.of(charges.items),
            tax=Amount.of(charges.tax),
            shipping=Amount.of(charges.shipping),
            discount=Amount.of(charges.discount),
            total=Amount.of(charges.due),
            currency=charges.items.currency,
            created_at=shown.cart.created_at,
            updated_at=shown.cart.updated_at,
            order_id=shown.cart.order_id,
            free_shipping_from=_amount(shown.free_shipping_from),
        )


def _amount(money: Money | None) -> Amount | None:
    return Amount.of(money) if money is not None else None
