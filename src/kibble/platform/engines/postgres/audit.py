"""The audit log in a schema of its own, which all processes of a shop write to.

One lock gives entries their order; a trigger refuses to change or to delete one.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from kibble.kernel.clock import from_text, from_text_or_none
from kibble.kernel.paging import Page, encode_cursor, page_of
from kibble.platform.audit.entry import START, Act, Entry, Row, Wanted, content
from kibble.platform.config import Settings
from kibble.platform.engines.postgres.connection import Postgres
from kibble.platform.engines.postgres.migrations import making

SERVICE = "audit"

_SCHEMA = """
CREATE TABLE IF NOT EXISTS audit (
    sequence bigint PRIMARY KEY,
    at timestamptz NOT NULL,
    actor text NOT NULL,
    action text NOT NULL,
    target text NOT NULL,
    body bytea NOT NULL,
    previous text NOT NULL,
    hash text NOT NULL
);
CREATE INDEX IF NOT EXISTS audit_by_actor ON audit (actor, sequence);
CREATE INDEX IF NOT EXISTS audit_by_target ON audit (target, sequence);
CREATE OR REPLACE FUNCTION audit_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'the audit log is never altered';
END $$;
CREATE OR REPLACE TRIGGER audit_is_whole BEFORE UPDATE OR DELETE OR TRUNCATE ON audit
    FOR EACH STATEMENT EXECUTE FUNCTION audit_stays();
CREATE OR REPLACE FUNCTION audit_append(
    at timestamptz, actor text, action text, target text, body bytea, start text
) RETURNS void LANGUAGE plpgsql AS $$
DECLARE
    last record;
BEGIN
    PERFORM pg_advisory_xact_lock(hashtextextended('audit ' || current_schema(), 0));
    SELECT audit.sequence, audit.hash INTO last FROM audit ORDER BY sequence DESC LIMIT 1;
    IF NOT FOUND THEN
        SELECT 0::bigint AS sequence, start AS hash INTO last;
    END IF;
    INSERT INTO audit VALUES (
        last.sequence + 1, at, actor, action, target, body, last.hash,
        encode(
            sha256(
                convert_to((last.sequence + 1) || E'\\n' || last.hash || E'\\n', 'UTF8') || body
            ),
            'hex'
        )
    );
END $$;
"""
_STORED = "sequence, body, previous, hash"


class PostgresAuditLog:
    """Implements ``AuditLog``; the first use connects."""

    def __init__(self, settings: Settings) -> None:
        self._postgres = Postgres(settings.postgres_url, f"{settings.namespace}_{SERVICE}")
        self._opening = asyncio.Lock()
        self._is_open = False

    async def _opened(self) -> Postgres:
        async with self._opening:
            if not self._is_open:
                async with making(self._postgres) as connection:
                    await connection.execute(_SCHEMA)
                await self._postgres.open()
                self._is_open = True
        return self._postgres

    async def append(self, act: Act) -> None:
        """See ``AuditLog.append``."""
        postgres = await self._opened()
        await postgres.execute(
            "SELECT audit_append($1, $2, $3, $4, $5, $6)",
            from_text(act.at),
            act.actor,
            act.action,
            act.target,
            content(act),
            START,
        )

    async def find(self, wanted: Wanted) -> Page[Entry]:
        """See ``AuditLog.find``."""
        postgres = await self._opened()
        rows = await postgres.fetch(
            f"SELECT {_STORED} FROM audit"
            " WHERE ($1::text IS NULL OR actor = $1) AND ($2::text IS NULL OR action = $2)"
            " AND ($3::text IS NULL OR target = $3) AND ($4::timestamptz IS NULL OR at >= $4)"
            " AND ($5::timestamptz IS NULL OR at < $5) AND ($6::bigint IS NULL OR sequence < $6)"
            " ORDER BY sequence DESC LIMIT $7",
            wanted.actor,
            wanted.action,
            wanted.target,
            from_text_or_none(wanted.since),
            from_text_or_none(wanted.until),
            wanted.below,
            wanted.limit + 1,
        )
        entries = [Row(*row).entry() for row in rows]
        return page_of(entries, wanted.limit, lambda entry: encode_cursor(entry.sequence))

    async def rows(self, after: int, limit: int) -> Sequence[Row]:
        """See ``AuditLog.rows``."""
        postgres = await self._opened()
        found = await postgres.fetch(
            f"SELECT {_STORED} FROM audit WHERE sequence > $1 ORDER BY sequence LIMIT $2",
            after,
            limit,
        )
        return [Row(*row) for row in found]

    async def restore(self, rows: Sequence[Row]) -> None:
        """See ``MovableLog.restore``."""
        postgres = await self._opened()
        acts = [row.entry().act for row in rows]
        await postgres.execute(
            "INSERT INTO audit SELECT * FROM unnest("
            "$1::bigint[], $2::timestamptz[], $3::text[], $4::text[], $5::text[], $6::bytea[],"
            " $7::text[], $8::text[]) ON CONFLICT DO NOTHING",
            [row.sequence for row in rows],
            [from_text(act.at) for act in acts],
            [act.actor for act in acts],
            [act.action for act in acts],
            [act.target for act in acts],
            [row.body for row in rows],
            [row.previous for row in rows],
            [row.hash for row in rows],
        )

    async def close(self) -> None:
        """End all connections."""
        if self._is_open:
            await self._postgres.close()
