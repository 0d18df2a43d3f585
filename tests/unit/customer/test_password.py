"""Which passwords are taken."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibble.services.customer.adapters.blocklist import common_passwords
from kibble.services.customer.errors import PasswordRefused
from kibble.services.customer.model import OWNERS_EXAMPLE, PasswordPolicy, fold

BLOCKED = common_passwords()
PRODUCTION = PasswordPolicy(BLOCKED)
DEVELOPMENT = PasswordPolicy(BLOCKED, exempt=frozenset({OWNERS_EXAMPLE}))


class TestLength:
    @pytest.mark.parametrize("password", ["", "kib7ble", "x" * 129])
    def test_refuses_what_is_too_short_or_too_long(self, password: str) -> None:
        with pytest.raises(PasswordRefused) as refusal:
            PRODUCTION.check(password)
        assert [error.pointer for error in refusal.value.errors] == ["/password"]

    @pytest.mark.parametrize("password", ["kib7bles", "x1" * 64, "пароль-для-кота", "🐶🐱" * 4])
    def test_takes_any_8_to_128_characters(self, password: str) -> None:
        PRODUCTION.check(password)


class TestBlockList:
    def test_refuses_every_listed_password_in_production(self) -> None:
        assert len(BLOCKED) > 10_000
        for password in BLOCKED:
            with pytest.raises(PasswordRefused):
                PRODUCTION.check(password)

    @pytest.mark.parametrize("password", ["Password", "ILOVEYOU", "１２３４５６７８"])
    def test_case_and_width_do_not_hide_a_common_password(self, password: str) -> None:
        with pytest.raises(PasswordRefused):
            DEVELOPMENT.check(password)

    def test_the_owners_example_passes_outside_production_alone(self) -> None:
        DEVELOPMENT.check(OWNERS_EXAMPLE, "johndoe", "johndoe@example.com")
        with pytest.raises(PasswordRefused):
            PRODUCTION.check(OWNERS_EXAMPLE)

    def test_outside_production_other_common_passwords_are_still_refused(self) -> None:
        with pytest.raises(PasswordRefused):
            DEVELOPMENT.check("password1")


class TestContext:
    @pytest.mark.parametrize("password", ["JaneMiller", "jane.m@example.com", "Jane.Miller.9"])
    def test_refuses_the_persons_own_name_and_address(self, password: str) -> None:
        about = ("janemiller", "jane.m@example.com", "jane.miller.9@example.com")
        with pytest.raises(PasswordRefused):
            PRODUCTION.check(password, *about)

    @pytest.mark.parametrize(
        "password",
        [
            "Kibble2026!",
            "pet-shop-1",
            "dogcatdog",
            "ADMIN_admin",
            "1kibble kibble",
            "ｋｉｂｂｌｅ１２",
        ],
    )
    def test_refuses_what_is_made_of_the_shops_own_words(self, password: str) -> None:
        with pytest.raises(PasswordRefused):
            PRODUCTION.check(password)

    @pytest.mark.parametrize("password", ["kibble for two rabbits", "catalonia-1714", "petrichor"])
    def test_takes_those_words_beside_others(self, password: str) -> None:
        PRODUCTION.check(password)


@given(st.text(min_size=8, max_size=128))
def test_refuses_nothing_but_the_listed_and_the_personal(password: str) -> None:
    try:
        PasswordPolicy(frozenset()).check(password, "rex")
    except PasswordRefused:
        assert fold(password) == "rex"
