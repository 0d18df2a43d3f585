"""The shop's pages as they leave the gateway: a head that tells of them, and a first view.

The first view shows before any script has run, and stays where none runs. The answers it was made
from travel with it, so that the application asks for nothing twice.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlencode

import jinja2
import msgspec

from kibble.gateway.storefront import structured
from kibble.gateway.storefront.reading import Answer, Reader
from kibble.gateway.storefront.styles import NONCE
from kibble.gateway.storefront.words import day, money, rendition, slug, srcset, stars
from kibble.platform.web import json
from kibble.platform.web.browser import ACCESS_COOKIE

CATEGORIES = "/api/categories"
BEST = "/api/products/search?q=food&inStock=true&sort=rating&limit=13"
BARGAINS = "/api/products/search?onSale=true&inStock=true&sort=popularity&limit=8"
OFFERS = "/api/promotions/offers"
PAGE_SIZE = 24
DESCRIPTION = (
    "Food, toys and everything else for dogs, cats and their friends, at your door in a few days."
)
_PARAMETERS = ("q", "category", "brand", "priceMin", "priceMax", "inStock", "sort")
_PRIVATE = re.compile(
    r"/(checkout(/return)?|orders(/[\w-]+)?|sign-in|register|reset-password|verify-email"
    r"|unsubscribe|back-in-stock|account(/.*)?|autoship(/[\w-]+)?)/?"
)
_TITLE = re.compile(r"<title>.*?</title>", re.DOTALL)
_ROOT = "<kb-root"
_PLAIN = "plain.html"
CART_COOKIE = "__Host-kibble-cart"
"""Where the application keeps the id of the visitor's cart, for the cart's first view."""
_CART = "/cart"
_CART_ID = re.compile(r"[0-9a-f-]{36}")
_OK, _NOT_FOUND = 200, 404
_WORDS: Mapping[str, Any] = {
    "slug": slug,
    "rendition": rendition,
    "srcset": srcset,
    "money": money,
    "day": day,
    "stars": stars,
}


@dataclass(frozen=True, slots=True)
class Page:
    """A page as HTML, with its status."""

    html: str
    status: int = _OK
    is_private: bool = False
    """Whether it shows something of one visitor's."""


@dataclass(slots=True)
class View:
    """What is put into an index page: the template and its values, and what the head says."""

    template: str = _PLAIN
    title: str = "Kibble"
    description: str = DESCRIPTION
    canonical: str | None = None
    indexed: bool = True
    status: int = _OK
    picture: tuple[str, str] | None = None
    """The picture that is likely the largest thing in view, and the sizes it is shown in."""
    values: dict[str, Any] = field(default_factory=dict)
    answers: dict[str, Answer] = field(default_factory=dict)
    data: Sequence[Mapping[str, Any]] = ()
    is_private: bool = False

    @property
    def is_whole(self) -> bool:
        """Tell whether the first view has what the page is for; else scripts are waited for."""
        return self.template != _PLAIN


