"""Passkeys: added by whoever has just proven who they are, and used instead of a password."""

from __future__ import annotations

import dataclasses
from dataclasses import dataclass

from kibble.contracts.customer import Assertion, PasskeyChallenge
from kibble.kernel.clock import Clock
from kibble.kernel.errors import InvalidInput
from kibble.kernel.ids import Randomness
from kibble.platform.persistence.changes import Changes, Outcome
from kibble.services.customer.errors import PasskeyNotFound, PasskeyRefused, TooManyPasskeys
from kibble.services.customer.integration import Devices
from kibble.services.customer.model import (
    MAX_PASSKEYS,
    Ceremony,
    Enrolment,
    Factors,
    Passkey,
    digest_of,
    new_secret,
)
from kibble.services.customer.repository import CustomerRepository
from kibble.services.customer.service.factors import ISSUER, FactorService


@dataclass(frozen=True, slots=True)
class NewPasskey:
    """What a browser needs to have a device make a passkey."""

    challenge: str
    rp_id: str
    rp_name: str
    account_id: str
    username: str
    name: str
    known: list[str]


@dataclass(frozen=True, slots=True)
class Added:
    """A passkey, and recovery codes if the account had none."""

    passkey: Passkey
    recovery_codes: list[str]


class PasskeyService:
    """Has challenges signed, each of them once."""

    def __init__(
        self,
        customers: CustomerRepository,
        factors: FactorService,
        devices: Devices,
        *,
        clock: Clock,
        randomness: Randomness,
    ) -> None:
        self._customers = customers
        self._factors = factors
        self._devices = devices
        self._clock = clock
        self._randomness = randomness

    async def begin_adding(self, account_id: str) -> Outcome[NewPasskey]:
        """Begin to add a passkey to an account.

        Raises ``AccountNotFound`` and ``TooManyPasskeys``.
        """
        identity = await self._factors.identity(account_id)
        factors = await self._factors.of_account(account_id)
        if len(factors.passkeys) >= MAX_PASSKEYS:
            raise TooManyPasskeys
        challenge, changes = self._begin(account_id)
        asked = NewPasskey(
            challenge=challenge,
            rp_id=self._devices.rp_id,
            rp_name=ISSUER,
            account_id=account_id,
            username=identity.username,
            name=identity.name,
            known=[one.credential_id for one in factors.passkeys],
        )
        return Outcome(asked, changes)

    async def add(
        self, account_id: str, name: str, told: Enrolment, session_id: str | None
    ) -> Outcome[Added]:
        """Make a device's new passkey the account's; all other sessions end.

        Raises ``InvalidInput`` when it was not made for this account just now.
        """
        identity = await self._factors.identity(account_id)
        factors = await self._factors.of_account(account_id)
        changes = Changes()
        try:
            await self._end(told.client_data, account_id, changes)
            enrolled = self._devices.enrol(told)
        except PasskeyRefused as error:
            detail = "is not of a passkey that was made for this account just now"
            raise InvalidInput.at("/clientData", detail) from error
        passkey = Passkey(
            credential_id=enrolled.credential_id,
            public_key=enrolled.public_key,
            sign_count=enrolled.sign_count,
            name=name,
            created_at=self._clock.now(),
        )
        factors.add_passkey(passkey)
        codes = [] if factors.recovery else self._factors.hand_out(factors)
        await self._factors.keep(identity, factors, changes, session_id)
        if session_id is not None:
            await self._factors.sessions.prove(account_id, session_id, changes, passkey=True)
        return Outcome(Added(passkey, codes), changes)

    async def rename(self, account_id: str, credential_id: str, name: str) -> Outcome[Passkey]:
        """Call a passkey something else; raises ``PasskeyNotFound``."""
        factors = await self._factors.of_account(account_id)
        renamed = dataclasses.replace(_passkey(factors, credential_id), name=name)
        factors.add_passkey(renamed)
        changes = Changes()
        changes.save(factors)
        return Outcome(renamed, changes)

    async def remove(
        self, account_id: str, credential_id: str, session_id: str | None
    ) -> Outcome[None]:
        """Forget a passkey; all other sessions end. Raises ``PasskeyNotFound``."""
        identity = await self._factors.identity(account_id)
        factors = await self._factors.of_account(account_id)
        if not factors.remove_passkey(credential_id):
            raise PasskeyNotFound
        changes = Changes()
        await self._factors.keep(identity, factors, changes, session_id)
        return Outcome(None, changes)

    async def begin_sign_in(self) -> Outcome[PasskeyChallenge]:
        """Begin a sign-in with a passkey, whosever it may be."""
        challenge, changes = self._begin(None)
        return Outcome(PasskeyChallenge(challenge=challenge, rp_id=self._devices.rp_id), changes)

    async def use(self, told: Assertion, changes: Changes) -> str:
        """Return the account whose passkey signed a sign-in's challenge, which is used up.

        Raises ``PasskeyRefused``.
        """
        await self._end(told.client_data, None, changes)
        account_id = told.account_id
        factors = await self._factors.of_account(account_id)
        passkey = factors.passkey(told.credential_id)
        if passkey is None:
            raise PasskeyRefused
        count = self._devices.check(passkey.public_key, told)
        factors.add_passkey(passkey.used(count, self._clock.now()))
        changes.save(factors)
        return account_id

    def _begin(self, account_id: str | None) -> tuple[str, Changes]:
        challenge = new_secret(self._randomness)
        changes = Changes()
        changes.save(Ceremony.begin(challenge, self._clock.now(), account_id))
        return challenge, changes

    async def _end(self, client_data: str, account_id: str | None, changes: Changes) -> None:
        """Use up the ceremony of a challenge; raises ``PasskeyRefused`` when there is none."""
        ceremony = await self._customers.ceremony(
            digest_of(self._devices.challenge_of(client_data))
        )
        if ceremony is None or not ceremony.fits(account_id, self._clock.now()):
            raise PasskeyRefused
        changes.remove(ceremony)


def _passkey(factors: Factors, credential_id: str) -> Passkey:
    found = factors.passkey(credential_id)
    if found is None:
        raise PasskeyNotFound
    return found
