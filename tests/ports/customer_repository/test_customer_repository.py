"""What every ``CustomerRepository`` does."""

from __future__ import annotations

import dataclasses
from datetime import UTC, date, datetime, timedelta
from typing import Any

import msgspec
import pytest

from kibble.kernel.errors import StaleVersion
from kibble.kernel.ids import CustomerId
from kibble.kernel.words import terms
from kibble.platform.persistence.changes import Changes
from kibble.services.customer.adapters.mongodb import MongoCustomerRepository
from kibble.services.customer.adapters.sqlite import SqliteCustomerRepository
from kibble.services.customer.model import (
    Address,
    Customer,
    HeldUsername,
    OneTimeToken,
    Pet,
    Phone,
    Preferences,
    Profile,
    Purpose,
)
from kibble.services.customer.repository import CustomerRepository

NOW = datetime(2026, 3, 2, 15, 0, 0, 123456, tzinfo=UTC)
JANE = CustomerId("0193a7f0-0000-7000-8000-000000000001")
EVE = CustomerId("0193a7f0-0000-7000-8000-000000000002")
HOME = Address(street="123 Main St", city="Boston", state="MA", zip_code="02118", street2="Apt 4")
REX = Pet(
    name="Rex",
    species="dog",
    breed="Beagle",
    birthday=date(2021, 5, 4),
    weight_grams=14_200,
    allergies=("chicken", "wheat"),
)


def jane(
    customer_id: CustomerId = JANE, username: str = "Jane", email: str = "Jane@example.com"
) -> Customer:
    customer = Customer.register(
        customer_id,
        username=username,
        email=email,
        password_hash="$argon2id$",
        profile=Profile(
            name="Jané Miller",
            address=HOME,
            addresses=(HOME, dataclasses.replace(HOME, country="CA", zip_code="K1A0B1")),
            phone=Phone("(212) 555-0100", "+12125550100"),
            preferences=Preferences(email_notifications=False, sms_notifications=True),
            pets=(REX,),
        ),
        now=NOW,
    )
    customer.email_verified_at = NOW
    customer.pending_email = "jane@work.example"
    return customer


async def save(
    repository: CustomerRepository, *aggregates: Customer | HeldUsername | OneTimeToken
) -> None:
    changes = Changes()
    for aggregate in aggregates:
        changes.save(aggregate)
    await repository.commit(changes)


class TestAccounts:
    async def test_gives_back_what_was_saved(self, repository: CustomerRepository) -> None:
        await save(repository, jane())
        found = await repository.customer(JANE)
        assert found == dataclasses.replace(jane(), version=1)

    async def test_gives_back_an_account_with_nothing_in_it(
        self, repository: CustomerRepository
    ) -> None:
        bare = jane()
        bare.profile, bare.pending_email, bare.email_verified_at = Profile(), None, None
        await save(repository, bare)
        assert await repository.customer(JANE) == bare

    async def test_finds_by_username_and_address_in_any_case(
        self, repository: CustomerRepository
    ) -> None:
        await save(repository, jane())
        for found in (
            await repository.customer_by_username("JANE"),
            await repository.customer_by_email("jane@EXAMPLE.com"),
        ):
            assert found is not None
            assert found.id == JANE
        assert await repository.customer_by_username("jane@example.com") is None
        assert await repository.customer_by_email("jane@work.example") is None
        assert await repository.customer(EVE) is None

    @pytest.mark.parametrize(
        "other", [jane(EVE, username="jANE", email="e@example.com"), jane(EVE, username="eve")]
    )
    async def test_refuses_a_second_account_with_the_same_username_or_address(
        self, repository: CustomerRepository, other: Customer
    ) -> None:
        await save(repository, jane())
        with pytest.raises(StaleVersion):
            await save(repository, dataclasses.replace(other, version=0))
        assert await repository.customer(EVE) is None

    async def test_refuses_to_overwrite_what_was_changed_meanwhile(
        self, repository: CustomerRepository
    ) -> None:
        await save(repository, jane())
        mine, theirs = await repository.customer(JANE), await repository.customer(JANE)
        assert mine is not None
        assert theirs is not None
        await save(repository, theirs)
        with pytest.raises(StaleVersion):
            await save(repository, mine)

    async def test_forgets_what_is_removed(self, repository: CustomerRepository) -> None:
        await save(repository, jane())
        found = await repository.customer(JANE)
        assert found is not None
        changes = Changes()
        changes.remove(found)
        await repository.commit(changes)
        assert await repository.customer(JANE) is None
        await save(repository, jane(EVE))


