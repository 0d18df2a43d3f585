"""The refresh family: whatever is presented in whatever order, at most one token is ever good."""

from __future__ import annotations

import random
from datetime import timedelta

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from kibble.services.customer.errors import SessionEnded, TokenReused
from kibble.services.customer.model import Lifetime, Session, read_refresh_token
from kibble.services.customer.model.session import GRACE
from tests.fixtures.doubles import START

LIFE = Lifetime(idle=timedelta(minutes=30), absolute=timedelta(hours=4))


def begun(seed: int = 1) -> tuple[Session, str]:
    session, token = Session.begin("s1", "a1", LIFE, START, random.Random(seed))
    return session, read_refresh_token(token)[1]


class Family(RuleBasedStateMachine):
    """Tokens are used, used again, and lost, while time passes.

    The model is a list of the secrets in the order in which they were made: the last one is good,
    the one before it for a moment after it was used, all others betray a copy.
    """

    def __init__(self) -> None:
        super().__init__()
        self.session, first = begun()
        self.randomness = random.Random(2)
        self.now = START
        self.used_at = START
        self.made = [first]
        self.ended = False

    @rule(seconds=st.sampled_from([0, 1, 9, 10, 11, 600, 1799, 1800, 1801]))
    def wait(self, seconds: int) -> None:
        self.now += timedelta(seconds=seconds)

    @rule(back=st.integers(0, 4))
    def present(self, back: int) -> None:
        """Present the secret that is ``back`` generations old."""
        if self.ended or back >= len(self.made):
            return
        secret = self.made[-1 - back]
        alive = self.now < min(self.used_at + LIFE.idle, START + LIFE.absolute)
        in_grace = back == 1 and self.now - self.used_at <= GRACE
        if not alive:
            with pytest.raises(SessionEnded):
                self.session.renew(secret, self.now, self.randomness)
        elif back == 0:
            self.made.append(self.session.renew(secret, self.now, self.randomness))
            self.used_at = self.now
        elif in_grace:
            assert self.session.renew(secret, self.now, self.randomness) == self.made[-1]
        else:
            with pytest.raises(TokenReused):
                self.session.renew(secret, self.now, self.randomness)
            self.ended = True

    @rule(secret=st.text(max_size=60))
    def guess(self, secret: str) -> None:
        """Present what was never made: it is never good."""
        if secret in self.made:
            return
        before = self.session.digest
        with pytest.raises((TokenReused, SessionEnded)):
            self.session.renew(secret, self.now, self.randomness)
        assert self.session.digest == before

    @invariant()
    def no_secret_comes_twice(self) -> None:
        assert len(set(self.made)) == len(self.made)

    @invariant()
    def nothing_kept_is_a_secret(self) -> None:
        kept = repr(self.session)
        assert not any(secret in kept for secret in self.made)


TestFamily = Family.TestCase
TestFamily.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)


def test_what_leads_to_the_successor_is_the_salt_and_the_secret_together() -> None:
    one, secret = begun()
    other, _ = begun()
    first = one.renew(secret, START, random.Random(3))
    second = other.renew(secret, START, random.Random(4))
    assert first != second
