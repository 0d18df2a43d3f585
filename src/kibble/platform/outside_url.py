"""An outside party's URL among the settings: never shown, for it may hold a password.

What is special in a name or a password is percent-encoded, as in every URL.
"""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import SplitResult, parse_qsl, unquote, urlsplit


def check_address(variable: str, url: str) -> None:
    """Raise ``ValueError`` naming the setting unless ``url`` is where a provider can be called."""
    try:
        parts = urlsplit(url)
        is_one = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_one = False
    if not is_one:
        raise ValueError(f"{variable} must be an address: https://...")


class OutsideUrl:
    """The parts of a URL that a setting has; ``variable`` is the setting's name."""

    def __init__(self, variable: str, text: str) -> None:
        """Raises ``ValueError`` with a sentence for the operator when it is no such URL."""
        self.variable = variable
        try:
            self._parts: SplitResult = urlsplit(text)
            self.port = self._parts.port
        except ValueError as error:
            raise self.wrong("is no URL") from error
        self.scheme = self._parts.scheme
        self.host = self._parts.netloc.rpartition("@")[2].partition(":")[0]
        self.path = unquote(self._parts.path).strip("/")
        self.username = unquote(self._parts.username) if self._parts.username else None
        self.password = unquote(self._parts.password) if self._parts.password else None
        self.options: Mapping[str, str] = dict(parse_qsl(self._parts.query))
        if not self.host:
            raise self.wrong("names no host")
        if self.username is not None and self.password is None:
            raise self.wrong("has a user and no password")

    def wrong(self, what: str) -> ValueError:
        """Return the error that the URL ``what``; it quotes nothing of it."""
        return ValueError(f"{self.variable} {what}.")

    def needs(self, extra: str, error: ImportError) -> ValueError:
        """Return the error that a library is not there, and which extra brings it."""
        return self.wrong(f"needs the library {error.name}: pip install 'kibble[{extra}]'")

    @property
    def endpoint(self) -> str | None:
        """Where to go instead of the provider's own address."""
        found = self.options.get("endpoint")
        if found is not None and urlsplit(found).scheme not in ("http", "https"):
            raise self.wrong("has an endpoint that is no http(s) address")
        return found.rstrip("/") if found else None
