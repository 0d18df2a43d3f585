"""What PostgreSQL's errors mean (https://www.postgresql.org/docs/current/errcodes-appendix.html)."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

import asyncpg

from kibble.kernel.errors import InvalidInput, StaleVersion, Unavailable
from kibble.platform.persistence.store import DuplicateEvent

WRONG_COUNT = "KB001"
"""Raised by the function ``require``."""
REPEATED_ROW = "21000"
"""Two rows of one statement were to be written to one key."""
OVERTAKEN = frozenset({WRONG_COUNT, REPEATED_ROW, "23503", "23505", "23P01"})
"""Somebody else was first: a row changed, a unique value was taken, what is referred to is gone."""
LOST_RACE = frozenset({"40001", "40P01"})
NOT_TEXT = frozenset({"22021", "22P05"})
"""A character that no text of PostgreSQL can hold (NUL)."""
AWAY = ("08", "25006", "53", "55P03", "57", "58", "XX")
"""Connection, read-only server, no resources, lock, shutdown or cancelled, disk."""


class LostRace(Unavailable):
    """The server undid a statement for another's sake: it may be run again at once."""


@contextmanager
def translated() -> Generator[None]:
    """Turn what the driver raises inside into the errors of ``Store``.

    A connection that is lost, or a time limit that is reached, leaves open whether a statement
    took effect: that is ``Unavailable`` as well, because whatever is repeated here is safe to
    repeat (see docs/decisions/0017).
    """
    try:
        yield
    except asyncpg.PostgresError as error:
        raise meaning_of(error) from error
    except (OSError, TimeoutError, asyncpg.InterfaceError, asyncpg.InternalClientError) as error:
        if isinstance(error, ValueError):
            raise  # an argument of the wrong type: a bug
        raise Unavailable(f"PostgreSQL is away: {type(error).__name__}: {error}") from error


def meaning_of(error: asyncpg.PostgresError) -> Exception:
    """Return the error to raise for one of the server's; itself when it tells of a bug."""
    state = error.sqlstate or ""
    if state == "23505" and error.constraint_name == "inbox_pkey":
        return DuplicateEvent(error.detail or "")
    if state in OVERTAKEN:
        return StaleVersion(f"Somebody else was first: {error}")
    if state in NOT_TEXT:
        return InvalidInput.at("", "has a character that cannot be kept")
    if state in LOST_RACE:
        return LostRace(f"Others are writing the same: {error}")
    if state.startswith(AWAY):
        return Unavailable(f"PostgreSQL cannot do this now: {error}")
    return error
