"""Promotions over HTTP."""

from __future__ import annotations

from kibble.kernel.clock import Clock
from kibble.kernel.paging import Page
from kibble.platform.persistence.store import Store
from kibble.platform.web.call import Call
from kibble.platform.web.reply import Reply, created, listed, no_content, ok
from kibble.platform.web.route import ANYONE, Route, get, write
from kibble.services.order.model.promotion import Promotion
from kibble.services.order.schemas.promotions import NewPromotion, OfferView, PromotionView
from kibble.services.order.service.promotions import PromotionService

READ, WRITE = "orders:read", "catalog:write"


class PromotionController:
    """One method a route."""

    def __init__(
        self, service: PromotionService, store: Store, clock: Clock, currency: str
    ) -> None:
        self._service = service
        self._store = store
        self._clock = clock
        self._currency = currency

    async def list_promotions(self, call: Call[None, None]) -> Reply:
        """GET /api/promotions."""
        return listed(Page(await self._service.promotions()), PromotionView.of, call.next_url)

    async def list_offers(self, call: Call[None, None]) -> Reply:
        """GET /api/promotions/offers."""
        offers = await self._service.offers(self._clock.now())
        return listed(Page(offers), OfferView.of, call.next_url)

    async def get_promotion(self, call: Call[None, None]) -> Reply:
        """GET /api/promotions/{code}."""
        return _shown(await self._service.promotion(call.path["code"]))

    async def start_promotion(self, call: Call[NewPromotion, None]) -> Reply:
        """POST /api/promotions."""
        body = call.body
        return await call.transact(
            self._store,
            lambda: self._service.start(body.promotion(self._clock.now(), self._currency)),
            lambda p: created(
                PromotionView.of(p), f"/api/promotions/{p.code}", etag=str(p.version)
            ),
        )

    async def end_promotion(self, call: Call[None, None]) -> Reply:
        """DELETE /api/promotions/{code}."""
        return await call.transact(
            self._store, lambda: self._service.end(call.path["code"]), lambda _: no_content()
        )


def _shown(promotion: Promotion) -> Reply:
    return ok(PromotionView.of(promotion), etag=str(promotion.version))


def routes(controller: PromotionController) -> list[Route]:
    """Return the table of the promotions' routes."""
    c = controller
    promotions, one = "/api/promotions", "/api/promotions/{code}"
    return [
        get(promotions, c.list_promotions, "All promotions", READ, answer=list[PromotionView]),
        write(
            "POST",
            promotions,
            c.start_promotion,
            "Start a promotion",
            WRITE,
            body=NewPromotion,
            answer=PromotionView,
            status=201,
        ),
        get(
            f"{promotions}/offers",
            c.list_offers,
            "What comes off by itself",
            ANYONE,
            answer=list[OfferView],
        ),
        get(one, c.get_promotion, "A promotion", ANYONE, answer=PromotionView),
        write("DELETE", one, c.end_promotion, "End a promotion", WRITE, status=204),
    ]
