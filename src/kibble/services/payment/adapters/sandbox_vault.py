"""Ways to pay that the sandbox keeps: its test cards, chosen on a page of its own."""

from __future__ import annotations

import sqlite3
from typing import Final

from kibble.kernel.ids import SavedMethodId
from kibble.platform.engines.sqlite import Database
from kibble.services.payment.integration import (
    ActionRequired,
    Declined,
    Kept,
    SignUp,
    SignUpResult,
)
from kibble.services.payment.model import Likeness, PaymentMethod

TEST_CARDS: Final = {
    "tok_ok": ("4242", "is accepted"),
    "tok_requires_action": ("3184", "asks for approval"),
    "tok_declined": ("0002", "is declined"),
    "tok_insufficient_funds": ("9995", "has too little money"),
}
"""By token: what its number ends in, and what it does."""
NOT_SAVED: Final = Declined("not_saved", "Nothing was saved.")

SCHEMA: Final = """
CREATE TABLE IF NOT EXISTS sign_ups (
    saved_id TEXT PRIMARY KEY,
    payment_method TEXT NOT NULL,
    token TEXT,
    refused INTEGER NOT NULL DEFAULT 0
) WITHOUT ROWID;
"""


class SandboxVault:
    """Implements ``Vault``; ``pages`` is where the page is that asks the customer."""

    def __init__(self, database: Database, pages: str) -> None:
        self._database = database
        self._pages = pages

    async def begin(self, sign_up: SignUp) -> ActionRequired:
        """See ``Vault.begin``."""

        def begun(connection: sqlite3.Connection) -> None:
            connection.execute(
                "INSERT INTO sign_ups (saved_id, payment_method) VALUES (?, ?)"
                " ON CONFLICT DO NOTHING",
                (sign_up.id, sign_up.method.value),
            )

        await self._database.write(begun)
        return self._action(sign_up.id)

    async def find(self, sign_up: SignUp) -> SignUpResult:
        """See ``Vault.find``."""
        row = self._database.read_one(
            "SELECT token, refused FROM sign_ups WHERE saved_id = ?", (sign_up.id,)
        )
        if row is None or row[1]:
            return NOT_SAVED
        if row[0] is None:
            return self._action(sign_up.id)
        if sign_up.method is PaymentMethod.PAYPAL:
            return Kept(row[0], Likeness("paypal"))
        return Kept(row[0], Likeness("test card", TEST_CARDS[row[0]][0], "2034-12"))

    async def forget(self, token: str) -> None:
        """See ``Vault.forget``: a test card is everybody's, there is nothing to forget."""

    def asked_for(self, saved_id: SavedMethodId) -> bool:
        """Tell whether a customer is asked what to save."""
        return (
            self._database.read_one(
                "SELECT 1 FROM sign_ups WHERE saved_id = ? AND token IS NULL AND NOT refused",
                (saved_id,),
            )
            is not None
        )

    async def decide(self, saved_id: SavedMethodId, token: str | None) -> None:
        """Take the customer's answer, None for no; a second one changes nothing."""

        def decided(connection: sqlite3.Connection) -> None:
            connection.execute(
                "UPDATE sign_ups SET token = ?, refused = ?"
                " WHERE saved_id = ? AND token IS NULL AND NOT refused",
                (token, token is None, saved_id),
            )

        await self._database.write(decided)

    def _action(self, saved_id: SavedMethodId) -> ActionRequired:
        return ActionRequired("redirect", f"{self._pages}/methods/{saved_id}", saved_id)
