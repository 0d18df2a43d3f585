"""Streams that are encrypted in chunks."""

from __future__ import annotations

import io
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from kibble.platform.security.encrypted import (
    CHUNK,
    TAG_BYTES,
    Damaged,
    Decrypting,
    Encrypting,
    WrongKey,
    is_encrypted,
    read_key,
)

KEY = bytes(range(32))
HEAD = 56


def sealed(content: bytes, parts: int = 3) -> bytes:
    file = io.BytesIO()
    with Encrypting(file, KEY, random.Random(3)) as stream:
        size = len(content) // parts + 1
        for start in range(0, len(content), size):
            stream.write(content[start : start + size])
    return file.getvalue()


def opened(content: bytes, key: bytes = KEY) -> bytes:
    return io.BufferedReader(Decrypting(io.BytesIO(content), key)).read()


@settings(max_examples=10, deadline=None)
@given(st.sampled_from([0, 1, CHUNK - 1, CHUNK, CHUNK + 1, 2 * CHUNK]), st.integers(1, 5))
def test_what_was_written_is_read_whatever_its_parts(size: int, parts: int) -> None:
    content = random.Random(size).randbytes(size)
    assert opened(sealed(content, parts)) == content


def test_another_key_is_told_from_damage() -> None:
    with pytest.raises(WrongKey):
        opened(sealed(b"secret"), bytes(32))
    with pytest.raises(Damaged):
        opened(b"KIBBLE-1")


def test_what_is_cut_off_at_a_chunk_or_turned_round_does_not_open() -> None:
    whole = sealed(bytes(2 * CHUNK + 9))
    part = CHUNK + TAG_BYTES
    head, first, second = whole[:HEAD], whole[HEAD : HEAD + part], whole[HEAD + part :][:part]
    last = whole[HEAD + 2 * part :]
    assert opened(head + first + second + last)
    for spoilt in (head + first + second, head + second + first + last, head + first + last, head):
        with pytest.raises(Damaged):
            opened(spoilt)


def test_no_two_streams_of_one_key_are_alike() -> None:
    chance = random.Random(3)
    files = [io.BytesIO(), io.BytesIO()]
    for file in files:
        with Encrypting(file, KEY, chance) as stream:
            stream.write(b"the same")
    one, other = (file.getvalue()[HEAD:] for file in files)
    assert one != other
    assert is_encrypted(files[0].getvalue())


def test_a_key_is_256_bits_in_either_base64() -> None:
    assert read_key("//79" + "A" * 39 + "=\n")[:3] == b"\xff\xfe\xfd"
    assert read_key("__79" + "A" * 39) == read_key("//79" + "A" * 39 + "=")
    for wrong in ("", "AAAA", "not base64 at all!"):
        with pytest.raises(ValueError, match=r".+"):
            read_key(wrong)
