"""What customers keep to pay with: signed up on the provider's page, chosen, preferred, removed."""

from __future__ import annotations

from collections.abc import Callable

import structlog

from kibble.kernel.clock import Clock
from kibble.kernel.errors import InvalidInput, RuleViolated, Unavailable
from kibble.kernel.ids import CustomerId, IdSource, SavedMethodId, is_id
from kibble.platform.persistence.changes import Changes, Outcome, unchanged
from kibble.platform.persistence.transaction import commit_outcome
from kibble.platform.resilience import Guard
from kibble.services.payment.errors import MethodNotOffered, UnknownSavedMethod
from kibble.services.payment.integration import (
    ActionRequired,
    Declined,
    Kept,
    Providers,
    SignUp,
    Vault,
)
from kibble.services.payment.model import PaymentMethod, SavedMethod, SavedStatus, default_of
from kibble.services.payment.repository import PaymentRepository

_log = structlog.get_logger()

MOST_SAVED = 20
"""How many a customer may have, begun ones too: each opens a page at the provider."""
DUE_BATCH = 100


class Wallet:
    """Keeps customers' ways to pay. ``wake`` is called when the provider has to be asked."""

    def __init__(
        self,
        *,
        repository: PaymentRepository,
        providers: Providers,
        guard: Guard,
        clock: Clock,
        ids: IdSource,
        wake: Callable[[SavedMethodId], None],
    ) -> None:
        self._repository = repository
        self._providers = providers
        self._guard = guard
        self._clock = clock
        self._ids = ids
        self.wake = wake

    async def saved(self, saved_id: SavedMethodId) -> SavedMethod:
        """Return one that was not removed; raises ``UnknownSavedMethod``."""
        saved = await self._repository.find_saved(saved_id)
        if saved is None or saved.status is SavedStatus.REMOVED:
            raise UnknownSavedMethod(saved_id)
        return saved

    async def saved_of(self, customer_id: CustomerId) -> list[SavedMethod]:
        """Return what a customer can pay with, the default first."""
        known = await self._repository.saved_of(customer_id)
        ready = [one for one in known if one.status is SavedStatus.READY]
        default = default_of(ready)
        return sorted(ready, key=lambda one: one is not default)

    async def begin(
        self, customer_id: CustomerId, method: PaymentMethod
    ) -> tuple[Outcome[SavedMethod], ActionRequired]:
        """Open the provider's page on which a customer agrees; return what is to be stored.

        Nothing is kept before the provider has answered: a page that nobody was told of ends by
        itself. Raises ``MethodNotOffered``, ``RuleViolated`` for one too many, ``Unavailable``.
        """
        name = self._providers.methods.get(method)
        if name is None:
            raise MethodNotOffered([offered.value for offered in self._providers.methods])
        if len(await self._repository.saved_of(customer_id)) >= MOST_SAVED:
            raise RuleViolated(f"There are {MOST_SAVED} saved ways to pay.", code="too-many")
        sign_up = SignUp(SavedMethodId(self._ids.new()), method)
        vault = self._providers.named(name).vault
        action = await self._guard.call(lambda: vault.begin(sign_up))
        now = self._clock.now()
        reference = action.reference or ""
        saved = SavedMethod(sign_up.id, customer_id, method, name, reference, now, now, None)
        saved.look_again(now)
        changes = Changes()
        changes.save(saved)
        return Outcome(saved, changes), action

    async def prefer(self, saved_id: SavedMethodId) -> Outcome[SavedMethod]:
        """Make one that is ready the default; raises ``UnknownSavedMethod``."""
        saved = await self.saved(saved_id)
        if saved.status is not SavedStatus.READY:
            raise UnknownSavedMethod(saved_id)
        saved.prefer(self._clock.now())
        changes = Changes()
        changes.save(saved)
        return Outcome(saved, changes)

    async def remove(self, saved_id: SavedMethodId) -> Outcome[None]:
        """Use one no more; the provider forgets it soon. Raises ``UnknownSavedMethod``."""
        changes = Changes()
        self.drop(await self.saved(saved_id), changes)
        return Outcome(None, changes)

    async def drop_all(self, customer_id: CustomerId, changes: Changes) -> None:
        """Remove everything that an erased customer kept."""
        for saved in await self._repository.saved_of(customer_id):
            self.drop(saved, changes)

    def drop(self, saved: SavedMethod, changes: Changes) -> None:
        """Remove one with these changes, and have the provider forget it."""
        saved.remove(self._clock.now())
        changes.save(saved)
        changes.then(lambda: self.wake(saved.id))

    async def token_for(
        self,
        customer_id: CustomerId | None,
        method: PaymentMethod,
        given: str | None,
        *,
        off_session: bool = False,
    ) -> str | None:
        """Return the provider's token for what a customer pays with.

        ``given`` is the id of one of their saved ways to pay, or a provider's token as it is.
        Without it the default is charged when nobody is there (``off_session``). Raises
        ``InvalidInput`` for what they have not saved, or nothing to charge.
        """
        if given is not None and is_id(given):
            chosen = [one for one in await self._usable(customer_id, method) if one.id == given]
            if not chosen:
                raise InvalidInput.at("/paymentToken", "is not a saved way to pay of this customer")
            return chosen[0].token
        if given is not None or not off_session:
            return given
        default = default_of(await self._usable(customer_id, method))
        if default is None and self._providers.named(self._providers.methods[method]).needs_token:
            raise InvalidInput.at("", "There is no saved way to pay: save one, then go on.")
        return default.token if default else None

    async def _usable(
        self, customer_id: CustomerId | None, method: PaymentMethod
    ) -> list[SavedMethod]:
        """Return what a customer can pay with by a method at the provider that takes it today."""
        known = await self._repository.saved_of(customer_id) if customer_id else []
        wanted = (SavedStatus.READY, method, self._providers.methods.get(method))
        return [one for one in known if (one.status, one.method, one.provider) == wanted]

    async def returned(self, saved_id: SavedMethodId) -> None:
        """Look at the sign-up of a customer who comes back; raises ``UnknownSavedMethod``."""
        await self.saved(saved_id)
        await self.look(saved_id)

    # What goes on in the background.

    async def due(self) -> list[SavedMethodId]:
        """Return those of which the provider has to be asked."""
        return await self._repository.saved_due(self._clock.now(), DUE_BATCH)

    async def look(self, saved_id: SavedMethodId) -> None:
        """Find out what became of a sign-up, or have the provider forget what was removed.

        Both may be repeated, in any number of processes. A provider that is away is asked later.
        """
        saved = await self._repository.find_saved(saved_id)
        if saved is None or saved.status is SavedStatus.READY:
            return
        try:
            vault = self._providers.named(saved.provider).vault
            if saved.status is SavedStatus.PENDING:
                await self._find_out(saved, vault)
            else:
                await self._forget(saved, vault)
        except Unavailable as error:
            _log.warning("saved payment method waits", saved_id=saved_id, reason=error.code)
            await self._change(saved_id, lambda latest: latest.look_again(self._clock.now()))

    async def _find_out(self, saved: SavedMethod, vault: Vault) -> None:
        result = await self._guard.call(lambda: vault.find(_sign_up(saved)))
        now = self._clock.now()
        if isinstance(result, Kept):
            await self._change(saved.id, lambda latest: _keep(latest, result, self._clock))
        elif isinstance(result, Declined) or saved.is_abandoned(now):
            await self._discard(saved.id, SavedStatus.PENDING)
        else:
            await self._change(saved.id, lambda latest: latest.look_again(now))

    async def _forget(self, saved: SavedMethod, vault: Vault) -> None:
        token = saved.token
        if token is None:
            result = await self._guard.call(lambda: vault.find(_sign_up(saved)))
            token = result.token if isinstance(result, Kept) else None
        if token is not None:
            await self._guard.call(lambda: vault.forget(token))
        await self._discard(saved.id, SavedStatus.REMOVED)

    async def _change(
        self, saved_id: SavedMethodId, decide: Callable[[SavedMethod], object]
    ) -> None:
        async def use_case() -> Outcome[None]:
            latest = await self._repository.find_saved(saved_id)
            if latest is None or latest.status is SavedStatus.READY:
                return unchanged(None)
            decide(latest)
            changes = Changes()
            changes.save(latest)
            return Outcome(None, changes)

        await commit_outcome(self._repository, use_case)

    async def _discard(self, saved_id: SavedMethodId, expected: SavedStatus) -> None:
        async def use_case() -> Outcome[None]:
            latest = await self._repository.find_saved(saved_id)
            changes = Changes()
            if latest is not None and latest.status is expected:
                changes.remove(latest)
            return Outcome(None, changes)

        await commit_outcome(self._repository, use_case)


def _sign_up(saved: SavedMethod) -> SignUp:
    return SignUp(saved.id, saved.method, saved.reference)


def _keep(latest: SavedMethod, kept: Kept, clock: Clock) -> None:
    """Keep what the provider told; of one that was removed meanwhile, only to have it forgotten."""
    if latest.status is SavedStatus.PENDING:
        latest.keep(kept.token, kept.likeness, clock.now())
    else:
        latest.token = kept.token
