"""Reading a record: which of its names means what, and its values as a product's fields."""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import cache
from typing import cast

import msgspec

from kibble.kernel.errors import FieldError
from kibble.kernel.money import Money, to_minor
from kibble.services.product.model.fields import MAX_CATEGORY, Fields, Scalar, check, check_line
from kibble.services.product.model.imports import FeedRow, RowError

MAX_STOCK = 2_000_000_000
ANYWHERE = ""
"""The warehouse of stock that names none."""

_NAMES = {
    "sku": "sku id productid itemid code articlenumber itemnumber",
    "name": "name title productname",
    "description": "description body longdescription",
    "category": "category producttype productcategory googleproductcategory categorypath",
    "price": "price unitprice retailprice regularprice",
    "tags": "tags tag keywords labels",
    "images": "images image imagelink imageurl imagename imagenames pictures picture",
    "attributes": "attributes",
    "stock": "stock quantity qty onhand stocklevel inventory",
    "attribute:brand": "brand manufacturer vendor",
    "attribute:species": "species animal pettype",
    "attribute:lifeStage": "lifestage",
    "attribute:flavour": "flavour flavor",
    "attribute:packSize": "packsize",
    "attribute:weightGrams": "weightgrams",
    "attribute:lengthMm": "lengthmm",
    "attribute:widthMm": "widthmm",
    "attribute:heightMm": "heightmm",
    "attribute:coldChain": "coldchain",
    "attribute:hazardous": "hazardous hazmat",
}
_MEANINGS = {name: meaning for meaning, names in _NAMES.items() for name in names.split()}
_NUMBER = re.compile(r"-?(?:0|[1-9]\d{0,14})(?:\.\d{1,12})?")
_PRICE = re.compile(r"(?:([A-Z]{3})|\$)?\s*(\d+(?:\.\d+)?)\s*([A-Z]{3})?")
_SEPARATORS = re.compile(r"[|;,]")


class BadField(ValueError):
    """A value that cannot be what its name says; ``pointer`` leads to it."""

    def __init__(self, pointer: str, message: str) -> None:
        super().__init__(message)
        self.pointer = pointer


@cache
def meaning_of(name: str) -> str | None:
    """Return what a column or key means to us: a field, or one part of it behind a colon.

    Upper and lower case, spaces, dashes and underscores make no difference. ``attribute:NAME``
    and ``stock:WAREHOUSE`` (a dot does as well) name one attribute and one warehouse.
    """
    head, _, tail = name.replace(".", ":", 1).partition(":")
    plain = re.sub(r"[\s_-]", "", head).casefold()
    if tail and plain in ("attribute", "attributes", "stock"):
        return f"{plain.removesuffix('s')}:{tail.strip()}"
    if tail:  # a namespace's prefix, as in g:price
        plain = re.sub(r"[\s_-]", "", tail).casefold()
    return _MEANINGS.get(plain)


class RowReader:
    """Reads the rows of one feed; prices are in ``currency`` unless they say otherwise."""

    def __init__(self, currency: str) -> None:
        self._currency = currency
        self.ignored: set[str] = set()

    def read(self, number: int, record: Mapping[str, object]) -> FeedRow | list[RowError]:
        """Return the row, or all that is wrong with it; an empty value says nothing."""
        fields, stock, errors = Fields(), dict[str, int](), list[FieldError]()
        for name, value in record.items():
            meaning = meaning_of(name)
            if meaning is None:
                self.ignored.add(readable(name))
            elif value not in (None, ""):
                try:
                    self._take(meaning, value, fields, stock)
                except BadField as error:
                    errors.append(FieldError(error.pointer, str(error)))
        above = _split_path(fields)
        errors += check(fields)
        errors += [error for name in above for error in check_line(name, "/category", MAX_CATEGORY)]
        if not fields.get("sku"):
            errors.append(FieldError("/sku", "is required"))
        if errors:
            return [row_error(number, error, fields.get("sku", "")) for error in errors]
        return FeedRow(number, fields, stock, above)

    def _take(self, meaning: str, value: object, fields: Fields, stock: dict[str, int]) -> None:
        field, _, part = meaning.partition(":")
        match field:
            case "sku" | "name" | "description" | "category":
                fields[field] = _text(value, f"/{field}")
            case "price":
                fields["price"] = self._price(value)
            case "tags" | "images":
                fields[field] = _texts(value, f"/{field}")
            case "stock":
                stock |= _stock({part or ANYWHERE: value} if part else value)
            case _:
                given = {part: value} if part else value
                fields["attributes"] = {**fields.get("attributes", {}), **_attributes(given)}

    def _price(self, value: object) -> Money:
        amount = repr(value) if isinstance(value, float) else self._amount(_text(value, "/price"))
        try:
            return Money(to_minor(amount), self._currency)
        except ValueError as error:
            raise BadField("/price", str(error)) from error

    def _amount(self, text: str) -> str:
        """Return the number in a price such as 12.99, $12.99 or 12.99 USD."""
        match = _PRICE.fullmatch(text)
        if match is None:
            raise BadField("/price", "is not a price such as 12.99")
        if (currency := match[1] or match[3]) and currency != self._currency:
            raise BadField("/price", f"is in {currency}; the shop sells in {self._currency}")
        return match[2]


