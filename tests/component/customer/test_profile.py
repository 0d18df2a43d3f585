"""Reading, editing, exporting and erasing an account over HTTP."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

import pytest

from kibble.kernel.ids import CustomerId
from tests.component.customer.conftest import JANE, Shop, shop_in

NOBODY = "0193a7f0-0000-7000-8000-00000000ffff"


class TestReading:
    async def test_customers_read_themselves(self, shop: Shop) -> None:
        customer_id = await shop.registered()
        answer = await shop.http.as_customer(customer_id).get(f"/api/customers/{customer_id}")
        assert answer.status == 200
        assert answer.json()["username"] == "johndoe"
        assert answer.headers["etag"] == '"1"'

    async def test_nobody_reads_without_a_token(self, shop: Shop) -> None:
        customer_id = await shop.registered()
        assert (await shop.http.get(f"/api/customers/{customer_id}")).status == 401

    @pytest.mark.parametrize("method", ["GET", "PUT", "PATCH", "DELETE"])
    async def test_another_customers_account_is_403_whether_it_exists_or_not(
        self, shop: Shop, method: str
    ) -> None:
        customer_id = await shop.registered()
        eve = shop.http.as_customer(NOBODY.replace("f", "e"))
        body = {"PUT": b'{"username":"eve","email":"eve@example.com"}', "PATCH": b"{}"}
        for target in (customer_id, NOBODY):
            answer = await eve.send(method, f"/api/customers/{target}", body.get(method, b""))
            assert answer.status == 403

    async def test_staff_read_everybody_and_are_told_who_is_unknown(self, shop: Shop) -> None:
        customer_id = await shop.registered()
        staff = shop.http.with_scopes("customers:read")
        assert (await staff.get(f"/api/customers/{customer_id}")).status == 200
        assert (await staff.get(f"/api/customers/{NOBODY}")).status == 404
        assert (await staff.get("/api/customers/12345")).status == 404
        assert (await staff.delete(f"/api/customers/{customer_id}")).status == 403

    async def test_other_scopes_read_nobody(self, shop: Shop) -> None:
        customer_id = await shop.registered()
        staff = shop.http.with_scopes("orders:read", "catalog:write")
        assert (await staff.get(f"/api/customers/{customer_id}")).status == 403


class TestEditing:
    async def test_a_patch_changes_what_it_names_and_nothing_else(self, shop: Shop) -> None:
        customer_id = await shop.registered()
        john = shop.http.as_customer(customer_id)
        rex = {"name": "Rex", "species": "dog", "weightGrams": 31000, "birthday": "2021-05-04"}
        answer = await john.patch(
            f"/api/customers/{customer_id}",
            {"name": "John Doe", "address": {"city": "Boston", "street2": "Apt 4"}, "pets": [rex]},
        )
        body = answer.json()
        assert answer.status == 200
        assert body["address"] == {**JANE["address"], "city": "Boston", "street2": "Apt 4"}
        assert (body["name"], body["phone"]) == ("John Doe", "123-456-7890")
        assert body["pets"] == [rex]
        assert (await john.get(f"/api/customers/{customer_id}")).json() == body

    async def test_null_takes_a_field_away(self, shop: Shop) -> None:
        customer_id = await shop.registered()
        john = shop.http.as_customer(customer_id)
        url = f"/api/customers/{customer_id}"
        await john.patch(url, {"address": {"street2": "Apt 4"}})
        answer = await john.patch(url, {"phone": None, "address": {"street2": None}})
        assert answer.json()["phone"] is None
        assert "street2" not in answer.json()["address"]

    async def test_a_put_replaces_the_profile(self, shop: Shop) -> None:
        customer_id = await shop.registered()
        answer = await shop.http.as_customer(customer_id).put(
            f"/api/customers/{customer_id}",
            {"username": "john", "email": "johndoe@example.com", "phone": "(212) 555-0100"},
        )
        body = answer.json()
        assert (answer.status, body["username"], body["address"]) == (200, "john", None)
        contact = await shop.client.contact(CustomerId(customer_id))
        assert contact is not None
        assert contact.phone == "+12125550100"

    async def test_the_same_again_changes_nothing(self, shop: Shop) -> None:
        customer_id = await shop.registered()
        shop.clock.advance(60)
        answer = await shop.http.as_customer(customer_id).patch(
            f"/api/customers/{customer_id}", {"phone": JANE["phone"]}
        )
        assert answer.headers["etag"] == '"1"'
        assert answer.json()["updatedAt"] == answer.json()["createdAt"]
        assert len(shop.events("customer_events")) == 1

    @pytest.mark.parametrize(
        ("patch", "pointer"),
        [
            ({"email": "nowhere"}, "/email"),
            ({"password": "new password"}, "/password"),
            ({"id": NOBODY}, "/id"),
            ({"address": {"zipCode": "abc"}}, "/address/zipCode"),
            ({"pets": [{"name": "Rex"}]}, "/pets/0/species"),
            ({"preferences": {"emailNotifications": "yes"}}, "/preferences/emailNotifications"),
        ],
    )
    async def test_points_at_what_is_invalid(self, shop: Shop, patch: object, pointer: str) -> None:
        customer_id = await shop.registered()
        answer = await shop.http.as_customer(customer_id).patch(
            f"/api/customers/{customer_id}", patch
        )
        assert (answer.status, answer.pointers()) == (400, {pointer})

    async def test_part_of_an_address_that_is_not_there_is_not_enough(self, shop: Shop) -> None:
        customer_id = await shop.registered(address=None)
        answer = await shop.http.as_customer(customer_id).patch(
            f"/api/customers/{customer_id}", {"address": {"city": "Boston"}}
        )
        assert answer.pointers() == {"/address/street", "/address/state", "/address/zipCode"}

    async def test_if_match_guards_what_was_read(self, shop: Shop) -> None:
        customer_id = await shop.registered()
        john = shop.http.as_customer(customer_id)
        url = f"/api/customers/{customer_id}"
        first = await john.patch(url, {"name": "John"}, {"if-match": '"1"'})
        stale = await john.patch(url, {"name": "Johnny"}, {"if-match": '"1"'})
        assert (first.status, first.headers["etag"], stale.status) == (200, '"2"', 412)

    async def test_a_username_can_change_to_a_free_one_alone(self, shop: Shop) -> None:
        customer_id = await shop.registered()
        await shop.registered(username="jane", email="jane@example.com")
        john = shop.http.as_customer(customer_id)
        url = f"/api/customers/{customer_id}"
        assert (await john.patch(url, {"username": "Jane"})).status == 409
        renamed = await john.patch(url, {"username": "JohnDoe"})
        assert (renamed.status, renamed.json()["username"]) == (200, "JohnDoe")

    async def test_tells_the_neighbours_which_switches_moved(self, shop: Shop) -> None:
        customer_id = await shop.registered()
        john = shop.http.as_customer(customer_id)
        url = f"/api/customers/{customer_id}"
        await john.patch(url, {"preferences": {"smsNotifications": True}})
        await john.patch(url, {"name": "John"})
        moved = [
            (sequence, data["smsNotifications"], data["emailNotifications"])
            for _, sequence, data in shop.events("customer_events")
        ]
        assert moved == [(1, None, None), (2, True, None), (3, None, None)]


class TestExport:
    async def test_holds_everything_that_was_given_but_no_secret(self, shop: Shop) -> None:
        pets = [{"name": "Rex", "species": "dog", "allergies": ["chicken"]}]
        customer_id = await shop.registered(name="John Doe", pets=pets, phone="(212) 555-0100")
        answer = await shop.http.as_customer(customer_id).get(
            f"/api/customers/{customer_id}/export"
        )
        customer = answer.json()["customer"]
        assert answer.status == 200
        assert customer["name"] == "John Doe"
        assert customer["pets"] == pets
        assert customer["phoneE164"] == "+12125550100"
        assert answer.json()["exportedAt"] == "2026-03-02T15:00:00Z"
        assert "argon2" not in answer.body.decode()

    async def test_has_the_parts_of_the_neighbours(self, tmp_path: Path) -> None:
        neighbours: list[object] = []
        shop = shop_in(tmp_path, neighbours=neighbours)
        neighbours.append(Orders())
        customer_id = await shop.registered()
        answer = await shop.http.as_customer(customer_id).get(
            f"/api/customers/{customer_id}/export"
        )
        assert answer.json()["services"] == {"order": {"orders": [customer_id]}}
        shop.built.store.close()


class Orders:
    """A neighbour with personal data."""

    name = "order"

    async def export(self, customer_id: CustomerId) -> Mapping[str, object]:
        return {"orders": [customer_id]}


class TestErasure:
    async def test_forgets_the_customer_and_tells_the_neighbours(self, shop: Shop) -> None:
        customer_id = await shop.registered()
        john = shop.http.as_customer(customer_id)
        assert (await john.delete(f"/api/customers/{customer_id}")).status == 204
        assert (await john.get(f"/api/customers/{customer_id}")).status == 404
        assert (await john.delete(f"/api/customers/{customer_id}")).status == 404
        kind, sequence, data = shop.events("customer_events")[-1]
        assert (kind, sequence, data) == ("customer.erased", 2, {"customerId": customer_id})

    async def test_leaves_nothing_of_the_person_in_the_store(self, shop: Shop) -> None:
        customer_id = await shop.registered(name="Jonathan Doe")
        await shop.http.as_customer(customer_id).delete(f"/api/customers/{customer_id}")
        database = shop.built.store.database  # type: ignore[attr-defined]  # the store behind the port
        tables = [
            row[0] for row in database.read("SELECT name FROM sqlite_master WHERE type='table'")
        ]
        kept = str([database.read(f"SELECT * FROM {table}") for table in tables])  # noqa: S608 - own names
        assert "customer.erased" in kept
        for trace in ("johndoe", "Jonathan", "Main St", "123-456"):
            assert trace not in kept

    async def test_frees_the_username_and_the_address(self, shop: Shop) -> None:
        customer_id = await shop.registered()
        await shop.http.as_customer(customer_id).delete(f"/api/customers/{customer_id}")
        assert await shop.registered() != customer_id
