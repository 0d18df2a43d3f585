"""The rules for usernames and phone numbers."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibble.services.customer.model import (
    PHONE_PATTERN,
    USERNAME_PATTERN,
    Phone,
)


class TestUsername:
    @pytest.mark.parametrize("username", ["johndoe", "J.D", "a_b-c.9", "x" * 50])
    def test_takes_letters_digits_dots_underscores_and_hyphens(self, username: str) -> None:
        assert re.search(USERNAME_PATTERN, username)

    @pytest.mark.parametrize(
        "username", ["jd", "x" * 51, "john doe", "jöhn", "john\n", "\njohn", "a@b.co", "<b>x</b>"]
    )
    def test_refuses_anything_else(self, username: str) -> None:
        assert not re.search(USERNAME_PATTERN, username)


class TestPhone:
    @pytest.mark.parametrize(
        "given", ["123-456-7890", "+1 (212) 555-0100", "212.555.0100 x12", "911", "(0)30/1234-56"]
    )
    def test_takes_what_people_write(self, given: str) -> None:
        assert re.search(PHONE_PATTERN, given)

    @pytest.mark.parametrize(
        "given",
        ["", "12", "call me", "+++++", "1" * 41, "555-0100\n", "1" + "-" * 50 + "23", "555 ext"],
    )
    def test_refuses_what_is_no_number(self, given: str) -> None:
        assert not re.search(PHONE_PATTERN, given)

    def test_reads_a_real_number_as_e164(self) -> None:
        assert Phone.read("(212) 555-0100") == Phone("(212) 555-0100", "+12125550100")
        assert Phone.read("+44 20 7946 0958").e164 == "+442079460958"

    def test_keeps_the_owners_example_which_nobody_can_dial(self) -> None:
        assert Phone.read("123-456-7890") == Phone("123-456-7890", None)

    @given(st.text("0123456789 ().+/#xX-", max_size=40))
    def test_reading_keeps_what_was_given_whatever_it_is(self, given: str) -> None:
        phone = Phone.read(given)
        assert phone.given == given
        assert phone.e164 is None or re.fullmatch(r"\+[0-9]{7,15}", phone.e164)
