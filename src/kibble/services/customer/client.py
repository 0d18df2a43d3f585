"""Customer as its neighbours see it, in process: contract types in and out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import asdict

from kibble.contracts.address import Address
from kibble.contracts.customer import (
    ADDRESS,
    CONTACT,
    ONE_TIME_LINK,
    OPEN_SESSION,
    PASSKEY_CHALLENGE,
    RENEW,
    REVOKED,
    SIGN_IN,
    SIGN_IN_WITH_PASSKEY,
    SIGN_OUT,
    WHO,
    Assertion,
    Contact,
    OneTimeLink,
    PasskeyChallenge,
    Refused,
    Revoked,
    SignedIn,
    Whence,
    WhoIs,
)
from kibble.kernel.errors import TooManyRequests, Unauthenticated
from kibble.kernel.ids import CustomerId
from kibble.platform.persistence.changes import Outcome
from kibble.platform.persistence.store import Store
from kibble.platform.persistence.transaction import commit_outcome
from kibble.platform.rpc import Offer, offer
from kibble.services.customer.errors import CustomerNotFound
from kibble.services.customer.service import (
    CredentialService,
    CustomerService,
    SessionService,
    SignInService,
)


class CustomerClient:
    """Calls the use cases directly, and commits what they want written."""

    def __init__(
        self,
        accounts: CustomerService,
        credentials: CredentialService,
        signing_in: SignInService,
        sessions: SessionService,
        store: Store,
    ) -> None:
        self._accounts = accounts
        self._credentials = credentials
        self._signing_in = signing_in
        self._sessions = sessions
        self._store = store

    async def contact(self, customer_id: CustomerId) -> Contact | None:
        """Return how to reach a customer; None when there is no such customer (any more)."""
        try:
            customer = await self._accounts.customer(customer_id)
        except CustomerNotFound:
            return None
        phone = customer.profile.phone
        return Contact(
            customer_id=customer.id,
            name=customer.display_name,
            email=customer.email,
            phone=phone.e164 if phone else None,
        )

    async def address(self, customer_id: CustomerId) -> Address | None:
        """Return where a customer lives; None when there is no such address or customer."""
        try:
            customer = await self._accounts.customer(customer_id)
        except CustomerNotFound:
            return None
        address = customer.profile.address
        return Address(**asdict(address)) if address else None

    async def exists(self, customer_id: CustomerId) -> bool:
        """Tell whether there is such a customer."""
        return await self.contact(customer_id) is not None

    async def one_time_link(self, request_id: str) -> OneTimeLink | None:
        """Return a new secret for the link that a request asked for, and where to mail it.

        None when the request is used or expired. The secret of an earlier call is void.
        """
        return await commit_outcome(self._store, lambda: self._credentials.mint(request_id))

    async def sign_in(
        self,
        username: str,
        password: str,
        code: str | None,
        whence: Whence,
        passkey: Assertion | None = None,
    ) -> SignedIn | Refused:
        """Begin a session for who has this name and password; a passkey does in place of a code.

        It takes as long for an unknown name as for a wrong password. Raises ``Unavailable`` when
        too many are signing in at once.
        """
        return await self._begun(
            lambda: self._signing_in.sign_in(username, password, code, whence, passkey)
        )

    async def passkey_challenge(self) -> PasskeyChallenge:
        """Return what a device is to sign, for a sign-in."""
        return await commit_outcome(self._store, self._signing_in.begin_with_passkey)

    async def sign_in_with_passkey(
        self, assertion: Assertion, whence: Whence
    ) -> SignedIn | Refused:
        """Begin a session for who holds a passkey."""
        return await self._begun(lambda: self._signing_in.sign_in_with_passkey(assertion, whence))

    async def open_session(
        self,
        subject: str,
        customer_id: CustomerId | None,
        scopes: list[str],
        seconds: int,
        agent: str,
    ) -> SignedIn | Refused:
        """Begin a session for the holder of a token of the command line."""
        return await self._begun(
            lambda: self._sessions.open(subject, customer_id, scopes, seconds, agent)
        )

    async def _begun(
        self, use_case: Callable[[], Awaitable[Outcome[SignedIn]]]
    ) -> SignedIn | Refused:
        try:
            return await commit_outcome(self._store, use_case)
        except TooManyRequests as error:
            return Refused(code=error.code, detail=error.message, retry_after=error.retry_after)
        except Unauthenticated as error:
            return _refused(error)

    async def renew(self, refresh_token: str) -> SignedIn | Refused:
        """Renew a session; the token before is good for the same answer for ten seconds."""
        renewal = await commit_outcome(self._store, lambda: self._sessions.renew(refresh_token))
        if renewal.signed_in is not None:
            return renewal.signed_in
        return _refused(renewal.error)

    async def sign_out(self, refresh_token: str) -> None:
        """End a session, should there be one."""
        await commit_outcome(self._store, lambda: self._sessions.sign_out(refresh_token))

    async def who(self, subject: str) -> WhoIs | None:
        """Return how an account is called; None when there is none (any more)."""
        return await self._sessions.who(subject)

    async def revoked(self) -> list[Revoked]:
        """Return the sessions and tokens that were revoked and have not ended by themselves."""
        return await self._sessions.revoked()


def _refused(error: Unauthenticated) -> Refused:
    wrong = error.details.get("codeRefused")
    return Refused(
        code=error.code,
        detail=error.message,
        code_refused=wrong if isinstance(wrong, bool) else None,
    )


def offers(client: CustomerClient) -> list[Offer]:
    """Return what Customer offers to services in other processes."""
    return [
        offer(CONTACT, client.contact),
        offer(ADDRESS, client.address),
        offer(ONE_TIME_LINK, client.one_time_link),
        offer(SIGN_IN, client.sign_in),
        offer(PASSKEY_CHALLENGE, client.passkey_challenge),
        offer(SIGN_IN_WITH_PASSKEY, client.sign_in_with_passkey),
        offer(RENEW, client.renew),
        offer(SIGN_OUT, client.sign_out),
        offer(OPEN_SESSION, client.open_session),
        offer(WHO, client.who),
        offer(REVOKED, client.revoked),
    ]
