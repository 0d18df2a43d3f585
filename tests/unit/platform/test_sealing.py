"""Secrets that are kept sealed, by keys that follow one another."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from kibble.platform.security.sealing import (
    Seal,
    add_sealing_key,
    open_sealing_keys,
    read_sealing_keys,
)

OLD, NEW = b"o" * 32, b"n" * 32
TEXT = "bm5u" * 10 + "bm4"
"""``NEW`` in base64url."""


def sealing(**keys: bytes) -> Seal:
    return Seal(keys, random.Random(7))


def test_what_is_sealed_opens_for_what_it_is_about_alone() -> None:
    seal = sealing(k=OLD)
    sealed = seal.seal("JBSWY3DP", "a1")
    assert "JBSWY3DP" not in sealed
    assert seal.open(sealed, "a1") == "JBSWY3DP"
    assert seal.open(sealed, "a2") is None


def test_the_same_secret_is_sealed_differently_each_time() -> None:
    seal = sealing(k=OLD)
    assert seal.seal("x", "a1") != seal.seal("x", "a1")


def test_what_was_changed_cut_or_made_up_does_not_open() -> None:
    seal = sealing(k=OLD)
    sealed = seal.seal("secret", "a1")
    changed = sealed[:-3] + ("A" if sealed[-3] != "A" else "B") + sealed[-2:]
    for other in (changed, sealed[:-8], "k.", "k.AA", "k", "", "JBSWY3DP", f"other{sealed[1:]}"):
        assert seal.open(other, "a1") is None


def test_a_new_key_seals_and_the_old_one_still_opens() -> None:
    sealed = sealing(old=OLD).seal("secret", "a1")
    both = sealing(old=OLD, new=NEW)
    assert both.open(sealed, "a1") == "secret"
    assert both.is_outdated(sealed)
    assert not both.is_outdated(both.seal("secret", "a1"))
    assert sealing(new=NEW).open(sealed, "a1") is None


def test_keys_of_a_folder_are_made_once_and_added_to(tmp_path: Path) -> None:
    path, dice = tmp_path / "shop" / "sealing-key.json", random.Random(1)
    first = open_sealing_keys(path, dice)
    assert open_sealing_keys(path, dice) == first
    assert path.stat().st_mode & 0o077 == 0
    assert add_sealing_key(path, dice) == "k2"
    assert list(open_sealing_keys(path, dice)) == ["k1", "k2"]
    assert open_sealing_keys(path, dice)["k1"] == first["k1"]


def test_keys_of_a_setting_are_read_in_their_order() -> None:
    assert read_sealing_keys(f"k1:{TEXT} k2:{TEXT}=") == {"k1": NEW, "k2": NEW}


@pytest.mark.parametrize(
    "setting", ["k1", "k1:AAAA", ":" + "bm5u" * 10 + "bm4", "k.1:" + "bm5u" * 10 + "bm4"]
)
def test_a_setting_that_is_no_key_is_refused(setting: str) -> None:
    with pytest.raises(ValueError, match="256 bits"):
        read_sealing_keys(setting)
