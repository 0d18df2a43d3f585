"""Every use case of Customer that writes several documents, killed at each of its writes."""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import suppress
from itertools import count
from typing import TypeVar

import pytest
from joserfc.jwk import ECKey

from kibble.kernel.errors import Unavailable
from kibble.kernel.ids import CustomerId
from kibble.platform.clock import Uuid7Ids
from kibble.platform.engines.mongodb import Database
from kibble.platform.messaging.envelope import EnvelopeMaker
from kibble.platform.persistence.changes import Outcome
from kibble.platform.persistence.store import StoredReply
from kibble.platform.persistence.transaction import commit_outcome
from kibble.platform.security.tokens import TokenIssuer
from kibble.services.customer.adapters.argon2 import Argon2PasswordHasher
from kibble.services.customer.adapters.mongodb import MongoCustomerRepository
from kibble.services.customer.adapters.throttle import LocalThrottle
from kibble.services.customer.errors import CustomerNotFound
from kibble.services.customer.model import PasswordPolicy, Profile, Purpose
from kibble.services.customer.service import (
    AccessPolicy,
    CredentialService,
    CustomerService,
    Edit,
    ErasureService,
    Identities,
    SessionService,
)
from tests.fixtures.doubles import FakeClock, fake_ids
from tests.fixtures.engines import Space
from tests.fixtures.mongo import DyingDatabase, assert_all_or_nothing, fresh_database

pytestmark = pytest.mark.engine

TOO_LONG = 11.0
KEY = ECKey.generate_key("P-256", auto_kid=True)
PASSWORD = "correct horse"

T = TypeVar("T")

_seeds = count(100)


class Desk:
    """Customer's use cases as one process has them, over the database as that process sees it.

    What the use cases draw is the same for each ``seed``; the ids of commits always differ.
    """

    def __init__(self, database: Database, clock: FakeClock, seed: int) -> None:
        own_ids = Uuid7Ids(clock, random.Random(next(_seeds)))
        self.store = MongoCustomerRepository(database, EnvelopeMaker("customer", clock, own_ids))
        hasher = Argon2PasswordHasher(0, random.Random(seed), memory_kib=8, iterations=1)
        policy, ids = PasswordPolicy(frozenset()), fake_ids(clock, seed)
        chance = random.Random(seed)
        issuer = TokenIssuer(KEY, clock, ids)
        sessions = SessionService(
            self.store,
            Identities(self.store),
            AccessPolicy(issuer, strict=False),
            clock=clock,
            ids=ids,
            randomness=chance,
        )
        self.accounts = CustomerService(
            self.store,
            hasher,
            policy,
            clock=clock,
            ids=ids,
            neighbours=(),
            sessions=sessions,
            erasures=ErasureService(self.store, (), clock),
        )
        self.credentials = CredentialService(
            self.store,
            hasher,
            policy,
            clock=clock,
            ids=ids,
            randomness=chance,
            identities=Identities(self.store),
            sessions=sessions,
            throttle=LocalThrottle(clock),
        )

    async def run(
        self, use_case: Callable[[], Awaitable[Outcome[T]]], reply: StoredReply | None = None
    ) -> T:
        return await commit_outcome(self.store, use_case, seal=lambda _: reply)

    async def register(self, reply: StoredReply | None = None) -> CustomerId:
        opened = await self.run(
            lambda: self.accounts.register("jane", "jane@example.com", PASSWORD, Profile()), reply
        )
        return opened.id

    async def link(self, purpose: Purpose, email: str) -> str:
        """Ask for a one-time link, and return its secret."""
        await self.run(lambda: self.credentials.ask_for_link(purpose, email, "en"))
        (*_, token) = await self.store.many("tokens", {"email": email})
        link = await self.run(lambda: self.credentials.mint(token["_id"]))
        assert link is not None
        return link.token


