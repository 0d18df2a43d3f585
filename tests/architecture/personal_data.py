"""The types that the shop stores, publishes and shows, and what of them is personal."""

from __future__ import annotations

import dataclasses
import importlib
import pkgutil
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, TypeGuard

import msgspec

import kibble.contracts
import kibble.services
from kibble.kernel.personal import Mark, marks

_PARTS = ("model", "schemas")

DERIVED: Mapping[str, str] = {
    "Copy.title": "the shop's own words to the customer",
    "Copy.body": "the same",
    "Copy.action_path": "the same",
    "Order.forgotten": "words on their way out of the index, never kept",
    "Redemption.customer": "the customer's id, or a guest's address",
    "Subscription.reason": "the shop's own words",
    "Request.email": "what a message is made of, never kept",
    "Customer.email_verified_at": "a moment",
    "Preferences.email_notifications": "a switch",
    "Preferences.sms_notifications": "a switch",
    "QuietHours.zone": "a zone that many live in",
    "Subscription.time_zone": "the same",
    "HeldUsername.username": "gone within a day, without an account",
    "OneTimeToken.email": "gone within half an hour, and with the account",
    "LabelImage.content": "drawn from the address",
    "Scan.place": "where the carrier says that a parcel is",
}
"""Personal fields that hold nothing which a person told as it is."""

KEPT_BY_LAW: Mapping[str, str] = {
    "Address.state": "of an order: taxes are told by state",
    "Address.zip_code": "the same",
    "Address.country": "the same",
}

UNREACHED: Mapping[str, str] = {
    "Delivery.body": "of webhooks, when one asks for it; test_webhooks.py sees it forgotten",
    "Likeness.last4": "four digits are in any file; test_saved_methods.py sees them erased",
    "Passkey.name": "an authenticator has to make a passkey",
    "StaffMember.username": "staff, whose accounts are shut and not erased",
    "StaffMember.name": "the same",
    "Waiting.email": "a guest's, which no account reaches; test_guests_wait.py sees it erased",
    "AddressErasure.email": "what is to be erased, and is kept nowhere",
}
"""Personal fields that the journey of a customer does not fill."""


def is_record(one: object) -> TypeGuard[type[Any]]:
    """Tell whether something is a class of fields."""
    return isinstance(one, type) and (
        dataclasses.is_dataclass(one) or issubclass(one, msgspec.Struct)
    )


def modules() -> Iterator[str]:
    """Yield the names of the modules whose types are kept, published or shown."""
    yield from _below(kibble.contracts)
    for name in _below(kibble.services):
        parts = name.split(".")
        if len(parts) > 3 and parts[3] in _PARTS:
            yield name


def _below(package: Any) -> Iterator[str]:
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        yield found.name


@cache
def records() -> tuple[type[Any], ...]:
    """Return all types that are kept, published or shown."""
    found: list[type[Any]] = []
    for name in modules():
        module = importlib.import_module(name)
        found += [one for one in vars(module).values() if is_record(one) and one.__module__ == name]
    return tuple(found)


def personal_fields() -> set[str]:
    """Return the fields of models that tell of a person."""
    return {
        f"{one.__name__}.{name}"
        for one in records()
        if ".model" in one.__module__
        for name, mark in marks(one).items()
        if mark is Mark.PERSONAL
    }
