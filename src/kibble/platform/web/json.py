"""JSON at the border: strict decoding with a pointer per invalid field, money as numbers."""

from __future__ import annotations

import json as stdlib
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from decimal import Decimal
from functools import cache
from typing import Annotated, Any, TypeVar, cast, get_args, get_origin

import msgspec

from kibble.kernel.errors import FieldError, InvalidInput
from kibble.kernel.money import MAX_MINOR, Money, to_decimal, to_minor
from kibble.platform.web.wording import in_words

T = TypeVar("T")

MAX_DEPTH = 20
MAX_ERRORS = 50
_PATH = re.compile(r"(?P<message>.*?)(?: - at `(?P<key>key in )?\$(?P<path>.*)`)?", re.DOTALL)
_STEP = re.compile(r"\.([^.\[\]]+)|\[(\d+|\.\.\.)\]")
_NOT_STRUCTURE = re.compile(rb'"(?:[^"\\]|\\.)*"|[^\[\]{}"]+', re.DOTALL)


class _Pairs(list[tuple[str, object]]):
    """An object's keys and values as they were written."""


class Amount:
    """An amount of money at the border: a JSON number of major units with at most two decimals.

    A plain class, since msgspec would read a dataclass from an object.
    """

    __slots__ = ("minor",)

    def __init__(self, minor: int) -> None:
        self.minor = minor

    def __eq__(self, other: object) -> bool:
        """Tell whether both are the same number of minor units."""
        return isinstance(other, Amount) and other.minor == self.minor

    def __hash__(self) -> int:
        """Return a hash that equal amounts share."""
        return hash(self.minor)

    def __repr__(self) -> str:
        """Return the amount for people."""
        return f"Amount({self.minor})"

    @classmethod
    def of(cls, money: Money) -> Amount:
        """Return the amount of ``money``; its currency stands beside it."""
        return cls(money.minor)

    def money(self, currency: str) -> Money:
        """Return the amount as money of ``currency``."""
        return Money(self.minor, currency)


Instant = Annotated[datetime, msgspec.Meta(tz=True)]
"""A time at the border: RFC 3339, with its zone; answers tell it in UTC."""


def _decode_hook(kind: type, value: object) -> object:
    if kind is not Amount:
        raise NotImplementedError(kind)
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise ValueError("must be a number")  # noqa: TRY004 - msgspec turns ValueError into a field error
    minor = to_minor(Decimal(repr(value)))
    if minor < 0:
        raise ValueError("must not be negative")
    return Amount(minor)


def _query_hook(kind: type, value: object) -> object:
    if kind is not Amount:
        raise NotImplementedError(kind)
    minor = to_minor(str(value))
    if minor < 0:
        raise ValueError("must not be negative")
    return Amount(minor)


def _encode_hook(value: object) -> object:
    if isinstance(value, Amount):
        return to_decimal(value.minor)
    raise NotImplementedError(type(value))


AMOUNT: dict[str, object] = {
    "type": "number",
    "minimum": 0,
    "maximum": MAX_MINOR / 100,  # allow(money): JSON Schema has no other number
    "description": "Money in major units, with at most two decimals.",
    "examples": [12.99],
}
"""The schema of an amount. ``multipleOf`` would say the decimals, but validators that reckon in
binary take 19.99 for no multiple of 0.01."""


def schema_hook(kind: type) -> dict[str, object]:
    """Return the JSON Schema of our own types; ``object`` stands for any value."""
    if kind is object:
        return {"description": "Any value."}
    if kind is not Amount:
        raise NotImplementedError(kind)
    return dict(AMOUNT)


encode = msgspec.json.Encoder(enc_hook=_encode_hook, decimal_format="number").encode
"""Encode an answer; amounts become numbers with two decimals."""


@cache
def _decoder(kind: Any) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(kind, dec_hook=_decode_hook)


