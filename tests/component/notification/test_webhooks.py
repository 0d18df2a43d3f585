"""Webhooks: who is told of what, how it is signed, what becomes of it."""

from __future__ import annotations

import json
import random
from pathlib import Path
from typing import Any

import pytest

from kibble.contracts.customer import CustomerErased
from kibble.platform.security.keys import write_private
from kibble.platform.security.sealing import (
    add_sealing_key,
    open_sealing_keys,
    sealing_key_path,
)
from kibble.services.notification.errors import DeliveryFailed
from kibble.services.notification.model.signature import signature
from kibble.services.notification.model.webhook import MAX_WEBHOOKS
from tests.component.notification.conftest import JANE, ORDER, Office, office_in
from tests.component.notification.hooks import (
    DAY,
    ENDPOINT,
    HOUR,
    URL,
    Hooks,
    confirmed,
    placed,
)


@pytest.fixture
def hooks(office: Office) -> Hooks:
    return Hooks(office)


class TestAnEndpoint:
    async def test_is_told_of_the_events_that_it_asked_for(self, hooks: Hooks) -> None:
        await hooks.add(events=["order.placed"])
        await hooks.happen(placed())
        await hooks.happen(confirmed())
        (request,) = await hooks.send()
        told = json.loads(request.body)
        assert (request.url, told["type"], told["subject"]) == (ENDPOINT, "order.placed", ORDER)
        assert told["sequence"] == 1
        assert told["id"] == request.headers["webhook-id"]

    async def test_is_told_once_of_an_event_that_comes_again(self, hooks: Hooks) -> None:
        webhook = await hooks.add()
        await hooks.happen(placed(), times=3)
        assert len(await hooks.send()) == 1
        assert len(await hooks.deliveries(webhook)) == 1

    async def test_is_not_told_of_what_was_before_it(self, hooks: Hooks) -> None:
        earlier = hooks.office.sealed(placed())
        hooks.clock.advance(1)
        webhook = await hooks.add()
        await hooks._consumer.receive(earlier, "order_events")  # noqa: SLF001 - an event from before
        assert await hooks.deliveries(webhook) == []

    async def test_does_not_hold_up_another_that_fails(self, hooks: Hooks) -> None:
        await hooks.add(url="https://one.example/")
        await hooks.add(url="https://two.example/")
        hooks.caller.answers = [DeliveryFailed("no")]
        await hooks.happen(placed())
        assert {request.url for request in await hooks.send()} == {
            "https://one.example/",
            "https://two.example/",
        }


class TestWhatIsTold:
    async def test_is_ids_unless_more_is_asked_for(self, hooks: Hooks) -> None:
        await hooks.add()
        await hooks.happen(confirmed())
        (request,) = await hooks.send()
        assert json.loads(request.body)["data"] == {"orderId": ORDER, "customerId": JANE}

    async def test_of_details_names_no_person(self, hooks: Hooks) -> None:
        await hooks.add(fields="details")
        await hooks.happen(confirmed())
        (request,) = await hooks.send()
        data = json.loads(request.body)["data"]
        assert data["lines"][0]["name"] == "Salmon kibble"
        assert b"Main St" not in request.body
        assert b"jane@example.com" not in request.body

    async def test_names_the_person_where_that_is_asked_for(self, hooks: Hooks) -> None:
        await hooks.add(fields="personal")
        await hooks.happen(confirmed())
        (request,) = await hooks.send()
        data = json.loads(request.body)["data"]
        assert data["email"] == "jane@example.com"
        assert data["shippingAddress"]["street"] == "123 Main St"

    async def test_of_a_person_is_forgotten_with_the_person(self, hooks: Hooks) -> None:
        thin = await hooks.add(url="https://thin.example/")
        whole = await hooks.add(url="https://whole.example/", fields="personal")
        await hooks.happen(confirmed())
        await hooks.office.deliver(CustomerErased(customer_id=JANE))
        assert await hooks.deliveries(whole) == []
        assert len(await hooks.deliveries(thin)) == 1


