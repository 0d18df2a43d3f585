"""What kind of work a request is: which limit it counts against, and when it is shed."""

from __future__ import annotations

from enum import Enum, IntEnum


class Flow(Enum):
    """A kind of request that is costly to answer, or worth guessing at."""

    SIGN_IN = "sign-in"
    TOKENS = "tokens"
    ACCOUNTS = "accounts"
    RECOVERY = "recovery"
    WAITING = "waiting"
    COUPONS = "coupons"
    CHECKOUT = "checkout"
    SEARCH = "search"
    REPORTS = "reports"

    @property
    def is_guessing(self) -> bool:
        """Tell whether many tries find what one alone does not: a password, a code, an account."""
        return self in _GUESSING


_GUESSING = frozenset(
    {Flow.SIGN_IN, Flow.ACCOUNTS, Flow.RECOVERY, Flow.WAITING, Flow.COUPONS, Flow.REPORTS}
)

REPORTS_PATH = "/csp-reports"

_POSTS = {
    "/session": Flow.SIGN_IN,
    "/session/token": Flow.SIGN_IN,
    "/session/passkey": Flow.SIGN_IN,
    "/session/passkey/challenge": Flow.SIGN_IN,
    "/oauth2/token": Flow.TOKENS,
    "/oauth2/introspect": Flow.TOKENS,
    "/api/customers": Flow.ACCOUNTS,
    "/api/customers/password-reset": Flow.RECOVERY,
    "/api/customers/verify-email": Flow.RECOVERY,
    "/api/notifications/back-in-stock": Flow.WAITING,
    "/api/notifications/back-in-stock/confirm": Flow.WAITING,
    "/api/orders": Flow.CHECKOUT,
    REPORTS_PATH: Flow.REPORTS,
}


def flow_of(method: str, path: str) -> Flow | None:
    """Return the costly flow that a request belongs to, if any."""
    if method == "POST":
        return Flow.CHECKOUT if path.endswith("/checkout") else _POSTS.get(path)
    if path.startswith("/api/products/search"):
        return Flow.SEARCH
    if path.startswith("/api/promotions/"):
        return Flow.COUPONS
    return None


class Work(IntEnum):
    """How much a request matters when not all can be answered: the least goes first."""

    BATCH = 0
    BROWSING = 1
    CHECKOUT = 2
    ESSENTIAL = 3
    """What tells how the shop is, and what services ask of one another: never shed."""


_BY_BEGINNING = (
    ("/health/", Work.ESSENTIAL),
    ("/internal/", Work.ESSENTIAL),
    ("/metrics", Work.ESSENTIAL),
    ("/api/carts", Work.CHECKOUT),
    ("/api/orders", Work.CHECKOUT),
    ("/api/payments", Work.CHECKOUT),
    ("/session", Work.CHECKOUT),
    ("/oauth2/", Work.CHECKOUT),
    ("/api/products/imports", Work.BATCH),
    ("/api/audit", Work.BATCH),
    (REPORTS_PATH, Work.BATCH),
)


def work_of(path: str) -> Work:
    """Return how much a request matters."""
    for beginning, work in _BY_BEGINNING:
        if path.startswith(beginning):
            return work
    return Work.BATCH if path.endswith("/export") else Work.BROWSING


def is_placing(method: str, path: str) -> bool:
    """Tell whether a request makes an order: what follows it keeps all services at work."""
    return method == "POST" and (path == "/api/orders" or path.endswith("/checkout"))
