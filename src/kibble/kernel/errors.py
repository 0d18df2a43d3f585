"""The kinds of expected error. Kinds know no HTTP: each edge maps them in one table.

::

    KibbleError
    ├── InvalidInput         the request is malformed
    ├── Unauthenticated      who is calling is not known
    ├── Forbidden            the caller may not
    ├── NotFound             no such thing, or not the caller's
    ├── Conflict             version, duplicate, illegal move
    │   ├── StaleVersion     somebody else changed it first: run the use case again
    │   └── InFlight         the same request is at work: its answer is there soon
    ├── RuleViolated         business says no (stock, credit, limit)
    ├── PreconditionFailed   the caller's If-Match no longer holds
    ├── PaymentDeclined      the provider says no
    ├── Unavailable          an engine or a neighbour is away
    │   └── TimedOut         ... or did not answer in time
    ├── TooLarge, UnsupportedMedia, KeyReused, TooManyRequests    the edge's own
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class FieldError:
    """One invalid field: a JSON Pointer (RFC 6901) into the request, and what is wrong there."""

    pointer: str
    detail: str


class KibbleError(Exception):
    """An expected error: a stable ``code``, a message for people, and details for programs.

    ``details`` are shown to the caller; they must be JSON-ready and hold no secret.
    """

    code = "error"

    def __init__(
        self,
        message: str,
        *,
        code: str | None = None,
        details: Mapping[str, object] | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.code = code or type(self).code
        self.details: Mapping[str, object] = details or {}


class InvalidInput(KibbleError):
    """The request is malformed; ``errors`` names each invalid field."""

    code = "invalid-input"

    def __init__(
        self, errors: Sequence[FieldError], message: str = "The request is invalid."
    ) -> None:
        super().__init__(message)
        self.errors = tuple(errors)

    def __str__(self) -> str:
        """Return the message and what is wrong where, for logs."""
        return f"{self.message} {'; '.join(f'{e.pointer} {e.detail}' for e in self.errors)}"

    @classmethod
    def at(cls, pointer: str, detail: str) -> InvalidInput:
        """Return the error of a single field."""
        return cls([FieldError(pointer, detail)])


class Unauthenticated(KibbleError):
    """Nobody knows who is calling."""

    code = "unauthenticated"


class Forbidden(KibbleError):
    """The caller is known, and may not."""

    code = "forbidden"


class NotFound(KibbleError):
    """There is no such thing, or its existence is private to somebody else."""

    code = "not-found"


class Conflict(KibbleError):
    """The request conflicts with the present state; ``details`` say what the state is."""

    code = "conflict"


class StaleVersion(Conflict):
    """The state changed after it was read: run the use case again."""

    code = "stale-version"


class InFlight(Conflict):
    """The same request is still at work; ``retry_after`` is in seconds."""

    code = "request-in-flight"
    retry_after = 1


class RuleViolated(KibbleError):
    """A rule of the business says no."""

    code = "rule-violated"


class PreconditionFailed(KibbleError):
    """The caller's If-Match does not name the present version."""

    code = "precondition-failed"


class PaymentDeclined(KibbleError):
    """The payment provider declined."""

    code = "payment-declined"


class Unavailable(KibbleError):
    """An engine or a neighbour cannot answer now; ``retry_after`` is in seconds."""

    code = "unavailable"

    def __init__(self, message: str, *, retry_after: int = 1) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class TimedOut(Unavailable):
    """An engine or a neighbour did not answer in time; what it did is unknown."""

    code = "timed-out"


class TooLarge(KibbleError):
    """The request's body is larger than is taken."""

    code = "too-large"


class UnsupportedMedia(KibbleError):
    """The request's body is of a type that is not taken."""

    code = "unsupported-media-type"


class KeyReused(KibbleError):
    """An Idempotency-Key came back with another request."""

    code = "idempotency-key-reused"


class TooManyRequests(KibbleError):
    """The caller's rate limit is used up; ``retry_after`` is in seconds."""

    code = "too-many-requests"

    def __init__(self, message: str, *, retry_after: int, code: str | None = None) -> None:
        super().__init__(message, code=code)
        self.retry_after = retry_after
