"""The account's own decisions."""

from __future__ import annotations

import dataclasses
from datetime import UTC, datetime, timedelta

import pytest

from kibble.kernel.ids import CustomerId
from kibble.services.customer.errors import TokenRefused
from kibble.services.customer.model import Address, Customer, Pet, Profile

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
LATER = NOW + timedelta(hours=1)


def jane(email: str = "jane@example.com") -> Customer:
    return Customer.register(
        CustomerId("0193a7f0-0000-7000-8000-000000000001"),
        username="jane",
        email=email,
        password_hash="hash",
        profile=Profile(),
        now=NOW,
    )


class TestRevise:
    def test_takes_a_new_profile(self) -> None:
        customer = jane()
        rex = Pet(name="Rex", species="dog", allergies=("chicken",))
        assert customer.revise("jane.m", Profile(name="Jane", pets=(rex,)), LATER)
        assert (customer.username, customer.profile.pets) == ("jane.m", (rex,))
        assert (customer.updated_at, customer.created_at) == (LATER, NOW)

    def test_the_same_profile_again_changes_nothing(self) -> None:
        customer = jane()
        assert not customer.revise("jane", Profile(), LATER)
        assert customer.updated_at == NOW

    def test_the_display_name_falls_back_to_the_username(self) -> None:
        customer = jane()
        assert customer.display_name == "jane"
        customer.revise("jane", Profile(name="Jane Miller"), LATER)
        assert customer.display_name == "Jane Miller"


class TestChangeOfEmail:
    def test_messages_go_to_the_old_address_until_the_new_one_is_proven(self) -> None:
        customer = jane()
        assert customer.propose_email("jane@work.example", LATER)
        assert (customer.email, customer.pending_email) == ("jane@example.com", "jane@work.example")
        assert customer.prove_email("jane@work.example", LATER)
        assert (customer.email, customer.pending_email) == ("jane@work.example", None)
        assert customer.email_verified_at == LATER

    def test_the_same_proposal_again_asks_again(self) -> None:
        customer = jane()
        assert customer.propose_email("jane@work.example", NOW)
        assert customer.propose_email("jane@work.example", LATER)

    def test_the_present_address_is_nothing_to_prove_and_keeps_a_proposal(self) -> None:
        customer = jane()
        customer.propose_email("jane@work.example", NOW)
        assert not customer.propose_email("Jane@Example.com", LATER)
        assert customer.pending_email == "jane@work.example"

    def test_only_the_last_proposal_can_be_proven(self) -> None:
        customer = jane()
        customer.propose_email("jane@work.example", NOW)
        customer.propose_email("jane@home.example", NOW)
        with pytest.raises(TokenRefused):
            customer.prove_email("jane@work.example", LATER)

    def test_proving_the_present_address_keeps_the_first_time(self) -> None:
        customer = jane()
        assert not customer.prove_email("jane@example.com", NOW)
        assert not customer.prove_email("jane@example.com", LATER)
        assert customer.email_verified_at == NOW

    def test_an_address_that_the_account_never_had_proves_nothing(self) -> None:
        with pytest.raises(TokenRefused):
            jane().prove_email("eve@example.com", NOW)


class TestNeedOfProof:
    def test_is_for_an_address_of_the_account_that_nobody_has_proven(self) -> None:
        customer = jane()
        assert customer.needs_proof("Jane@Example.com")
        customer.prove_email("jane@example.com", NOW)
        assert not customer.needs_proof("jane@example.com")

    def test_is_for_the_proposed_address_and_no_other(self) -> None:
        customer = jane()
        customer.propose_email("jane@work.example", NOW)
        assert customer.needs_proof("JANE@work.example")
        assert not customer.needs_proof("jane@home.example")

    def test_an_address_is_spelled_as_the_account_has_it(self) -> None:
        assert jane().spelled("JANE@EXAMPLE.COM") == "jane@example.com"
        assert jane().spelled("Jane@Work.example") == "Jane@Work.example"


class TestPassword:
    def test_a_new_password_ends_older_sessions(self) -> None:
        customer = jane()
        customer.change_password("other", LATER)
        assert (customer.password_hash, customer.credentials_changed_at) == ("other", LATER)

    def test_a_stronger_hash_of_the_same_password_ends_none(self) -> None:
        customer = jane()
        customer.rehash("stronger")
        assert (customer.password_hash, customer.credentials_changed_at) == ("stronger", NOW)


def test_values_inside_a_profile_cannot_change_under_it() -> None:
    address = Address(street="123 Main St", city="Boston", state="MA", zip_code="02118")
    with pytest.raises(dataclasses.FrozenInstanceError):
        address.city = "Salem"  # type: ignore[misc]  # the point of the test