class Shop:
    """One database, filled anew for each try, with one time and one customer."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self.clock = FakeClock()
        self.customer_id = CustomerId("")
        self.secret = ""

    async def empty(self) -> None:
        self.clock = FakeClock()

    async def with_jane(self) -> None:
        await self.empty()
        self.customer_id = await Desk(self.database, self.clock, 1).register()

    async def with_links(self) -> None:
        await self.with_jane()
        desk = Desk(self.database, self.clock, 2)
        await desk.link(Purpose.PASSWORD_RESET, "jane@example.com")
        self.secret = await desk.link(Purpose.PASSWORD_RESET, "jane@example.com")

    async def with_a_proposal(self) -> None:
        await self.with_jane()
        desk = Desk(self.database, self.clock, 2)
        await self.propose(desk)
        self.secret = await desk.link(Purpose.VERIFY_EMAIL, "jane@example.com")

    async def propose(self, desk: Desk) -> None:
        edit = Edit(username="jane", email="jane@work.example", profile=Profile())
        await desk.run(lambda: desk.accounts.revise(self.customer_id, lambda _: edit))

    def desk(self, database: Database) -> Desk:
        return Desk(database, self.clock, 9)

    async def later(self) -> None:
        self.clock.advance(TOO_LONG)
        await self.desk(self.database).store.recover()


@pytest.fixture
async def shop(mongodb: Space) -> AsyncIterator[Shop]:
    async with fresh_database(mongodb) as database:
        shop = Shop(database)
        await shop.desk(database).store.migrate()
        yield shop


async def test_opening_an_account(shop: Shop) -> None:
    async def attempt(database: Database) -> None:
        await shop.desk(database).register()

    assert await assert_all_or_nothing(shop.database, shop.empty, attempt, shop.later) > 4


async def test_opening_an_account_once_a_key(shop: Shop) -> None:
    reply = StoredReply("key", "print", 201, {"etag": "1"}, b"{}")

    async def attempt(database: Database) -> None:
        await shop.desk(database).register(reply)

    await assert_all_or_nothing(shop.database, shop.empty, attempt, shop.later)


async def test_proposing_another_address(shop: Shop) -> None:
    async def attempt(database: Database) -> None:
        await shop.propose(shop.desk(database))

    await assert_all_or_nothing(shop.database, shop.with_jane, attempt, shop.later)


async def test_setting_a_new_password(shop: Shop) -> None:
    async def attempt(database: Database) -> None:
        desk = shop.desk(database)
        await desk.run(lambda: desk.credentials.reset_password(shop.secret, "battery staple"))

    await assert_all_or_nothing(shop.database, shop.with_links, attempt, shop.later)


async def test_proving_an_address(shop: Shop) -> None:
    async def attempt(database: Database) -> None:
        desk = shop.desk(database)
        await desk.run(lambda: desk.credentials.verify_email(shop.secret))

    await assert_all_or_nothing(shop.database, shop.with_a_proposal, attempt, shop.later)


async def test_erasing_a_customer(shop: Shop) -> None:
    async def attempt(database: Database) -> None:
        desk = shop.desk(database)
        await desk.run(lambda: desk.accounts.erase(shop.customer_id))

    await assert_all_or_nothing(shop.database, shop.with_links, attempt, shop.later)


async def test_a_use_case_finishes_by_itself_what_another_process_left(shop: Shop) -> None:
    await shop.with_links()
    dying = shop.desk(DyingDatabase(shop.database, 5).seen)
    with pytest.raises(Unavailable):
        await dying.run(lambda: dying.accounts.erase(shop.customer_id))
    shop.clock.advance(TOO_LONG)
    desk = shop.desk(shop.database)
    with suppress(CustomerNotFound):
        await desk.run(lambda: desk.accounts.erase(shop.customer_id))
    assert await desk.store.customer(shop.customer_id) is None
    assert await desk.store.many("tokens", {}) == []
    assert await shop.database["customers"].count_documents({"lock": {"$exists": True}}) == 0
