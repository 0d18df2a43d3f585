"""Promotions: making, listing and ending them."""

from __future__ import annotations

from datetime import datetime

from kibble.kernel.errors import Conflict, InvalidInput
from kibble.platform.persistence.changes import Changes, Outcome
from kibble.services.order.errors import UnknownPromotion
from kibble.services.order.model.promotion import Audience, Promotion, PromotionKind
from kibble.services.order.repository.promotions import PromotionRepository

WHOLE = 10_000
"""A hundred per cent in basis points."""


class PromotionService:
    """Keeps the shop's promotions."""

    def __init__(self, promotions: PromotionRepository) -> None:
        self._promotions = promotions

    async def promotion(self, code: str) -> Promotion:
        """Return a promotion; raises ``UnknownPromotion``."""
        promotion = await self._promotions.promotion(code)
        if promotion is None:
            raise UnknownPromotion(code)
        return promotion

    async def promotions(self) -> list[Promotion]:
        """Return all promotions by code."""
        return await self._promotions.promotions()

    async def offers(self, at: datetime) -> list[Promotion]:
        """Return what applies by itself and runs at a moment: everybody may know of it."""
        promotions = await self._promotions.promotions()
        return [p for p in promotions if p.audience is not Audience.CODE and p.is_on(at)]

    async def start(self, promotion: Promotion) -> Outcome[Promotion]:
        """Add a promotion.

        Raises ``InvalidInput`` for one that gives nothing, ``Conflict`` for a taken code.
        """
        _check(promotion)
        if await self._promotions.promotion(promotion.code) is not None:
            raise Conflict(
                "This code is taken.",
                code="promotion-code-taken",
                details={"promotionCode": promotion.code},
            )
        changes = Changes()
        changes.save(promotion)
        return Outcome(promotion, changes)

    async def end(self, code: str) -> Outcome[None]:
        """Delete a promotion; orders keep their discount. Raises ``UnknownPromotion``."""
        changes = Changes()
        changes.remove(await self.promotion(code))
        return Outcome(None, changes)


def _check(promotion: Promotion) -> None:
    if promotion.ends_at is not None and promotion.ends_at <= promotion.starts_at:
        raise InvalidInput.at("/endsAt", "must be after startsAt")
    if promotion.kind is PromotionKind.PERCENT and not 0 < promotion.basis_points <= WHOLE:
        raise InvalidInput.at("/percent", "must be above 0 and at most 100")
    if promotion.kind is PromotionKind.AMOUNT and not promotion.amount:
        raise InvalidInput.at("/amount", "must be above 0")
    if promotion.kind is PromotionKind.BUY_X_GET_Y:
        if promotion.buy_product is None:
            raise InvalidInput.at("/buyProductId", "is required")
        if promotion.get_product is None:
            raise InvalidInput.at("/getProductId", "is required")
