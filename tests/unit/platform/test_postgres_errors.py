"""Each error of PostgreSQL and of its driver becomes one that callers know."""

from __future__ import annotations

import asyncpg
import pytest

from kibble.kernel.errors import InvalidInput, StaleVersion, Unavailable
from kibble.platform.engines.postgres.errors import LostRace, translated
from kibble.platform.persistence.store import DuplicateEvent

MEANINGS = {
    "KB001": StaleVersion,  # require: a row changed
    "21000": StaleVersion,
    "23503": StaleVersion,
    "23505": StaleVersion,
    "40001": LostRace,
    "40P01": LostRace,
    "08006": Unavailable,
    "25006": Unavailable,  # a standby
    "53100": Unavailable,  # the disk is full
    "53300": Unavailable,  # too many connections
    "55P03": Unavailable,
    "57014": Unavailable,  # the statement took too long
    "57P01": Unavailable,
    "57P03": Unavailable,
    "58030": Unavailable,
    "XX000": Unavailable,
    "22021": InvalidInput,
    "22P05": InvalidInput,
}
BUGS = ("42601", "42703", "22003", "23502", "23514")


def server_error(state: str, constraint: str = "") -> asyncpg.PostgresError:
    error = asyncpg.PostgresError("it said no")
    vars(error).update(sqlstate=state, constraint_name=constraint)
    return error


@pytest.mark.parametrize(("state", "kind"), MEANINGS.items())
def test_tells_what_the_server_means(state: str, kind: type[Exception]) -> None:
    with pytest.raises(kind), translated():
        raise server_error(state)


@pytest.mark.parametrize("state", BUGS)
def test_leaves_a_bug_what_it_is(state: str) -> None:
    with pytest.raises(asyncpg.PostgresError), translated():
        raise server_error(state)


def test_knows_a_repeated_event_by_its_constraint() -> None:
    with pytest.raises(DuplicateEvent), translated():
        raise server_error("23505", "inbox_pkey")


@pytest.mark.parametrize(
    "error",
    [
        ConnectionRefusedError(),
        ConnectionResetError(),
        TimeoutError(),
        asyncpg.ConnectionDoesNotExistError("connection was closed in the middle of operation"),
        asyncpg.InterfaceError("connection is closed"),
        asyncpg.InternalClientError("got result for unknown protocol state"),
    ],
    ids=lambda error: type(error).__name__,
)
def test_tells_that_a_lost_connection_is_unavailable(error: Exception) -> None:
    with pytest.raises(Unavailable), translated():
        raise error
