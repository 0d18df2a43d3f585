"""Load scenarios for Locust: browsing, searching, carts, checkouts, and a sale's peak.

    .venv-deploy/bin/locust -f bench/load/locustfile.py --headless --host http://127.0.0.1:8000 \
        --users 20 --spawn-rate 5 --run-time 40s --csv build/load

``KIBBLE_LOAD=sale`` follows a sale instead: a quiet start, a step to ten times as much within two
seconds, a plateau, and the end; with ``KIBBLE_LOAD=rehearsal`` one visitor does everything once.
Only a shop on this machine is loaded.
"""

from __future__ import annotations

import os
import random
from urllib.parse import urlsplit

from locust import HttpUser, LoadTestShape, between, events, task

WORDS = ("dog food", "cat litter", "puppy", "kitten food", "aquarium", "bird seed", "chew toy")
ADDRESS = {"street": "123 Main St", "city": "Boston", "state": "MA", "zipCode": "02118"}
HERE = {"127.0.0.1", "localhost", "::1"}


@events.test_start.add_listener
def only_here(environment, **_):
    """Refuse to load anybody else's machine."""
    if urlsplit(environment.host or "").hostname not in HERE:
        raise SystemExit("only a shop on this machine is loaded")


def buyable(found):
    """Return the ids of what can be put into a cart as it is."""
    return [one["id"] for one in found if one["kind"] == "simple" and one["stock"] > 0]


class Visitor(HttpUser):
    """Somebody who looks around, puts something into a cart, and sometimes buys it."""

    wait_time = between(0.5, 1.5)

    def on_start(self):
        """Find something to look at."""
        found = self.client.get("/api/products/search?q=dog&limit=20", name="search").json()
        self.products = buyable(found)

    @task(10)
    def browse(self):
        """Look at a product, and at what goes with it."""
        product = random.choice(self.products)
        self.client.get(f"/api/products/{product}", name="product")
        self.client.get(f"/api/products/{product}/reviews", name="reviews")

    @task(6)
    def search(self):
        """Search for something, with facets."""
        words = random.choice(WORDS)
        found = self.client.get(f"/api/products/search?q={words}&limit=20", name="search").json()
        self.client.get(f"/api/products/search/facets?q={words}", name="facets")
        self.products = buyable(found) or self.products

    @task(2)
    def fill_a_cart(self):
        """Put something into a cart and leave it there."""
        self._cart()

    @task(1)
    def buy(self):
        """Put something into a cart and buy it; sold out is no failure."""
        cart = self._cart()
        if cart is None:
            return
        body = {
            "email": "sam@example.com",
            "paymentMethod": "CreditCard",
            "shippingAddress": ADDRESS,
        }
        path = f"/api/carts/{cart}/checkout"
        with self.client.post(path, json=body, name="checkout", catch_response=True) as answer:
            if answer.status_code in {201, 409}:
                answer.success()

    def _cart(self):
        cart = self.client.post("/api/carts", json={}, name="open cart").json()["id"]
        path = f"/api/carts/{cart}/items/{random.choice(self.products)}"
        with self.client.put(
            path, json={"quantity": 1}, name="put item", catch_response=True
        ) as answer:
            if answer.status_code in {200, 409, 422}:
                answer.success()
            return cart if answer.status_code == 200 else None


if os.environ.get("KIBBLE_LOAD") == "sale":

    class Sale(LoadTestShape):
        """Four users, forty at once, four again: until which second, how many, started a second."""

        steps = ((15, 4, 4), (45, 40, 20), (60, 4, 20))

        def tick(self):
            """Return how many users there are now; None when it is over."""
            now = self.get_run_time()
            return next(((users, rate) for end, users, rate in self.steps if now < end), None)


if os.environ.get("KIBBLE_LOAD") == "rehearsal":

    class Rehearsal(Visitor):
        """One visitor who does everything once, after which the run ends."""

        @task(1_000_000)
        def everything(self):
            """Browse, search, fill a cart, buy."""
            for scenario in (self.browse, self.search, self.fill_a_cart, self.buy):
                scenario()
            self.environment.runner.quit()
