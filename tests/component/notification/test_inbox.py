"""Asking for messages, and the inbox, over HTTP."""

from __future__ import annotations

import pytest

from tests.component.notification.conftest import JANE, JOHN, NOBODY, ORDER, Office

URL = "/api/notifications"
SHIPPED = {"customerId": JANE, "type": "order_shipped", "data": {"orderId": ORDER}}


class TestNotify:
    async def test_is_answered_with_202_and_what_was_made(self, office: Office) -> None:
        answer = await office.staff.post(URL, SHIPPED)
        body = answer.json()
        assert answer.status == 202
        assert [(m["channel"], m["status"]) for m in body["messages"]] == [
            ("email", "PENDING"),
            ("in_app", "SENT"),
        ]
        assert (await office.staff.get(f"{URL}/{body['id']}")).json()["type"] == "order_shipped"

    async def test_can_ask_for_one_channel_which_the_customer_may_have_off(
        self, office: Office
    ) -> None:
        answer = await office.staff.post(URL, {**SHIPPED, "channel": "sms"})
        (message,) = answer.json()["messages"]
        assert (message["status"], message["reason"]) == ("SUPPRESSED", "preferences")

    async def test_needs_the_scope(self, office: Office) -> None:
        assert (await office.http.post(URL, SHIPPED)).status == 401
        assert (await office.jane.post(URL, SHIPPED)).status == 403

    async def test_of_an_unknown_customer_is_404(self, office: Office) -> None:
        assert (await office.staff.post(URL, {**SHIPPED, "customerId": NOBODY})).status == 404

    @pytest.mark.parametrize(
        ("change", "pointer"),
        [
            ({"type": "horoscope"}, "/type"),
            ({"type": "password_reset"}, "/type"),
            ({"type": ""}, "/type"),
            ({"channel": "pigeon"}, "/channel"),
            ({"data": {"orderId": ["x"]}}, "/data/orderId"),
            ({"urgent": True}, "/urgent"),
        ],
    )
    async def test_points_at_what_is_invalid(
        self, office: Office, change: dict[str, object], pointer: str
    ) -> None:
        answer = await office.staff.post(URL, {**SHIPPED, **change})
        assert (answer.status, answer.pointers()) == (400, {pointer})

    async def test_a_repeat_with_its_key_tells_nobody_twice(self, office: Office) -> None:
        headers = {"idempotency-key": "n-1"}
        first = await office.staff.post(URL, SHIPPED, headers)
        again = await office.staff.post(URL, SHIPPED, headers)
        assert again.json() == first.json()
        assert len(office.rows()) == 2


class TestInbox:
    async def test_lists_the_newest_first_page_by_page(self, office: Office) -> None:
        for _ in range(5):
            await office.request("order_shipped")
            office.clock.advance(60)
        seen: list[str] = []
        url: str | None = f"{URL}?limit=2"
        while url:
            answer = await office.jane.get(url)
            assert len(answer.json()) <= 2
            seen += [message["createdAt"] for message in answer.json()]
            link = answer.headers.get("link")
            url = link.partition(">")[0].removeprefix("<") if link else None
        assert len(seen) == 5
        assert seen == sorted(seen, reverse=True)

    async def test_has_only_what_the_app_shows(self, office: Office) -> None:
        off = {"types": {"welcome": {"inApp": False}}}
        await office.jane.put(f"{URL}/preferences/{JANE}", off)
        await office.request("welcome", facts={})
        await office.request("password_reset")
        assert (await office.jane.get(URL)).json() == []

    async def test_is_the_customers_own(self, office: Office) -> None:
        await office.request()
        assert (await office.http.as_customer(JOHN).get(URL)).json() == []
        assert (await office.http.as_customer(JOHN).get(f"{URL}?customerId={JANE}")).status == 403
        assert (await office.http.get(URL)).status == 401

    async def test_staff_name_whose_they_mean(self, office: Office) -> None:
        await office.request()
        assert len((await office.staff.get(f"{URL}?customerId={JANE}")).json()) == 1
        assert (await office.staff.get(URL)).status == 403

    @pytest.mark.parametrize("query", ["limit=0", "limit=101", "limit=x", "cursor=x", "unread=2"])
    async def test_refuses_an_odd_question(self, office: Office, query: str) -> None:
        assert (await office.jane.get(f"{URL}?{query}")).status == 400


class TestMarkRead:
    async def test_takes_a_message_out_of_the_unread(self, office: Office) -> None:
        await office.request()
        await office.request()
        first, second = (await office.jane.get(URL)).json()
        answer = await office.jane.patch(f"{URL}/{first['id']}", {"read": True})
        assert (answer.status, answer.json()) == (200, {**first, "read": True})
        assert (await office.jane.get(f"{URL}?unread=true")).json() == [second]
        await office.jane.patch(f"{URL}/{first['id']}", {"read": False})
        assert len((await office.jane.get(f"{URL}?unread=true")).json()) == 2

    async def test_of_anothers_message_is_404(self, office: Office) -> None:
        await office.request()
        (message,) = (await office.jane.get(URL)).json()
        john = office.http.as_customer(JOHN)
        assert (await john.patch(f"{URL}/{message['id']}", {"read": True})).status == 404
        assert (await john.get(f"{URL}/{message['id']}")).status == 404
        assert (await office.jane.patch(f"{URL}/{NOBODY}", {"read": True})).status == 404
        assert (await office.jane.patch(f"{URL}/12345", {"read": True})).status == 404


class TestStatus:
    async def test_follows_what_becomes_of_a_message(self, office: Office) -> None:
        answer = await office.staff.post(URL, SHIPPED)
        url = f"{URL}/{answer.json()['id']}"
        assert (await office.staff.get(url)).json()["status"] == "PENDING"
        await office.send()
        sent = (await office.staff.get(url)).json()
        assert (sent["status"], sent["attempts"]) == ("SENT", 1)
        assert sent["sentAt"] == "2026-03-02T15:00:00Z"
