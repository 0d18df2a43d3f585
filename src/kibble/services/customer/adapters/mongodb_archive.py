"""Customer's state on MongoDB as rows, and back."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import msgspec

from kibble.platform.engines.mongodb import Document
from kibble.platform.engines.mongodb.archive import Mapped, MongoArchive, kept
from kibble.platform.persistence.archive import Row, Shape
from kibble.services.customer.adapters import mongodb
from kibble.services.customer.adapters.archive import CUSTOMERS, HELD, KEPT, SHAPES, TOKENS
from kibble.services.customer.adapters.document import CustomerDocument
from kibble.services.customer.model.words import words_of


def customer_archive(
    name: str, store: mongodb.MongoCustomerRepository, close: Callable[[], Awaitable[None]]
) -> MongoArchive:
    """Return the archive over ``store``."""
    token_row, token_document = kept(TOKENS, "token_id")

    def token(row: Row) -> Document:
        keys = [row["digest"]] if row["digest"] else None
        return token_document(row) | {"keys": keys}

    mapped = {
        CUSTOMERS: Mapped(mongodb.CUSTOMERS, _row, _document),
        HELD: Mapped(mongodb.HELD, *kept(HELD, "customer_id")),
        TOKENS: Mapped(mongodb.TOKENS, token_row, token),
        **{one: Mapped(one.name, *_looked_up(one)) for one in KEPT},
    }
    return MongoArchive(name, store, SHAPES, mapped, close)


def _looked_up(table: Shape) -> tuple[Callable[[Document], Row], Callable[[Row], Document]]:
    """Return what makes rows and documents of one another, with the key that is looked up."""
    to_row, to_document = kept(table, "id")

    def document(row: Row) -> Document:
        return to_document(row) | {"keys": [row["lookup"]] if row["lookup"] else None}

    return to_row, document


def _row(document: Document) -> Row:
    return {
        "customer_id": document["_id"],
        "username_key": document["username_key"],
        "email_key": document["email_key"],
        "document": msgspec.to_builtins(msgspec.convert(document, CustomerDocument)),
        "version": document["version"],
    }


def _document(row: Row) -> Document:
    kept = msgspec.convert(row["document"], CustomerDocument)
    fields: Document = msgspec.to_builtins(kept)
    username, email = row["username_key"], row["email_key"]
    return fields | {
        "_id": row["customer_id"],
        "username_key": username,
        "email_key": email,
        "keys": mongodb.keys_of(username, email),
        "words": words_of(kept.customer(row["version"])),
        "version": row["version"],
    }
