"""The server's side of calls between services: a route a procedure, for service identities."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from typing import Any

from kibble.kernel.clock import Clock
from kibble.kernel.errors import Forbidden, InvalidInput, TimedOut
from kibble.platform.rpc import OfCustomer, Offer, acting_for, deadline_in
from kibble.platform.rpc.deadline import HEADER
from kibble.platform.rpc.rights import BEHALF_HEADER, NOBODY, USER_HEADER
from kibble.platform.security.tokens import TokenVerifier
from kibble.platform.web.call import Call
from kibble.platform.web.reply import Reply, ok
from kibble.platform.web.route import Route

LONGEST_SECONDS = 30.0


def routes(offers: Sequence[Offer], clock: Clock, verifier: TokenVerifier) -> list[Route]:
    """Return the route of each offer; ``verifier`` tells for whom a call is made."""
    return [
        Route(
            "POST",
            offered.procedure.path,
            _Answering(offered, clock, verifier),
            f"{offered.procedure.name} of {offered.procedure.service}",
            offered.procedure.scope,
            body=offered.procedure.asks,
            answer=offered.procedure.answers,
        )
        for offered in offers
    ]


class _Answering:
    """Answers one procedure, within the time that the caller has left."""

    def __init__(self, offered: Offer, clock: Clock, verifier: TokenVerifier) -> None:
        self.__name__ = f"internal_{offered.procedure.service}_{offered.procedure.name}"
        self._offered = offered
        self._clock = clock
        self._verifier = verifier

    async def __call__(self, call: Call[Any, None]) -> Reply:
        """Answer with the value as JSON; the body of None is ``null``."""
        seconds = _seconds(call)
        self._require_right(call)
        user = call.request.headers.get(USER_HEADER, NOBODY)
        try:
            with acting_for(user), deadline_in(seconds, self._clock):
                async with asyncio.timeout(seconds):
                    return ok(await self._offered.answer(call.body))
        except TimeoutError as error:
            raise TimedOut("The caller's time was up before this was done.") from error

    def _require_right(self, call: Call[Any, None]) -> None:
        """Raise ``Forbidden`` unless the user, or the service itself, has a right to the answer."""
        rights = self._offered.procedure.rights
        if not isinstance(rights, OfCustomer):
            return
        headers, customer_id = call.request.headers, call.body.customer_id
        if token := headers.get(USER_HEADER):
            user = self._verifier.verify(token)
            if user.is_service or not (user.owns(customer_id) or rights.scopes & user.scopes):
                raise Forbidden("This belongs to another customer.", code="not-yours")
            return
        service = call.principal.subject
        said = self._verifier.behalf(headers.get(BEHALF_HEADER, ""))
        if service not in rights.background or said != (service, customer_id):
            raise Forbidden("It is not told for whom this is.", code="no-user")


def _seconds(call: Call[Any, None]) -> float:
    text = call.request.headers.get(HEADER, "")
    if not text:
        return LONGEST_SECONDS
    if not text.isascii() or not text.isdigit():
        raise InvalidInput.at("", f"{HEADER} must be a number of milliseconds")
    return min(int(text) / 1000, LONGEST_SECONDS)
