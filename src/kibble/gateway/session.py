"""The browser's session: the gateway is the backend for the frontend.

Tokens live in cookies that no script can read (RFC 9700; OAuth 2.0 for Browser-Based Applications,
section 6.1). The gateway keeps nothing: what a session is, Customer knows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Protocol

import msgspec
from starlette.requests import Request

from kibble.contracts.customer import (
    Assertion,
    PasskeyChallenge,
    Refused,
    SignedIn,
    Whence,
    WhoIs,
)
from kibble.kernel.errors import Forbidden, TooManyRequests, Unauthenticated
from kibble.kernel.ids import CustomerId
from kibble.platform.security.principal import Principal
from kibble.platform.security.sensitive import shielded_text
from kibble.platform.security.tokens import TokenVerifier
from kibble.platform.web import json, problem
from kibble.platform.web.browser import ACCESS_COOKIE, cookie_of, require_own_page
from kibble.platform.web.call import Call
from kibble.platform.web.reply import Reply, no_content, ok
from kibble.platform.web.route import ANYONE, Route, get, write

REFRESH_COOKIE = "__Secure-kibble-refresh"
DEVICE_COOKIE = "__Secure-kibble-device"
PATH = "/session"
DEVICE_SECONDS = 180 * 24 * 3600
MAX_AGENT = 200

_TOO_MANY = "too-many-tries"


class Sessions(Protocol):
    """Who knows the sessions."""

    async def sign_in(
        self,
        username: str,
        password: str,
        code: str | None,
        whence: Whence,
        passkey: Assertion | None = None,
    ) -> SignedIn | Refused:
        """Begin a session for who has this name and password."""
        ...

    async def passkey_challenge(self) -> PasskeyChallenge:
        """Return what a device is to sign, for a sign-in."""
        ...

    async def sign_in_with_passkey(
        self, assertion: Assertion, whence: Whence
    ) -> SignedIn | Refused:
        """Begin a session for who holds a passkey."""
        ...

    async def renew(self, refresh_token: str) -> SignedIn | Refused:
        """Renew a session; the token before is good for the same answer for ten seconds."""
        ...

    async def sign_out(self, refresh_token: str) -> None:
        """End a session, should there be one."""
        ...

    async def open_session(
        self,
        subject: str,
        customer_id: CustomerId | None,
        scopes: list[str],
        seconds: int,
        agent: str,
    ) -> SignedIn | Refused:
        """Begin a session for the holder of a token of the command line."""
        ...

    async def who(self, subject: str) -> WhoIs | None:
        """Return how an account is called; None when there is none (any more)."""
        ...


class Credentials(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What somebody signs in with: a username or an e-mail address, and a password.

    A second factor is a ``code``, or what a ``passkey`` signed.
    """

    username: Annotated[str, msgspec.Meta(min_length=1, max_length=254)]
    password: Annotated[str, msgspec.Meta(min_length=1, max_length=128)]
    code: Annotated[str, msgspec.Meta(max_length=64)] | None = None
    passkey: Assertion | None = None


