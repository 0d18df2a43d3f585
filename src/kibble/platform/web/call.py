"""One request as a handler sees it: typed body and query, the caller, and how to commit."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass, field
from typing import Generic, TypeVar
from urllib.parse import unquote_plus

from starlette.requests import Request

from kibble.kernel.errors import KibbleError, PreconditionFailed, Unauthenticated
from kibble.kernel.ids import CustomerId
from kibble.platform.persistence.changes import Outcome
from kibble.platform.persistence.store import Store, StoredReply
from kibble.platform.persistence.transaction import commit_outcome
from kibble.platform.security.principal import Principal
from kibble.platform.web.idempotency import IdempotencyKeys, fingerprint
from kibble.platform.web.ownership import Claim, id_in
from kibble.platform.web.reply import Reply

B = TypeVar("B")
Q = TypeVar("Q")
T = TypeVar("T")

Seal = Callable[[Reply], StoredReply | None]
"""Turns an answer into the record to commit with it; None when the caller sent no key."""


@dataclass(slots=True)
class Call(Generic[B, Q]):
    """One request.

    ``body`` and ``query`` are what the route declares; ``path`` has the parameters of its path;
    ``raw_body`` is what was sent; ``claim`` is the caller's to what the route reaches.
    """

    request: Request
    body: B
    query: Q
    path: dict[str, str]
    caller: Principal | None
    raw_body: bytes
    keys: IdempotencyKeys
    claim: Claim = field(default_factory=Claim)

    @property
    def principal(self) -> Principal:
        """The caller; raises ``Unauthenticated`` when nobody has signed in."""
        if self.caller is None:
            raise Unauthenticated("Sign in first.")
        return self.caller

    @property
    def customer_id(self) -> CustomerId:
        """The calling customer; raises ``Forbidden`` for a caller that is none."""
        return self.claim.customer()

    @property
    def asking(self) -> CustomerId | None:
        """The calling customer, for a use case that finds nothing of others; None for a guest."""
        self.claim.is_settled = True
        return self.caller.customer_id if self.caller else None

    def require_reach(
        self, customer_id: str | None, absent: KibbleError, *, order_id: str | None = None
    ) -> None:
        """Raise ``absent`` unless the caller may have what is this customer's, or of this order."""
        self.claim.require(customer_id, order_id, absent)

    def reached(
        self, found: Iterable[T], owner: Callable[[T], tuple[str | None, str | None]]
    ) -> list[T]:
        """Return what the caller may have; ``owner`` tells a thing's customer and order."""
        self.claim.is_settled = True
        return [thing for thing in found if self.claim.reaches(*owner(thing))]

    @property
    def may_be_followed(self) -> bool:
        """Whether what the caller does may be kept as theirs: in views, in a stream of clicks.

        Not with ``Sec-GPC: 1``, by which a browser says that its user objects:
        https://www.w3.org/TR/gpc/.
        """
        return self.request.headers.get("sec-gpc") != "1"

    def id(self, name: str) -> str:
        """Return a path parameter that is an id; raises ``NotFound`` when it is none."""
        return id_in(self.path, name)

    def require_version(self, version: int) -> None:
        """Raise ``PreconditionFailed`` when If-Match names another version."""
        wanted = self.request.headers.get("if-match")
        if wanted is None or wanted.strip() == "*":
            return
        versions = {
            tag.strip().removeprefix("W/").strip('"').split(".")[0] for tag in wanted.split(",")
        }
        if str(version) not in versions:
            raise PreconditionFailed("It changed after you read it.", details={"version": version})

    def next_url(self, cursor: str) -> str:
        """Return this request's URL with ``cursor`` in place of its own.

        It has each parameter once, as it was read, and none that the route does not know.
        """
        query: str = self.request.scope["query_string"].decode("latin-1")
        known = getattr(self.query, "__struct_encode_fields__", ())
        pairs = {unquote_plus(pair.partition("=")[0]): pair for pair in query.split("&")}
        pairs["cursor"] = f"cursor={cursor}"
        kept = [pair for name, pair in pairs.items() if name in known]
        return f"{self.request.scope['path']}?{'&'.join(kept)}"

    @property
    def idempotency_key(self) -> str | None:
        """The caller's Idempotency-Key, scoped to caller, method and path; None when not given."""
        return self.keys.scoped(self.request, self.caller)

    async def once(self, store: Store, work: Callable[[Seal], Awaitable[Reply]]) -> Reply:
        """Run ``work`` once an Idempotency-Key.

        A repeat gets the first answer; raises ``KeyReused`` for another body, ``InFlight`` while
        the first is. ``work`` commits the record that it is given together with its
        writes; an answer that says no (402, 409) is kept here.
        """
        self.claim.require_settled()
        key = self.idempotency_key
        if key is None:
            return await work(lambda _: None)
        return await self.keys.run(key, fingerprint(self.raw_body), store, work)

    async def transact(
        self,
        store: Store,
        use_case: Callable[[], Awaitable[Outcome[T]]],
        render: Callable[[T], Reply],
    ) -> Reply:
        """Run one use case, commit it, and answer with its value; once an Idempotency-Key."""

        async def work(seal: Seal) -> Reply:
            replies: list[Reply] = []

            def seal_value(value: T) -> StoredReply | None:
                replies.append(render(value))
                return seal(replies[-1])

            await commit_outcome(store, use_case, seal=seal_value)
            return replies[-1]

        return await self.once(store, work)
