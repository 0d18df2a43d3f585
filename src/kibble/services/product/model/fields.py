"""What staff and feeds write of a product, and what it may hold."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import TypedDict

from kibble.kernel.errors import FieldError
from kibble.kernel.money import MAX_MINOR, Money

Scalar = str | int | float | bool

MAX_NAME = 200
MAX_SKU = 64
MAX_CATEGORY = 100
MAX_DESCRIPTION = 10_000
MAX_TAGS = 50
MAX_TAG = 60
MAX_ATTRIBUTES = 100
MAX_ATTRIBUTE_NAME = 60
MAX_ATTRIBUTE_TEXT = 2_000
MAX_ATTRIBUTE_NUMBER = 10**15
MAX_IMAGES = 30
MAX_IMAGE = 500

_LINES = {"sku": MAX_SKU, "name": MAX_NAME, "category": MAX_CATEGORY}
_NOT_TEXT = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\ud800-\udfff]")
_NOT_A_LINE = re.compile("[\x00-\x1f\x7f\ud800-\udfff]")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")


class Fields(TypedDict, total=False):
    """Some of the fields of a product; one that is absent is left as it is.

    ``category`` is a category's name. ``images`` are names of pictures or their addresses.
    """

    sku: str
    name: str
    description: str
    category: str
    price: Money
    tags: tuple[str, ...]
    attributes: Mapping[str, Scalar]
    images: tuple[str, ...]


def check(fields: Fields) -> list[FieldError]:
    """Return what is wrong with ``fields``, with pointers into a JSON object of these names."""
    errors: list[FieldError] = []
    for name, longest in _LINES.items():
        if (line := fields.get(name)) is not None:
            errors += check_line(str(line), f"/{name}", longest)
    if (description := fields.get("description")) is not None:
        errors += check_text(description, "/description", MAX_DESCRIPTION)
    if (price := fields.get("price")) is not None:
        errors += check_amount(price, "/price")
    errors += _check_tags(fields.get("tags", ()), "/tags")
    errors += _check_attributes(fields.get("attributes", {}), "/attributes")
    errors += _check_images(fields.get("images", ()), "/images")
    return errors


def check_line(value: str, at: str, longest: int) -> Iterator[FieldError]:
    """Yield what is wrong with a text of one line that must not be blank."""
    if not value or value.isspace():
        yield FieldError(at, "must not be blank")
    elif len(value) > longest:
        yield FieldError(at, f"may have {longest} characters at most")
    elif _NOT_A_LINE.search(value):
        yield FieldError(at, "must not hold control characters or unreadable text")


def check_text(value: str, at: str, longest: int) -> Iterator[FieldError]:
    """Yield what is wrong with a text of many lines, which may be empty."""
    if len(value) > longest:
        yield FieldError(at, f"may have {longest} characters at most")
    elif _NOT_TEXT.search(value):
        yield FieldError(at, "must not hold control characters or unreadable text")


def check_amount(value: Money, at: str) -> Iterator[FieldError]:
    """Yield what is wrong with a price."""
    if not 0 <= value.minor <= MAX_MINOR:
        yield FieldError(at, "must be between 0 and 99,999,999.99")


def _check_tags(value: Sequence[str], at: str) -> Iterator[FieldError]:
    if len(value) > MAX_TAGS:
        yield FieldError(at, f"may have {MAX_TAGS} tags at most")
        return
    for index, tag in enumerate(value):
        yield from check_line(tag, f"{at}/{index}", MAX_TAG)


def _check_attributes(value: Mapping[str, Scalar], at: str) -> Iterator[FieldError]:
    if len(value) > MAX_ATTRIBUTES:
        yield FieldError(at, f"may have {MAX_ATTRIBUTES} attributes at most")
        return
    for name, attribute in value.items():
        pointer = f"{at}/{name.replace('~', '~0').replace('/', '~1')}"
        yield from check_line(name, pointer, MAX_ATTRIBUTE_NAME)
        if isinstance(attribute, str):
            yield from check_text(attribute, pointer, MAX_ATTRIBUTE_TEXT)
        elif not (math.isfinite(attribute) and abs(attribute) <= MAX_ATTRIBUTE_NUMBER):
            yield FieldError(pointer, f"must be between -{MAX_ATTRIBUTE_NUMBER} and it")


def _check_images(value: Sequence[str], at: str) -> Iterator[FieldError]:
    if len(value) > MAX_IMAGES:
        yield FieldError(at, f"may have {MAX_IMAGES} images at most")
        return
    for index, image in enumerate(value):
        yield from check_line(image, f"{at}/{index}", MAX_IMAGE)
        if _SCHEME.match(image) and not image.startswith(("https://", "http://")):
            yield FieldError(f"{at}/{index}", "must be a file name or an http address")
