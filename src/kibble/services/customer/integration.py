"""What Customer needs from neighbours and third parties, in its own words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Protocol

from kibble.contracts.customer import Assertion
from kibble.kernel.ids import CustomerId
from kibble.services.customer.model import Enrolled, Enrolment, Tried


class PasswordHasher(Protocol):
    """Turns passwords into what can be kept, slowly on purpose."""

    async def hash(self, password: str) -> str:
        """Return a salted hash that says how it was made. Raises ``Unavailable`` under a flood."""
        ...

    async def verify(self, password_hash: str | None, password: str) -> bool:
        """Tell whether ``password`` is the hashed one.

        Without a hash (nobody has that name) it takes as long, and the answer is False. Raises
        ``Unavailable`` under a flood.
        """
        ...

    def is_outdated(self, password_hash: str) -> bool:
        """Tell whether the hash should be made anew, now that the password is at hand."""
        ...


class PersonalData(Protocol):
    """A neighbour that keeps personal data of customers."""

    @property
    def name(self) -> str:
        """The neighbour's name, under which its part stands in an export."""
        ...

    async def export(self, customer_id: CustomerId) -> Mapping[str, Sequence[object]]:
        """Return all that names a customer at the neighbour, ready for JSON: records by kind.

        Raises ``Unavailable``, and in other processes ``Forbidden`` for whose data it is not.
        """
        ...

    async def held(self, customer_id: CustomerId) -> Mapping[str, int]:
        """Return how many records of each kind an export would have: none after an erasure.

        Raises ``Unavailable``.
        """
        ...


class Devices(Protocol):
    """Understands what people's devices sign (WebAuthn).

    Every method raises ``PasskeyRefused`` for rubbish, and for what was made for another page.
    """

    @property
    def rp_id(self) -> str:
        """The host that passkeys are made for, and that alone can have them used."""
        ...

    def challenge_of(self, client_data: str) -> str:
        """Return the challenge that a browser says was signed; whether it was, is not known yet."""
        ...

    def enrol(self, told: Enrolment) -> Enrolled:
        """Return the new passkey of a device that knew who held it."""
        ...

    def check(self, public_key: str, told: Assertion) -> int:
        """Return the count of a device that knew who held it, and signed with this key."""
        ...


class Throttle(Protocol):
    """Counts failures within the last quarter of an hour."""

    async def begin(self, tried: Tried) -> None:
        """Count a try as a failure before it is known: those side by side must not slip through.

        Raises ``TooManyTries`` when it may not be made yet.
        """
        ...

    async def undo(self, tried: Tried) -> None:
        """Take a try back that was no failure."""
        ...

    async def forget(self, account: str) -> None:
        """Forget the failures of an account whose owner has come in, or has set a new password."""
        ...


class Sealing(Protocol):
    """Seals what is secret and must be read again."""

    def seal(self, text: str, about: str) -> str:
        """Return ``text`` sealed for what it is about: it opens for nothing else."""
        ...

    def open(self, sealed: str, about: str) -> str | None:
        """Return what was sealed; None when its key is gone, or it is not as it was sealed."""
        ...

    def is_outdated(self, sealed: str) -> bool:
        """Tell whether a newer key should seal this, now that it was opened."""
        ...


class Tokens(Protocol):
    """Signs what others can check, and reads what it signed."""

    def issue(self, claims: Mapping[str, object], lifetime: timedelta) -> str:
        """Return an access token with these claims beside the standard ones (RFC 9068)."""
        ...

    def sign(self, kind: str, claims: Mapping[str, object], lifetime: timedelta) -> str:
        """Return a token of another ``kind`` (its ``typ``), which opens nothing."""
        ...

    def read(self, kind: str, token: str) -> Mapping[str, object] | None:
        """Return the claims of a token of this kind; None when it does not hold."""
        ...

    def published_keys(self) -> Mapping[str, object]:
        """Return the public keys that tokens are checked with, as a JWK set (RFC 7517)."""
        ...
