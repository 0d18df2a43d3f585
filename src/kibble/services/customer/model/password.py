"""Which passwords are taken: by length and block list, never by composition (NIST SP 800-63B)."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Container

from kibble.services.customer.errors import PasswordRefused
from kibble.services.customer.model.identity import fold

MIN_PASSWORD = 8
MAX_PASSWORD = 128

CONTEXT = (
    "kibble pets pet shop store dogs dog puppy cats cat kitten customer support"
    " merchandiser warehouse finance admin staff password welcome"
)
"""What an attacker tries first in this shop: its name, what it sells, who works there.

A password of nothing but these, digits and signs is refused (OWASP ASVS 5.0, 6.1.2).
"""

OWNERS_EXAMPLE = "password123"
"""The password of the API's example; outside production it passes in spite of the block list."""


_OF_CONTEXT = re.compile(rf"[^a-z]*(?:(?:{'|'.join(CONTEXT.split())})[^a-z]*)+", re.ASCII)


class PasswordPolicy:
    """Refuses what an attacker tries first; any other 8 to 128 characters pass."""

    def __init__(self, blocked: Container[str], *, exempt: frozenset[str] = frozenset()) -> None:
        """Take the block list in case-folded form, and the passwords that pass in spite of it."""
        self._blocked = blocked
        self._exempt = exempt

    def check(self, password: str, *about: str) -> None:
        """Accept ``password`` for somebody who is known by the names and addresses ``about``.

        Raises ``PasswordRefused``.
        """
        length = len(password)
        if not MIN_PASSWORD <= length <= MAX_PASSWORD:
            raise PasswordRefused(f"must have {MIN_PASSWORD} to {MAX_PASSWORD} characters")
        candidate = fold(unicodedata.normalize("NFKC", password))
        if password not in self._exempt and candidate in self._blocked:
            raise PasswordRefused("is among the most common passwords; please choose another")
        if candidate in _names(about):
            raise PasswordRefused("must not be your username or e-mail address")
        if password not in self._exempt and _OF_CONTEXT.fullmatch(candidate):
            raise PasswordRefused("is made of words that are tried first in a shop like this one")


def _names(about: tuple[str, ...]) -> set[str]:
    """Return what is too near to the person: each name, and the local part of each address."""
    names = {fold(name) for name in about}
    return names | {name.partition("@")[0] for name in names}
