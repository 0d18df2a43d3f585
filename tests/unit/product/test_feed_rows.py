"""What the names and values of a feed's rows mean."""

from __future__ import annotations

import csv
import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibble.kernel.money import Money
from kibble.services.product.adapters.feeds.complete_journey import translated
from kibble.services.product.adapters.feeds.mapping import RowReader, meaning_of
from kibble.services.product.adapters.feeds.parsing import parse
from kibble.services.product.adapters.feeds.records import Chunk, Form
from kibble.services.product.model.fields import check
from kibble.services.product.model.imports import FeedRow, RowError


def read(**record: object) -> FeedRow | list[RowError]:
    return RowReader("USD").read(1, {"sku": "A", **record})


def row(**record: object) -> FeedRow:
    found = read(**record)
    assert isinstance(found, FeedRow), found
    return found


def pointers(**record: object) -> list[str]:
    found = read(**record)
    assert isinstance(found, list), found
    return [error.pointer for error in found]


@pytest.mark.parametrize(
    ("name", "meaning"),
    [
        ("SKU", "sku"),
        ("Product ID", "sku"),
        ("product_id", "sku"),
        ("g:id", "sku"),
        ("Title", "name"),
        ("Product-Type", "category"),
        ("Life Stage", "attribute:lifeStage"),
        ("brand", "attribute:brand"),
        ("attribute:Grain Free", "attribute:Grain Free"),
        ("attributes.weight", "attribute:weight"),
        ("stock:EAST-1", "stock:EAST-1"),
        ("image_link", "images"),
        ("colour", None),
        ("", None),
    ],
)
def test_names_are_known_however_they_are_written(name: str, meaning: str | None) -> None:
    assert meaning_of(name) == meaning


@pytest.mark.parametrize(
    ("value", "minor"),
    [("12.99", 1299), ("$5", 500), ("USD 5.5", 550), ("7.10 USD", 710), (3, 300), (0.1, 10)],
)
def test_prices_come_in_many_forms(value: object, minor: int) -> None:
    assert row(price=value).fields["price"] == Money(minor)


@pytest.mark.parametrize(
    "value",
    ["12,99", "-1", "free", "EUR 3", "1.999", "1e3", "99999999999", True, [], {}, -1.0, 1e30],
)
def test_what_is_no_price_is_refused(value: object) -> None:
    assert pointers(price=value) == ["/price"]


def test_values_that_are_plainly_numbers_or_yes_and_no_become_such() -> None:
    given_ = {"a": "12", "b": "1.5", "c": "true", "d": "007", "e": "1e5", "f": "12 lb", "g": " x "}
    assert row(attributes=given_).fields["attributes"] == {
        "a": 12,
        "b": 1.5,
        "c": True,
        "d": "007",
        "e": "1e5",
        "f": "12 lb",
        "g": "x",
    }


def test_attributes_may_be_an_object_in_one_cell() -> None:
    cell = '{"species": "dog", "weightGrams": 500}'
    assert row(attributes=cell).fields["attributes"] == {"species": "dog", "weightGrams": 500}
    assert pointers(attributes="dog") == ["/attributes"]
    assert pointers(attributes={"a": [1]}) == ["/attributes/a"]


def test_lists_are_texts_between_separators_or_lists() -> None:
    assert row(tags="a | b;c,,a").fields["tags"] == ("a", "b", "c")
    assert row(images=["x.jpg", "y.jpg"]).fields["images"] == ("x.jpg", "y.jpg")
    assert pointers(tags=["a", 1.5]) == ["/tags/1"]


def test_stock_is_of_one_warehouse_or_of_several() -> None:
    assert row(stock="5").stock == {"": 5}
    assert row(stock={"EAST": 5, "WEST": "0"}).stock == {"EAST": 5, "WEST": 0}
    for wrong in ("-1", "1.5", "many", 2.0, True, 3_000_000_000, "\N{SUPERSCRIPT TWO}"):
        assert pointers(stock=wrong) == ["/stock"]


def test_a_category_may_be_a_path() -> None:
    found = row(category="Dog > Food > Dry")
    assert (found.fields["category"], found.above) == ("Dry", ("Dog", "Food"))
    assert pointers(category="Dog >  > Dry") == ["/category"]


def test_what_is_empty_says_nothing() -> None:
    assert row(name="", price=None, tags="").fields == {"sku": "A"}


def test_a_row_without_a_sku_is_refused() -> None:
    assert pointers(sku="") == ["/sku"]


def test_errors_can_be_written_down_whatever_was_in_the_row() -> None:
    found = read(name="\udcff", sku="\udcfe")
    assert isinstance(found, list)
    for error in found:
        error.sku.encode()
        error.message.encode()


Json = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)
NAMES = st.sampled_from(
    ["sku", "name", "price", "category", "tags", "images", "attributes", "stock", "stock:A", "x"]
)


@given(st.dictionaries(NAMES, Json, max_size=6))
def test_any_record_is_either_a_good_row_or_refused_with_reasons(
    record: dict[str, object],
) -> None:
    found = RowReader("USD").read(1, record)
    if isinstance(found, FeedRow):
        assert not check(found.fields)
        assert found.fields["sku"]
    else:
        assert found


@given(st.lists(st.text(), max_size=9))
def test_any_cells_are_read_or_refused(cells: list[str]) -> None:
    header = ("sku", "name", "category", "price", "tags", "stock")
    batch = parse(Chunk(Form.CSV, header, 1, [cells]), "USD")
    assert batch.last == 1
    assert bool(batch.rows) != bool(batch.errors)


@given(st.text())
def test_any_line_is_read_or_refused(line: str) -> None:
    batch = parse(Chunk(Form.JSON_LINES, (), 1, [line]), "USD")
    assert bool(batch.rows) != bool(batch.errors)


class TestCompleteJourney:
    RAW = {
        "product_id": "48980",
        "department": "GROCERY",
        "brand": "National",
        "product_category": "DOG FOODS",
        "product_type": "DOG BISCUITS",
        "package_size": "24 OZ",
    }

    def test_rows_get_a_name_a_place_and_a_derived_price(self) -> None:
        found = row(**translated(self.RAW))
        assert found.fields["name"] == "Dog Biscuits 24 Oz"
        assert (found.fields["category"], found.above) == ("Dog Foods", ("Grocery",))
        assert found.fields["attributes"] == {
            "brand": "National",
            "priceDerived": True,
            "packSize": "24 OZ",
            "species": "dog",
        }

    def test_prices_are_those_of_the_bench(self) -> None:
        data = Path(__file__).parents[3] / "bench" / "data" / "complete-journey.csv.gz"
        with gzip.open(data, "rt", encoding="utf-8", newline="") as file:
            for known in list(csv.DictReader(file))[::997]:
                raw = {
                    "product_id": known["product_id"],
                    "department": known["department"],
                    "brand": known["brand"],
                    "product_category": known["commodity"],
                    "product_type": known["sub_commodity"],
                    "package_size": known["size"],
                }
                assert translated(raw) == translated(known)
