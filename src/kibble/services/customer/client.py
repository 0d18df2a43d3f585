"""Customer as its neighbours see it, in process: contract types in and out."""

from __future__ import annotations

from kibble.contracts.customer import CONTACT, ONE_TIME_LINK, Contact, OneTimeLink
from kibble.kernel.ids import CustomerId
from kibble.platform.persistence.store import Store
from kibble.platform.persistence.transaction import commit_outcome
from kibble.platform.rpc import Offer, offer
from kibble.services.customer.errors import CustomerNotFound
from kibble.services.customer.service import CredentialService, CustomerService


class CustomerClient:
    """Calls the use cases directly, and commits what they want written."""

    def __init__(
        self, accounts: CustomerService, credentials: CredentialService, store: Store
    ) -> None:
        self._accounts = accounts
        self._credentials = credentials
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

    async def exists(self, customer_id: CustomerId) -> bool:
        """Tell whether there is such a customer."""
        return await self.contact(customer_id) is not None

    async def one_time_link(self, request_id: str) -> OneTimeLink | None:
        """Return a new secret for the link that a request asked for, and where to mail it.

        None when the request is used or expired. The secret of an earlier call is void.
        """
        return await commit_outcome(self._store, lambda: self._credentials.mint(request_id))

    async def check_password(self, username: str, password: str) -> CustomerId | None:
        """Return whose username (or e-mail address) and password these are; None for others.

        It takes as long for an unknown name as for a wrong password. Raises ``Unavailable`` when
        too many are signing in at once.
        """
        return await commit_outcome(
            self._store, lambda: self._credentials.check_password(username, password)
        )


def offers(client: CustomerClient) -> list[Offer]:
    """Return what Customer offers to services in other processes."""
    return [offer(CONTACT, client.contact), offer(ONE_TIME_LINK, client.one_time_link)]
