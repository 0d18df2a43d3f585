"""The accounts on SQLite: a JSON document a customer, beside the keys that it is found by."""

from __future__ import annotations

import sqlite3
from collections.abc import Sequence
from datetime import datetime
from typing import LiteralString

import msgspec

from kibble.kernel.clock import from_text, to_text
from kibble.kernel.ids import CustomerId
from kibble.kernel.paging import Page, decode_cursor, encode_cursor, page_of
from kibble.kernel.words import PAST_ALL
from kibble.platform.engines.sqlite import Database, SqliteStore, Table
from kibble.platform.messaging.envelope import EnvelopeMaker
from kibble.services.customer.adapters import sqlite_kept
from kibble.services.customer.adapters.document import CustomerDocument
from kibble.services.customer.adapters.kept import (
    CEREMONIES,
    CLIENTS,
    ERASURES,
    FACTORS,
    GRANTS,
    REVOCATIONS,
    SESSIONS,
    STAFF,
)
from kibble.services.customer.adapters.sqlite_kept import find, find_one
from kibble.services.customer.model import (
    Ceremony,
    Client,
    Customer,
    Erasure,
    Factors,
    Grant,
    HeldUsername,
    OneTimeToken,
    Purpose,
    Revocation,
    Session,
    StaffMember,
    fold,
)
from kibble.services.customer.model.words import words_of

_CUSTOMERS = Table("customers", "customer_id", "username_key", "email_key", "document")
_HELD = Table("held_usernames", "customer_id", "username_key", "until")
_TOKENS = Table(
    "tokens", "token_id", "purpose", "email", "email_key", "expires_at", "customer_id", "digest"
)

_HAS_WORD = (
    " AND customer_id IN (SELECT customer_id FROM customer_words WHERE word >= ? AND word < ?)"
)

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(CustomerDocument).decode


