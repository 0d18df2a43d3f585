"""The pages' files as Kibble serves them: encodings, freshness, and what stays the API's."""

from __future__ import annotations

import gzip
from dataclasses import dataclass
from pathlib import Path

import pytest
from joserfc.jwk import ECKey
from starlette.types import Message

from kibble.gateway.storefront.reading import InProcess
from kibble.gateway.storefront.wiring import storefront
from kibble.platform.config import Settings
from kibble.platform.security.tokens import TokenVerifier
from kibble.platform.web.app import WebApp
from kibble.platform.web.call import Call
from kibble.platform.web.reply import Reply, ok
from kibble.platform.web.route import ANYONE, get
from kibble.platform.web.router import Router
from tests.fixtures.doubles import FakeClock

SCRIPT = b"console.log('the shop');"
RULE = "body { margin: 0 }"
STYLES = '<link rel="stylesheet" href="styles-ABCDEFGH.css">'
INDEX = (
    "<!doctype html><html><head><title>Kibble</title></head><body><kb-root></kb-root></body></html>"
)


@dataclass(frozen=True)
class Answer:
    """An answer as a browser sees it."""

    status: int
    headers: dict[str, str]
    body: bytes


class Site:
    """An API with one route, with the pages of a folder in front."""

    def __init__(self, folder: Path) -> None:
        routes = [get("/api/thing", self._thing, "A thing", ANYONE)]
        routes.append(get("/", self._start, "The start page", ANYONE))
        key = ECKey.generate_key("P-256", auto_kid=True)
        app = WebApp(routes, TokenVerifier(key, FakeClock()))
        settings = Settings(storefront_dir=folder)
        self._app = storefront(app, Router(routes), InProcess(app), settings, FakeClock())

    async def _thing(self, call: Call[None, None]) -> Reply:
        return ok({"a": "thing"})

    async def _start(self, call: Call[None, None]) -> Reply:
        return ok({"start": "page"})

    async def get(self, path: str, accepts: str = "", method: str = "GET") -> Answer:
        sent: list[Message] = []

        async def receive() -> Message:
            return {"type": "http.request", "body": b""}

        async def send(message: Message) -> None:
            sent.append(message)

        headers = [(b"accept-encoding", accepts.encode())]
        scope = {"type": "http", "method": method, "path": path, "query_string": b""}
        await self._app({**scope, "raw_path": path.encode(), "headers": headers}, receive, send)
        told = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        return Answer(sent[0]["status"], told, b"".join(part["body"] for part in sent[1:]))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Builds of both applications."""
    shop, admin = tmp_path / "shop", tmp_path / "admin"
    for build in (shop, admin):
        build.mkdir()
    links = f'{STYLES}<link rel="stylesheet" href="https://fonts.example/one.css"></head>'
    (shop / "index.html").write_text(INDEX.replace("</head>", links))
    (shop / "styles-ABCDEFGH.css").write_text(RULE)
    (shop / "main-ABCDEFGH.js").write_bytes(SCRIPT)
    (shop / "main-ABCDEFGH.js.br").write_bytes(b"in brotli")
    (shop / "main-ABCDEFGH.js.gz").write_bytes(gzip.compress(SCRIPT))
    (shop / "favicon.svg").write_text("<svg/>")
    (admin / "index.html").write_text(INDEX.replace("kb-root", "kba-root"))
    return tmp_path


@pytest.fixture
def site(folder: Path) -> Site:
    return Site(folder)


@pytest.mark.parametrize(
    ("accepts", "encoding"),
    [("gzip, br", "br"), ("gzip", "gzip"), ("br;q=0, gzip;q=0.5", "gzip"), ("", None)],
)
async def test_a_file_comes_in_the_smallest_encoding_that_the_caller_takes(
    site: Site, accepts: str, encoding: str | None
) -> None:
    answer = await site.get("/main-ABCDEFGH.js", accepts)
    assert answer.headers.get("content-encoding") == encoding
    assert answer.headers["vary"] == "accept-encoding"


async def test_each_encoding_of_a_file_has_an_etag_of_its_own(site: Site) -> None:
    tags = {
        (await site.get("/main-ABCDEFGH.js", accepts)).headers["etag"]
        for accepts in ("br", "gzip", "")
    }
    assert len(tags) == 3


async def test_a_file_with_a_hash_in_its_name_is_kept_for_ever(site: Site) -> None:
    hashed = await site.get("/main-ABCDEFGH.js")
    plain = await site.get("/favicon.svg")
    assert "immutable" in hashed.headers["cache-control"]
    assert "immutable" not in plain.headers["cache-control"]


@pytest.mark.parametrize("path", ["/", "/cart", "/checkout", "/account/orders"])
async def test_a_path_of_the_shop_is_answered_with_its_page(site: Site, path: str) -> None:
    answer = await site.get(path)
    assert answer.status == 200
    assert b"<kb-root ngCspNonce=" in answer.body


@pytest.mark.parametrize("path", ["/admin", "/admin/", "/admin/orders/1"])
async def test_a_path_of_the_back_office_is_answered_with_its_page(site: Site, path: str) -> None:
    assert b"<kba-root" in (await site.get(path)).body


async def test_the_policy_of_a_page_names_the_nonce_in_it_and_forbids_what_is_inline(
    site: Site,
) -> None:
    first, second = await site.get("/"), await site.get("/")
    policy = first.headers["content-security-policy"]
    nonce = policy.partition("'nonce-")[2].partition("'")[0]
    assert f'ngCspNonce="{nonce}"'.encode() in first.body
    assert nonce.encode() not in second.body
    assert "unsafe-inline" not in policy


async def test_a_page_has_its_styles_in_it_under_its_nonce(site: Site) -> None:
    page = await site.get("/")
    nonce = page.headers["content-security-policy"].partition("'nonce-")[2].partition("'")[0]
    assert f'<style nonce="{nonce}">{RULE}</style>'.encode() in page.body
    assert STYLES.encode() not in page.body


async def test_a_style_that_the_build_has_not_keeps_its_link(site: Site) -> None:
    assert b'href="https://fonts.example/one.css"' in (await site.get("/")).body


@pytest.mark.parametrize(
    "path", ["/api/nothing", "/oauth2/nothing", "/session/nothing", "/images/none.webp", "/none.js"]
)
async def test_a_path_that_is_no_page_is_not_found(site: Site, path: str) -> None:
    assert (await site.get(path)).status == 404


async def test_what_the_api_has_is_never_hidden_by_a_page(site: Site) -> None:
    assert (await site.get("/api/thing")).body == b'{"a":"thing"}'


async def test_only_reads_are_answered_with_pages(site: Site) -> None:
    assert (await site.get("/cart", method="POST")).status == 404


async def test_a_head_has_no_body(site: Site) -> None:
    answer = await site.get("/cart", method="HEAD")
    assert (answer.status, answer.body) == (200, b"")


async def test_without_a_build_the_api_answers_alone(tmp_path: Path) -> None:
    site = Site(tmp_path)
    assert (await site.get("/")).body == b'{"start":"page"}'
    assert (await site.get("/cart")).status == 404
