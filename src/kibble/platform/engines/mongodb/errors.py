"""The driver's errors, as the kinds that the rest of Kibble knows."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from pymongo import errors

from kibble.kernel.errors import KibbleError, StaleVersion, TimedOut, Unavailable

DUPLICATE_KEY = 11_000


@contextmanager
def translated() -> Generator[None]:
    """Raise what the driver raises as ``StaleVersion``, ``TimedOut`` or ``Unavailable``."""
    try:
        yield
    except errors.PyMongoError as error:
        raise _kind_of(error) from error


def _kind_of(error: errors.PyMongoError) -> KibbleError:
    if is_duplicate(error):
        return StaleVersion("A unique value was taken meanwhile.")
    if isinstance(error, errors.ServerSelectionTimeoutError):
        return Unavailable("The store is away.")
    if isinstance(error, errors.ConnectionFailure | errors.WriteConcernError):
        return TimedOut("The store did not answer in time.")
    return Unavailable(f"The store refused: {error}")


def is_duplicate(error: errors.PyMongoError) -> bool:
    """Tell whether a write failed for nothing but a unique value that is taken."""
    if isinstance(error, errors.BulkWriteError):
        failed = (error.details or {}).get("writeErrors", [])
        return bool(failed) and all(one.get("code") == DUPLICATE_KEY for one in failed)
    return isinstance(error, errors.DuplicateKeyError)
