"""Builds Customer for a profile; the only module that names its adapters."""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Protocol, TypeVar

from kibble.kernel.clock import Clock
from kibble.kernel.ids import IdSource, Randomness
from kibble.platform.config import Settings
from kibble.platform.engines.sqlite import Database, Durability, migrate
from kibble.platform.engines.sqlite.archive import SqliteArchive
from kibble.platform.messaging.envelope import EnvelopeMaker
from kibble.platform.persistence.archive import Archive
from kibble.platform.security.keys import KeyRing, key_path
from kibble.platform.security.sealing import seal_in, seal_of
from kibble.platform.security.tokens import TokenIssuer
from kibble.platform.service import Built, LocalStore, ServiceStore, World
from kibble.platform.tasks import Periodic
from kibble.services.customer import adapters
from kibble.services.customer.adapters.archive import (
    SHAPES,
    SQLITE_DERIVED,
    SQLITE_LEFT_OUT,
)
from kibble.services.customer.adapters.argon2 import Argon2PasswordHasher
from kibble.services.customer.adapters.blocklist import common_passwords
from kibble.services.customer.adapters.sqlite import SqliteCustomerRepository
from kibble.services.customer.adapters.throttle import LocalThrottle
from kibble.services.customer.adapters.webauthn import WebAuthn
from kibble.services.customer.client import CustomerClient
from kibble.services.customer.controller import (
    ClientController,
    CustomerController,
    ErasureController,
    OAuthController,
    PasskeyController,
    SecurityController,
    StaffController,
    client_routes,
    erasure_routes,
    oauth_routes,
    passkey_routes,
    routes,
    security_routes,
    staff_routes,
)
from kibble.services.customer.integration import (
    PasswordHasher,
    PersonalData,
    Sealing,
    Throttle,
    Tokens,
)
from kibble.services.customer.model import OWNERS_EXAMPLE, PasswordPolicy
from kibble.services.customer.repository import CustomerRepository
from kibble.services.customer.service import (
    AccessPolicy,
    ClientService,
    CredentialService,
    CustomerService,
    ErasureService,
    FactorService,
    Identities,
    OAuthService,
    PasskeyService,
    SessionService,
    SignInService,
    StaffService,
)


class _Store(CustomerRepository, ServiceStore, Protocol):
    """What Customer's use cases and the composition root need together."""


S = TypeVar("S", bound=_Store)

NAME = "customer"
SWEEP_SECONDS = 600.0
PROVE_SECONDS = 5.0


def build_embedded(
    data_dir: Path,
    clock: Clock,
    ids: IdSource,
    randomness: Randomness,
    *,
    production: bool = False,
    issuer: str = "http://localhost:8000",
    tokens: Tokens | None = None,
    neighbours: Sequence[PersonalData] = (),
    hasher: PasswordHasher | None = None,
    inline: bool = False,
) -> Built[CustomerClient, LocalStore]:
    """Build Customer over SQLite in ``data_dir``.

    Outside ``production`` the password of the API's example passes. ``neighbours`` add their parts
    to an export; the list may be filled later. ``inline`` writes and hashes in the loop, for the
    simulator, which may also bring a ``hasher`` that costs less.
    """
    database = Database(data_dir / f"{NAME}.db", Durability.FULL, inline=inline)
    migrate(database, adapters.__name__)
    store = SqliteCustomerRepository(database, EnvelopeMaker(NAME, clock, ids))
    threads = 0 if inline else os.cpu_count() or 1
    hasher = hasher or Argon2PasswordHasher(threads, randomness)
    world = World(clock, ids, randomness)
    tokens = tokens or _issuer(data_dir, world)
    return _assemble(
        store,
        world,
        hasher,
        tokens,
        neighbours,
        seal=seal_in(data_dir, randomness),
        throttle=LocalThrottle(clock),
        issuer=issuer,
        production=production,
    )


async def build_distributed(
    settings: Settings,
    world: World,
    *,
    tokens: Tokens | None = None,
    neighbours: Sequence[PersonalData] = (),
    hasher: PasswordHasher | None = None,
) -> Built[CustomerClient, ServiceStore]:
    """Build Customer over MongoDB, as one of several processes; see ``build_embedded``."""
    # The embedded profile has no MongoDB driver.
    from kibble.platform.engines.mongodb import open_database
    from kibble.services.customer.adapters.mongodb import (
        MongoCustomerRepository,
    )
    from kibble.services.customer.adapters.redis_throttle import RedisThrottle

    database, close = open_database(settings.mongodb_url, f"{settings.namespace}_{NAME}")
    store = MongoCustomerRepository(database, EnvelopeMaker(NAME, world.clock, world.ids))
    await store.migrate()
    throttle = RedisThrottle(settings.redis_url, settings.namespace, world.clock, world.ids)
    hasher = hasher or Argon2PasswordHasher(os.cpu_count() or 1, world.randomness)
    built: Built[CustomerClient, ServiceStore] = _assemble(
        store,
        world,
        hasher,
        tokens or _issuer(settings.data_dir, world),
        neighbours,
        seal=seal_of(settings, world.randomness),
        throttle=throttle,
        issuer=settings.public_url,
        production=settings.production,
    )
    return replace(built, outboxes=[store], closing=[close, throttle.close])


