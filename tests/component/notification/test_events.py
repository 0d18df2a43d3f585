"""What Notification does on events."""

from __future__ import annotations

import pytest

from kibble.contracts.customer import CustomerErased, CustomerRegistered, CustomerUpdated
from kibble.contracts.notification import NotificationRequested
from kibble.platform.messaging.event import Event
from tests.component.notification.conftest import JANE, JOHN, ORDER, Office

EVENTS = {
    "request": NotificationRequested(request_id="r", kind="order_shipped", customer_id=JANE),
    "request of a guest": NotificationRequested(
        request_id="r", kind="order_shipped", email="guest@example.com"
    ),
    "registered": CustomerRegistered(customer_id=JANE, email_notifications=False),
    "updated": CustomerUpdated(customer_id=JANE, sms_notifications=True),
    "erased": CustomerErased(customer_id=JANE),
}


class TestEveryHandler:
    @pytest.mark.parametrize("event", EVENTS.values(), ids=EVENTS)
    async def test_does_nothing_more_when_the_event_comes_again(
        self, office: Office, event: Event
    ) -> None:
        await office.request()
        sealed = office.sealed(event)
        await office.consumer.receive(sealed, event.topic)
        once = office.everything()
        await office.consumer.receive(sealed, event.topic)
        assert office.everything() == once
        assert await office.built.store.parked() == []

    @pytest.mark.parametrize("event", EVENTS.values(), ids=EVENTS)
    async def test_does_nothing_more_when_the_same_is_published_twice(
        self, office: Office, event: Event
    ) -> None:
        await office.request()
        await office.deliver(event)
        once = office.everything()
        office.clock.advance(1)
        await office.deliver(event)
        assert office.everything() == once
        assert await office.built.store.parked() == []


class TestRequests:
    async def test_become_an_email_and_a_message_in_the_app(self, office: Office) -> None:
        await office.request("order_confirmed")
        assert office.rows() == [("email", "PENDING", None), ("in_app", "SENT", None)]
        (shown,) = (await office.jane.get("/api/notifications")).json()
        assert shown["type"] == "order_confirmed"
        assert shown["body"].startswith("Thank you! Order #abcdef012345 over $59.98 is paid")
        assert shown["link"] == f"/orders/{ORDER}"

    async def test_of_a_guest_become_an_email_to_the_address_that_they_gave(
        self, office: Office
    ) -> None:
        await office.request(customer_id=None, email="guest@example.com")
        await office.send()
        assert [mail.to for mail in office.mail.sent] == ["guest@example.com"]
        assert office.rows() == [("email", "SENT", None)]

    async def test_of_a_guests_order_open_it_wherever_the_email_is_read(
        self, office: Office
    ) -> None:
        await office.request(customer_id=None, email="guest@example.com")
        await office.send()
        (mail,) = office.mail.sent
        assert f"/orders/{ORDER}#token=opens-{ORDER}" in mail.text
        assert f"/orders/{ORDER}#token=opens-{ORDER}" in mail.html
        assert b"opens-" not in office.everything()

    async def test_of_a_customers_order_open_nothing(self, office: Office) -> None:
        await office.request(email="jane@example.com")
        await office.send()
        (mail,) = office.mail.sent
        assert f"/orders/{ORDER}" in mail.text
        assert "#token" not in mail.text

    async def test_of_an_unknown_kind_are_parked_and_hold_up_nobody(self, office: Office) -> None:
        await office.request("horoscope", customer_id=JOHN)
        await office.request("order_confirmed")
        (parked,) = await office.built.store.parked()
        assert (parked.status, "horoscope" in parked.error) == ("dead", True)
        assert len(office.rows()) == 2


class TestSwitchesInTheProfile:
    async def test_turn_channels_on_and_off(self, office: Office) -> None:
        await office.deliver(
            CustomerUpdated(customer_id=JANE, email_notifications=False, sms_notifications=True)
        )
        await office.request("order_shipped")
        assert office.rows() == [
            ("email", "SUPPRESSED", "preferences"),
            ("sms", "PENDING", None),
            ("in_app", "SENT", None),
        ]

    async def test_that_did_not_move_leave_the_preferences_alone(self, office: Office) -> None:
        url = f"/api/notifications/preferences/{JANE}"
        await office.jane.put(url, {"channels": {"sms": True}})
        await office.deliver(CustomerUpdated(customer_id=JANE))
        assert (await office.jane.get(url)).json()["channels"]["sms"]

    async def test_and_the_preferences_here_the_last_to_move_one_wins(self, office: Office) -> None:
        url = f"/api/notifications/preferences/{JANE}"
        await office.deliver(CustomerUpdated(customer_id=JANE, sms_notifications=True))
        await office.jane.put(url, {"channels": {"sms": False}})
        assert not (await office.jane.get(url)).json()["channels"]["sms"]
        await office.deliver(CustomerUpdated(customer_id=JANE, sms_notifications=True))
        assert (await office.jane.get(url)).json()["channels"]["sms"]


class TestTheLanguage:
    async def test_of_the_profile_is_that_of_what_is_told_from_then_on(
        self, office: Office
    ) -> None:
        await office.deliver(CustomerRegistered(customer_id=JANE, language="es"))
        await office.request("order_shipped")
        await office.send()
        (mail,) = office.mail.sent
        assert (mail.subject, mail.text[:10]) == ("Tu pedido está en camino", "Hola Jane,")
        assert (await office.jane.get("/api/notifications")).json()[0]["title"] == mail.subject
        await office.deliver(CustomerUpdated(customer_id=JANE, language="en"))
        await office.request("order_delivered")
        assert office.rows("title")[-1] == ("Your order has arrived",)

    async def test_stays_when_the_preferences_here_are_replaced(self, office: Office) -> None:
        await office.deliver(CustomerUpdated(customer_id=JANE, language="es"))
        await office.jane.put(f"/api/notifications/preferences/{JANE}", {})
        await office.request("order_shipped")
        assert office.rows("language")[0] == ("es",)

    async def test_that_a_request_names_is_its_own(self, office: Office) -> None:
        await office.request("order_shipped", language="es")
        await office.request("order_shipped", language="fr")
        assert {row[0] for row in office.rows("request_id || language")} == {
            "request-1es",
            "request-2en",
        }


class TestErasure:
    async def test_removes_messages_and_preferences_of_that_customer_alone(
        self, office: Office
    ) -> None:
        await office.jane.put(f"/api/notifications/preferences/{JANE}", {"channels": {"sms": True}})
        await office.request()
        await office.request(customer_id=JOHN)
        await office.deliver(CustomerErased(customer_id=JANE))
        assert {row[0] for row in office.rows("customer_id")} == {JOHN}
        assert JANE.encode() not in office.everything()

    async def test_stops_what_was_not_sent_yet(self, office: Office) -> None:
        await office.request()
        del office.contacts.contacts[JANE]
        await office.send()
        assert office.rows()[0] == ("email", "SUPPRESSED", "no-customer")
        assert office.mail.sent == []

    async def test_an_export_has_everything_before_and_nothing_after(self, office: Office) -> None:
        await office.request()
        before = await office.built.client.export(JANE)
        assert len(before["notifications"]) == 2
        await office.deliver(CustomerErased(customer_id=JANE))
        after = await office.built.client.export(JANE)
        assert after["notifications"] == []
