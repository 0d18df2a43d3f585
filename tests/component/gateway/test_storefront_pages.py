"""The shop's pages as crawlers and visitors without scripts see them."""

from __future__ import annotations

import json
import re
from typing import Any

import pytest

from kibble.gateway.storefront.pages import ShopPages
from kibble.gateway.storefront.reading import Answer
from kibble.gateway.storefront.sitemap import Sitemap, robots
from kibble.gateway.storefront.words import slug, srcset
from tests.fixtures.doubles import FakeClock

INDEX = (
    "<html><head><title>Kibble</title></head><body><kb-root></kb-root>"
    '<script src="main.js"></script></body></html>'
)
URL = "https://shop.example"
FOOD: dict[str, Any] = {
    "id": "p1",
    "name": "Salmon </script><b>& Oat",
    "description": "Good for the coat.",
    "price": 12.5,
    "category": "Dry Food",
    "tags": [],
    "attributes": {"brand": "Norrvik"},
    "stock": 3,
    "images": ["/images/abc.webp"],
    "sku": "S-1",
    "kind": "simple",
    "rating": 4.5,
    "reviewCount": 2,
    "variants": [],
}
CART_ID = "0199f6e2-0000-7000-8000-000000000001"
CART: dict[str, Any] = {
    "id": CART_ID,
    "items": [
        {
            "productId": "p1",
            "name": FOOD["name"],
            "image": "/images/abc.webp",
            "quantity": 2,
            "price": 12.5,
            "lineTotal": 25.0,
            "problem": {"code": "price-changed", "detail": "The price changed from 11 to 12.50."},
        }
    ],
    "subtotal": 25.0,
    "tax": 0,
    "shipping": 4.0,
    "discount": 0,
    "total": 29.0,
    "currency": "USD",
}
TREE = [
    {
        "id": "c1",
        "name": "Dog",
        "productCount": 1,
        "children": [{"id": "c2", "name": "Dry Food", "productCount": 1, "children": []}],
    }
]


class Catalogue:
    """An API with one product in one category; what it was asked for is in ``asked``."""

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.is_away = False
        self.on_sale: list[object] = []

    async def get(self, address: str, cookie: str = "") -> Answer:
        self.asked.append(address)
        if self.is_away:
            return Answer(503, b"")
        path, _, query = address.partition("?")
        known: dict[str, object] = {
            "/api/categories": TREE,
            "/api/products/p1": FOOD,
            "/api/products/search": [FOOD],
        }
        if "onSale=true" in query:
            known["/api/products/search"] = self.on_sale
        if cookie in ("", "__Host-kibble=ann"):
            known[f"/api/carts/{CART_ID}"] = CART
        if path == "/api/products":
            last = "cursor=" in query
            link = None if last else '</api/products?limit=100&cursor=abc>; rel="next"'
            return Answer(200, json.dumps([FOOD]).encode(), link)
        if path in known:
            return Answer(200, json.dumps(known[path]).encode())
        return Answer(404, b"{}")


@pytest.fixture
def catalogue() -> Catalogue:
    return Catalogue()


@pytest.fixture
def pages(catalogue: Catalogue) -> ShopPages:
    return ShopPages(INDEX, [], catalogue, URL)


def _data(html: str) -> list[dict[str, Any]]:
    found = re.findall(r'<script type="application/ld\+json">(.*?)</script>', html, re.DOTALL)
    return [json.loads(text) for text in found]


async def test_a_products_page_shows_name_price_picture_and_stock_without_scripts(
    pages: ShopPages,
) -> None:
    html = (await pages.page("/p/p1/salmon", "", "n")).html
    view = html.partition('<div id="first-view"')[2].partition("<kb-root")[0]
    assert "$12.50" in view
    assert "Only 3 left" in view
    assert "/images/abc-800.webp" in view
    assert "Salmon &lt;/script&gt;&lt;b&gt;&amp; Oat" in view


async def test_a_products_page_tells_search_engines_of_its_offer_and_its_one_address(
    pages: ShopPages,
) -> None:
    html = (await pages.page("/p/p1", "", "n")).html
    product, crumbs = _data(html)
    assert product["offers"]["price"] == "12.50"
    assert product["offers"]["availability"].endswith("/InStock")
    assert product["aggregateRating"]["reviewCount"] == 2
    assert [step["name"] for step in crumbs["itemListElement"]] == ["Kibble", "Dog", "Dry Food"]
    assert f'<link rel="canonical" href="{URL}/p/p1/salmon-script-b-oat">' in html


async def test_the_answers_travel_with_the_page_and_cannot_end_their_element(
    pages: ShopPages,
) -> None:
    html = (await pages.page("/p/p1", "", "n")).html
    text = html.partition('id="first-answers">')[2].partition("</script>")[0]
    assert json.loads(text)["/api/products/p1"]["body"] == FOOD


