"""The authorization server over HTTP. Its errors are OAuth's own (RFC 6749, section 5.2)."""

from __future__ import annotations

import base64
import html
from collections.abc import Mapping
from typing import Any
from urllib.parse import parse_qsl, quote, unquote_plus, urlencode, urlsplit

from starlette.requests import Request

from kibble.kernel.errors import Forbidden
from kibble.platform.persistence.store import Store
from kibble.platform.persistence.transaction import commit_outcome
from kibble.platform.web import json
from kibble.platform.web.browser import ACCESS_COOKIE, cookie_of, is_own_origin
from kibble.platform.web.call import Call
from kibble.platform.web.reply import Reply, created, no_content, ok
from kibble.platform.web.route import ANYONE, Route, get, write
from kibble.services.customer.errors import InvalidClient, OAuthError
from kibble.services.customer.model import Client, Session
from kibble.services.customer.schemas import (
    AskToken,
    ClientView,
    IntrospectionView,
    OAuthProblem,
    RegisterClient,
    ShowToken,
    TokenView,
)
from kibble.services.customer.service import RIGHTS, ClientService, OAuthService, Wanted

FORM = ("application/x-www-form-urlencoded",)
HTML = "text/html; charset=utf-8"
MAX_FORM_BYTES = 16_384
ADMIN = "clients:admin"
_PAGE = (
    '<!doctype html><html lang="en"><meta charset="utf-8"><title>{title}</title>'
    '<meta name="viewport" content="width=device-width, initial-scale=1">{body}</html>'
)


class OAuthController:
    """One method a route."""

    def __init__(self, oauth: OAuthService, store: Store) -> None:
        self._oauth = oauth
        self._store = store

    async def authorize(self, call: Call[None, None]) -> Reply:
        """GET /oauth2/authorize: sends the browser back with a code, or asks its user first."""
        try:
            asked = _parameters(call.request.scope["query_string"])
            await self._oauth.client_to_return_to(asked)
        except (OAuthError, InvalidClient) as error:
            return _dead_end(error)
        try:
            return await self._authorize(asked, call.request)
        except OAuthError as error:
            return self._back(asked, {"error": error.error, "error_description": error.message})

    async def _authorize(self, asked: Mapping[str, str], request: Request) -> Reply:
        wanted = await self._oauth.read(asked)
        session = await self._session(request)
        fresh = session is not None and self._oauth.is_recent(session, wanted.max_age)
        if session is None or not fresh or wanted.prompt == "login":
            if wanted.prompt == "none":
                raise OAuthError("login_required", "Nobody has signed in.")
            return _to_sign_in(asked, again=session is not None)
        if wanted.client.first_party and wanted.prompt != "consent":
            return await self._give(asked, wanted, session)
        if wanted.prompt == "none":
            raise OAuthError("consent_required", "The user has to be asked.")
        return _consent_page(wanted, self._oauth.seal(asked, session))

    async def consent(self, call: Call[None, None]) -> Reply:
        """POST /oauth2/consent: the answer to the question that ``authorize`` showed."""
        request = call.request
        origin = request.headers.get("origin")
        session = await self._session(request)
        if session is None or origin is None or not is_own_origin(request, origin):
            raise Forbidden("This call has to come from the shop's own pages.", code="cross-site")
        form = _parameters(call.raw_body)
        asked = self._oauth.unseal(form.get("request", ""), session)
        if asked is None:
            raise Forbidden("This question has expired; please start again.", code="expired")
        if form.get("answer") != "allow":
            return self._back(asked, {"error": "access_denied"})
        try:
            return await self._give(asked, await self._oauth.read(asked), session)
        except OAuthError as error:
            return self._back(asked, {"error": error.error, "error_description": error.message})

    async def _give(self, asked: Mapping[str, str], wanted: Wanted, session: Session) -> Reply:
        code = await commit_outcome(self._store, lambda: self._oauth.authorize(wanted, session))
        return self._back(asked, {"code": code})

    async def _session(self, request: Request) -> Session | None:
        token = cookie_of(request, ACCESS_COOKIE)
        return await self._oauth.session_of(token) if token else None

    def _back(self, asked: Mapping[str, str], told: Mapping[str, str]) -> Reply:
        """Send the browser back to the client (RFC 6749, section 4.1.2; RFC 9207)."""
        state = {"state": asked["state"]} if "state" in asked else {}
        query = urlencode({**told, **state, "iss": self._oauth.issuer})
        uri = asked["redirect_uri"]
        return _see_other(f"{uri}{'&' if urlsplit(uri).query else '?'}{query}")

    async def token(self, call: Call[None, None]) -> Reply:
        """POST /oauth2/token."""
        try:
            asked = _parameters(call.raw_body)
            client = await self._client(call.request, asked)
            answer = await commit_outcome(self._store, lambda: self._oauth.token(client, asked))
            if isinstance(answer, OAuthError):
                raise answer
        except (OAuthError, InvalidClient) as error:
            return _refusal(error)
        view = TokenView(
            access_token=answer.access_token,
            scope=answer.scope,
            refresh_token=answer.refresh_token,
            id_token=answer.id_token,
        )
        return _fresh(ok(view))

    async def revoke(self, call: Call[None, None]) -> Reply:
        """POST /oauth2/revoke."""
        try:
            asked = _parameters(call.raw_body)
            client = await self._client(call.request, asked)
        except (OAuthError, InvalidClient) as error:
            return _refusal(error)
        token = asked.get("token", "")
        await commit_outcome(self._store, lambda: self._oauth.revoke(client, token))
        return _fresh(Reply())

    async def introspect(self, call: Call[None, None]) -> Reply:
        """POST /oauth2/introspect; for clients that have a secret."""
        try:
            asked = _parameters(call.raw_body)
            client = await self._client(call.request, asked)
        except (OAuthError, InvalidClient) as error:
            return _refusal(error)
        if not client.is_confidential:
            return _refusal(InvalidClient())
        return _fresh(ok(await self._oauth.introspect(client, asked.get("token", ""))))

    async def get_keys(self, call: Call[None, None]) -> Reply:
        """GET /oauth2/jwks."""
        return _cacheable(ok(self._oauth.keys()))

    async def get_metadata(self, call: Call[None, None]) -> Reply:
        """GET /.well-known/openid-configuration."""
        return _cacheable(ok(self._oauth.metadata()))

    async def get_server_metadata(self, call: Call[None, None]) -> Reply:
        """GET /.well-known/oauth-authorization-server: where RFC 8414 looks for the same."""
        return await self.get_metadata(call)

    async def _client(self, request: Request, asked: Mapping[str, str]) -> Client:
        """Return the client that calls, by one of the ways to show a secret, never by two."""
        header = request.headers.get("authorization")
        if header is None:
            return await self._oauth.authenticate(
                asked.get("client_id", ""), asked.get("client_secret")
            )
        if "client_secret" in asked:
            raise OAuthError("invalid_request", "Show the secret in one way only.")
        client_id, secret = _basic(header)
        if asked.get("client_id", client_id) != client_id:
            raise InvalidClient
        return await self._oauth.authenticate(client_id, secret)


