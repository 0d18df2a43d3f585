"""The accounts on MongoDB: a document a customer, in the owner's shape."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TypeVar

import msgspec

from kibble.kernel.clock import from_text, to_text
from kibble.kernel.ids import CustomerId
from kibble.kernel.paging import Page, decode_cursor, encode_cursor, page_of
from kibble.kernel.words import PAST_ALL
from kibble.platform.engines.mongodb import (
    Database,
    Document,
    Kind,
    MongoStore,
    Put,
    Remove,
    Write,
    translated,
)
from kibble.platform.messaging.envelope import EnvelopeMaker
from kibble.services.customer.adapters import mongodb_kept
from kibble.services.customer.adapters.document import CustomerDocument
from kibble.services.customer.adapters.kept import (
    CEREMONIES,
    CLIENTS,
    ERASURES,
    EXPIRING,
    FACTORS,
    GRANTS,
    REVOCATIONS,
    SESSIONS,
    STAFF,
    Kept,
)
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

A = TypeVar("A")

CUSTOMERS = "customers"
HELD = "held_usernames"
TOKENS = "tokens"

_AT_REST: Document = {
    "lock": {"$exists": False},
    "claims.0": {"$exists": False},
    "pending.0": {"$exists": False},
}
"""No commit has the document, and no event waits in it."""


class MongoCustomerRepository(MongoStore):
    """Implements ``CustomerRepository``."""

    def __init__(self, database: Database, envelopes: EnvelopeMaker) -> None:
        kinds = {
            Customer: Kind(CUSTOMERS, _id_of, _save_customer, _remove_customer),
            HeldUsername: Kind(HELD, _id_of, _save_held),
            OneTimeToken: Kind(TOKENS, _id_of, _save_token, _remove_token),
            **mongodb_kept.kinds(),
        }
        indexes = {
            CUSTOMERS: ["words"],
            HELD: ["username_key", "until"],
            TOKENS: ["customer_id", "email_key", "expires_at"],
            **mongodb_kept.indexes(),
        }
        super().__init__(database, envelopes, kinds, indexes)

    async def customer(self, customer_id: CustomerId) -> Customer | None:
        """See ``CustomerRepository.customer``."""
        return _customer(await self.one(CUSTOMERS, {"_id": customer_id}))

    async def customer_by_username(self, username: str) -> Customer | None:
        """See ``CustomerRepository.customer_by_username``."""
        key = fold(username)
        return _customer(
            await self.one(CUSTOMERS, {"keys": _username_key(key), "username_key": key})
        )

    async def customer_by_email(self, email: str) -> Customer | None:
        """See ``CustomerRepository.customer_by_email``."""
        key = fold(email)
        return _customer(await self.one(CUSTOMERS, {"keys": _email_key(key), "email_key": key}))

    async def customers(
        self, terms: Sequence[str], limit: int, cursor: str | None
    ) -> Page[Customer]:
        """See ``CustomerRepository.customers``."""
        wanted: Document = {"_id": {"$lt": decode_cursor(cursor, str)[0] if cursor else "~"}}
        if terms:
            wanted["$and"] = [
                {"words": {"$elemMatch": {"$gte": term, "$lt": term + PAST_ALL}}} for term in terms
            ]
        found = await self.many(CUSTOMERS, wanted, sort=("_id", -1), limit=limit + 1)
        customers = [each for document in found if (each := _customer(document))]
        return page_of(customers, limit, lambda last: encode_cursor(last.id))

    async def is_held(self, username: str, now: datetime) -> bool:
        """See ``CustomerRepository.is_held``."""
        wanted: Document = {"username_key": fold(username), "until": {"$gt": to_text(now)}}
        return await self.one(HELD, wanted) is not None

    async def token(self, token_id: str) -> OneTimeToken | None:
        """See ``CustomerRepository.token``."""
        found = await self.one(TOKENS, {"_id": token_id})
        return _token(found) if found else None

    async def token_by_digest(self, digest: str) -> OneTimeToken | None:
        """See ``CustomerRepository.token_by_digest``."""
        found = await self.one(TOKENS, {"keys": digest, "digest": digest})
        return _token(found) if found else None

    async def tokens_of(self, customer: Customer) -> list[OneTimeToken]:
        """See ``CustomerRepository.tokens_of``."""
        either = [{"customer_id": customer.id}, {"email_key": fold(customer.email)}]
        return [_token(found) for found in await self.many(TOKENS, {"$or": either})]

    async def staff_member(self, staff_id: str) -> StaffMember | None:
        """See ``CustomerRepository.staff_member``."""
        return await self._kept_one(STAFF, {"_id": staff_id})

    async def staff_by_username(self, username: str) -> StaffMember | None:
        """See ``CustomerRepository.staff_by_username``."""
        return await self._kept_one(STAFF, _lookup(fold(username)))

    async def staff(self) -> list[StaffMember]:
        """See ``CustomerRepository.staff``."""
        return await self._kept(STAFF, {}, sort=("lookup", 1))

    async def erasure(self, customer_id: CustomerId) -> Erasure | None:
        """See ``CustomerRepository.erasure``."""
        return await self._kept_one(ERASURES, {"_id": customer_id})

    async def erasures(self, limit: int) -> list[Erasure]:
        """See ``CustomerRepository.erasures``."""
        return await self._kept(ERASURES, {}, sort=("_id", -1), limit=limit)

    async def erasures_due(self, now: datetime, limit: int) -> list[Erasure]:
        """See ``CustomerRepository.erasures_due``."""
        return await self._kept(ERASURES, {"until": {"$lte": to_text(now)}}, limit=limit)

    async def factors(self, account_id: str) -> Factors | None:
        """See ``CustomerRepository.factors``."""
        return await self._kept_one(FACTORS, {"_id": account_id})

    async def session(self, session_id: str) -> Session | None:
        """See ``CustomerRepository.session``."""
        return await self._kept_one(SESSIONS, {"_id": session_id})

    async def client(self, client_id: str) -> Client | None:
        """See ``CustomerRepository.client``."""
        return await self._kept_one(CLIENTS, {"_id": client_id})

    async def clients(self) -> list[Client]:
        """See ``CustomerRepository.clients``."""
        return await self._kept(CLIENTS, {})

    async def grant(self, digest: str) -> Grant | None:
        """See ``CustomerRepository.grant``."""
        return await self._kept_one(GRANTS, {"_id": digest})

    async def ceremony(self, digest: str) -> Ceremony | None:
        """See ``CustomerRepository.ceremony``."""
        return await self._kept_one(CEREMONIES, {"_id": digest})

    async def session_by_handle(self, handle: str) -> Session | None:
        """See ``CustomerRepository.session_by_handle``."""
        return await self._kept_one(SESSIONS, _lookup(handle))

    async def sessions_of(self, account_id: str) -> list[Session]:
        """See ``CustomerRepository.sessions_of``."""
        return await self._kept(SESSIONS, {"owner": account_id})

    async def revocations(self, now: datetime) -> list[Revocation]:
        """See ``CustomerRepository.revocations``."""
        return await self._kept(REVOCATIONS, {"until": {"$gt": to_text(now)}})

    async def _kept_one(self, kept: Kept[A], wanted: Document) -> A | None:
        found = await self.one(kept.table, wanted)
        return kept.aggregate(found["document"], found["version"]) if found else None

    async def _kept(
        self,
        kept: Kept[A],
        wanted: Document,
        *,
        sort: tuple[str, int] = ("_id", 1),
        limit: int = 0,
    ) -> list[A]:
        found = await self.many(kept.table, wanted, sort=sort, limit=limit)
        return [kept.aggregate(one["document"], one["version"]) for one in found]

    async def forget_expired(self, now: datetime) -> int:
        """See ``CustomerRepository.forget_expired``; what still has events goes the next time."""
        past = {"$lte": to_text(now)}
        with translated():
            tokens = await self.database[TOKENS].delete_many({"expires_at": past, **_AT_REST})
            forgotten = tokens.deleted_count
            for name in (HELD, *(kept.table for kept in EXPIRING)):
                gone = await self.database[name].delete_many({"until": past, **_AT_REST})
                forgotten += gone.deleted_count
        return forgotten


def _lookup(value: str) -> Document:
    return {"keys": value, "lookup": value}


def _id_of(aggregate: Customer | HeldUsername | OneTimeToken) -> str:
    return aggregate.id


def _username_key(folded: str) -> str:
    return f"username:{folded}"


def _email_key(folded: str) -> str:
    return f"email:{folded}"


def keys_of(username: str, email: str) -> tuple[str, ...]:
    """Return what no two accounts share, of a username and an e-mail address in folded case."""
    return (_username_key(username), _email_key(email))


def _save_customer(customer: Customer, expected: int, _: Document) -> Iterable[Write]:
    kept = msgspec.to_builtins(CustomerDocument.of(customer))
    username, email = fold(customer.username), fold(customer.email)
    fields = {name: kept.get(name) for name in CustomerDocument.__struct_fields__}
    fields |= {"username_key": username, "email_key": email, "words": words_of(customer)}
    keys = keys_of(username, email)
    yield Put(CUSTOMERS, customer.id, expected, fields, keys)


def _remove_customer(customer: Customer, expected: int, _: Document) -> Iterable[Write]:
    yield Remove(CUSTOMERS, customer.id, expected)


def _save_held(held: HeldUsername, expected: int, _: Document) -> Iterable[Write]:
    fields = {"username_key": fold(held.username), "until": to_text(held.until)}
    yield Put(HELD, held.id, expected, fields)


def _save_token(token: OneTimeToken, expected: int, _: Document) -> Iterable[Write]:
    fields = {
        "purpose": token.purpose.value,
        "email": token.email,
        "email_key": fold(token.email),
        "expires_at": to_text(token.expires_at),
        "customer_id": token.customer_id,
        "digest": token.digest,
    }
    yield Put(TOKENS, token.id, expected, fields, (token.digest,) if token.digest else ())


def _remove_token(token: OneTimeToken, expected: int, _: Document) -> Iterable[Write]:
    yield Remove(TOKENS, token.id, expected)


def _customer(document: Document | None) -> Customer | None:
    if document is None:
        return None
    return msgspec.convert(document, CustomerDocument).customer(document["version"])


def _token(document: Document) -> OneTimeToken:
    customer_id = document.get("customer_id")
    return OneTimeToken(
        id=document["_id"],
        purpose=Purpose(document["purpose"]),
        email=document["email"],
        expires_at=from_text(document["expires_at"]),
        customer_id=CustomerId(customer_id) if customer_id else None,
        digest=document.get("digest"),
        version=document["version"],
    )
