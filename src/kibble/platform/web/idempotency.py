"""Idempotency-Key (draft-ietf-httpapi-idempotency-key-header): one key, one effect, one answer.

The record is written in the transaction of the effect by a unique insert, never checked and then
inserted. What is in flight is known to this process; between processes the unique insert decides.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Awaitable, Callable

from starlette.requests import Request

from kibble.kernel.errors import (
    Conflict,
    InFlight,
    InvalidInput,
    KeyReused,
    PaymentDeclined,
    RuleViolated,
    StaleVersion,
)
from kibble.platform.persistence.changes import Changes
from kibble.platform.persistence.store import Store, StoredReply
from kibble.platform.security.principal import Principal
from kibble.platform.security.sensitive import card_number_in
from kibble.platform.web import problem
from kibble.platform.web.reply import Reply

_KEY = re.compile(r'"?([\x21\x23-\x7e]{1,255})"?')
REPLAYED = {"idempotent-replayed": "true"}


def fingerprint(body: bytes) -> str:
    """Return what identifies a request's body."""
    return hashlib.blake2b(body, digest_size=16).hexdigest()


class IdempotencyKeys:
    """The keys whose first request is in flight in this process."""

    def __init__(self) -> None:
        self._in_flight: set[str] = set()

    def scoped(self, request: Request, caller: Principal | None) -> str | None:
        """Return the request's key, scoped to caller, method and path; None when it has none.

        Raises ``InvalidInput`` for a key that is longer than 255 characters, not printable, or what
        nobody may keep: a card number.
        """
        given = request.headers.get("idempotency-key")
        if given is None:
            return None
        match = _KEY.fullmatch(given)
        if match is None:
            raise InvalidInput.at(
                "/headers/Idempotency-Key", "must be 1 to 255 printable characters"
            )
        if card_number_in(given) is not None:
            raise InvalidInput.at("/headers/Idempotency-Key", "has what looks like a card number")
        subject = caller.subject if caller else "anonymous"
        return f"{subject}\n{request.method}\n{request.url.path}\n{match[1]}"

    async def run(
        self,
        key: str,
        print_: str,
        store: Store,
        work: Callable[[Callable[[Reply], StoredReply | None]], Awaitable[Reply]],
    ) -> Reply:
        """Run ``work`` unless the key was used; see ``Call.once``."""
        if key in self._in_flight:
            raise InFlight("A request with this key is in flight.")
        self._in_flight.add(key)
        try:
            if kept := await store.find_reply(key):
                return _replay(kept, print_)
            return await self._run_first(key, print_, store, work)
        finally:
            self._in_flight.discard(key)

    async def _run_first(
        self,
        key: str,
        print_: str,
        store: Store,
        work: Callable[[Callable[[Reply], StoredReply | None]], Awaitable[Reply]],
    ) -> Reply:
        def seal(reply: Reply) -> StoredReply:
            status, headers, body = problem.render(_shown_once()) if reply.secret else _parts(reply)
            return StoredReply(key, print_, status, headers, body)

        try:
            return await work(seal)
        except StaleVersion:
            raise
        except (Conflict, RuleViolated, PaymentDeclined) as error:
            status, headers, body = problem.render(error)
            reply = Reply(body, status, headers)
            await store.commit(Changes(), reply=seal(reply))
            return reply


def _shown_once() -> Conflict:
    """Return what a repeat is told instead of a secret, which nobody keeps to tell it again."""
    return Conflict("This was done, and its answer was shown once.", code="shown-once")


def _parts(reply: Reply) -> tuple[int, dict[str, str], bytes]:
    return reply.status, reply.headers, reply.body


def _replay(kept: StoredReply, print_: str) -> Reply:
    if kept.fingerprint != print_:
        raise KeyReused("This key was used with another request body.")
    return Reply(kept.body, kept.status, kept.headers | REPLAYED)
