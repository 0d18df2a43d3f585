"""An account's passkeys over HTTP."""

from __future__ import annotations

from dataclasses import asdict

from kibble.kernel.clock import Clock
from kibble.platform.persistence.store import Store
from kibble.platform.persistence.transaction import commit_outcome
from kibble.platform.web.call import Call
from kibble.platform.web.ownership import By, owned
from kibble.platform.web.reply import Reply, created, no_content, ok
from kibble.platform.web.route import Route, write
from kibble.services.customer.controller.security import ADMIN, fresh, recent_account
from kibble.services.customer.model import Enrolment
from kibble.services.customer.schemas import (
    AddPasskey,
    NewPasskeyView,
    PasskeyAddedView,
    PasskeyView,
    RenamePasskey,
)
from kibble.services.customer.service import PasskeyService

PATH = "/api/customers/{customerId}/factors/passkeys"


class PasskeyController:
    """One method a route; see ``SecurityController``."""

    def __init__(self, passkeys: PasskeyService, store: Store, clock: Clock) -> None:
        self._passkeys = passkeys
        self._store = store
        self._clock = clock

    async def begin_passkey(self, call: Call[None, None]) -> Reply:
        """POST .../factors/passkeys/challenge."""
        account_id = recent_account(call, self._clock)
        asked = await commit_outcome(self._store, lambda: self._passkeys.begin_adding(account_id))
        return fresh(ok(NewPasskeyView(**asdict(asked))))

    async def add_passkey(self, call: Call[AddPasskey, None]) -> Reply:
        """POST .../factors/passkeys."""
        account_id, body = recent_account(call, self._clock), call.body
        told = Enrolment(
            credential_id=body.credential_id,
            client_data=body.client_data,
            authenticator_data=body.authenticator_data,
            public_key=body.public_key,
        )
        session_id = call.principal.session_id
        added = await commit_outcome(
            self._store, lambda: self._passkeys.add(account_id, body.name, told, session_id)
        )
        view = PasskeyAddedView(
            passkey=PasskeyView.of(added.passkey), recovery_codes=added.recovery_codes
        )
        return fresh(created(view, f"/api/customers/{account_id}/factors"))

    async def rename_passkey(self, call: Call[RenamePasskey, None]) -> Reply:
        """PATCH .../factors/passkeys/{passkeyId}."""
        account_id, name = call.id("customerId"), call.body.name
        renamed = await commit_outcome(
            self._store,
            lambda: self._passkeys.rename(account_id, call.path["passkeyId"], name),
        )
        return fresh(ok(PasskeyView.of(renamed)))

    async def remove_passkey(self, call: Call[None, None]) -> Reply:
        """DELETE .../factors/passkeys/{passkeyId}."""
        account_id = recent_account(call, self._clock)
        session_id = call.principal.session_id
        await commit_outcome(
            self._store,
            lambda: self._passkeys.remove(account_id, call.path["passkeyId"], session_id),
        )
        return no_content()


def passkey_routes(controller: PasskeyController) -> list[Route]:
    """Return the passkeys' table of routes."""
    c = controller
    one = f"{PATH}/{{passkeyId}}"
    in_person = owned(By.ACCOUNT)
    return [
        write(
            "POST",
            f"{PATH}/challenge",
            c.begin_passkey,
            "Begin to add a passkey",
            in_person,
            answer=NewPasskeyView,
        ),
        write(
            "POST",
            PATH,
            c.add_passkey,
            "Add a passkey that a device just made",
            in_person,
            body=AddPasskey,
            answer=PasskeyAddedView,
            status=201,
        ),
        write(
            "PATCH",
            one,
            c.rename_passkey,
            "Call a passkey something else",
            in_person,
            body=RenamePasskey,
            answer=PasskeyView,
        ),
        write(
            "DELETE",
            one,
            c.remove_passkey,
            "Forget a passkey",
            owned(By.ACCOUNT, ADMIN),
            status=204,
        ),
    ]
