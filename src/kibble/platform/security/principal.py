"""Who is calling, and what they may do."""

from __future__ import annotations

from dataclasses import dataclass, field

from kibble.kernel.errors import Forbidden
from kibble.kernel.ids import BROWSER, CustomerId

SERVICE_SCOPE = "service:"
"""What the scopes of services' own tokens begin with: no person is given one."""


@dataclass(frozen=True, slots=True)
class Principal:
    """A verified caller: a customer, a client with scopes (staff, a script), or a guest.

    ``subject`` names the caller in logs and idempotency keys. Who has signed in has a
    ``session_id``, and ``authenticated_at`` (Unix seconds) is when they last proved who they are,
    ``second_factor`` whether with a second factor. ``read_only`` callers were allowed to look at
    what is the customer's, and to change nothing.
    """

    subject: str
    scopes: frozenset[str] = field(default_factory=frozenset)
    customer_id: CustomerId | None = None
    order_id: str | None = None
    roles: tuple[str, ...] = ()
    client_id: str | None = None
    session_id: str | None = None
    jti: str | None = None
    authenticated_at: int | None = None
    second_factor: bool = False
    expires_at: int | None = None
    read_only: bool = False

    def has(self, scope: str) -> bool:
        """Tell whether the caller was given ``scope``."""
        return scope in self.scopes

    def require_scope(self, scope: str) -> None:
        """Raise ``Forbidden`` unless the caller was given ``scope``."""
        if scope not in self.scopes:
            raise Forbidden(
                f"This needs the scope {scope}.", code="missing-scope", details={"scope": scope}
            )

    def owns(self, customer_id: str | None) -> bool:
        """Tell whether the caller is this customer."""
        return customer_id is not None and self.customer_id == customer_id

    @property
    def is_service(self) -> bool:
        """Tell whether the caller is another process of the shop, by its own token."""
        return any(scope.startswith(SERVICE_SCOPE) for scope in self.scopes)

    def is_in_person(self, account_id: str) -> bool:
        """Tell whether the caller is this customer or member of staff, and no client for them."""
        in_person = self.client_id in (None, BROWSER) and not self.read_only
        return in_person and self.subject == account_id