class TestFinding:
    async def found(self, repository: CustomerRepository, text: str) -> list[CustomerId]:
        return [c.id for c in (await repository.customers(terms(text), 10, None)).items]

    async def test_goes_by_the_beginning_of_words(self, repository: CustomerRepository) -> None:
        await save(repository, jane(), jane(EVE, "Eve", "eve@example.com"))
        assert await self.found(repository, "mill JANE") == [EVE, JANE]
        assert await self.found(repository, "eve@ex") == [EVE]
        assert await self.found(repository, "212555") == [EVE, JANE]
        assert await self.found(repository, JANE) == [JANE]
        assert await self.found(repository, "iller") == []

    async def test_goes_page_by_page(self, repository: CustomerRepository) -> None:
        await save(repository, jane(), jane(EVE, "Eve", "eve@example.com"))
        first = await repository.customers((), 1, None)
        second = await repository.customers((), 1, first.cursor)
        assert [c.id for c in (*first.items, *second.items)] == [EVE, JANE]
        assert second.cursor is None

    async def test_follows_what_changes_and_what_goes(self, repository: CustomerRepository) -> None:
        await save(repository, jane())
        found = await repository.customer(JANE)
        assert found is not None
        found.profile = Profile(name="Jo Baker")
        await save(repository, found)
        assert await self.found(repository, "miller") == []
        assert await self.found(repository, "baker") == [JANE]
        changes = Changes()
        changes.remove(found)
        await repository.commit(changes)
        assert await self.found(repository, "baker") == []


class TestTokens:
    TOKEN = OneTimeToken(
        id="t1",
        purpose=Purpose.PASSWORD_RESET,
        email="Jane@example.com",
        expires_at=NOW,
        customer_id=JANE,
    )

    async def test_gives_back_what_was_saved(self, repository: CustomerRepository) -> None:
        token = dataclasses.replace(self.TOKEN)
        await save(repository, token)
        assert await repository.token("t1") == token
        assert await repository.token("t2") is None

    async def test_finds_those_of_an_account_and_those_for_its_address(
        self, repository: CustomerRepository
    ) -> None:
        proposal = dataclasses.replace(self.TOKEN, id="t2", email="jane@work.example")
        asked = dataclasses.replace(self.TOKEN, id="t3", email="JANE@example.com", customer_id=None)
        eves = dataclasses.replace(self.TOKEN, id="t4", email="e@example.com", customer_id=EVE)
        await save(repository, dataclasses.replace(self.TOKEN), proposal, asked, eves)
        found = await repository.tokens_of(jane())
        assert {token.id for token in found} == {"t1", "t2", "t3"}

    async def test_finds_by_the_digest_of_the_last_secret_alone(
        self, repository: CustomerRepository
    ) -> None:
        token = dataclasses.replace(self.TOKEN)
        await save(repository, token)
        for digest in ("first", "second"):
            token.mint(digest)
            await save(repository, token)
        assert await repository.token_by_digest("first") is None
        assert await repository.token_by_digest("second") == token

    async def test_forgets_what_expired(self, repository: CustomerRepository) -> None:
        live = dataclasses.replace(self.TOKEN, id="t2", expires_at=NOW + timedelta(seconds=1))
        await save(repository, dataclasses.replace(self.TOKEN), live)
        assert await repository.forget_expired(NOW) == 1
        assert await repository.tokens_of(jane()) == [live]


class TestHeldUsernames:
    async def test_are_held_in_any_case_until_their_time(
        self, repository: CustomerRepository
    ) -> None:
        held = HeldUsername.hold(EVE, "Taken", NOW)
        await save(repository, held)
        assert await repository.is_held("TAKEN", NOW)
        assert not await repository.is_held("TAKEN", held.until)
        assert not await repository.is_held("other", NOW)
        assert await repository.forget_expired(held.until) == 1


@pytest.mark.engine
async def test_mongodb_keeps_the_document_in_the_owners_shape(
    mongodb_repository: MongoCustomerRepository,
) -> None:
    await save(mongodb_repository, jane())
    document = await mongodb_repository.database["customers"].find_one({})
    assert document is not None
    assert_in_the_owners_shape(document)


async def test_sqlite_keeps_the_document_in_the_owners_shape(
    sqlite_repository: SqliteCustomerRepository,
) -> None:
    await save(sqlite_repository, jane())
    row = sqlite_repository.database.read_one("SELECT document FROM customers")
    assert row is not None
    assert_in_the_owners_shape(msgspec.json.decode(row[0]))


def assert_in_the_owners_shape(document: dict[str, Any]) -> None:
    assert document["customer_id"] == JANE
    assert document["name"] == "Jané Miller"
    assert document["email"] == "Jane@example.com"
    address = {"street": "123 Main St", "city": "Boston", "state": "MA", "zipcode": "02118"}
    assert document["address"].items() >= address.items()
    assert document["phone"] == "(212) 555-0100"
    assert document["preferences"] == {"email_notifications": False, "sms_notifications": True}
