"""Card numbers, which Kibble never takes: it knows one when it sees it."""

from __future__ import annotations

from collections.abc import Sequence

LENGTHS = range(13, 20)


def is_card_number(text: str) -> bool:
    """Tell whether ``text`` is 13 to 19 digits with a valid check digit (ISO/IEC 7812-1, Luhn)."""
    digits = [int(character) for character in text if character.isascii() and character.isdigit()]
    if len(digits) not in LENGTHS or text.strip("0123456789 -"):
        return False
    return has_check_digit(digits)


def has_check_digit(digits: Sequence[int]) -> bool:
    """Tell whether the last of ``digits`` is their check digit (ISO/IEC 7812-1, annex B: Luhn)."""
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return (sum(digits[::-2]) + sum(doubled)) % 10 == 0