class SqliteCustomerRepository(SqliteStore):
    """Implements ``CustomerRepository``."""

    def __init__(self, database: Database, envelopes: EnvelopeMaker) -> None:
        super().__init__(
            database,
            envelopes,
            savers={
                Customer: _save_customer,
                HeldUsername: _save_held,
                OneTimeToken: _save_token,
                **sqlite_kept.savers(),
            },
            removers={
                Customer: _remove_customer,
                OneTimeToken: _remove_token,
                **sqlite_kept.removers(),
            },
        )

    async def customer(self, customer_id: CustomerId) -> Customer | None:
        """See ``CustomerRepository.customer``."""
        return self._customer("customer_id", customer_id)

    async def customer_by_username(self, username: str) -> Customer | None:
        """See ``CustomerRepository.customer_by_username``."""
        return self._customer("username_key", fold(username))

    async def customer_by_email(self, email: str) -> Customer | None:
        """See ``CustomerRepository.customer_by_email``."""
        return self._customer("email_key", fold(email))

    def _customer(self, column: LiteralString, value: str) -> Customer | None:
        row = self.database.read_one(
            f"SELECT document, version FROM customers WHERE {column} = ?", (value,)
        )
        return _decode(row[0]).customer(row[1]) if row else None

    async def customers(
        self, terms: Sequence[str], limit: int, cursor: str | None
    ) -> Page[Customer]:
        """See ``CustomerRepository.customers``."""
        before = decode_cursor(cursor, str)[0] if cursor else "~"
        bounds = [bound for term in terms for bound in (term, term + PAST_ALL)]
        rows = self.database.read(
            "SELECT document, version FROM customers WHERE customer_id < ?"
            f"{_HAS_WORD * len(terms)} ORDER BY customer_id DESC LIMIT ?",
            (before, *bounds, limit + 1),
        )
        found = [_decode(document).customer(version) for document, version in rows]
        return page_of(found, limit, lambda last: encode_cursor(last.id))

    async def is_held(self, username: str, now: datetime) -> bool:
        """See ``CustomerRepository.is_held``."""
        row = self.database.read_one(
            "SELECT 1 FROM held_usernames WHERE username_key = ? AND until > ?",
            (fold(username), to_text(now)),
        )
        return row is not None

    async def token(self, token_id: str) -> OneTimeToken | None:
        """See ``CustomerRepository.token``."""
        return next(iter(self._tokens("token_id = ?", token_id)), None)

    async def token_by_digest(self, digest: str) -> OneTimeToken | None:
        """See ``CustomerRepository.token_by_digest``."""
        return next(iter(self._tokens("digest = ?", digest)), None)

    async def tokens_of(self, customer: Customer) -> list[OneTimeToken]:
        """See ``CustomerRepository.tokens_of``."""
        return self._tokens("customer_id = ? OR email_key = ?", customer.id, fold(customer.email))

    def _tokens(self, which: LiteralString, *values: str) -> list[OneTimeToken]:
        rows = self.database.read(f"SELECT {_TOKENS.columns} FROM tokens WHERE {which}", values)
        return [_token(row) for row in rows]

    async def staff_member(self, staff_id: str) -> StaffMember | None:
        """See ``CustomerRepository.staff_member``."""
        return find_one(self.database, STAFF, "id", staff_id)

    async def staff_by_username(self, username: str) -> StaffMember | None:
        """See ``CustomerRepository.staff_by_username``."""
        return find_one(self.database, STAFF, "lookup", fold(username))

    async def staff(self) -> list[StaffMember]:
        """See ``CustomerRepository.staff``."""
        return find(self.database, STAFF)

    async def erasure(self, customer_id: CustomerId) -> Erasure | None:
        """See ``CustomerRepository.erasure``."""
        return find_one(self.database, ERASURES, "id", customer_id)

    async def erasures(self, limit: int) -> list[Erasure]:
        """See ``CustomerRepository.erasures``."""
        newest = "id IN (SELECT id FROM erasures ORDER BY id DESC LIMIT ?)"
        return find(self.database, ERASURES, newest, limit)[::-1]

    async def erasures_due(self, now: datetime, limit: int) -> list[Erasure]:
        """See ``CustomerRepository.erasures_due``."""
        due = "id IN (SELECT id FROM erasures WHERE until <= ? LIMIT ?)"
        return find(self.database, ERASURES, due, to_text(now), limit)

    async def factors(self, account_id: str) -> Factors | None:
        """See ``CustomerRepository.factors``."""
        return find_one(self.database, FACTORS, "id", account_id)

    async def session(self, session_id: str) -> Session | None:
        """See ``CustomerRepository.session``."""
        return find_one(self.database, SESSIONS, "id", session_id)

    async def client(self, client_id: str) -> Client | None:
        """See ``CustomerRepository.client``."""
        return find_one(self.database, CLIENTS, "id", client_id)

    async def clients(self) -> list[Client]:
        """See ``CustomerRepository.clients``."""
        return find(self.database, CLIENTS)

    async def grant(self, digest: str) -> Grant | None:
        """See ``CustomerRepository.grant``."""
        return find_one(self.database, GRANTS, "id", digest)

    async def ceremony(self, digest: str) -> Ceremony | None:
        """See ``CustomerRepository.ceremony``."""
        return find_one(self.database, CEREMONIES, "id", digest)

    async def session_by_handle(self, handle: str) -> Session | None:
        """See ``CustomerRepository.session_by_handle``."""
        return find_one(self.database, SESSIONS, "lookup", handle)

    async def sessions_of(self, account_id: str) -> list[Session]:
        """See ``CustomerRepository.sessions_of``."""
        return find(self.database, SESSIONS, "owner = ?", account_id)

    async def revocations(self, now: datetime) -> list[Revocation]:
        """See ``CustomerRepository.revocations``."""
        return find(self.database, REVOCATIONS, "until > ?", to_text(now))

    async def forget_expired(self, now: datetime) -> int:
        """See ``CustomerRepository.forget_expired``."""
        moment = to_text(now)

        def work(connection: sqlite3.Connection) -> int:
            tokens = connection.execute("DELETE FROM tokens WHERE expires_at <= ?", (moment,))
            held = connection.execute("DELETE FROM held_usernames WHERE until <= ?", (moment,))
            kept = sqlite_kept.forget(connection, moment)
            return tokens.rowcount + held.rowcount + kept

        return await self.database.write(work)


def _save_customer(connection: sqlite3.Connection, customer: Customer, expected: int) -> None:
    document = _encode(CustomerDocument.of(customer)).decode()
    row = (customer.id, fold(customer.username), fold(customer.email), document)
    _CUSTOMERS.save(connection, row, expected)
    connection.execute("DELETE FROM customer_words WHERE customer_id = ?", (customer.id,))
    connection.executemany(
        "INSERT INTO customer_words VALUES (?, ?)",
        [(customer.id, word) for word in words_of(customer)],
    )


def _remove_customer(connection: sqlite3.Connection, customer: Customer, expected: int) -> None:
    _CUSTOMERS.delete(connection, customer.id, expected)
    connection.execute("DELETE FROM customer_words WHERE customer_id = ?", (customer.id,))


def _save_held(connection: sqlite3.Connection, held: HeldUsername, expected: int) -> None:
    _HELD.save(connection, (held.id, fold(held.username), to_text(held.until)), expected)


def _save_token(connection: sqlite3.Connection, token: OneTimeToken, expected: int) -> None:
    row = (
        token.id,
        token.purpose.value,
        token.email,
        fold(token.email),
        to_text(token.expires_at),
        token.customer_id,
        token.digest,
    )
    _TOKENS.save(connection, row, expected)


def _remove_token(connection: sqlite3.Connection, token: OneTimeToken, expected: int) -> None:
    _TOKENS.delete(connection, token.id, expected)


def _token(row: tuple[str, str, str, str, str, str | None, str | None, int]) -> OneTimeToken:
    return OneTimeToken(
        id=row[0],
        purpose=Purpose(row[1]),
        email=row[2],
        expires_at=from_text(row[4]),
        customer_id=CustomerId(row[5]) if row[5] else None,
        digest=row[6],
        version=row[7],
    )
