"""What a session may do, as the claims of its access tokens."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta

from kibble.kernel.ids import CustomerId
from kibble.platform.security.roles import scopes_of
from kibble.services.customer.integration import Tokens
from kibble.services.customer.model import ACCOUNT_READ, ACCOUNT_WRITE, DELEGATED, Session
from kibble.services.customer.service.identities import Identity

ACCESS_LIFE = timedelta(minutes=10)


@dataclass(frozen=True, slots=True, kw_only=True)
class Bearer:
    """Whose session it is: an account, or a name of the command line with ``scopes``."""

    subject: str
    customer_id: CustomerId | None
    roles: tuple[str, ...]
    scopes: frozenset[str]
    read_only: bool = False


class AccessPolicy:
    """Decides what a session may do. With ``strict``, staff act with a second factor alone."""

    def __init__(self, tokens: Tokens, *, strict: bool) -> None:
        self._tokens = tokens
        self._strict = strict

    def bearer(self, identity: Identity, session: Session) -> Bearer:
        """Return what an account may do in a session.

        Whoever still has an operator's password, or no second factor where staff need one, may
        change that and nothing else.
        """
        scopes = scopes_of(identity.roles)
        if session.scopes is not None:
            scopes = frozenset(session.scopes) & (scopes | DELEGATED)
        if self._strict and identity.is_staff and not self._is_proven(identity, session):
            scopes = frozenset()
        return Bearer(
            subject=identity.id,
            customer_id=identity.customer_id if _reaches_account(session) else None,
            roles=identity.roles,
            scopes=scopes,
            read_only=session.scopes is not None and ACCOUNT_WRITE not in session.scopes,
        )

    def _is_proven(self, identity: Identity, session: Session) -> bool:
        return session.second_factor and not identity.must_change_password

    def token(self, bearer: Bearer, session: Session) -> str:
        """Return an access token of ``session``."""
        return self._tokens.issue(_claims(bearer, session), ACCESS_LIFE)


def _reaches_account(session: Session) -> bool:
    """Tell whether what is the customer's own is within what the client was granted."""
    return session.scopes is None or bool({ACCOUNT_READ, ACCOUNT_WRITE} & set(session.scopes))


def _claims(bearer: Bearer, session: Session) -> Mapping[str, object]:
    claims: dict[str, object] = {
        "sub": bearer.subject,
        "sid": session.id,
        "client_id": session.client_id,
        "auth_time": int(session.authenticated_at.timestamp()),
        "amr": session.methods,
    }
    if bearer.customer_id is not None:
        claims["customer_id"] = bearer.customer_id
        if bearer.read_only:
            claims["read_only"] = True
    if bearer.roles:
        claims["roles"] = list(bearer.roles)
    if bearer.scopes:
        claims["scope"] = " ".join(sorted(bearer.scopes))
    return claims
