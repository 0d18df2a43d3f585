"""Errors as problem details (RFC 9457): the one table from kinds of error to HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from kibble.kernel import errors
from kibble.platform.web import json

TYPE_BASE = "https://kibble.example/problems/"
MEDIA_TYPE = "application/problem+json"

STATUS: Mapping[type[errors.KibbleError], tuple[int, str]] = {
    errors.InvalidInput: (400, "Invalid request"),
    errors.Unauthenticated: (401, "Not signed in"),
    errors.PaymentDeclined: (402, "Payment declined"),
    errors.Forbidden: (403, "Not allowed"),
    errors.NotFound: (404, "Not found"),
    errors.Conflict: (409, "Conflict"),
    errors.RuleViolated: (409, "Not possible"),
    errors.PreconditionFailed: (412, "Changed meanwhile"),
    errors.TooLarge: (413, "Too large"),
    errors.UnsupportedMedia: (415, "Unsupported media type"),
    errors.KeyReused: (422, "Idempotency key reused"),
    errors.TooManyRequests: (429, "Too many requests"),
    errors.TimedOut: (504, "Timed out"),
    errors.Unavailable: (503, "Unavailable"),
}


def status_of(error: errors.KibbleError) -> tuple[int, str]:
    """Return the HTTP status and the title of an expected error."""
    for kind in type(error).__mro__:
        if row := STATUS.get(kind):
            return row
    return 500, "Internal error"


def render(error: errors.KibbleError) -> tuple[int, dict[str, str], bytes]:
    """Return the status, headers and body of an expected error."""
    status, title = status_of(error)
    problem: dict[str, Any] = {
        "type": TYPE_BASE + error.code,
        "title": title,
        "status": status,
        "detail": error.message,
        "code": error.code,
    }
    if isinstance(error, errors.InvalidInput):
        problem["errors"] = [{"pointer": e.pointer, "detail": e.detail} for e in error.errors]
    problem.update({key: value for key, value in error.details.items() if key not in problem})
    headers = {"content-type": MEDIA_TYPE, "cache-control": "no-store"}
    if isinstance(error, errors.Unavailable | errors.TooManyRequests | errors.InFlight):
        headers["retry-after"] = str(error.retry_after)
    if status == 401:  # noqa: PLR2004 - RFC 9110, section 15.5.2: a challenge is required
        headers["www-authenticate"] = 'Bearer realm="kibble"'
    return status, headers, json.encode(problem)


_MEMBERS = frozenset({"type", "title", "status", "detail", "code", "errors"})
_KINDS = {status: kind for kind, (status, _) in list(STATUS.items())[::-1]}
"""The kind that a status stands for; of two with one status, the one that is listed first."""


def parse(status: int, told: Mapping[str, Any]) -> errors.KibbleError:
    """Return the error that another service has rendered; a bug of its is ``Unavailable``."""
    message = str(told.get("detail", f"The answer was {status}."))
    kind = _KINDS.get(status, errors.Unavailable)
    if kind is errors.InvalidInput:
        fields = told.get("errors", [])
        return errors.InvalidInput(
            [errors.FieldError(field["pointer"], field["detail"]) for field in fields], message
        )
    if kind is errors.TimedOut:
        return errors.TimedOut(message)
    if kind in (errors.Unavailable, errors.TooManyRequests):
        return errors.Unavailable(message)
    details = {name: value for name, value in told.items() if name not in _MEMBERS}
    error: errors.KibbleError = kind(message, code=told.get("code"), details=details)
    return error


def bug() -> tuple[int, dict[str, str], bytes]:
    """Return the answer to an unexpected error, which tells nothing of its inside."""
    problem = {
        "type": TYPE_BASE + "internal-error",
        "title": "Internal error",
        "status": 500,
        "detail": "Something went wrong on our side; the request id finds it in the log.",
        "code": "internal-error",
    }
    return 500, {"content-type": MEDIA_TYPE, "cache-control": "no-store"}, json.encode(problem)
