"""Every text that the shop stores, publishes or shows is said to be personal, secret or neither."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Iterator
from typing import Annotated, Any, ClassVar, Literal, NewType, get_args, get_origin, get_type_hints

import msgspec
import pytest

from kibble.kernel.personal import Mark, Personal, Secret, mark_of, marks
from kibble.platform.security.sensitive import (
    IN_WORDS,
    PERSONAL_NAMES_OF,
    SHIELDED,
    is_shielded,
    shielded,
)
from tests.architecture.personal_data import records

OF_NOBODY = frozenset(
    "above account account_id action_label attributes aud audience because brand brands"
    " buy_product_id by_status carrier cart_id categories category change channels charges choices"
    " client_id code currency cursor customer_id decline_code description digest end error"
    " error_description errors_url exclude excluded facets failure_code families gains"
    " get_product_id grants held id ignored ignored_columns image images iss item_id jti key kind"
    " kinds last_order_id lines link media_type message method options order_id parent_id parts"
    " dispute_id disputes expires reason_code"
    " payment_id payment_method payment_status phase pointer popularity product_id products"
    " promotion_code provider ranking redirect_uri redirect_uris reference refund_id refunds"
    " renditions repaired request_id request_key roles scope scopes scores service services"
    " session_id shipment_id shipping_method sku skus sold sources species start starts status"
    " stock sub subject subscription_id synonyms tag tags targets terms time_zone tracking_number"
    " type types undecided url user_id value values views warehouse warehouse_id warehouses"
    " language weights what when words zone name_words detail challenge rp_id rp_name known"
    " at box handling product_name public_key events disabled_reason"
    " event_id event_type after about next stage past_prices".split()
)
"""Names of texts that tell of nobody wherever they stand unmarked: ids, codes, what is sold."""

DECIDED = frozenset(
    # What is called so is no person: a product, a way to ship, a client, a kind of message.
    "AskPutImage.name Band.name Card.name CartLineView.name Category.name CategoryRef.name"
    " CategoryView.name ChangedProduct.name ChangedWarehouse.name Client.name ClientView.name"
    " ImportJob.name ImportView.name ItemView.name Kind.name Line.name Method.name NewBundle.name"
    " NewCategory.name NewConfigurable.name NewOption.name NewProduct.name NewWarehouse.name"
    " Option.name OptionView.name OrderLine.name PriceChanged.name Product.name ProductCreated.name"
    " ProductEntry.name ProductPage.name ProductUpdated.name Quote.name RateView.name"
    " RegisterClient.name Shortage.name ShortageView.name ShippingOption.name"
    " SubscribedItemView.name SuggestionView.name VariantView.name Warehouse.name"
    " WarehouseView.name"
    # Looked for in the catalogue, which keeps none of it.
    " FacetParameters.q FilterParameters.q SearchParameters.q SuggestParameters.q"
    # Why stock moved, an import failed, a message waits, a price is asked about.
    " Adjust.reason ImportJob.reason ImportView.reason Message.reason Movement.reason"
    " MovementView.reason StatusView.reason WaitingView.reason"
    # The carrier's words, the catalogue's, the shop's own.
    " ReasonView.text Scan.text ScanView.text Suggestion.text SuggestionView.text"
    " AskPutImage.content"
    # Nothing but what an authenticator app or a form shows to its owner, and is not kept.
    " AuthenticatorView.uri ChangePassword.current".split()
)
"""Fields of nobody whose names are personal elsewhere."""


def texts(
    of: Iterable[type[Any]] | None = None,
) -> Iterator[tuple[type[Any], str, Any]]:
    """Yield each field that can hold a text: its type, its name and its hint."""
    for one in of or records():
        hints = get_type_hints(one, include_extras=True)
        for name in _fields(one):
            if _is_text(hints[name]):
                yield one, name, hints[name]


def _fields(one: type[Any]) -> list[str]:
    if dataclasses.is_dataclass(one):
        return [field.name for field in dataclasses.fields(one)]
    return list(one.__struct_fields__)


def _is_text(hint: Any) -> bool:
    if isinstance(hint, NewType) or get_origin(hint) in (Literal, ClassVar):
        return False
    if get_origin(hint) is Annotated:
        return _is_text(get_args(hint)[0])
    if inside := get_args(hint):
        return any(_is_text(one) for one in inside if one is not ...)
    return hint in (str, bytes, Any, object, msgspec.Raw)


def undecided(of: Iterable[type[Any]] | None = None) -> list[str]:
    return [
        f"{one.__module__}: {one.__name__}.{name}"
        for one, name, hint in texts(of)
        if mark_of(hint) is None
        and not is_shielded(name)
        and name not in OF_NOBODY
        and f"{one.__name__}.{name}" not in DECIDED
    ]


class TestEveryText:
    def test_is_said_to_be_personal_or_not(self) -> None:
        assert undecided() == []

    def test_of_a_new_field_has_to_be(self) -> None:
        assert undecided([Told]) == [f"{Told.__module__}: Told.hobby"]

    def test_is_looked_at(self) -> None:
        assert len(list(texts())) > 700

    def test_that_was_decided_is_still_there(self) -> None:
        known = {f"{one.__name__}.{name}" for one, name, _ in texts()}
        assert known >= DECIDED


def test_inventory_keeps_nothing_of_anybody() -> None:
    kept = [
        one for one in records() if one.__module__.startswith("kibble.services.inventory.model")
    ]
    assert kept
    assert [one for one in kept if marks(one)] == []


class TestWhatIsMarked:
    @pytest.mark.parametrize("one", [one for one in records() if marks(one)], ids=str)
    def test_is_shielded_in_a_log_by_its_name(self, one: type[Any]) -> None:
        """A log is told names and values, a mark of neither: names must be enough."""
        by_owner = {"name": PERSONAL_NAMES_OF}
        loud = [
            name
            for name in marks(one)
            if not (is_shielded(name) or name in IN_WORDS or name in by_owner or name in QUIET)
        ]
        assert loud == []

    def test_is_shielded_in_a_record_that_is_logged_whole(self) -> None:
        told = shielded({"who": Told("Sam", "s3same", 7)})
        assert told == {"who": {"called": SHIELDED, "opens": SHIELDED, "count": 7, "hobby": ""}}


QUIET = frozenset(
    "before body challenge country data details digest email_notifications"
    " email_verified_at end facts forgotten given e164 handle id nonce place public_key q recovery"
    " payload salt sms_notifications species start state time_zone title value weight_grams zone"
    " action_path content customer".split()
)
"""Names that are too common to be shielded wherever they stand: no log is told them."""


@dataclasses.dataclass
class Told:
    called: Personal[str]
    opens: Secret[str]
    count: int
    hobby: str = ""


def test_marks_are_read_off_a_type() -> None:
    assert marks(Told) == {"called": Mark.PERSONAL, "opens": Mark.SECRET}