def _assemble(
    store: S,
    world: World,
    hasher: PasswordHasher,
    tokens: Tokens,
    neighbours: Sequence[PersonalData],
    *,
    seal: Sealing,
    throttle: Throttle,
    issuer: str,
    production: bool,
) -> Built[CustomerClient, S]:
    """Build what is the same over any store."""
    clock, ids = world.clock, world.ids
    exempt = frozenset[str]() if production else frozenset({OWNERS_EXAMPLE})
    policy = PasswordPolicy(common_passwords(), exempt=exempt)
    identities = Identities(store)
    randomness = world.randomness
    access = AccessPolicy(tokens, strict=production)
    sessions = SessionService(
        store, identities, access, clock=clock, ids=ids, randomness=randomness
    )
    factors = FactorService(
        store, identities, sessions, seal, clock=clock, ids=ids, randomness=randomness
    )
    passkeys = PasskeyService(store, factors, WebAuthn(issuer), clock=clock, randomness=randomness)
    signing_in = SignInService(
        store,
        hasher,
        sessions,
        throttle,
        factors=factors,
        passkeys=passkeys,
        tokens=tokens,
        clock=clock,
        ids=ids,
    )
    erasures = ErasureService(store, neighbours, clock)
    accounts = CustomerService(
        store,
        hasher,
        policy,
        clock=clock,
        ids=ids,
        neighbours=neighbours,
        sessions=sessions,
        erasures=erasures,
    )
    credentials = CredentialService(
        store,
        hasher,
        policy,
        clock=clock,
        ids=ids,
        randomness=randomness,
        identities=identities,
        sessions=sessions,
        throttle=throttle,
    )
    staff = StaffService(
        store, hasher, policy, sessions, clock=clock, ids=ids, randomness=randomness
    )
    oauth = OAuthService(
        store,
        identities,
        sessions,
        tokens,
        issuer=issuer,
        clock=clock,
        ids=ids,
        randomness=randomness,
    )
    clients = ClientService(store, clock=clock, ids=ids, randomness=randomness)
    table = [
        *routes(CustomerController(accounts, credentials, store, clock)),
        *security_routes(SecurityController(credentials, factors, sessions, store, clock)),
        *passkey_routes(PasskeyController(passkeys, store, clock)),
        *erasure_routes(ErasureController(erasures)),
        *staff_routes(StaffController(staff, store)),
        *client_routes(ClientController(clients, store)),
        *oauth_routes(OAuthController(oauth, store)),
    ]
    return Built(
        name=NAME,
        store=store,
        client=CustomerClient(accounts, credentials, signing_in, sessions, store),
        routes=table,
        publishes=frozenset({"customer_events", "notification_events"}),
        tasks=[
            Periodic("forget expired tokens", SWEEP_SECONDS, accounts.forget_expired, clock),
            Periodic("prove erasures", PROVE_SECONDS, erasures.prove, clock),
        ],
    )


def _issuer(data_dir: Path, world: World) -> Tokens:
    """Return what signs with the key in ``data_dir``."""
    return TokenIssuer(KeyRing.open(key_path(data_dir), world.clock), world.clock, world.ids)


def archive_embedded(data_dir: Path) -> Archive:
    """Return Customer's state in ``data_dir``, which nobody else may have open."""
    return SqliteArchive(
        data_dir / f"{NAME}.db", SHAPES, derived=SQLITE_DERIVED, left_out=SQLITE_LEFT_OUT
    )


async def archive_distributed(settings: Settings, world: World) -> Archive:
    """Return Customer's state on MongoDB. Raises ``Unavailable``."""
    from kibble.platform.engines.mongodb import open_database
    from kibble.services.customer.adapters.mongodb import MongoCustomerRepository
    from kibble.services.customer.adapters.mongodb_archive import customer_archive

    database, close = open_database(settings.mongodb_url, f"{settings.namespace}_{NAME}")
    store = MongoCustomerRepository(database, EnvelopeMaker(NAME, world.clock, world.ids))
    await store.migrate()
    return customer_archive(NAME, store, close)
