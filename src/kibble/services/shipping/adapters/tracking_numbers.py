"""Tracking numbers in the carriers' own forms, with valid check digits."""

from __future__ import annotations

from hashlib import blake2b

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_FEDEX_WEIGHTS = (3, 1, 7, 3, 1, 7, 3, 1, 7, 3, 1)


def ups_check_digit(body: str) -> int:
    """Return the last digit of a UPS number, from the 15 characters between ``1Z`` and it.

    Letters count from A = 2, modulo 10; every second character counts double.
    """
    values = [int(c) if c.isdigit() else (ord(c) - ord("A") + 2) % 10 for c in body]
    return -(sum(values[::2]) + 2 * sum(values[1::2])) % 10


def fedex_check_digit(body: str) -> int:
    """Return the last digit of a 12-digit FedEx Express number, from the 11 digits before it."""
    weighted = zip(body, _FEDEX_WEIGHTS, strict=True)
    return sum(int(digit) * weight for digit, weight in weighted) % 11 % 10


def ups_number(seed: str, service: str) -> str:
    """Return the UPS number of ``seed``: shipper, two digits of service, package, check digit."""
    number = _digest(seed)
    shipper = ""
    for _ in range(6):
        number, place = divmod(number, len(_ALPHABET))
        shipper += _ALPHABET[place]
    body = f"{shipper}{service}{number % 10**7:07d}"
    return f"1Z{body}{ups_check_digit(body)}"


def fedex_number(seed: str) -> str:
    """Return the 12-digit FedEx number of ``seed``."""
    body = f"{_digest(seed) % 10**11:011d}"
    return f"{body}{fedex_check_digit(body)}"


def _digest(seed: str) -> int:
    return int.from_bytes(blake2b(seed.encode(), digest_size=16).digest())