class ClientController:
    """The clients over HTTP. No answer with a secret is kept under an Idempotency-Key."""

    def __init__(self, clients: ClientService, store: Store) -> None:
        self._clients = clients
        self._store = store

    async def list_clients(self, call: Call[None, None]) -> Reply:
        """GET /api/clients."""
        return _fresh(ok([ClientView.of(client) for client in await self._clients.all()]))

    async def register_client(self, call: Call[RegisterClient, None]) -> Reply:
        """POST /api/clients."""
        body = call.body
        made = await commit_outcome(
            self._store,
            lambda: self._clients.register(
                body.name,
                tuple(body.redirect_uris),
                tuple(body.scopes),
                confidential=body.confidential,
                first_party=body.first_party,
            ),
        )
        view = ClientView.of(made.client, made.secret)
        return _fresh(created(view, f"/api/clients/{made.client.id}"))

    async def remove_client(self, call: Call[None, None]) -> Reply:
        """DELETE /api/clients/{clientId}."""
        client_id = call.id("clientId")
        return await call.transact(
            self._store, lambda: self._clients.remove(client_id), lambda _: no_content()
        )


def _parameters(raw: bytes) -> dict[str, str]:
    """Return a form's or a query's parameters; raises ``OAuthError`` for one that comes twice."""
    try:
        pairs = parse_qsl(raw.decode("ascii"), strict_parsing=bool(raw), max_num_fields=40)
    except ValueError as error:
        raise OAuthError("invalid_request", "The parameters cannot be read.") from error
    if len({name for name, _ in pairs}) < len(pairs):
        raise OAuthError("invalid_request", "A parameter is there twice.")
    return dict(pairs)


def _basic(header: str) -> tuple[str, str]:
    """Return a client's id and secret (RFC 6749, section 2.3.1)."""
    scheme, _, packed = header.partition(" ")
    try:
        plain = base64.b64decode(packed.strip(), validate=True).decode()
    except ValueError as error:
        raise InvalidClient from error
    client_id, colon, secret = plain.partition(":")
    if scheme.lower() != "basic" or not colon:
        raise InvalidClient
    return unquote_plus(client_id), unquote_plus(secret)


def _refusal(error: OAuthError | InvalidClient) -> Reply:
    status, message = 400, error.message
    if isinstance(error, InvalidClient):  # its words are for the user of a browser
        status, message = 401, "The client is not known, or its secret is not right."
    body = OAuthProblem(error=error.error, error_description=message)
    reply = Reply(json.encode(body), status, {"content-type": "application/json"})
    if status == 401:  # noqa: PLR2004 - RFC 9110, section 15.5.2: a challenge is required
        reply.headers["www-authenticate"] = 'Basic realm="kibble"'
    return _fresh(reply)


