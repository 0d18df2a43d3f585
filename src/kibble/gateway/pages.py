"""The gateway's own pages: health, metrics, the API's documents, and a start page."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cached_property
from typing import Any

import msgspec

from kibble.gateway.headers import inline_hash, page_policy
from kibble.gateway.reference import reference
from kibble.kernel.errors import NotFound, Unavailable
from kibble.platform.messaging import asyncapi
from kibble.platform.security.addresses import Network, is_in
from kibble.platform.telemetry import metrics
from kibble.platform.web import json, openapi
from kibble.platform.web.call import Call
from kibble.platform.web.reply import Reply, content, ok
from kibble.platform.web.route import ANYONE, Route, get

HTML = "text/html; charset=utf-8"
_STYLE = (
    "body{font:16px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;"
    "color:#2b2520;background:#fffdf9}h1,h2{line-height:1.2}code{font-size:.9em}a{color:#8a4b08}"
    "table{border-collapse:collapse;width:100%}td{padding:.3rem .6rem .3rem 0;vertical-align:top;"
    "border-top:1px solid #eadfd2}td:first-child{font-weight:600;white-space:nowrap}"
    "details{padding:.2rem 0;border-top:1px solid #eadfd2}details>*{margin-left:1rem}"
    "summary{margin:0;cursor:pointer}"
)
_POLICY = page_policy(hashes=[inline_hash(_STYLE)])


class PageController:
    """One method a route; a document is made when it is first asked for, and kept.

    Few processes are ever asked: what making all of them leaves behind is megabytes.
    """

    def __init__(
        self,
        tables: Sequence[tuple[str, Sequence[Route]]],
        version: str,
        is_ready: Callable[[], bool],
        *,
        metrics_from: Sequence[Network] | None = None,
    ) -> None:
        """``metrics_from`` are the networks that see metrics; None for all that come this far."""
        self._is_ready = is_ready
        self._metrics_from = metrics_from
        self._tables = tables
        self._version = version

    @cached_property
    def _openapi(self) -> bytes:
        return json.encode(openapi.document("Kibble", self._version, self._tables))

    @cached_property
    def _asyncapi(self) -> bytes:
        kinds = asyncapi.event_types()
        return json.encode(asyncapi.document("Kibble's events", self._version, kinds))

    @cached_property
    def _docs(self) -> Reply:
        return docs_page(msgspec.json.decode(self._openapi))

    async def get_start(self, call: Call[None, None]) -> Reply:
        """GET /."""
        return _page(_start().encode())

    async def get_docs(self, call: Call[None, None]) -> Reply:
        """GET /docs."""
        return self._docs

    async def get_openapi(self, call: Call[None, None]) -> Reply:
        """GET /openapi.json."""
        return ok(self._openapi)

    async def get_asyncapi(self, call: Call[None, None]) -> Reply:
        """GET /asyncapi.json."""
        return ok(self._asyncapi)

    async def get_live(self, call: Call[None, None]) -> Reply:
        """GET /health/live: the process answers."""
        return ok({"status": "live"})

    async def get_ready(self, call: Call[None, None]) -> Reply:
        """GET /health/ready: events are delivered and work is done."""
        if not self._is_ready():
            raise Unavailable("The shop is starting.")
        return ok({"status": "ready"})

    async def get_metrics(self, call: Call[None, None]) -> Reply:
        """GET /metrics."""
        client, shown_to = call.request.client, self._metrics_from
        if shown_to is not None and client is not None and not is_in(client.host, shown_to):
            raise NotFound("There is nothing here.")
        return content(metrics.render(), "text/plain; version=0.0.4; charset=utf-8")


def _page(body: bytes) -> Reply:
    return Reply(body, headers={"content-type": HTML, "content-security-policy": _POLICY})


def _start() -> str:
    return _html(
        "Kibble",
        "<h1>Kibble is running</h1><p>The store's API answers here. There is no storefront yet.</p>"
        '<p><a href="/docs">The API</a> · <a href="/openapi.json">OpenAPI</a> ·'
        ' <a href="/asyncapi.json">AsyncAPI</a> ·'
        ' <a href="/api/products/search?q=dog">A search</a> ·'
        ' <a href="/health/ready">Health</a> · <a href="/metrics">Metrics</a></p>',
    )


def docs_page(document: Mapping[str, Any]) -> Reply:
    """Answer with the page of an OpenAPI document."""
    return _page(_html("The API", reference(document)).encode())


def _html(title: str, body: str) -> str:
    return (
        f'<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
        f'<meta name="viewport" content="width=device-width"><style>{_STYLE}</style>{body}</html>'
    )


def routes(controller: PageController) -> list[Route]:
    """Return the table of the gateway's own routes."""
    c = controller
    return [
        get("/", c.get_start, "The start page", ANYONE),
        get("/docs", c.get_docs, "The API for people", ANYONE),
        get("/openapi.json", c.get_openapi, "The API for programs", ANYONE),
        get("/asyncapi.json", c.get_asyncapi, "The events for programs", ANYONE),
        get("/health/live", c.get_live, "Whether the process answers", ANYONE),
        get("/health/ready", c.get_ready, "Whether the shop is ready", ANYONE),
        get("/metrics", c.get_metrics, "Metrics for Prometheus", ANYONE),
    ]
