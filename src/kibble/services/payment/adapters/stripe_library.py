"""What our adapters of Stripe share: its errors in our words, and fields that may be lacking."""

from __future__ import annotations

import functools
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any, Final, TypeVar, cast

import aiohttp
import stripe
import structlog

from kibble.kernel.errors import KeyReused, TimedOut, Unavailable

_log = structlog.get_logger()

F = TypeVar("F", bound=Callable[..., Awaitable[Any]])

IN_USE: Final = 409
NOT_OURS: Final = (stripe.AuthenticationError, stripe.PermissionError)


def translated(call: F) -> F:
    """Turn what the library raises into the errors of ``PaymentProvider``."""

    @functools.wraps(call)
    async def translating(*args: Any, **kwargs: Any) -> Any:
        try:
            return await call(*args, **kwargs)
        except (stripe.StripeError, aiohttp.ClientError, TimeoutError) as error:
            raise translate(error) from error

    return cast("F", translating)


def given(thing: object, name: str) -> Any:
    """Return a field that Stripe leaves out where it does not apply; None when it is not there."""
    return getattr(thing, name, None)


def metadata_of(thing: Any) -> dict[str, str]:
    """Return what we had Stripe keep beside a thing of its own, if there is the thing."""
    kept = given(thing, "metadata")
    told: dict[str, str] = kept.to_dict() if kept is not None else {}
    return told


def translate(error: Exception) -> Exception:
    """Return what ``error`` is to the rest of Payment."""
    if isinstance(error, stripe.IdempotencyError) and error.http_status != IN_USE:
        return KeyReused("The payment's id was used for another charge.")
    if isinstance(error, NOT_OURS):
        _log.error("stripe does not accept the key", error=type(error).__name__)
    if isinstance(error, TimeoutError) or isinstance(error.__cause__, TimeoutError):
        return TimedOut("Stripe did not answer in time.")
    return Unavailable(f"Stripe cannot be asked: {type(error).__name__}.")


async def items(pages: Any) -> AsyncIterator[Any]:
    """Yield every item of a list, page after page."""
    try:
        async for item in pages.auto_paging_iter():
            yield item
    except (stripe.StripeError, aiohttp.ClientError, TimeoutError) as error:
        raise translate(error) from error