def _fresh(reply: Reply) -> Reply:
    reply.headers["cache-control"] = "no-store"
    return reply


def _cacheable(reply: Reply) -> Reply:
    reply.headers["cache-control"] = "public, max-age=300"
    return reply


def _see_other(where: str) -> Reply:
    return _fresh(Reply(status=303, headers={"location": where, "referrer-policy": "no-referrer"}))


def _to_sign_in(asked: Mapping[str, str], *, again: bool) -> Reply:
    """Send the browser to the sign-in page, and from there back here, without ``prompt``."""
    query = urlencode({name: value for name, value in asked.items() if name != "prompt"})
    back = quote(f"/oauth2/authorize?{query}", safe="")
    return _see_other(f"/sign-in?return={back}{'&reauthenticate=1' if again else ''}")


def _dead_end(error: OAuthError | InvalidClient) -> Reply:
    body = f"<h1>This link does not work</h1><p>{html.escape(error.message)}</p>"
    return _page("This link does not work", body, status=400)


def _consent_page(wanted: Wanted, sealed: str) -> Reply:
    name = html.escape(wanted.client.name)
    rights = "".join(f"<li>{html.escape(RIGHTS.get(scope, scope))}</li>" for scope in wanted.scopes)
    body = (
        f"<h1>{name} wants to use your account</h1><p>It would be allowed to:</p><ul>{rights}</ul>"
        f'<form method="post" action="/oauth2/consent">'
        f'<input type="hidden" name="request" value="{html.escape(sealed)}">'
        '<button name="answer" value="allow">Allow</button> '
        '<button name="answer" value="deny">Do not allow</button></form>'
    )
    return _page(f"{name} wants to use your account", body, sends_to=wanted.redirect_uri)


def _page(title: str, body: str, *, status: int = 200, sends_to: str | None = None) -> Reply:
    """Return a page without any script. A form's redirects count as its target (CSP3, 6.4.2)."""
    target = "'none'"
    if sends_to is not None:
        parts = urlsplit(sends_to)
        origin = f"{parts.scheme}://{parts.netloc}" if parts.netloc else f"{parts.scheme}:"
        target = f"'self' {origin}"
    policy = f"default-src 'none'; form-action {target}; base-uri 'none'; frame-ancestors 'none'"
    page = _PAGE.format(title=title, body=body).encode()
    headers = {"content-type": HTML, "content-security-policy": policy}
    return _fresh(Reply(page, status, headers))


def _form(path: str, handler: Any, summary: str, form: Any, answer: Any) -> Route:
    """Return the row of what OAuth clients call, which show a secret of their own."""
    return Route(
        "POST",
        path,
        handler,
        summary,
        ANYONE,
        answer=answer,
        takes=FORM,
        max_bytes=MAX_FORM_BYTES,
        own_login=True,
        refuses=("application/json", OAuthProblem),
        form=form,
    )


def oauth_routes(controller: OAuthController) -> list[Route]:
    """Return the authorization server's table of routes."""
    c = controller
    at = "/oauth2"
    return [
        get(
            f"{at}/authorize",
            c.authorize,
            "Ask a user for a code (authorization code with PKCE)",
            ANYONE,
            gives=("text/html",),
            also=((303, None),),
            refuses=("text/html", None),
        ),
        Route(
            "POST",
            f"{at}/consent",
            c.consent,
            "Answer whether a client may",
            ANYONE,
            status=303,
            takes=FORM,
            max_bytes=MAX_FORM_BYTES,
        ),
        _form(f"{at}/token", c.token, "Get tokens", AskToken, TokenView),
        _form(f"{at}/revoke", c.revoke, "Revoke a token", ShowToken, None),
        _form(f"{at}/introspect", c.introspect, "Ask of a token", ShowToken, IntrospectionView),
        get(f"{at}/jwks", c.get_keys, "The public keys", ANYONE, answer=dict[str, Any]),
        get(
            "/.well-known/openid-configuration",
            c.get_metadata,
            "What clients need to know",
            ANYONE,
            answer=dict[str, Any],
        ),
        get(
            "/.well-known/oauth-authorization-server",
            c.get_server_metadata,
            "What clients without OpenID need to know",
            ANYONE,
            answer=dict[str, Any],
        ),
    ]


def client_routes(controller: ClientController) -> list[Route]:
    """Return the clients' table of routes."""
    c = controller
    at = "/api/clients"
    return [
        get(at, c.list_clients, "The registered clients", ADMIN, answer=list[ClientView]),
        write(
            "POST",
            at,
            c.register_client,
            "Register a client",
            ADMIN,
            body=RegisterClient,
            answer=ClientView,
            status=201,
        ),
        write(
            "DELETE", f"{at}/{{clientId}}", c.remove_client, "Forget a client", ADMIN, status=204
        ),
    ]
