"""For whom a service asks another: no service reads a customer's data by its own scope alone."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from joserfc.jwk import ECKey

from kibble.contracts.customer import ADDRESS, CONTACT, AskContact, export_of
from kibble.platform.rpc import (
    Ask,
    OfCustomer,
    Offer,
    Procedure,
    acting_for,
    context_of,
)
from kibble.platform.rpc.rights import BEHALF_HEADER, NOBODY, USER_HEADER
from kibble.platform.security.tokens import TokenIssuer, TokenVerifier
from kibble.platform.web import internal
from kibble.runtime.distributed.addresses import scopes_of
from kibble.runtime.names import SERVED, SERVICES
from tests.component.platform.test_service_identities import PROCEDURES
from tests.fixtures.doubles import FakeClock, fake_ids
from tests.fixtures.http import Client

KEY = ECKey.generate_key("P-256", auto_kid=True)
LIFE = timedelta(minutes=5)
JANE, JIM = "jane", "jim"

OF_CUSTOMERS = {CONTACT.path, ADDRESS.path}
ALL = [*PROCEDURES, *(export_of(name) for name in SERVICES)]
PERSONAL = [each for each in ALL if isinstance(each.rights, OfCustomer)]


class Door:
    """A procedure behind its route, and those who ask."""

    def __init__(self, procedure: Procedure[Any, Any]) -> None:
        self.procedure = procedure
        self.clock = FakeClock()
        self.issuer = TokenIssuer(KEY, self.clock, fake_ids(self.clock))
        verifier = TokenVerifier(KEY, self.clock)
        routes = internal.routes([Offer(procedure, self._answer)], self.clock, verifier)
        self.http = Client(routes, self.clock, verifier, self.issuer)
        self.answered = 0

    async def _answer(self, _: Any) -> Any:
        self.answered += 1
        return {} if self.procedure.name == "export" else None

    @property
    def callers(self) -> list[str]:
        """The services that have the procedure's scope."""
        return [name for name in SERVED if self.procedure.scope in scopes_of(name)]

    async def ask(self, caller: str, headers: Mapping[str, str], customer: str = JANE) -> int:
        """Return the status that a service gets which asks for a customer's data."""
        token = self.issuer.for_client(caller, scopes_of(caller), LIFE)
        body = msgspec.json.encode({"customerId": customer})
        sent = {"authorization": f"Bearer {token}", "content-type": "application/json", **headers}
        return (await self.http.send("POST", self.procedure.path, body, sent)).status

    def user(self, token: str) -> dict[str, str]:
        return {USER_HEADER: token}

    def behalf(self, service: str, customer: str = JANE) -> dict[str, str]:
        return {BEHALF_HEADER: self.issuer.for_behalf(service, customer, LIFE)}


def door_of(procedure: Procedure[Any, Any]) -> Door:
    return Door(procedure)


def test_every_procedure_that_names_a_customer_to_be_told_of_says_whose_rights_decide() -> None:
    names = {each.path for each in PERSONAL}
    assert {f"/internal/{name}/export" for name in SERVICES} | OF_CUSTOMERS == names


def test_a_procedure_about_a_customer_must_be_told_which() -> None:
    class AskNothing(Ask, frozen=True, kw_only=True):
        """Nobody."""

    with pytest.raises(TypeError, match="names no customer_id"):
        Procedure("order", "all", AskNothing, None, OfCustomer(frozenset()))


@pytest.mark.parametrize("procedure", PERSONAL, ids=lambda each: each.path)
class TestRights:
    async def test_a_services_own_scope_alone_opens_nothing(
        self, procedure: Procedure[Any, Any]
    ) -> None:
        door = door_of(procedure)
        assert door.callers
        for caller in door.callers:
            assert await door.ask(caller, {}) == 403
            assert await door.ask(caller, door.user("")) == 403
        assert door.answered == 0

    async def test_a_customers_own_request_opens_what_is_theirs_alone(
        self, procedure: Procedure[Any, Any]
    ) -> None:
        door = door_of(procedure)
        jane = door.user(door.issuer.for_customer(JANE, LIFE))
        for caller in door.callers:
            assert await door.ask(caller, jane) == 200
            assert await door.ask(caller, jane, JIM) == 403
        assert door.answered == len(door.callers)

    async def test_staff_need_a_scope_of_it(self, procedure: Procedure[Any, Any]) -> None:
        door, rights = door_of(procedure), procedure.rights
        assert isinstance(rights, OfCustomer)
        for scope in rights.scopes:
            staff = door.user(door.issuer.for_client("sue", [scope], LIFE))
            assert await door.ask(door.callers[0], staff) == 200
        wrong = door.user(door.issuer.for_client("sue", ["catalog:write"], LIFE))
        assert await door.ask(door.callers[0], wrong) == 403

    async def test_guests_services_and_bad_tokens_are_nobody(
        self, procedure: Procedure[Any, Any]
    ) -> None:
        door = door_of(procedure)
        caller = door.callers[0]
        stranger = TokenIssuer(
            ECKey.generate_key("P-256", auto_kid=True), door.clock, fake_ids(door.clock)
        )
        ended = door.issuer.for_customer(JANE, timedelta(seconds=-1))
        service = door.issuer.for_client("x", [*scopes_of(caller), "customers:read"], LIFE)
        behalf = door.issuer.for_behalf(caller, JANE, LIFE)
        for token, status in (
            (door.issuer.for_order("o-1", LIFE), 403),
            (service, 403),
            (ended, 401),
            (stranger.for_customer(JANE, LIFE), 401),
            (behalf, 401),
            ("rubbish", 401),
        ):
            assert await door.ask(caller, door.user(token)) == status

    async def test_where_nobody_waits_only_named_services_work_for_a_customer(
        self, procedure: Procedure[Any, Any]
    ) -> None:
        door, rights = door_of(procedure), procedure.rights
        assert isinstance(rights, OfCustomer)
        for caller in door.callers:
            allowed = 200 if caller in rights.background else 403
            assert await door.ask(caller, door.behalf(caller)) == allowed
            assert await door.ask(caller, door.behalf(caller), JIM) == 403
            assert await door.ask(caller, door.behalf("another")) == 403
            access = {BEHALF_HEADER: door.issuer.for_customer(JANE, LIFE)}
            assert await door.ask(caller, access) == 403

    async def test_what_a_service_says_of_itself_ends(self, procedure: Procedure[Any, Any]) -> None:
        door = door_of(procedure)
        said = door.behalf(door.callers[0])
        door.clock.advance(301)
        assert await door.ask(door.callers[0], said) == 403

    async def test_a_request_is_for_its_user_whatever_the_service_could_say_of_itself(
        self, procedure: Procedure[Any, Any]
    ) -> None:
        ask = AskContact(customer_id=JIM)  # type: ignore[arg-type]  # an id is its text
        with acting_for("jane's token"):
            told = context_of(procedure.rights, ask, lambda customer: f"for {customer}")
        assert told == {USER_HEADER: "jane's token"}
        with acting_for(NOBODY):
            assert context_of(procedure.rights, ask, lambda customer: f"for {customer}") == {}
        told = context_of(procedure.rights, ask, lambda customer: f"for {customer}")
        assert told == {BEHALF_HEADER: f"for {JIM}"}


@pytest.mark.parametrize(
    "procedure", [each for each in ALL if each not in PERSONAL], ids=lambda each: each.path
)
def test_no_user_is_told_where_none_is_asked_for(procedure: Procedure[Any, Any]) -> None:
    with acting_for("jane's token"):
        assert context_of(procedure.rights, None, lambda customer: customer) == {}
