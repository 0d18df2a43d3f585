"""What guards an account, over HTTP: its password, second factors and sessions."""

from __future__ import annotations

from typing import Any

from kibble.kernel.clock import Clock
from kibble.platform.persistence.store import Store
from kibble.platform.persistence.transaction import commit_outcome
from kibble.platform.web.call import Call
from kibble.platform.web.ownership import By, owned
from kibble.platform.web.reply import Reply, created, no_content, ok
from kibble.platform.web.route import Route, get, write
from kibble.services.customer.errors import ReauthenticationRequired
from kibble.services.customer.schemas import (
    AuthenticatorView,
    ChangePassword,
    ConfirmCode,
    FactorsView,
    RecoveryCodesView,
    SessionView,
)
from kibble.services.customer.service import CredentialService, FactorService, SessionService

ADMIN = "staff:admin"
RECENT_SECONDS = 600
"""How old a proof of who is calling may be for what guards the account."""


class SecurityController:
    """One method a route. ``customerId`` is an account's: a customer's, or a member of staff's."""

    def __init__(
        self,
        credentials: CredentialService,
        factors: FactorService,
        sessions: SessionService,
        store: Store,
        clock: Clock,
    ) -> None:
        self._credentials = credentials
        self._factors = factors
        self._sessions = sessions
        self._store = store
        self._clock = clock

    async def change_password(self, call: Call[ChangePassword, None]) -> Reply:
        """PUT /api/customers/{customerId}/password."""
        account_id, body = _id(call), call.body
        session_id = call.principal.session_id
        await commit_outcome(
            self._store,
            lambda: self._credentials.change_password(
                account_id, body.current, body.password, session_id
            ),
        )
        return no_content()

    async def get_factors(self, call: Call[None, None]) -> Reply:
        """GET /api/customers/{customerId}/factors."""
        factors = await self._factors.of_account(_id(call))
        return fresh(ok(FactorsView.of(factors)))

    async def begin_totp(self, call: Call[None, None]) -> Reply:
        """POST /api/customers/{customerId}/factors/totp."""
        account_id = self._recent_account(call)
        made = await commit_outcome(self._store, lambda: self._factors.begin_totp(account_id))
        view = AuthenticatorView(secret=made.secret, uri=made.uri)
        return fresh(created(view, f"/api/customers/{account_id}/factors"))

    async def confirm_totp(self, call: Call[ConfirmCode, None]) -> Reply:
        """PUT /api/customers/{customerId}/factors/totp."""
        account_id, code = self._recent_account(call), call.body.code
        session_id = call.principal.session_id
        codes = await commit_outcome(
            self._store, lambda: self._factors.confirm_totp(account_id, code, session_id)
        )
        return fresh(ok(RecoveryCodesView(recovery_codes=codes)))

    async def remove_totp(self, call: Call[None, None]) -> Reply:
        """DELETE /api/customers/{customerId}/factors/totp."""
        account_id = self._recent_account(call)
        session_id = call.principal.session_id
        await commit_outcome(self._store, lambda: self._factors.remove_totp(account_id, session_id))
        return no_content()

    async def renew_recovery_codes(self, call: Call[None, None]) -> Reply:
        """POST /api/customers/{customerId}/factors/recovery-codes."""
        account_id = self._recent_account(call)
        codes = await commit_outcome(
            self._store, lambda: self._factors.renew_recovery_codes(account_id)
        )
        return fresh(ok(RecoveryCodesView(recovery_codes=codes)))

    async def list_sessions(self, call: Call[None, None]) -> Reply:
        """GET /api/customers/{customerId}/sessions."""
        present = call.principal.session_id
        sessions = await self._sessions.of_account(_id(call))
        return fresh(ok([SessionView.of(session, present) for session in sessions]))

    async def end_session(self, call: Call[None, None]) -> Reply:
        """DELETE /api/customers/{customerId}/sessions/{sessionId}."""
        account_id, session_id = _id(call), call.id("sessionId")
        await commit_outcome(self._store, lambda: self._sessions.end_one(account_id, session_id))
        return no_content()

    async def end_other_sessions(self, call: Call[None, None]) -> Reply:
        """DELETE /api/customers/{customerId}/sessions: all but the one that asks."""
        account_id, present = _id(call), call.principal.session_id
        await commit_outcome(self._store, lambda: self._sessions.end_others(account_id, present))
        return no_content()

    def _recent_account(self, call: Call[Any, None]) -> str:
        return recent_account(call, self._clock)


def require_recent(call: Call[Any, None], clock: Clock) -> None:
    """Raise ``ReauthenticationRequired`` when the caller's proof of who they are is old.

    A token of the command line has no such time: who made it is the operator.
    """
    proven = call.principal.authenticated_at
    if proven is not None and clock.now().timestamp() - proven > RECENT_SECONDS:
        raise ReauthenticationRequired


def recent_account(call: Call[Any, None], clock: Clock) -> str:
    """Return the path's account; raises ``ReauthenticationRequired`` as ``require_recent`` does."""
    require_recent(call, clock)
    return _id(call)


def _id(call: Call[Any, None]) -> str:
    return call.id("customerId")


def fresh(reply: Reply) -> Reply:
    """Have an answer kept nowhere."""
    reply.headers["cache-control"] = "no-store"
    return reply


def security_routes(controller: SecurityController) -> list[Route]:
    """Return the table of routes of what guards an account."""
    c = controller
    account = "/api/customers/{customerId}"
    in_person, or_admin = owned(By.ACCOUNT), owned(By.ACCOUNT, ADMIN)
    authenticator = f"{account}/factors/totp"
    return [
        write(
            "PUT",
            f"{account}/password",
            c.change_password,
            "Change the password; all other sessions end",
            in_person,
            body=ChangePassword,
            status=204,
        ),
        get(
            f"{account}/factors", c.get_factors, "The second factors", in_person, answer=FactorsView
        ),
        write(
            "POST",
            authenticator,
            c.begin_totp,
            "Begin to use an authenticator app",
            in_person,
            answer=AuthenticatorView,
            status=201,
        ),
        write(
            "PUT",
            authenticator,
            c.confirm_totp,
            "Confirm the authenticator app with a code of it",
            in_person,
            body=ConfirmCode,
            answer=RecoveryCodesView,
        ),
        write(
            "DELETE",
            authenticator,
            c.remove_totp,
            "Forget the authenticator",
            or_admin,
            status=204,
        ),
        write(
            "POST",
            f"{account}/factors/recovery-codes",
            c.renew_recovery_codes,
            "Make new recovery codes; those before no longer hold",
            in_person,
            answer=RecoveryCodesView,
        ),
        get(
            f"{account}/sessions",
            c.list_sessions,
            "Where the account is signed in",
            or_admin,
            answer=list[SessionView],
        ),
        write(
            "DELETE",
            f"{account}/sessions",
            c.end_other_sessions,
            "End all other sessions",
            or_admin,
            status=204,
        ),
        write(
            "DELETE",
            f"{account}/sessions/{{sessionId}}",
            c.end_session,
            "End a session",
            or_admin,
            status=204,
        ),
    ]