def decode(body: bytes, kind: type[T]) -> T:
    """Return ``body`` as a ``kind``.

    Raises ``InvalidInput`` that names every invalid field: the quick pass stops at the first
    error, so that only a rejected body pays for the slower one. A struct's ``ELSEWHERE`` has what
    to say of fields that it does not know, if there is more to say than that.
    """
    if body.count(b"[") + body.count(b"{") > MAX_DEPTH:
        _check_depth(body)
    try:
        value: T = _decoder(kind).decode(body)  # type: ignore[arg-type]  # every type is hashable
    except msgspec.ValidationError as error:
        raise _all_errors(kind, _untyped(body), error) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidInput.at("", f"is not valid JSON: {error}") from error
    _check_keys(body)
    return value


def _unique(pairs: list[tuple[str, object]]) -> dict[str, object]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise _KeyTwice
    return found


class _KeyTwice(Exception):
    """An object has a key twice."""


_check_unique = stdlib.JSONDecoder(
    object_pairs_hook=_unique, parse_float=str, parse_int=str, parse_constant=str, strict=False
).decode
_read_pairs = stdlib.JSONDecoder(
    object_pairs_hook=_Pairs, parse_float=str, parse_int=str, parse_constant=str, strict=False
).decode


def _check_keys(body: bytes) -> None:
    """Raise ``InvalidInput`` for a key that comes twice: two readers would take two values."""
    text = body.decode()
    try:
        _check_unique(text)
    except _KeyTwice as error:
        errors = list(dict.fromkeys(_repeated(_read_pairs(text), "")))
        raise InvalidInput(errors[:MAX_ERRORS]) from error


def _repeated(value: object, pointer: str) -> Iterator[FieldError]:
    if isinstance(value, _Pairs):
        seen: set[str] = set()
        for key, inner in value:
            at = f"{pointer}/{_escape(key)}"
            if key in seen:
                yield FieldError(at, "comes more than once")
            seen.add(key)
            yield from _repeated(inner, at)
    elif isinstance(value, list):
        for index, inner in enumerate(cast("list[object]", value)):
            yield from _repeated(inner, f"{pointer}/{index}")


@cache
def _field_names(kind: Any) -> frozenset[str]:
    return frozenset(field.encode_name for field in msgspec.structs.fields(kind))


def decode_query(parameters: Mapping[str, str], kind: type[T], *, exactly: bool = False) -> T:
    """Return query parameters as a ``kind``: a struct whose fields are all optional or flat.

    Parameters that ``kind`` does not name are left alone, or refused if ``exactly``. Raises
    ``InvalidInput``.
    """
    names = _field_names(kind)  # type: ignore[arg-type]  # every type is hashable
    if exactly and (strange := sorted(parameters.keys() - names)):
        detail = f"is not known; known are {', '.join(sorted(names))}"
        errors = [FieldError(f"/{_escape(name)}", detail) for name in strange]
        raise InvalidInput(errors[:MAX_ERRORS])
    given = {name: value for name, value in parameters.items() if name in names}
    try:
        return msgspec.convert(given, kind, strict=False, dec_hook=_query_hook)
    except msgspec.ValidationError as error:
        raise _all_errors(kind, given, error, strict=False) from error


def convert(value: object, kind: type[T]) -> T:
    """Return decoded JSON as a ``kind``; raises ``InvalidInput`` with every invalid field."""
    try:
        return msgspec.convert(value, kind, dec_hook=_decode_hook)
    except msgspec.ValidationError as error:
        raise _all_errors(kind, value, error) from error


def scalars(body: bytes) -> Iterator[tuple[str, str]]:
    """Yield the pointer (RFC 6901) and the text of each string and number in a JSON body."""
    return _scalars(_untyped(body), "")


