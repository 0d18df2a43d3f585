r"""The rules for what identifies and reaches a person: username and phone number.

The patterns are regular expressions that Python and JSON Schema read alike. Each ends in
``$(?!\n)`` because Python's ``$`` alone also matches before a last line break.
"""

from __future__ import annotations

from dataclasses import dataclass

import phonenumbers

from kibble.kernel.personal import Personal

HOME_REGION = "US"
"""The ISO 3166 country in which a number without a country code is read."""

USERNAME_PATTERN = r"^[A-Za-z0-9._-]{3,50}$(?!\n)"
"""3 to 50 letters, digits, dots, underscores and hyphens."""

PHONE_PATTERN = r"^[0-9+(](?:[ ().+/#xX-]{0,3}[0-9]){2,20}$(?!\n)"
"""At least three digits, with what people write between them."""


def fold(text: str) -> str:
    """Return the form of a username or e-mail address that tells two of them apart."""
    return text.casefold()


@dataclass(frozen=True, slots=True)
class Phone:
    """A phone number as the customer wrote it, and in E.164 when it is a real one."""

    given: Personal[str]
    e164: Personal[str | None]

    @classmethod
    def read(cls, given: str, region: str = HOME_REGION) -> Phone:
        """Read what a customer of ``region`` wrote; what cannot be dialled is kept all the same."""
        try:
            number = phonenumbers.parse(given, region)
        except phonenumbers.NumberParseException:
            return cls(given, None)
        if not phonenumbers.is_valid_number(number):
            return cls(given, None)
        return cls(given, phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