class TestASignature:
    async def test_is_that_of_the_secret_which_is_shown_once(self, hooks: Hooks) -> None:
        webhook = await hooks.add()
        await hooks.happen(placed())
        (request,) = await hooks.send()
        headers = request.headers
        timestamp = int(hooks.clock.now().timestamp())
        assert headers["webhook-timestamp"] == str(timestamp)
        assert headers["webhook-signature"] == signature(
            [webhook["secret"]], headers["webhook-id"], timestamp, request.body
        )
        assert "secret" not in await hooks.get(webhook)
        assert webhook["secret"] not in str((await hooks.staff.get(URL)).json())

    async def test_is_made_with_both_secrets_while_one_follows_another(self, hooks: Hooks) -> None:
        webhook = await hooks.add()
        answer = await hooks.staff.post(f"{URL}/{webhook['id']}/secret", {"overlapHours": 2})
        new = answer.json()["secret"]
        assert answer.json()["secretsActive"] == 2
        await hooks.happen(placed())
        (request,) = await hooks.send()
        made = request.headers["webhook-signature"].split(" ")
        for secret, one in zip((new, webhook["secret"]), made, strict=True):
            assert one == signature(
                [secret],
                request.headers["webhook-id"],
                int(request.headers["webhook-timestamp"]),
                request.body,
            )
        await hooks.staff.post(f"{URL}/{webhook['id']}/test")
        (request,) = await hooks.send(2 * HOUR)
        assert " " not in request.headers["webhook-signature"]
        assert (await hooks.get(webhook))["secretsActive"] == 1


class TestASecret:
    async def test_is_nowhere_in_what_is_kept(self, hooks: Hooks) -> None:
        webhook = await hooks.add()
        key = {"idempotency-key": "once"}
        answer = await hooks.staff.post(f"{URL}/{webhook['id']}/secret", {"overlapHours": 2}, key)
        for secret in (webhook["secret"], answer.json()["secret"]):
            assert secret not in everything(hooks.office)

    async def test_that_was_shown_is_not_shown_again_under_the_same_key(self, hooks: Hooks) -> None:
        key = {"idempotency-key": "once"}
        body = {"url": "https://erp.example/", "events": ["order.placed"]}
        assert (await hooks.staff.post(URL, body, key)).status == 201
        again = await hooks.staff.post(URL, body, key)
        assert (again.status, again.json()["code"]) == (409, "shown-once")
        assert len((await hooks.staff.get(URL)).json()) == 1

    async def test_from_before_there_was_a_seal_is_sealed_and_still_signs(
        self, hooks: Hooks
    ) -> None:
        webhook = await hooks.add()
        keep_in_clear(hooks.office, webhook["secret"])
        assert await hooks.signs_with(webhook)
        await hooks.seal()
        assert webhook["secret"] not in everything(hooks.office)
        assert await hooks.signs_with(webhook)

    async def test_moves_to_a_newer_key_and_needs_the_old_one_no_more(self, tmp_path: Path) -> None:
        office = office_in(tmp_path)
        webhook = await Hooks(office).add()
        office.built.store.close()
        add_sealing_key(sealing_key_path(tmp_path), random.Random(5))
        office = office_in(tmp_path)
        await Hooks(office).seal()
        office.built.store.close()
        write_private(sealing_key_path(tmp_path), {"keys": newest_alone(tmp_path)})
        office = office_in(tmp_path)
        assert await Hooks(office).signs_with(webhook)
        office.built.store.close()

    async def test_whose_key_is_lost_sends_nothing_and_says_so(self, tmp_path: Path) -> None:
        office = office_in(tmp_path)
        webhook = await Hooks(office).add()
        office.built.store.close()
        sealing_key_path(tmp_path).unlink()
        open_sealing_keys(sealing_key_path(tmp_path), random.Random(99))
        office = office_in(tmp_path)
        hooks = Hooks(office)
        await hooks.happen(placed())
        assert await hooks.send() == []
        (delivery,) = await hooks.deliveries(webhook)
        shown = await hooks.staff.get(f"{URL}/{webhook['id']}/deliveries/{delivery['id']}")
        assert "make a new one" in shown.json()["attempts"][0]["error"]
        office.built.store.close()


