"""How often a password may be guessed: by account, by address, without locking the owner out."""

from __future__ import annotations

from dataclasses import dataclass

WINDOW_SECONDS = 900.0
PER_ACCOUNT = 10
PER_ADDRESS = 100


def account_key(account: str) -> str:
    """Return under what the failures of an account count."""
    return f"account {account}"


@dataclass(frozen=True, slots=True)
class Tried:
    """Under what a sign-in counts.

    A device that the account signed in from before counts for itself alone, so that a stranger's
    guesses do not keep the owner out. Ten tries a quarter of an hour are far below the hundred in
    a row that NIST SP 800-63B allows. Names that nobody has are counted alike.
    """

    account: str
    address: str
    device: str | None = None

    def buckets(self) -> tuple[tuple[str, int], ...]:
        """Return each key and how many failures it may have in the window."""
        if self.device is not None:
            return ((f"device {self.device}", PER_ACCOUNT),)
        by_address = (f"address {self.address}", PER_ADDRESS)
        return ((account_key(self.account), PER_ACCOUNT), by_address)
