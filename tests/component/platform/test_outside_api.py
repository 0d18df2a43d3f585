"""Outside parties' APIs: what is sent goes where it was meant to go, and nowhere else."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from aiohttp import web
from aiohttp.test_utils import TestServer

from kibble.kernel.errors import Unavailable
from kibble.platform.engines.outside import Credentials, NotAccepted, OutsideApi
from tests.fixtures.doubles import FakeClock


class Party:
    """An outside party that sends callers on to ``elsewhere``, from the path that it is told."""

    def __init__(self) -> None:
        self.elsewhere: list[str] = []
        self.leads_away = "/things"
        self.url = ""

    async def answer(self, request: web.Request) -> web.StreamResponse:
        if request.path == "/elsewhere":
            self.elsewhere.append(await request.text())
            return web.json_response({"access_token": "stolen", "expires_in": 60})
        if request.path == self.leads_away:
            raise web.HTTPTemporaryRedirect(f"{self.url}/elsewhere")
        return web.json_response({"access_token": "t", "expires_in": 60})


@pytest.fixture
async def party() -> AsyncIterator[Party]:
    party = Party()
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", party.answer)
    server = TestServer(app)
    await server.start_server()
    party.url = str(server.make_url("")).rstrip("/")
    yield party
    await server.close()


@pytest.fixture
async def api(party: Party) -> AsyncIterator[OutsideApi]:
    known = Credentials("id", "hush", "/token", in_form=True)
    api = OutsideApi("The party", party.url, known, FakeClock(), timeout_seconds=5)
    yield api
    await api.close()


async def test_an_answer_that_leads_elsewhere_is_none(party: Party, api: OutsideApi) -> None:
    with pytest.raises(Unavailable, match="answered 307"):
        await api.call("POST", "/things", body={"amount": 1})
    assert party.elsewhere == []


async def test_our_secret_follows_nobody(party: Party, api: OutsideApi) -> None:
    party.leads_away = "/token"
    with pytest.raises((Unavailable, NotAccepted)):
        await api.call("GET", "/things")
    assert party.elsewhere == []
