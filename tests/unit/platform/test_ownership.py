"""Whose what a route reaches is: declared in its table, or it does not start."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest

from kibble.kernel.errors import NotFound
from kibble.platform.web.call import Call
from kibble.platform.web.ownership import LINK, OWN, By, Owned, owned
from kibble.platform.web.reply import Reply, ok
from kibble.platform.web.route import ANYONE, Route, get, write
from tests.fixtures.http import Client

SUE, TOM = "0199a000-0000-7000-8000-000000000001", "0199a000-0000-7000-8000-000000000002"
ORDER = "0199a000-0000-7000-8000-000000000009"
READ, WRITE = "orders:read", "orders:write"


class Search(msgspec.Struct, rename="camel"):
    user_id: str | None = None


class Wish(msgspec.Struct, rename="camel"):
    customer_id: str


class Desk:
    """Sue's order, and what of it is hers."""

    def __init__(self) -> None:
        self.served = 0

    async def named(self, call: Call[Any, Any]) -> Reply:
        self.served += 1
        return ok({})

    async def found(self, call: Call[Any, Any]) -> Reply:
        call.require_reach(SUE, NotFound("There is no such order."), order_id=ORDER)
        return await self.named(call)

    async def listed(self, call: Call[Any, Any]) -> Reply:
        return ok(call.reached([SUE, TOM], lambda whose: (whose, None)))

    async def forgets_to_ask(self, call: Call[Any, Any]) -> Reply:
        return await self.named(call)


def by_query(access: Owned, desk: Desk) -> Client:
    return Client([get("/orders", desk.named, "Orders", access, query=Search)])


async def statuses(client: Client, path: str) -> dict[str, int]:
    """Who gets what at a path."""
    callers = {
        "nobody": client,
        "owner": client.as_customer(SUE),
        "other": client.as_customer(TOM),
        "reader": client.with_scopes(READ),
        "writer": client.with_scopes(WRITE),
        "guest": client.for_order(ORDER),
    }
    return {name: (await caller.get(path)).status for name, caller in callers.items()}


class TestTheOwner:
    async def test_is_who_the_path_names(self) -> None:
        access = owned(By.PATH, READ)
        client = Client([get("/c/{customerId}", Desk().named, "A customer", access)])
        seen = await statuses(client, f"/c/{SUE}")
        assert seen == {
            **dict.fromkeys(("other", "writer", "guest"), 403),
            **dict.fromkeys(("owner", "reader"), 200),
            "nobody": 401,
        }

    async def test_is_who_the_query_names_or_else_the_caller(self) -> None:
        client = by_query(owned(By.QUERY, READ), Desk())
        named = await statuses(client, f"/orders?userId={SUE}")
        assert (named["owner"], named["other"], named["reader"]) == (200, 403, 200)
        unnamed = await statuses(client, "/orders")
        assert (unnamed["owner"], unnamed["other"], unnamed["reader"]) == (200, 200, 200)
        assert (unnamed["writer"], unnamed["guest"], unnamed["nobody"]) == (403, 403, 401)

    async def test_is_who_the_body_names(self) -> None:
        access = owned(By.BODY, WRITE)
        client = Client([write("POST", "/orders", Desk().named, "Order", access, body=Wish)])
        for caller, status in ((SUE, 200), (TOM, 403)):
            answer = await client.as_customer(caller).post("/orders", {"customerId": SUE})
            assert answer.status == status

    async def test_is_whose_the_found_thing_is_and_for_others_it_is_not_there(self) -> None:
        access = owned(By.THING, READ)
        client = Client([get("/orders/{orderId}", Desk().found, "An order", access)])
        assert await statuses(client, f"/orders/{ORDER}") == {
            "nobody": 401,
            "owner": 200,
            "other": 404,
            "reader": 200,
            "writer": 403,
            "guest": 200,
        }

    async def test_who_can_own_nothing_is_told_which_scope_is_lacking(self) -> None:
        desk = Desk()
        routes = [
            get("/orders/{orderId}", desk.found, "An order", owned(By.THING, READ)),
            get("/orders", desk.listed, "Orders", owned(By.QUERY, READ), query=Search),
            get("/c/{customerId}", desk.named, "A customer", owned(By.PATH, READ)),
        ]
        program = Client(routes).with_scopes(WRITE)
        for path in (f"/orders/{ORDER}", "/orders", f"/orders?userId={SUE}", f"/c/{SUE}"):
            answer = await program.get(path)
            assert (answer.status, answer.json().get("scope")) == (403, READ), path
        assert desk.served == 0

    async def test_of_several_things_sees_their_own(self) -> None:
        client = Client([get("/orders", Desk().listed, "Orders", owned(By.THING, READ))])
        assert (await client.as_customer(TOM).get("/orders")).json() == [TOM]
        assert (await client.with_scopes(READ).get("/orders")).json() == [SUE, TOM]
        assert (await client.with_scopes(WRITE).get("/orders")).json()["code"] == "missing-scope"

    async def test_is_a_customer_where_nobody_can_be_named(self) -> None:
        client = Client([get("/mine", Desk().named, "What is mine", OWN)])
        seen = await statuses(client, "/mine")
        assert (seen["owner"], seen["other"]) == (200, 200)
        assert (seen["reader"], seen["guest"], seen["nobody"]) == (403, 403, 401)

    async def test_calls_in_person_for_what_guards_an_account(self) -> None:
        client = Client([get("/c/{customerId}", Desk().named, "Factors", owned(By.ACCOUNT, READ))])
        seen = await statuses(client, f"/c/{SUE}")
        assert (seen["owner"], seen["other"], seen["reader"], seen["writer"]) == (
            200,
            403,
            200,
            403,
        )


class TestAnOmission:
    async def test_is_a_fault_and_shows_nothing(self) -> None:
        access = owned(By.THING, READ)
        client = Client([get("/orders/{orderId}", Desk().forgets_to_ask, "An order", access)])
        answer = await client.as_customer(SUE).get(f"/orders/{ORDER}")
        assert (answer.status, answer.json()["code"]) == (500, "internal-error")

    async def test_keeps_a_refused_caller_from_the_handler(self) -> None:
        desk = Desk()
        await by_query(owned(By.QUERY, READ), desk).as_customer(TOM).get(f"/orders?userId={SUE}")
        assert desk.served == 0

    @pytest.mark.parametrize(
        "route",
        [
            get("/orders/{orderId}", Desk().named, "An order", ANYONE),
            get("/orders", Desk().named, "Orders", ANYONE, query=Search),
            write("POST", "/orders", Desk().named, "Order", ANYONE, body=Wish),
            get("/mine", Desk().named, "No name", owned(By.PATH, READ)),
            get("/orders", Desk().named, "No name", owned(By.QUERY, READ)),
            get("/orders", Desk().named, "No name", owned(By.BODY, READ)),
        ],
        ids=[
            "path",
            "query",
            "body",
            "path names none",
            "query names none",
            "body names none",
        ],
    )
    def test_of_the_declaration_keeps_a_service_from_starting(self, route: Route) -> None:
        with pytest.raises(ValueError, match=route.path.split("{", maxsplit=1)[0]):
            Client([route])

    async def test_is_none_where_a_link_is_all_that_is_needed(self) -> None:
        client = Client([get("/payments/{paymentId}/return", Desk().named, "Back", LINK)])
        assert set((await statuses(client, f"/payments/{ORDER}/return")).values()) == {200}