def everything(office: Office) -> str:
    """Return all that is kept of webhooks and of answers."""
    database = office.built.store.database  # type: ignore[attr-defined]  # a test looks inside
    return str(
        [
            database.read("SELECT * FROM webhooks"),
            database.read("SELECT CAST(body AS TEXT) FROM idempotency"),
        ]
    )


def keep_in_clear(office: Office, secret: str) -> None:
    """Keep a webhook's secret as shops did before secrets were sealed."""
    database = office.built.store.database  # type: ignore[attr-defined]  # a test looks inside
    connection = database.connect()
    with connection:
        connection.execute(
            "UPDATE webhooks SET secrets = ?", (json.dumps([{"value": secret, "until": None}]),)
        )
    connection.close()


def newest_alone(data_dir: Path) -> list[str]:
    kept: list[str] = json.loads(sealing_key_path(data_dir).read_text())["keys"]
    return kept[-1:]


class TestAFailure:
    @pytest.mark.parametrize("answer", [500, 302, 404, DeliveryFailed("There was no answer.")])
    async def test_is_tried_again_later_under_the_same_id(
        self, hooks: Hooks, answer: int | Exception
    ) -> None:
        webhook = await hooks.add()
        await hooks.happen(placed())
        hooks.caller.answers = [answer]
        (first,) = await hooks.send()
        assert await hooks.send(2) == []
        (second,) = await hooks.send(5)
        assert second.body == first.body
        assert second.headers["webhook-id"] == first.headers["webhook-id"]
        assert second.headers["webhook-timestamp"] > first.headers["webhook-timestamp"]
        (delivery,) = await hooks.deliveries(webhook)
        assert (delivery["status"], delivery["tries"], delivery["dueAt"]) == ("DELIVERED", 2, None)

    async def test_ends_after_three_days_of_attempts(self, hooks: Hooks) -> None:
        webhook = await hooks.add()
        await hooks.happen(placed())
        hooks.caller.standing = 503
        tries = await hooks.fail_for(3 * DAY - HOUR)
        (delivery,) = await hooks.deliveries(webhook)
        assert delivery["status"] == "PENDING"
        tries += await hooks.fail_for(2 * HOUR)
        (delivery,) = await hooks.deliveries(webhook)
        assert (delivery["status"], delivery["tries"]) == ("FAILED", tries)
        assert 15 <= tries <= 40
        assert delivery["lastAttempt"]["status"] == 503
        assert await hooks.fail_for(DAY) == 0

    async def test_of_an_endpoint_gives_all_that_waits_there_a_rest(self, hooks: Hooks) -> None:
        await hooks.add()
        for number in range(20):
            await hooks.happen(placed(amount_due=number))
        hooks.caller.standing = 500
        assert len(await hooks.send()) == 4
        assert await hooks.send(1) == []

    async def test_is_seen_with_its_reason(self, hooks: Hooks) -> None:
        webhook = await hooks.add()
        await hooks.happen(placed())
        hooks.caller.answers = [DeliveryFailed("There was no answer in time.")]
        await hooks.send()
        (delivery,) = await hooks.deliveries(webhook, "?status=PENDING")
        detail = await hooks.staff.get(f"{URL}/{webhook['id']}/deliveries/{delivery['id']}")
        (attempt,) = detail.json()["attempts"]
        assert (attempt["status"], attempt["error"]) == (None, "There was no answer in time.")
        assert detail.json()["payload"]["data"]["orderId"] == ORDER
        assert (await hooks.get(webhook))["failingSince"]