class ShopPages:
    """Makes the shop's pages from its index page and the API."""

    def __init__(self, index: str, fonts: Sequence[str], reader: Reader, shop_url: str) -> None:
        """``fonts`` are paths in the build, ``shop_url`` is where the public reaches the shop."""
        self._fonts = fonts
        self._before, _, self._after = _TITLE.sub("\0", index, count=1).partition(_ROOT)
        self._reader = reader
        self._shop_url = shop_url.rstrip("/")
        self._templates = jinja2.Environment(
            loader=jinja2.PackageLoader("kibble.gateway.storefront"),
            autoescape=True,
            trim_blocks=True,
            lstrip_blocks=True,
        )

    async def page(self, path: str, query: str, nonce: str, cookie: str = "") -> Page:
        """Return the page of a path and its query; 404 for what is not there.

        ``cookie`` is the visitor's Cookie header, which the cart alone is made from.
        """
        if path.rstrip("/") == _CART:
            view = await self._cart(cookie)
        else:
            view = await self._view(path, dict(parse_qsl(query)))
        return Page(self._render(view, nonce), view.status, view.is_private)

    async def _view(self, path: str, query: dict[str, str]) -> View:
        if path == "/":
            return await self._home()
        first, *rest = path.strip("/").split("/")
        if first == "p" and rest and len(rest) <= 2:  # noqa: PLR2004 - an id, and a name for people
            return await self._product(rest[0])
        if first == "c" and len(rest) == 1:
            return await self._category(rest[0], query)
        if path == "/search":
            return await self._listing("Search", query, [])
        if _PRIVATE.fullmatch(path):
            answers: dict[str, Answer] = {}
            values = await self._frame(answers)
            return View(indexed=False, values=values, answers=answers)
        return View(title="Not found", indexed=False, status=_NOT_FOUND)

    async def _cart(self, cookie: str) -> View:
        """Return the visitor's cart; a page without it where it is not known or not theirs."""
        answers: dict[str, Answer] = {}
        view = View(title="Your cart", indexed=False, values=await self._frame(answers))
        view.answers = answers
        sent = {name: value for name, value in _cookies(cookie) if value}
        cart_id = sent.get(CART_COOKIE, "")
        if not _CART_ID.fullmatch(cart_id):
            return view
        token = sent.get(ACCESS_COOKIE)
        passed = f"{ACCESS_COOKIE}={token}" if token else ""
        view.values["cart"] = await self._read(f"/api/carts/{cart_id}", answers, passed)
        view.values["offers"] = await self._read(OFFERS, answers) or []
        view.is_private = True
        if view.values["cart"] and view.values["cart"]["items"]:
            view.template = "cart.html"
        return view

    async def _home(self) -> View:
        answers: dict[str, Answer] = {}
        values = await self._frame(answers)
        values["products"] = await self._read(BEST, answers) or []
        values["reduced"] = await self._read(BARGAINS, answers) or []
        data = [structured.site(self._shop_url)]
        return View("home.html", canonical="/", values=values, answers=answers, data=data)

    async def _product(self, product_id: str) -> View:
        answers: dict[str, Answer] = {}
        product = await self._read(f"/api/products/{product_id}", answers)
        await self._read(OFFERS, answers)
        values = await self._frame({})
        if product is None:
            return View(title="Not found", indexed=False, status=_NOT_FOUND, values=values)
        canonical = f"/p/{product['id']}/{slug(product['name'])}"
        path = _path_to(product["category"], values["categories"])
        view = View("product.html", product["name"], product["description"][:160], canonical)
        view.values = {**values, "product": product, "path": path}
        view.answers = answers
        view.data = [
            structured.product(product, self._shop_url, canonical),
            structured.breadcrumbs([one["name"] for one in path], self._shop_url),
        ]
        if product["images"]:
            view.picture = (product["images"][0], "(max-width: 864px) 92vw, 580px")
        return view

    async def _category(self, name: str, query: dict[str, str]) -> View:
        answers: dict[str, Answer] = {}
        categories = await self._read(CATEGORIES, answers) or []
        path = _path_by_slug(name, categories)
        if not path:
            values = {"categories": categories}
            return View(title="Not found", indexed=False, status=_NOT_FOUND, values=values)
        view = await self._listing(path[-1]["name"], query | {"category": path[-1]["name"]}, path)
        view.canonical = f"/c/{name}"
        view.indexed = not query
        view.data = [structured.breadcrumbs([one["name"] for one in path], self._shop_url)]
        return view

    async def _listing(
        self, title: str, query: dict[str, str], path: list[Mapping[str, Any]]
    ) -> View:
        answers: dict[str, Answer] = {}
        values = await self._frame(answers)
        wish = [(name, query[name]) for name in _PARAMETERS if query.get(name)]
        known = all(name in _PARAMETERS for name in query)
        address = "/api/products/search?" + urlencode([*wish, ("limit", str(PAGE_SIZE))])
        found = await self._read(address, answers) if known else None
        shown = query.get("q") or query.get("brand") or title
        values |= {"products": found or [], "path": path, "heading": shown, "query": query}
        values["words"] = _how_many(found or [], answers.get(address))
        return View("listing.html", shown, values=values, answers=answers, indexed=False)

    async def _frame(self, answers: dict[str, Answer]) -> dict[str, Any]:
        """Return what every page shows around its own."""
        return {"categories": await self._read(CATEGORIES, answers) or []}

    async def _read(self, address: str, answers: dict[str, Answer], cookie: str = "") -> Any:
        """Return the JSON at ``address``, kept for the application; None when there is none."""
        answer = await self._reader.get(address, cookie)
        if answer.status != _OK:
            return None
        answers[address] = answer
        return msgspec.json.decode(answer.body)

    def _render(self, view: View, nonce: str) -> str:
        name = view.title if view.title == "Kibble" else f"{view.title} | Kibble"
        head = self._templates.get_template("head.html").render(
            _WORDS,
            view=view,
            title=name,
            shop_url=self._shop_url,
            fonts=self._fonts,
            data=[_inline(d) for d in view.data],
        )
        body = self._templates.get_template(view.template).render(
            {"categories": [], **_WORDS, **view.values},
            view=view,
            answers=_inline(_carried(view.answers)),
        )
        before = self._before.replace(NONCE, nonce).replace("\0", head, 1)
        return f'{before}{body}{_ROOT} ngCspNonce="{nonce}"{self._after}'


def _how_many(found: Sequence[object], answer: Answer | None) -> str:
    """Return how many products a list has, as the application says it."""
    if not found:
        return ""
    if answer is not None and answer.link is not None and 'rel="next"' in answer.link:
        return f"{len(found)} and more"
    return "1 product" if len(found) == 1 else f"{len(found)} products"


def _cookies(header: str) -> Iterator[tuple[str, str]]:
    for pair in header.split(";"):
        name, _, value = pair.strip().partition("=")
        yield name, value


def _carried(answers: Mapping[str, Answer]) -> dict[str, Any]:
    return {
        address: {"body": msgspec.Raw(answer.body)}
        | ({"link": answer.link} if answer.link is not None else {})
        for address, answer in answers.items()
    }


def _inline(value: object) -> str:
    """Return JSON that may stand in a script element: nothing in it ends the element."""
    return json.encode(value).decode().replace("<", "\\u003c")


def _path_by_slug(name: str, level: list[Any]) -> list[Mapping[str, Any]]:
    for category in level:
        if slug(category["name"]) == name:
            return [category]
        if below := _path_by_slug(name, category["children"]):
            return [category, *below]
    return []


def _path_to(name: str, level: list[Any]) -> list[Mapping[str, Any]]:
    return _path_by_slug(slug(name), level)
