"""What the API shows and takes, beside the model."""

from __future__ import annotations

import dataclasses

import msgspec

from kibble.services.customer.model import NOT_PERSONAL, Customer, Profile
from kibble.services.customer.schemas import EditCustomer, ExportedCustomer, PatchCustomer


def names(kind: type[msgspec.Struct]) -> set[str]:
    return {field.name for field in msgspec.structs.fields(kind)}


def test_an_export_shows_every_field_that_is_personal() -> None:
    account = {field.name for field in dataclasses.fields(Customer)} - {"profile"}
    profile = {field.name for field in dataclasses.fields(Profile)}
    assert (account | profile) - names(ExportedCustomer) == NOT_PERSONAL


def test_whatever_can_be_replaced_can_be_patched() -> None:
    assert names(PatchCustomer) == names(EditCustomer)