class CommandToken(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """A token that ``kibble token`` printed."""

    token: Annotated[str, msgspec.Meta(min_length=1, max_length=4096)]


class Session(msgspec.Struct, frozen=True, kw_only=True, rename="camel"):
    """Who has signed in with this browser, and what they may do; a guest has not signed in.

    ``secondFactor`` says whether the session was begun with one.
    """

    signed_in: bool
    customer_id: str | None = None
    account_id: str | None = None
    username: str | None = None
    name: str | None = None
    roles: list[str] = []
    scopes: list[str] = []
    second_factor: bool = False
    must_change_password: bool = False


GUEST = Session(signed_in=False)


class SessionController:
    """One method a route."""

    def __init__(
        self,
        sessions: Sessions,
        verifier: TokenVerifier,
        address_of: Callable[[Request], str],
        *,
        now: Callable[[], float],
    ) -> None:
        """``address_of`` tells where a request comes from, ``now`` is in Unix seconds."""
        self._sessions = sessions
        self._verifier = verifier
        self._address_of = address_of
        self._now = now

    async def sign_in(self, call: Call[Credentials, None]) -> Reply:
        """POST /session."""
        request, body = call.request, call.body
        require_own_page(request)
        answer = await self._sessions.sign_in(
            body.username, body.password, body.code, self._whence(request), body.passkey
        )
        return await self._replaced(request, answer)

    async def begin_passkey(self, call: Call[None, None]) -> Reply:
        """POST /session/passkey/challenge."""
        require_own_page(call.request)
        return _private(ok(await self._sessions.passkey_challenge()))

    async def sign_in_with_passkey(self, call: Call[Assertion, None]) -> Reply:
        """POST /session/passkey."""
        request = call.request
        require_own_page(request)
        answer = await self._sessions.sign_in_with_passkey(call.body, self._whence(request))
        return await self._replaced(request, answer)

    def _whence(self, request: Request) -> Whence:
        return Whence(
            address=self._address_of(request),
            agent=_agent(request),
            device=cookie_of(request, DEVICE_COOKIE),
        )

    async def _replaced(self, request: Request, answer: SignedIn | Refused) -> Reply:
        """Begin the session, and end the one that the browser had before."""
        before = cookie_of(request, REFRESH_COOKIE)
        reply = await self._begun(answer)
        if before is not None:
            await self._sessions.sign_out(before)
        return reply

    async def get_session(self, call: Call[None, None]) -> Reply:
        """GET /session; a session whose access token has ended is renewed on the way."""
        principal = self._present(call.request)
        if principal is not None:
            return _private(ok(await self._session(principal)))
        refresh = cookie_of(call.request, REFRESH_COOKIE)
        if refresh is None:
            return _private(ok(GUEST))
        answer = await self._sessions.renew(refresh)
        if isinstance(answer, SignedIn):
            return await self._begun(answer)
        return _without_cookies(ok(GUEST))

    async def renew_session(self, call: Call[None, None]) -> Reply:
        """POST /session/renew."""
        require_own_page(call.request)
        refresh = cookie_of(call.request, REFRESH_COOKIE)
        if refresh is None:
            raise Unauthenticated("There is no session; please sign in.", code="session-ended")
        answer = await self._sessions.renew(refresh)
        if isinstance(answer, SignedIn):
            return await self._begun(answer)
        error = Unauthenticated(answer.detail, code=answer.code)
        status, headers, body = problem.render(error)
        return _without_cookies(Reply(body, status, headers))

    async def sign_out(self, call: Call[None, None]) -> Reply:
        """DELETE /session."""
        request = call.request
        require_own_page(request)
        principal = self._present(request)
        refresh = cookie_of(request, REFRESH_COOKIE)
        if refresh is not None:
            await self._sessions.sign_out(refresh)
        if principal is not None and principal.session_id is not None:
            self._verifier.revoke([(principal.session_id, self._now() + 3600)])
        reply = _without_cookies(no_content())
        reply.headers["clear-site-data"] = '"cache", "storage"'
        return reply

    async def open_session(self, call: Call[CommandToken, None]) -> Reply:
        """POST /session/token."""
        require_own_page(call.request)
        principal = self._verifier.verify(call.body.token)
        if principal.order_id is not None or principal.is_service:
            raise Forbidden("No session is made from such a token.", code="no-session")
        ends = principal.expires_at or 0
        answer = await self._sessions.open_session(
            principal.subject,
            principal.customer_id,
            sorted(principal.scopes),
            max(1, int(ends - self._now())),
            _agent(call.request),
        )
        return await self._begun(answer)

    def _present(self, request: Request) -> Principal | None:
        token = cookie_of(request, ACCESS_COOKIE)
        if token is None:
            return None
        try:
            return self._verifier.verify(token)
        except Unauthenticated:
            return None

    async def _begun(self, answer: SignedIn | Refused) -> Reply:
        if isinstance(answer, Refused):
            raise _refusal(answer)
        session = await self._session(self._verifier.verify(answer.access_token))
        reply = _private(Reply(json.encode(session), headers={"content-type": "application/json"}))
        idle = answer.idle_seconds
        reply.cookies = [
            _cookie(ACCESS_COOKIE, answer.access_token, "/", idle, "Lax"),
            _cookie(REFRESH_COOKIE, answer.refresh_token, PATH, idle, "Strict"),
        ]
        if answer.device is not None:
            device = _cookie(DEVICE_COOKIE, answer.device, PATH, DEVICE_SECONDS, "Strict")
            reply.cookies.append(device)
        return reply

    async def _session(self, principal: Principal) -> Session:
        who = await self._sessions.who(principal.subject)
        if who is None:
            return GUEST
        return Session(
            signed_in=True,
            customer_id=principal.customer_id,
            account_id=principal.subject,
            username=who.username,
            name=who.name,
            roles=list(principal.roles),
            scopes=sorted(principal.scopes),
            second_factor=principal.second_factor,
            must_change_password=who.must_change_password,
        )


def _refusal(refused: Refused) -> Unauthenticated | TooManyRequests:
    if refused.retry_after is not None:
        return TooManyRequests(refused.detail, code=refused.code, retry_after=refused.retry_after)
    details = {} if refused.code_refused is None else {"codeRefused": refused.code_refused}
    return Unauthenticated(refused.detail, code=refused.code, details=details)


def _cookie(name: str, value: str, path: str, seconds: int, same_site: str) -> str:
    return f"{name}={value}; Path={path}; Max-Age={seconds}; Secure; HttpOnly; SameSite={same_site}"


def _without_cookies(reply: Reply) -> Reply:
    """Have the browser forget the session; a device stays known."""
    reply.cookies = [
        _cookie(ACCESS_COOKIE, "", "/", 0, "Lax"),
        _cookie(REFRESH_COOKIE, "", PATH, 0, "Strict"),
    ]
    return _private(reply)


def _private(reply: Reply) -> Reply:
    reply.headers["cache-control"] = "no-store"
    return reply


def _agent(request: Request) -> str:
    return shielded_text(request.headers.get("user-agent", "")[:MAX_AGENT])


def address_of_peer(request: Request) -> str:
    """Return the address that a request comes from."""
    return request.client.host if request.client else ""


def address_of_forwarded(request: Request) -> str:
    """Return the address that the proxy in front says, which is the last one it was told.

    For a process that nobody but the proxy reaches.
    """
    told = request.headers.get("x-forwarded-for", "").rpartition(",")[2].strip()
    return told or address_of_peer(request)


def routes(controller: SessionController) -> list[Route]:
    """Return the session's table of routes."""
    c = controller
    return [
        write("POST", PATH, c.sign_in, "Sign in", ANYONE, body=Credentials, answer=Session),
        write(
            "POST",
            f"{PATH}/passkey/challenge",
            c.begin_passkey,
            "Begin to sign in with a passkey",
            ANYONE,
            answer=PasskeyChallenge,
        ),
        write(
            "POST",
            f"{PATH}/passkey",
            c.sign_in_with_passkey,
            "Sign in with a passkey",
            ANYONE,
            body=Assertion,
            answer=Session,
        ),
        get(PATH, c.get_session, "Who has signed in with this browser", ANYONE, answer=Session),
        write("DELETE", PATH, c.sign_out, "Sign out", ANYONE, status=204),
        write(
            "POST", f"{PATH}/renew", c.renew_session, "Renew the session", ANYONE, answer=Session
        ),
        write(
            "POST",
            f"{PATH}/token",
            c.open_session,
            "Sign in with a token of the command line",
            ANYONE,
            body=CommandToken,
            answer=Session,
        ),
    ]
