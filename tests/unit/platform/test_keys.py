"""Keys that follow one another: no valid token is refused, and no old key is taken for ever."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path

import pytest
from joserfc.jwk import ECKey

from kibble.kernel.errors import Unauthenticated
from kibble.platform.security.keys import LONGEST_TOKEN, KeyRing, read_keys, rotate
from kibble.platform.security.tokens import TokenIssuer, TokenVerifier
from tests.fixtures.doubles import FakeClock, fake_ids

MINUTE = timedelta(minutes=1)
LEAD = timedelta(hours=24)
HOUR = timedelta(hours=1)


class Process:
    """One of several processes that share the keys."""

    def __init__(self, path: Path, clock: FakeClock) -> None:
        ring = KeyRing.open(path, clock)
        self.ring = ring
        self.issuer = TokenIssuer(ring, clock, fake_ids(clock))
        self.verifier = TokenVerifier(ring, clock)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock()


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "data" / "signing-key.json"


def test_a_rotation_under_requests_refuses_no_valid_token(path: Path, clock: FakeClock) -> None:
    processes = [Process(path, clock) for _ in range(3)]
    rotate(path, clock.now().timestamp(), LEAD)
    live: list[tuple[str, float]] = []
    kids: set[str | None] = set()
    for step in range(36 * 12):
        if step == 30 * 12:
            rotate(path, clock.now().timestamp(), LEAD)
        one = processes[step % 3]
        token = one.issuer.for_customer("c1", HOUR)
        live.append((token, clock.now().timestamp() + 3600))
        kids.add(str(one.ring.signing().kid))
        live = [(known, end) for known, end in live if end > clock.now().timestamp()]
        for known, _ in live[:: max(1, len(live) // 3)]:
            for each in processes:
                assert each.verifier.verify(known).customer_id == "c1"
        clock.advance(300)
    assert len(kids) == 2


def test_the_next_key_is_published_before_it_signs(path: Path, clock: FakeClock) -> None:
    process = Process(path, clock)
    before = process.ring.signing().kid
    added = rotate(path, clock.now().timestamp(), LEAD)
    clock.advance(61)
    published = {key["kid"] for key in process.ring.published()["keys"]}  # type: ignore[attr-defined]  # a list of keys
    assert published == {before, added.kid}
    assert process.ring.signing().kid == before
    clock.advance(LEAD.total_seconds())
    assert process.ring.signing().kid == added.kid


def test_an_old_key_is_taken_until_its_last_token_has_ended(path: Path, clock: FakeClock) -> None:
    process = Process(path, clock)
    guests = process.issuer.for_order("o1", timedelta(days=30))
    rotate(path, clock.now().timestamp(), LEAD)
    clock.advance(timedelta(days=29).total_seconds())
    assert process.verifier.verify(guests).order_id == "o1"
    clock.advance((LONGEST_TOKEN + LEAD).total_seconds())
    with pytest.raises(Unauthenticated):
        Process(path, clock).verifier.verify(guests)
    rotate(path, clock.now().timestamp(), LEAD)
    assert len(read_keys(path)) == 2


def test_an_unknown_key_makes_a_process_look_once_a_minute_at_most(
    path: Path, clock: FakeClock
) -> None:
    process = Process(path, clock)
    clock.advance(61)
    stranger = TokenIssuer(ECKey.generate_key("P-256", auto_kid=True), clock, fake_ids(clock))
    with pytest.raises(Unauthenticated):
        process.verifier.verify(stranger.for_customer("c1", HOUR))
    path.unlink()
    for _ in range(100):
        with pytest.raises(Unauthenticated):
            process.verifier.verify(stranger.for_customer("c1", HOUR))


def test_the_file_is_its_owners_alone_before_and_after(path: Path, clock: FakeClock) -> None:
    Process(path, clock)
    for _ in range(2):
        assert path.stat().st_mode & 0o777 == 0o600
        rotate(path, clock.now().timestamp(), MINUTE)
    assert [entry.name for entry in path.parent.iterdir()] == [path.name]
    assert len(json.loads(path.read_text())["keys"]) == 3


def test_nothing_private_is_published(path: Path, clock: FakeClock) -> None:
    process = Process(path, clock)
    rotate(path, clock.now().timestamp(), MINUTE)
    clock.advance(61)
    assert '"d"' not in json.dumps(process.ring.published())