def _scalars(value: object, pointer: str) -> Iterator[tuple[str, str]]:
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _scalars(inner, f"{pointer}/{_escape(str(key))}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from _scalars(inner, f"{pointer}/{index}")
    elif isinstance(value, str | int | float):
        yield pointer, str(value)


def _untyped(body: bytes) -> object:
    try:
        value: object = msgspec.json.decode(body)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise InvalidInput.at("", f"is not valid JSON: {error}") from error
    _check_keys(body)
    return value


def _check_depth(body: bytes) -> None:
    depth = 0
    for byte in _NOT_STRUCTURE.sub(b"", body):
        if byte in b"[{":
            depth += 1
            if depth > MAX_DEPTH:
                raise InvalidInput.at("", f"is nested more than {MAX_DEPTH} deep")
        elif byte in b"]}":
            depth -= 1


def _all_errors(
    kind: Any, value: object, first: msgspec.ValidationError, *, strict: bool = True
) -> InvalidInput:
    errors = list(dict.fromkeys(_walk(kind, value, "", strict=strict)))
    return InvalidInput(errors[:MAX_ERRORS] or [_located(first, "", kind)])


def _walk(kind: Any, value: object, pointer: str, *, strict: bool) -> Iterator[FieldError]:
    """Yield the errors of ``value`` as a ``kind``, field by field."""
    struct = _struct_in(kind)
    if struct is not None and isinstance(value, dict):
        yield from _walk_struct(struct, value, pointer, strict=strict)
        return
    hook = _decode_hook if strict else _query_hook
    item = _list_item(kind)
    if item is not None and isinstance(value, list) and _struct_in(item) is not None:
        found = [
            error
            for index, element in enumerate(value)
            for error in _walk(item, element, f"{pointer}/{index}", strict=strict)
        ]
        yield from found
        if found:
            return
    entry = _dict_value(kind)
    if entry is not None and isinstance(value, dict):
        found = [
            error
            for key, element in value.items()
            for error in _walk(entry, element, f"{pointer}/{_escape(str(key))}", strict=strict)
        ]
        yield from found
        if found:
            return
    try:
        msgspec.convert(value, kind, strict=strict, dec_hook=hook)
    except msgspec.ValidationError as error:
        yield _located(error, pointer, kind)


def _walk_struct(
    struct: type[msgspec.Struct], value: dict[str, object], pointer: str, *, strict: bool
) -> Iterator[FieldError]:
    fields = {field.encode_name: field for field in msgspec.structs.fields(struct)}
    for name, field in fields.items():
        if name in value:
            yield from _walk(field.type, value[name], f"{pointer}/{_escape(name)}", strict=strict)
        elif field.required:
            yield FieldError(f"{pointer}/{_escape(name)}", "is required")
    if struct.__struct_config__.forbid_unknown_fields:
        elsewhere: Mapping[str, str] = getattr(struct, "ELSEWHERE", {})
        for name in value.keys() - fields.keys():
            detail = elsewhere.get(name, "is not a known field")
            yield FieldError(f"{pointer}/{_escape(name)}", detail)


def _struct_in(kind: Any) -> type[msgspec.Struct] | None:
    """Return the struct that ``kind`` is or may be (``Address | None``)."""
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        return kind
    if get_origin(kind) in (list, dict, tuple):
        return None
    structs = [struct for struct in map(_struct_in, get_args(kind)) if struct]
    return structs[0] if len(structs) == 1 else None


def _list_item(kind: Any) -> Any:
    if get_origin(kind) is list:
        return get_args(kind)[0]
    for argument in get_args(kind):
        if (item := _list_item(argument)) is not None:
            return item
    return None


def _dict_value(kind: Any) -> Any:
    """Return the type of the values of the dict that ``kind`` is or may be."""
    if get_origin(kind) is dict:
        return get_args(kind)[1]
    for argument in get_args(kind):
        if (value := _dict_value(argument)) is not None:
            return value
    return None


def _located(error: msgspec.ValidationError, pointer: str, kind: Any) -> FieldError:
    match = _PATH.fullmatch(str(error))
    if match is None or match["path"] is None:
        return FieldError(pointer, in_words(str(error), kind))
    steps = [name or index for name, index in _STEP.findall(match["path"])]
    path = "".join(f"/{_escape(step)}" for step in steps if step != "...")
    return FieldError(pointer + path, in_words(match["message"], kind))


def _escape(step: str) -> str:
    return step.replace("~", "~0").replace("/", "~1")
