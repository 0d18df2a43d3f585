"""A key of its own for each process: it is believed about itself, and about nobody else."""

from __future__ import annotations

import random
from collections.abc import Iterable
from datetime import timedelta
from pathlib import Path

import pytest

from kibble.kernel.errors import Unauthenticated
from kibble.platform.config import Settings
from kibble.platform.security.identities import (
    SHOP,
    own_path,
    own_ring,
    prepare,
    publish,
)
from kibble.platform.security.keys import KeyRing, rotate
from kibble.platform.security.tokens import TokenIssuer, TokenVerifier
from kibble.platform.service import World
from kibble.runtime.distributed.addresses import (
    MAY_CALL,
    public_keys,
    require_own_keys,
    scopes_of,
)
from kibble.runtime.names import SERVED
from tests.fixtures.doubles import FakeClock, fake_ids

MINUTE, DAY = timedelta(minutes=1), timedelta(days=1)


class House:
    """A shop's processes, each with the keys that it is given."""

    def __init__(self, folder: Path, names: Iterable[str] = MAY_CALL) -> None:
        self.folder, self.clock = folder, FakeClock()
        self.ids = fake_ids(self.clock)
        prepare(folder, names)
        world = World(self.clock, self.ids, random.Random(1))
        self.verifier = TokenVerifier(public_keys(Settings(data_dir=folder), world), self.clock)

    def signing(self, name: str) -> TokenIssuer:
        ring = own_ring(self.folder, name, "", self.clock)
        return TokenIssuer(ring, self.clock, self.ids)

    def refuses(self, token: str) -> bool:
        try:
            self.verifier.verify(token)
        except Unauthenticated:
            return self.verifier.behalf(token) is None
        return False

    def rotate(self, name: str) -> None:
        rotate(own_path(self.folder, name), self.clock.now().timestamp(), DAY)
        publish(self.folder, name)


@pytest.fixture
def house(tmp_path: Path) -> House:
    return House(tmp_path)


class TestAProcess:
    @pytest.mark.parametrize("name", SERVED)
    def test_speaks_for_itself(self, house: House, name: str) -> None:
        token = house.signing(name).for_client(name, scopes_of(name), MINUTE)
        caller = house.verifier.verify(token)
        assert caller.subject == name
        assert caller.scopes == set(scopes_of(name))

    @pytest.mark.parametrize("name", SERVED)
    def test_speaks_for_no_other_process_and_for_no_person(self, house: House, name: str) -> None:
        own = house.signing(name)
        others = [each for each in MAY_CALL if each != name]
        for other in others:
            assert house.refuses(own.for_client(other, scopes_of(other), MINUTE))
            assert house.refuses(own.for_client(other, scopes_of(name), MINUTE))
            assert house.refuses(own.for_behalf(other, "jane", MINUTE))
        assert house.refuses(own.for_customer("jane", MINUTE))
        assert house.refuses(own.for_client("staff", ["orders:read"], MINUTE))
        assert house.refuses(own.for_client(name, ["staff:admin"], MINUTE))
        claims = {"sub": name, "client_id": name, "roles": ["admin"]}
        assert house.refuses(own.issue(claims, MINUTE))
        assert house.refuses(own.for_order("o1", MINUTE)) == (name != "order")

    def test_gets_no_more_scopes_than_it_calls(self, house: House) -> None:
        more = [*scopes_of("shipping"), "service:customer"]
        assert house.refuses(house.signing("shipping").for_client("shipping", more, MINUTE))

    def test_says_itself_for_whom_it_works(self, house: House) -> None:
        said = house.signing("notification").for_behalf("notification", "jane", MINUTE)
        assert house.verifier.behalf(said) == ("notification", "jane")

    def test_of_order_gives_a_guest_one_order_and_nothing_else(self, house: House) -> None:
        own = house.signing("order")
        assert house.verifier.verify(own.for_order("o1", MINUTE)).order_id == "o1"
        claims = {"sub": "order:o1", "order_id": "o1", "customer_id": "jane"}
        assert house.refuses(own.issue(claims, MINUTE))

    @pytest.mark.parametrize("name", ["order", "customer"])
    def test_of_a_live_shop_needs_its_key(self, tmp_path: Path, name: str) -> None:
        live = Settings(data_dir=tmp_path, env="production")
        with pytest.raises(ValueError, match="KIBBLE_SERVICE_KEYS"):
            require_own_keys(name, live)
        require_own_keys(name, Settings(data_dir=tmp_path))
        prepare(tmp_path, [name])
        require_own_keys(name, live)


class TestTheShop:
    def test_speaks_for_people_and_never_for_a_process(self, house: House) -> None:
        shop = house.signing(SHOP)
        assert house.verifier.verify(shop.for_customer("jane", MINUTE)).customer_id == "jane"
        staff = house.verifier.verify(shop.for_client("staff", ["orders:read"], MINUTE))
        assert staff.scopes == {"orders:read"}
        assert house.refuses(shop.for_client("order", scopes_of("order"), MINUTE))
        assert house.refuses(shop.for_behalf("notification", "jane", MINUTE))


class TestAKeyThatFollows:
    def test_is_known_before_it_signs_and_the_one_before_goes_on(self, house: House) -> None:
        before = house.signing("order").for_order("o1", timedelta(days=30))
        house.rotate("order")
        house.clock.advance(DAY.total_seconds())
        fresh = house.signing("order").for_client("order", scopes_of("order"), MINUTE)
        assert house.verifier.verify(fresh).subject == "order"
        assert house.verifier.verify(before).order_id == "o1"

    def test_takes_the_place_of_the_one_before_in_the_end(self, house: House) -> None:
        old = KeyRing.open(own_path(house.folder, "order"), house.clock)
        kept = TokenIssuer(old.signing(), house.clock, house.ids)
        assert not house.refuses(kept.for_order("o1", MINUTE))
        house.rotate("order")
        house.clock.advance(timedelta(days=33).total_seconds())
        assert house.refuses(kept.for_order("o1", MINUTE))

    def test_needs_no_restart_of_others(self, tmp_path: Path) -> None:
        house = House(tmp_path, ["shipping"])
        assert house.refuses(house.signing("shipping").for_order("o1", MINUTE))
        assert not house.refuses(house.signing("order").for_order("o1", MINUTE))


def test_a_key_is_taken_from_a_setting_too(house: House) -> None:
    told = own_path(house.folder, "payment").read_text()
    ring = own_ring(house.folder / "elsewhere", "payment", told, house.clock)
    token = TokenIssuer(ring, house.clock, house.ids).for_client(
        "payment", scopes_of("payment"), MINUTE
    )
    assert house.verifier.verify(token).subject == "payment"
