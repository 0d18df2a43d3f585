"""The server's side of calls between services: a route a procedure, for service identities."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from kibble.kernel.clock import Clock
from kibble.kernel.errors import InvalidInput, TimedOut
from kibble.platform.rpc import Offer, deadline_in
from kibble.platform.rpc.deadline import HEADER
from kibble.platform.web.call import Call
from kibble.platform.web.reply import Reply, ok
from kibble.platform.web.route import Route

LONGEST_SECONDS = 30.0


def routes(offers: Sequence[Offer], clock: Clock) -> list[Route]:
    """Return the route of each offer."""
    return [
        Route(
            "POST",
            offered.procedure.path,
            _Answering(offered, clock),
            f"{offered.procedure.name} of {offered.procedure.service}",
            offered.procedure.scope,
            body=offered.procedure.asks,
            answer=offered.procedure.answers,
        )
        for offered in offers
    ]


class _Answering:
    """Answers one procedure, within the time that the caller has left."""

    def __init__(self, offered: Offer, clock: Clock) -> None:
        self.__name__ = f"internal_{offered.procedure.service}_{offered.procedure.name}"
        self._offered = offered
        self._clock = clock

    async def __call__(self, call: Call[Any, None]) -> Reply:
        """Answer with the value as JSON; the body of None is ``null``."""
        seconds = _seconds(call)
        try:
            with deadline_in(seconds, self._clock):
                async with asyncio.timeout(seconds):
                    return ok(await self._offered.answer(call.body))
        except TimeoutError as error:
            raise TimedOut("The caller's time was up before this was done.") from error


def _seconds(call: Call[Any, None]) -> float:
    text = call.request.headers.get(HEADER, "")
    if not text:
        return LONGEST_SECONDS
    if not text.isascii() or not text.isdigit():
        raise InvalidInput.at("", f"{HEADER} must be a number of milliseconds")
    return min(int(text) / 1000, LONGEST_SECONDS)