class TestSwitchingOff:
    async def test_happens_by_itself_after_five_days_of_failing_and_is_told(
        self, hooks: Hooks
    ) -> None:
        webhook = await hooks.add(contact="ops@example.com")
        hooks.caller.standing = 500
        for day in range(4):
            await hooks.happen(placed(amount_due=day))
            await hooks.fail_for(1.5 * DAY)
        after = await hooks.get(webhook)
        assert (after["enabled"], after["disabledReason"]) == (False, "failing")
        await hooks.office.send()
        (mail,) = hooks.office.mail.sent
        assert mail.to == "ops@example.com"
        assert ENDPOINT in mail.text
        assert f"/admin/webhooks/{webhook['id']}" in mail.text

    async def test_does_not_happen_to_one_that_takes_something_now_and_then(
        self, hooks: Hooks
    ) -> None:
        webhook = await hooks.add()
        for day in range(8):
            await hooks.happen(placed(amount_due=day))
            hooks.caller.answers = [500, 500]
            await hooks.fail_for(DAY)
        assert (await hooks.get(webhook))["enabled"]

    async def test_happens_at_once_to_one_that_says_it_is_gone(self, hooks: Hooks) -> None:
        webhook = await hooks.add()
        await hooks.happen(placed())
        hooks.caller.answers = [410]
        await hooks.send()
        assert (await hooks.get(webhook))["disabledReason"] == "gone"
        assert (await hooks.deliveries(webhook))[0]["status"] == "FAILED"

    async def test_keeps_what_happens_meanwhile_for_when_it_is_on_again(self, hooks: Hooks) -> None:
        webhook = await hooks.add()
        path = f"{URL}/{webhook['id']}"
        assert (await hooks.staff.patch(path, {"enabled": False})).json()["enabled"] is False
        await hooks.happen(placed())
        assert await hooks.send(HOUR) == []
        await hooks.staff.patch(path, {"enabled": True})
        assert len(await hooks.send()) == 1

    async def test_does_not_keep_things_for_ever(self, hooks: Hooks) -> None:
        webhook = await hooks.add()
        await hooks.happen(placed())
        await hooks.send()
        store = hooks.office.built.store
        await store.prune("2026-04-01T00:00:00.000000Z")
        assert len(await hooks.deliveries(webhook)) == 1
        await store.prune("2026-04-02T00:00:00.000000Z")
        assert await hooks.deliveries(webhook) == []


class TestAReplay:
    async def test_of_one_event_sends_the_same_again(self, hooks: Hooks) -> None:
        webhook = await hooks.add()
        await hooks.happen(placed())
        (first,) = await hooks.send()
        (delivery,) = await hooks.deliveries(webhook)
        path = f"{URL}/{webhook['id']}/deliveries/{delivery['id']}/replay"
        assert (await hooks.staff.post(path)).status == 202
        (second,) = await hooks.send()
        assert (second.body, second.headers["webhook-id"]) == (
            first.body,
            first.headers["webhook-id"],
        )

    async def test_of_a_while_sends_what_failed_in_it(self, hooks: Hooks) -> None:
        webhook = await hooks.add()
        since = hooks.clock.now()
        await hooks.happen(placed(amount_due=1))
        await hooks.happen(placed(amount_due=2))
        hooks.caller.standing = 500
        await hooks.fail_for(4 * DAY)
        hooks.caller.standing = 200
        body = {"since": since.isoformat()}
        answer = await hooks.staff.post(f"{URL}/{webhook['id']}/replay", body)
        assert answer.json() == {"replayed": 2, "next": None}
        assert len(await hooks.send()) == 2
        again = await hooks.staff.post(f"{URL}/{webhook['id']}/replay", body)
        assert again.json()["replayed"] == 0

    @pytest.mark.parametrize(
        ("body", "pointer"),
        [
            ({"since": "0001-01-01T00:00:00+14:00"}, "/since"),
            ({"since": "9999-12-31T23:59:59-14:00"}, "/since"),
            ({"since": "2026-03-02T15:00:00Z", "before": "0001-01-01T00:00:00+14:00"}, "/before"),
            ({"since": "2026-03-02T15:00:00Z", "after": "none"}, "/after"),
            ({"since": "2026-03-02T15:00:00"}, "/since"),
        ],
    )
    async def test_of_no_while_is_refused(
        self, hooks: Hooks, body: dict[str, str], pointer: str
    ) -> None:
        webhook = await hooks.add()
        answer = await hooks.staff.post(f"{URL}/{webhook['id']}/replay", body)
        assert (answer.status, answer.pointers()) == (400, {pointer})

    async def test_of_another_webhooks_delivery_is_not_found(self, hooks: Hooks) -> None:
        mine = await hooks.add()
        theirs = await hooks.add(events=["product.created"])
        await hooks.happen(placed())
        (delivery,) = await hooks.deliveries(mine)
        path = f"{URL}/{theirs['id']}/deliveries/{delivery['id']}"
        assert (await hooks.staff.get(path)).status == 404
        assert (await hooks.staff.post(f"{path}/replay")).status == 404