async def test_the_first_page_keeps_room_for_what_is_on_sale_and_none_where_nothing_is(
    catalogue: Catalogue, pages: ShopPages
) -> None:
    assert "On sale" not in (await pages.page("/", "", "n")).html
    catalogue.on_sale = [FOOD]
    html = (await pages.page("/", "", "n")).html
    assert '<div class="shelf"></div>' in html.partition("<h2>On sale</h2>")[2].partition("Well")[0]
    text = html.partition('id="first-answers">')[2].partition("</script>")[0]
    carried = next(one for name, one in json.loads(text).items() if "onSale=true" in name)
    assert carried["body"] == [FOOD]


async def test_a_page_of_ones_own_brings_the_aisles_along(pages: ShopPages) -> None:
    html = (await pages.page("/cart", "", "n")).html
    text = html.partition('id="first-answers">')[2].partition("</script>")[0]
    assert list(json.loads(text)) == ["/api/categories"]


async def test_the_cart_that_a_visitors_cookie_names_shows_at_once_and_is_kept_nowhere(
    pages: ShopPages,
) -> None:
    cookie = f"theme=dark; __Host-kibble-cart={CART_ID}; __Host-kibble=ann"
    page = await pages.page("/cart", "", "n", cookie)
    view = page.html.partition('<div id="first-view"')[2].partition("<kb-root")[0]
    assert "$25.00" in view
    assert "$29.00" in view
    assert "The price changed from 11 to 12.50." in view
    assert page.is_private
    text = page.html.partition('id="first-answers">')[2].partition("</script>")[0]
    assert json.loads(text)[f"/api/carts/{CART_ID}"]["body"]["total"] == 29.0


@pytest.mark.parametrize(
    "cookie",
    [
        "",
        "__Host-kibble-cart=",
        "__Host-kibble-cart=../products/p1",
        "__Host-kibble-cart=0199f6e2-0000-7000-8000-00000000000f",
        f"__Host-kibble-cart={CART_ID}; __Host-kibble=bob",
    ],
)
async def test_a_cart_that_is_not_there_or_not_ones_own_is_left_to_the_application(
    pages: ShopPages, cookie: str
) -> None:
    page = await pages.page("/cart", "", "n", cookie)
    assert page.status == 200
    assert "$29.00" not in page.html


async def test_only_the_cart_is_made_from_cookies(pages: ShopPages) -> None:
    cookie = f"__Host-kibble-cart={CART_ID}"
    for path in ("/", "/p/p1", "/c/dry-food", "/checkout"):
        page = await pages.page(path, "", "n", cookie)
        assert (page.is_private, CART_ID in page.html) == (False, False)


@pytest.mark.parametrize("path", ["/p/none", "/c/none", "/nothing/at/all"])
async def test_what_is_not_there_is_not_found_and_not_indexed(pages: ShopPages, path: str) -> None:
    page = await pages.page(path, "", "n")
    assert page.status == 404
    assert 'content="noindex"' in page.html


@pytest.mark.parametrize(
    "path",
    "/cart /checkout /account/orders /orders /orders/1 /autoship"
    " /search /unsubscribe /back-in-stock".split(),
)
async def test_pages_of_ones_own_are_not_indexed(pages: ShopPages, path: str) -> None:
    page = await pages.page(path, "", "n")
    assert (page.status, 'content="noindex"' in page.html) == (200, True)


async def test_a_category_is_indexed_once_and_not_for_every_filter(pages: ShopPages) -> None:
    plain = await pages.page("/c/dry-food", "", "n")
    filtered = await pages.page("/c/dry-food", "brand=Norrvik", "n")
    assert "noindex" not in plain.html
    assert "noindex" in filtered.html


async def test_a_page_comes_also_while_the_catalogue_is_away(
    pages: ShopPages, catalogue: Catalogue
) -> None:
    catalogue.is_away = True
    page = await pages.page("/", "", "n")
    assert page.status == 200
    assert '<kb-root ngCspNonce="n"' in page.html


async def test_the_sitemap_has_every_category_and_product_and_is_kept(catalogue: Catalogue) -> None:
    sitemap = Sitemap(catalogue, URL, FakeClock())
    text = await sitemap.text()
    for path in ("/", "/c/dog", "/c/dry-food", "/p/p1/salmon-script-b-oat"):
        assert f"<loc>{URL}{path}</loc>" in text
    asked = len(catalogue.asked)
    assert await sitemap.text() == text
    assert len(catalogue.asked) == asked


def test_crawlers_are_kept_from_what_is_private() -> None:
    text = robots(URL)
    assert "Disallow: /account" in text
    assert f"Sitemap: {URL}/sitemap.xml" in text


@pytest.mark.parametrize(
    ("name", "written"), [("Dog Treats & Chews", "dog-treats-chews"), ("Café", "cafe"), ("…", "")]
)
def test_a_name_is_written_into_an_address_with_letters_and_dashes(name: str, written: str) -> None:
    assert slug(name) == written


def test_a_picture_from_elsewhere_has_no_renditions() -> None:
    assert srcset("https://supplier.example/a.jpg", 400) == ""
