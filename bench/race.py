"""The race: fifty buyers want one each of the ten units that there are, all at the same moment."""

from __future__ import annotations

from bench.kit.load import Answers, Plan
from bench.kit.market import order_ids, order_request
from bench.kit.measure import Bench
from bench.kit.shop import Shop

ROUNDS = 5
BUYERS = 50
UNITS = 10


def run(bench: Bench) -> None:
    """Run five races, each over another product, and audit the books."""
    acknowledged: list[str] = []
    with bench.shop() as shop:
        products = shop.products(ROUNDS)
        for product in products:
            shop.stock_up(product["id"], UNITS)
            answers = _race(bench, shop, product)
            acknowledged += order_ids(answers)
            sold = answers.statuses[201]
            bench.figure(f"race of {BUYERS} for {UNITS}: sold", sold, most=UNITS, least=UNITS)
            bench.figure("race: told that there is not enough (409)", answers.statuses[409])
        bench.settled("race", shop)
        left = [shop.get(f"/api/inventory/{p['id']}")["onHand"] for p in products]
        bench.figure("race: units left on the shelves", sum(left), most=0)
        bench.audit("race", shop.folder, acknowledged)


def _race(bench: Bench, shop: Shop, product: dict[str, object]) -> Answers:
    """Let all buyers order at once, each over a connection of their own."""
    requests = [order_request(shop.customer(), [product], shop.new_id()) for _ in range(BUYERS)]
    plan = Plan(
        port=shop.port, requests=requests, connections=BUYERS, seconds=60, once=True, keep=True
    )
    return bench.generator.run(plan)
