"""The authorization server: OAuth 2.1 and OpenID Connect, code with PKCE and nothing weaker."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import cast

from kibble.kernel.clock import Clock
from kibble.kernel.ids import IdSource, Randomness
from kibble.platform.persistence.changes import Changes, Outcome, unchanged
from kibble.platform.security.roles import scopes_of
from kibble.services.customer.errors import InvalidClient, OAuthError
from kibble.services.customer.integration import Tokens
from kibble.services.customer.model import (
    ACCOUNT_READ,
    ACCOUNT_WRITE,
    AUTHORIZATION_CODE,
    CLIENT_CREDENTIALS,
    CODE_LIFE,
    DELEGATED,
    EMAIL,
    OPENID,
    PROFILE,
    REFRESH_TOKEN,
    STAFF_LIFETIME,
    Client,
    Customer,
    Grant,
    Lifetime,
    Revocation,
    Session,
    digest_of,
    is_challenge,
    new_secret,
    read_refresh_token,
)
from kibble.services.customer.repository import CustomerRepository
from kibble.services.customer.service.access import ACCESS_LIFE
from kibble.services.customer.service.identities import Identities, Identity
from kibble.services.customer.service.sessions import SessionService

ACCESS_TOKEN = "at+jwt"  # noqa: S105 - the type of a token
APPLICATIONS = Lifetime(idle=timedelta(days=30), absolute=timedelta(days=90))
ID_TOKEN_LIFE = timedelta(minutes=10)

Parameters = Mapping[str, str]


@dataclass(frozen=True, slots=True)
class Wanted:
    """A sound request for authorization: the client may be told of what goes wrong from here."""

    client: Client
    redirect_uri: str
    scopes: tuple[str, ...]
    challenge: str
    state: str | None
    nonce: str | None
    prompt: str
    max_age: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Issued:
    """What the token endpoint answers (RFC 6749, section 5.1)."""

    access_token: str
    scope: str
    refresh_token: str | None = None
    id_token: str | None = None


class OAuthService:
    """Answers clients; see RFC 6749 as OAuth 2.1 narrows it, RFC 7636, 7009, 7662 and 9207."""

    def __init__(
        self,
        customers: CustomerRepository,
        identities: Identities,
        sessions: SessionService,
        tokens: Tokens,
        *,
        issuer: str,
        clock: Clock,
        ids: IdSource,
        randomness: Randomness,
    ) -> None:
        """``issuer`` is the shop's address, which names it in ID tokens."""
        self._customers = customers
        self._identities = identities
        self._sessions = sessions
        self._tokens = tokens
        self.issuer = issuer
        self._clock = clock
        self._ids = ids
        self._randomness = randomness

    async def client_to_return_to(self, asked: Parameters) -> tuple[Client, str]:
        """Return the client and where to send the browser back to.

        Raises ``InvalidClient`` when either is not known: then nothing is sent back at all, since
        whoever made the link may not be the client (RFC 6749, section 4.1.2.1).
        """
        client = await self._customers.client(asked.get("client_id", ""))
        uri = asked.get("redirect_uri", "")
        if client is None or uri not in client.redirect_uris:
            raise InvalidClient
        return client, uri

    async def read(self, asked: Parameters) -> Wanted:
        """Return what is asked for; raises ``InvalidClient`` and ``OAuthError``."""
        client, uri = await self.client_to_return_to(asked)
        if AUTHORIZATION_CODE not in client.grants:
            raise OAuthError("unauthorized_client", "This client may not ask users.")
        if asked.get("response_type") != "code":
            raise OAuthError("unsupported_response_type", "response_type must be code.")
        challenge = asked.get("code_challenge", "")
        if asked.get("code_challenge_method") != "S256" or not is_challenge(challenge):
            raise OAuthError("invalid_request", "PKCE with S256 is required.")
        return Wanted(
            client=client,
            redirect_uri=uri,
            scopes=_scopes(asked, client),
            challenge=challenge,
            state=asked.get("state"),
            nonce=asked.get("nonce"),
            prompt=asked.get("prompt", ""),
            max_age=_seconds(asked.get("max_age")),
        )

    async def session_of(self, access_token: str) -> Session | None:
        """Return the live session of a browser's access token."""
        claims = self._tokens.read(ACCESS_TOKEN, access_token)
        if claims is None:
            return None
        session = await self._customers.session(str(claims.get("sid", "")))
        return session if session and session.is_live(self._clock.now()) else None

    def is_recent(self, session: Session, max_age: int | None) -> bool:
        """Tell whether the person proved who they are within ``max_age`` seconds."""
        age = (self._clock.now() - session.authenticated_at).total_seconds()
        return max_age is None or age <= max_age

    async def authorize(self, wanted: Wanted, session: Session) -> Outcome[str]:
        """Return a code for what the session's account may give of what is wanted.

        Raises ``OAuthError`` when that is nothing.
        """
        identity = await self._identities.with_id(session.account_id)
        if identity is None or identity.is_shut:
            raise OAuthError("access_denied", "This account cannot be used by clients.")
        may = scopes_of(identity.roles) | DELEGATED
        given = tuple(scope for scope in wanted.scopes if scope in may)
        if not given:
            raise OAuthError("invalid_scope", "This account has none of these rights.")
        code = new_secret(self._randomness)
        grant = Grant(
            id=digest_of(code),
            client_id=wanted.client.id,
            account_id=identity.id,
            redirect_uri=wanted.redirect_uri,
            challenge=wanted.challenge,
            scopes=given,
            nonce=wanted.nonce,
            authenticated_at=session.authenticated_at,
            second_factor=session.second_factor,
            passkey=session.passkey,
            expires_at=self._clock.now() + CODE_LIFE,
        )
        changes = Changes()
        changes.save(grant)
        return Outcome(code, changes)

    async def authenticate(self, client_id: str, secret: str | None) -> Client:
        """Return the client; raises ``InvalidClient`` unless it shows its secret, if it has one."""
        client = await self._customers.client(client_id)
        if client is None:
            raise InvalidClient
        if client.is_confidential != (secret is not None):
            raise InvalidClient
        if secret is not None and not client.has_secret(secret):
            raise InvalidClient
        return client

    async def token(self, client: Client, asked: Parameters) -> Outcome[Issued | OAuthError]:
        """Answer the token endpoint; an error comes as a value where it has changes to write."""
        grant = asked.get("grant_type")
        if grant not in (AUTHORIZATION_CODE, REFRESH_TOKEN, CLIENT_CREDENTIALS):
            raise OAuthError("unsupported_grant_type", "This grant type is not offered.")
        if grant not in client.grants:
            raise OAuthError("unauthorized_client", "This client may not use this grant type.")
        if grant == AUTHORIZATION_CODE:
            return await self._redeem(client, asked)
        if grant == REFRESH_TOKEN:
            return await self._renew(client, asked)
        return self._own_token(client, asked)

    async def _redeem(self, client: Client, asked: Parameters) -> Outcome[Issued | OAuthError]:
        grant = await self._customers.grant(digest_of(asked.get("code", "")))
        refusal = OAuthError("invalid_grant", "The code is unknown, used or expired.")
        if grant is None:
            return unchanged(refusal)
        if grant.session_id is not None:
            return Outcome(refusal, await self._end_family(grant.session_id))
        verifier, uri = asked.get("code_verifier", ""), asked.get("redirect_uri")
        if not grant.fits(client.id, uri, verifier, self._clock.now()):
            return unchanged(refusal)
        identity = await self._identities.with_id(grant.account_id)
        if identity is None or identity.is_shut:
            return unchanged(refusal)
        changes = Changes()
        session, refresh = self._begin(identity, client, grant)
        grant.session_id = session.id
        changes.save(grant)
        changes.save(session)
        issued = self._issued(identity, client, session, refresh)
        if OPENID in grant.scopes:
            issued = replace(issued, id_token=self._id_token(identity, session, grant))
        return Outcome(issued, changes)

    async def _end_family(self, session_id: str) -> Changes:
        changes = Changes()
        session = await self._customers.session(session_id)
        if session is not None:
            self._sessions.end(session, changes)
        return changes

    def _begin(self, identity: Identity, client: Client, grant: Grant) -> tuple[Session, str]:
        return Session.begin(
            self._ids.new(),
            identity.id,
            STAFF_LIFETIME if identity.is_staff else APPLICATIONS,
            self._clock.now(),
            self._randomness,
            client_id=client.id,
            second_factor=grant.second_factor,
            passkey=grant.passkey,
            scopes=grant.scopes,
            agent=client.name,
            authenticated_at=grant.authenticated_at,
        )

    def _issued(self, identity: Identity, client: Client, session: Session, refresh: str) -> Issued:
        bearer = self._sessions.policy.bearer(identity, session)
        return Issued(
            access_token=self._sessions.policy.token(bearer, session),
            scope=" ".join(session.scopes or ()),
            refresh_token=refresh if REFRESH_TOKEN in client.grants else None,
        )

    def _id_token(self, identity: Identity, session: Session, grant: Grant) -> str:
        """Return who signed in, for the client alone (OpenID Connect Core, section 2)."""
        claims: dict[str, object] = {
            "iss": self.issuer,
            "aud": grant.client_id,
            "sub": identity.id,
            "auth_time": int(session.authenticated_at.timestamp()),
            "amr": session.methods,
        }
        if grant.nonce is not None:
            claims["nonce"] = grant.nonce
        if PROFILE in grant.scopes:
            claims |= {"preferred_username": identity.username, "name": identity.name}
        account = identity.account
        if EMAIL in grant.scopes and isinstance(account, Customer):
            verified = account.email_verified_at is not None
            claims |= {"email": account.email, "email_verified": verified}
        return self._tokens.sign("JWT", claims, ID_TOKEN_LIFE)

    async def _renew(self, client: Client, asked: Parameters) -> Outcome[Issued | OAuthError]:
        refresh = asked.get("refresh_token", "")
        refusal = OAuthError("invalid_grant", "The refresh token is unknown, used or expired.")
        handle, _ = read_refresh_token(refresh)
        session = await self._customers.session_by_handle(handle)
        if session is None or session.client_id != client.id:
            return unchanged(refusal)
        wider = set(asked.get("scope", "").split()) - set(session.scopes or ())
        if wider:
            raise OAuthError("invalid_scope", "A refresh token does not widen what was granted.")
        renewed = await self._sessions.renew(refresh)
        signed_in = renewed.value.signed_in
        if signed_in is None:
            return Outcome(refusal, renewed.changes)
        issued = Issued(
            access_token=signed_in.access_token,
            scope=" ".join(session.scopes or ()),
            refresh_token=signed_in.refresh_token,
        )
        return Outcome(issued, renewed.changes)

    def _own_token(self, client: Client, asked: Parameters) -> Outcome[Issued | OAuthError]:
        if not client.is_confidential:
            raise OAuthError("unauthorized_client", "Only a client with a secret acts for itself.")
        scopes = [one for one in _scopes(asked, client) if one not in DELEGATED]
        if not scopes:
            raise OAuthError("invalid_scope", "Nothing of this a client may do for itself.")
        scope = " ".join(scopes)
        claims = {"sub": client.id, "client_id": client.id, "scope": scope}
        return unchanged(Issued(access_token=self._tokens.issue(claims, ACCESS_LIFE), scope=scope))

    async def revoke(self, client: Client, token: str) -> Outcome[None]:
        """End what a token of the client's stands for; an unknown one is no error (RFC 7009)."""
        changes = Changes()
        session = await self._session_behind(client, token)
        if session is not None:
            self._sessions.end(session, changes)
            return Outcome(None, changes)
        claims = self._tokens.read(ACCESS_TOKEN, token)
        jti = str(claims.get("jti", "")) if claims else ""
        if claims and claims.get("client_id") == client.id and not await self._is_revoked(jti):
            now = self._clock.now()
            changes.save(Revocation(id=jti, revoked_at=now, until=now + ACCESS_LIFE))
        return Outcome(None, changes)

    async def _session_behind(self, client: Client, token: str) -> Session | None:
        handle, _ = read_refresh_token(token)
        session = await self._customers.session_by_handle(handle)
        if session is None and (claims := self._tokens.read(ACCESS_TOKEN, token)):
            session = await self._customers.session(str(claims.get("sid", "")))
        return session if session and session.client_id == client.id else None

    async def _is_revoked(self, *ids: str) -> bool:
        found = await self._customers.revocations(self._clock.now())
        return any(one.id in ids for one in found)

    async def introspect(self, client: Client, token: str) -> Mapping[str, object]:
        """Tell a client of a token of its own; of any other, that it is not active (RFC 7662)."""
        now = self._clock.now()
        session = await self._session_behind(client, token)
        claims = self._tokens.read(ACCESS_TOKEN, token)
        if claims is None and session is not None and session.is_live(now):
            return {
                "active": True,
                "client_id": client.id,
                "sub": session.account_id,
                "scope": " ".join(session.scopes or ()),
                "exp": int(session.ends_at.timestamp()),
            }
        if claims is None or claims.get("client_id") != client.id:
            return {"active": False}
        revoked = await self._is_revoked(str(claims.get("sid", "")), str(claims.get("jti", "")))
        if revoked or (claims.get("sid") and session is None):
            return {"active": False}
        shown = ("client_id", "sub", "scope", "exp", "iat", "nbf", "iss", "aud", "jti")
        told = {name: claims[name] for name in shown if name in claims}
        return {"active": True, "token_type": "Bearer", **told}

    def metadata(self) -> Mapping[str, object]:
        """Return what clients need to know (OpenID Connect Discovery; RFC 8414)."""
        at = f"{self.issuer}/oauth2"
        methods = ["client_secret_basic", "client_secret_post"]
        return {
            "issuer": self.issuer,
            "authorization_endpoint": f"{at}/authorize",
            "token_endpoint": f"{at}/token",
            "revocation_endpoint": f"{at}/revoke",
            "introspection_endpoint": f"{at}/introspect",
            "jwks_uri": f"{at}/jwks",
            "response_types_supported": ["code"],
            "response_modes_supported": ["query"],
            "grant_types_supported": [AUTHORIZATION_CODE, REFRESH_TOKEN, CLIENT_CREDENTIALS],
            "code_challenge_methods_supported": ["S256"],
            "token_endpoint_auth_methods_supported": [*methods, "none"],
            "revocation_endpoint_auth_methods_supported": [*methods, "none"],
            "introspection_endpoint_auth_methods_supported": methods,
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["ES256"],
            "scopes_supported": sorted(DELEGATED),
            "claims_supported": [
                *("sub", "auth_time", "amr", "nonce", "name", "preferred_username"),
                *("email", "email_verified"),
            ],
            "authorization_response_iss_parameter_supported": True,
        }

    def keys(self) -> Mapping[str, object]:
        """Return the public keys that tokens are checked with (RFC 7517)."""
        return self._tokens.published_keys()

    def seal(self, asked: Parameters, session: Session) -> str:
        """Return a question of consent that nobody else can answer or change."""
        claims = {"sub": session.account_id, "sid": session.id, "asked": dict(asked)}
        return self._tokens.sign(CONSENT, claims, CONSENT_LIFE)

    def unseal(self, sealed: str, session: Session) -> Parameters | None:
        """Return the request that a question of consent was of, if it was put to this session."""
        claims = self._tokens.read(CONSENT, sealed)
        if claims is None or claims.get("sid") != session.id:
            return None
        return cast("Parameters", claims["asked"])


CONSENT = "consent+jwt"
CONSENT_LIFE = timedelta(minutes=10)
RIGHTS: Mapping[str, str] = {
    OPENID: "know which account is yours",
    PROFILE: "see your name",
    EMAIL: "see your e-mail address",
    ACCOUNT_READ: "see your orders, addresses and pets",
    ACCOUNT_WRITE: "order and change things for you",
}
"""What each scope lets a client do, as the person who is asked reads it."""


def _scopes(asked: Parameters, client: Client) -> tuple[str, ...]:
    """Return the scopes that are asked for, all the client has when none; raises ``OAuthError``."""
    wanted = asked.get("scope", "").split() or client.scopes
    if not set(wanted) <= set(client.scopes):
        raise OAuthError("invalid_scope", "This client may not ask for all of this.")
    return tuple(dict.fromkeys(wanted))


def _seconds(text: str | None) -> int | None:
    if text is None:
        return None
    if not (text.isascii() and text.isdigit() and len(text) < 10):  # noqa: PLR2004 - 30 years
        raise OAuthError("invalid_request", "max_age must be a number of seconds.")
    return int(text)