def row_error(number: int, error: FieldError, sku: str) -> RowError:
    """Return what is wrong with a row, in text that can be written down."""
    return RowError(number, readable(error.pointer), readable(error.detail), readable(sku))


def readable(text: str) -> str:
    """Return ``text`` with a question mark for what stands for a byte that is no text."""
    return text.encode("utf-8", "replace").decode()


def _split_path(fields: Fields) -> tuple[str, ...]:
    """Leave the last name of a category's path in ``fields``; return those above it."""
    path = [name.strip() for name in fields.get("category", "").split(">")]
    if path == [""]:
        return ()
    fields["category"] = path[-1]
    return tuple(path[:-1])


def _text(value: object, at: str) -> str:
    if isinstance(value, str):
        return value.strip()
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    raise BadField(at, "must be a text")


def _texts(value: object, at: str) -> tuple[str, ...]:
    """Return a list's texts, or those between the separators of one text, each once."""
    if isinstance(value, list):
        parts = [_text(item, f"{at}/{i}") for i, item in enumerate(cast("list[object]", value))]
    else:
        parts = [part.strip() for part in _SEPARATORS.split(_text(value, at))]
    return tuple(dict.fromkeys(part for part in parts if part))


def _attributes(value: object) -> dict[str, Scalar]:
    if isinstance(value, str):
        value = _json(value)
    if not isinstance(value, dict):
        raise BadField("/attributes", "must be an object of names and values")
    given = cast("dict[str, object]", value)
    return {name: _scalar(item, name) for name, item in given.items() if item not in (None, "")}


def _json(text: str) -> object:
    try:
        return cast("object", msgspec.json.decode(text))
    except (msgspec.DecodeError, UnicodeEncodeError) as error:
        raise BadField("/attributes", "is not a JSON object") from error


def _scalar(value: object, name: str) -> Scalar:
    """Return an attribute's value; a text that is plainly a number or a yes or no becomes one."""
    if isinstance(value, str):
        text = value.strip()
        if text in ("true", "false"):
            return text == "true"
        if _NUMBER.fullmatch(text):
            return float(text) if "." in text else int(text)
        return text
    if isinstance(value, int | float):
        return value
    raise BadField(f"/attributes/{name}", "must be a text, a number, true or false")


def _stock(value: object) -> dict[str, int]:
    if not isinstance(value, dict):
        return {ANYWHERE: _units(value, "/stock")}
    given = cast("dict[str, object]", value)
    return {code: _units(count, f"/stock/{code}") for code, count in given.items()}


def _units(value: object, at: str) -> int:
    text = value.strip() if isinstance(value, str) else value
    if isinstance(text, str) and text.isascii() and text.isdigit():
        text = int(text[:12])
    if isinstance(text, bool) or not isinstance(text, int) or not 0 <= text <= MAX_STOCK:
        raise BadField(at, "must be a whole number from 0 on")
    return text