class TestATestEvent:
    async def test_is_sent_and_means_nothing(self, hooks: Hooks) -> None:
        webhook = await hooks.add()
        answer = await hooks.staff.post(f"{URL}/{webhook['id']}/test")
        assert (answer.status, answer.json()["type"]) == (202, "webhook.test")
        (request,) = await hooks.send()
        assert json.loads(request.body)["type"] == "webhook.test"


class TestTheApi:
    @pytest.mark.parametrize(
        ("body", "pointers"),
        [
            ({"url": "http://erp.example/"}, {"/url"}),
            ({"events": ["order.placed", "no.such"]}, {"/events/1"}),
            ({"events": []}, {"/events"}),
            ({"fields": "everything"}, {"/fields"}),
            ({"contact": "nobody"}, {"/contact"}),
        ],
    )
    async def test_points_at_what_is_wrong(
        self, hooks: Hooks, body: dict[str, Any], pointers: set[str]
    ) -> None:
        answer = await hooks.staff.post(URL, {"url": ENDPOINT, "events": ["order.placed"]} | body)
        assert (answer.status, answer.pointers()) == (400, pointers)

    async def test_lists_what_there_is_to_hear_of(self, hooks: Hooks) -> None:
        events = (await hooks.staff.get(f"{URL}/events")).json()
        about = "An order was accepted and waits for its payment; `amountDue` is in minor units."
        assert {"type": "order.placed", "about": about} in events
        assert "notification.requested" not in {event["type"] for event in events}

    async def test_forgets_a_webhook_with_all_that_it_was_told(self, hooks: Hooks) -> None:
        webhook = await hooks.add()
        await hooks.happen(placed())
        assert (await hooks.staff.delete(f"{URL}/{webhook['id']}")).status == 204
        assert (await hooks.staff.get(f"{URL}/{webhook['id']}")).status == 404
        assert await hooks.send() == []

    async def test_takes_a_change_of_what_was_read_alone(self, hooks: Hooks) -> None:
        webhook = await hooks.add()
        path = f"{URL}/{webhook['id']}"
        stale = {"if-match": '"7"'}
        assert (await hooks.staff.patch(path, {"description": "ERP"}, stale)).status == 412
        fresh = {"if-match": '"1"'}
        changed = await hooks.staff.patch(path, {"description": "ERP"}, fresh)
        assert (changed.json()["description"], changed.json()["url"]) == ("ERP", ENDPOINT)

    async def test_has_only_so_many(self, hooks: Hooks) -> None:
        for _ in range(MAX_WEBHOOKS):
            await hooks.add()
        answer = await hooks.staff.post(URL, {"url": ENDPOINT, "events": ["order.placed"]})
        assert (answer.status, answer.json()["type"].rpartition("/")[2]) == (
            409,
            "too-many-webhooks",
        )


class TestACrash:
    async def test_before_the_sending_loses_nothing(self, tmp_path: Path) -> None:
        before = Hooks(office_in(tmp_path))
        await before.add()
        await before.happen(placed())
        before.office.built.store.close()
        after = Hooks(office_in(tmp_path))
        assert len(await after.send()) == 1
        after.office.built.store.close()

    async def test_between_the_sending_and_its_note_sends_it_again(self, tmp_path: Path) -> None:
        before = Hooks(office_in(tmp_path))
        await before.add()
        await before.happen(placed())
        before.caller.answers = [RuntimeError("killed with the answer on its way")]
        with pytest.raises(RuntimeError):
            await before.send()
        before.office.built.store.close()
        after = Hooks(office_in(tmp_path))
        (again,) = await after.send()
        assert again.headers["webhook-id"] == before.caller.called[0].headers["webhook-id"]
        after.office.built.store.close()
