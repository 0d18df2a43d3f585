"""Who sees the metrics of a shop that has one port for all."""

from __future__ import annotations

import pytest
from starlette.requests import Request

from kibble.gateway.pages import PageController
from kibble.kernel.errors import NotFound
from kibble.platform.config import Settings
from kibble.platform.security.addresses import networks
from kibble.platform.web.call import Call
from kibble.platform.web.idempotency import IdempotencyKeys

AT_FIRST = Settings().metrics_from


def asked_from(address: str) -> Call[None, None]:
    scope = {"type": "http", "method": "GET", "path": "/metrics", "headers": []}
    request = Request(scope | {"client": (address, 4711)})
    return Call(request, None, None, {}, None, b"", IdempotencyKeys())


def page(metrics_from: str) -> PageController:
    return PageController([], "1.0", lambda: True, metrics_from=networks(metrics_from))


class TestMetrics:
    @pytest.mark.parametrize("address", ["127.0.0.1", "127.8.0.1", "::1"])
    async def test_are_shown_to_this_machine(self, address: str) -> None:
        assert b"# HELP" in (await page(AT_FIRST).get_metrics(asked_from(address))).body

    @pytest.mark.parametrize("address", ["203.0.113.9", "10.0.0.7", "2001:db8::1"])
    async def test_are_not_there_for_others(self, address: str) -> None:
        with pytest.raises(NotFound):
            await page(AT_FIRST).get_metrics(asked_from(address))

    async def test_are_shown_to_the_networks_that_are_named(self) -> None:
        assert (await page("10.0.0.0/8").get_metrics(asked_from("10.0.0.7"))).status == 200
