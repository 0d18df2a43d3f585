"""A postal address, as requests, events and carriers share it."""

from __future__ import annotations

from typing import Annotated

import msgspec

from kibble.kernel.personal import Personal

Text = Annotated[str, msgspec.Meta(min_length=1, max_length=200)]
ZipCode = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^[0-9]{5}(-[0-9]{4})?$(?!\n)",
        description="five digits or ZIP+4, such as 94043",
        examples=["94043"],
    ),
]
StateCode = Annotated[
    str,
    msgspec.Meta(pattern=r"^[A-Za-z]{2}$(?!\n)", description="a state's two letters, such as CA"),
]
CountryCode = Annotated[
    str,
    msgspec.Meta(
        pattern=r"^[A-Z]{2}$(?!\n)",
        description="a country's two letters (ISO 3166-1), such as US",
    ),
]


class Address(
    msgspec.Struct,
    frozen=True,
    kw_only=True,
    rename="camel",
    forbid_unknown_fields=True,
    omit_defaults=True,
):
    """A United States postal address; ``zip_code`` is five digits or ZIP+4."""

    street: Personal[Text]
    city: Personal[Annotated[str, msgspec.Meta(min_length=1, max_length=100)]]
    state: Personal[Annotated[str, msgspec.Meta(min_length=2, max_length=50)]]
    zip_code: Personal[ZipCode]
    name: Personal[Text | None] = None
    street2: Personal[Text | None] = None
    country: Personal[CountryCode] = "US"
