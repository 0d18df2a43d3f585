"""Promotions at the border."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated

import msgspec

from kibble.kernel.ids import ProductId
from kibble.platform.web.json import Amount, Instant
from kibble.services.order.model.promotion import Audience, Promotion, PromotionKind
from kibble.services.order.schemas.common import Answer, Code, Id, Request, ShortText

Count = Annotated[int, msgspec.Meta(ge=1, le=1_000_000)]
Percent = Annotated[float, msgspec.Meta(gt=0, le=100)]


class NewPromotion(Request, frozen=True):
    """A promotion to start; ``percent`` may have two decimals.

    ``audience`` other than code needs none: it applies to everyone's orders, or to those of
    subscriptions, by itself.
    """

    code: Code
    kind: PromotionKind
    description: ShortText
    starts_at: Instant | None = None
    ends_at: Instant | None = None
    percent: Percent | None = None
    amount: Amount | None = None
    minimum: Amount | None = None
    buy_product_id: Id | None = None
    buy_quantity: Count = 1
    get_product_id: Id | None = None
    get_quantity: Count = 1
    max_uses: Count | None = None
    max_uses_per_customer: Count | None = None
    audience: Audience = Audience.CODE

    def promotion(self, now: datetime, currency: str) -> Promotion:
        """Return the promotion; without ``starts_at`` it starts now."""
        default = 100.0 if self.kind is PromotionKind.BUY_X_GET_Y else 0.0
        return Promotion(
            code=self.code.upper(),
            kind=self.kind,
            description=self.description,
            starts_at=self.starts_at or now,
            ends_at=self.ends_at,
            basis_points=round((self.percent or default) * 100),
            amount=(self.amount or Amount(0)).money(currency),
            buy_product=ProductId(self.buy_product_id) if self.buy_product_id else None,
            buy_quantity=self.buy_quantity,
            get_product=ProductId(self.get_product_id) if self.get_product_id else None,
            get_quantity=self.get_quantity,
            minimum=(self.minimum or Amount(0)).money(currency),
            max_uses=self.max_uses,
            max_uses_per_customer=self.max_uses_per_customer,
            audience=self.audience,
        )


class OfferView(Answer, frozen=True, omit_defaults=True):
    """A promotion that applies by itself, as shoppers may know it."""

    kind: str
    description: str
    audience: str
    minimum: Amount
    percent: float | None = None
    amount: Amount | None = None

    @classmethod
    def of(cls, promotion: Promotion) -> OfferView:
        """Return the view of ``promotion``."""
        p = promotion
        return cls(
            kind=p.kind.value,
            description=p.description,
            audience=p.audience.value,
            minimum=Amount.of(p.minimum),
            percent=p.basis_points / 100 if p.basis_points else None,
            amount=Amount.of(p.amount) if p.amount else None,
        )


class PromotionView(Answer, frozen=True, omit_defaults=True):
    """A promotion."""

    code: str
    kind: str
    description: str
    starts_at: Instant
    uses: int
    minimum: Amount
    ends_at: Instant | None = None
    percent: float | None = None
    amount: Amount | None = None
    buy_product_id: str | None = None
    buy_quantity: int | None = None
    get_product_id: str | None = None
    get_quantity: int | None = None
    max_uses: int | None = None
    max_uses_per_customer: int | None = None
    audience: str = Audience.CODE.value

    @classmethod
    def of(cls, promotion: Promotion) -> PromotionView:
        """Return the view of ``promotion``: the fields of its kind."""
        p = promotion
        pair = p.kind is PromotionKind.BUY_X_GET_Y
        return cls(
            code=p.code,
            kind=p.kind.value,
            description=p.description,
            starts_at=p.starts_at,
            ends_at=p.ends_at,
            uses=p.uses,
            minimum=Amount.of(p.minimum),
            percent=p.basis_points / 100 if p.basis_points else None,
            amount=Amount.of(p.amount) if p.amount else None,
            buy_product_id=p.buy_product,
            buy_quantity=p.buy_quantity if pair else None,
            get_product_id=p.get_product,
            get_quantity=p.get_quantity if pair else None,
            max_uses=p.max_uses,
            max_uses_per_customer=p.max_uses_per_customer,
            audience=p.audience.value,
        )
