"""Sending: what goes out, when, what becomes of it."""

from __future__ import annotations

import email
import email.policy
import json
import random
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from kibble.kernel.errors import StaleVersion, Unavailable
from kibble.platform.engines.sqlite import Database
from kibble.platform.persistence.changes import Changes
from kibble.services.notification.adapters.jinja import packaged_copywriter
from kibble.services.notification.adapters.sqlite import SqliteNotificationRepository
from kibble.services.notification.cache import in_process
from kibble.services.notification.errors import DeliveryFailed, DeliveryRefused
from kibble.services.notification.integration import Mail
from kibble.services.notification.model import MAX_ATTEMPTS
from kibble.services.notification.service import (
    Confirming,
    DeliveryService,
    Shop,
    Unsubscribing,
)
from kibble.services.notification.service.delivery import AT_ONCE, START_WITHIN
from tests.component.notification.conftest import (
    JANE,
    JOHN,
    ORDER,
    GuestBook,
    Office,
    RecordingMailSender,
    office_in,
)
from tests.fixtures.doubles import FakeClock

URL = "/api/notifications"


class TestAnEmail:
    async def test_greets_the_customer_and_links_to_the_shop(self, office: Office) -> None:
        await office.request("order_shipped")
        await office.send()
        (mail,) = office.mail.sent
        assert (mail.to, mail.subject) == ("jane@example.com", "Your order is on its way")
        assert mail.text.startswith("Hello Jane,")
        link = f"http://localhost:8000/orders/{ORDER}"
        assert link in mail.text
        assert link in mail.html

    async def test_is_sent_once(self, office: Office) -> None:
        await office.request()
        for _ in range(3):
            await office.send()
        assert len(office.mail.sent) == 1
        assert office.rows("status, attempts")[0] == ("SENT", 1)

    async def test_goes_out_in_batches_of_any_size(self, office: Office) -> None:
        for _ in range(150):
            await office.request()
        await office.send()
        assert len({mail.id for mail in office.mail.sent}) == len(office.mail.sent) == 150

    async def test_that_a_slow_relay_leaves_no_time_for_is_left_to_others(
        self, office: Office
    ) -> None:
        for _ in range(2 * AT_ONCE):
            await office.request()
        store = office.built.store
        assert isinstance(store, SqliteNotificationRepository)
        relay = SlowRelay(office.clock)
        delivery = DeliveryService(
            store,
            office.contacts,
            GuestBook(),
            packaged_copywriter(),
            mail=relay,
            sms=office.sms,
            shop=Shop("Kibble", "http://localhost:8000"),
            unsubscribing=Unsubscribing(NoTokens(), "http://localhost:8000"),
            confirming=Confirming(NoTokens()),
            cache=in_process(office.clock),
            clock=office.clock,
            randomness=random.Random(1),
        )
        await delivery.send_all_due()
        assert len(relay.sent) == AT_ONCE
        await office.send()
        assert len({mail.id for mail in relay.sent + office.mail.sent}) == 2 * AT_ONCE


class NoTokens:
    """Signs nothing: what is sent here ends no e-mails."""

    def sign(self, kind: str, claims: Mapping[str, object], lifetime: timedelta) -> str:
        raise AssertionError(kind, claims, lifetime)

    def read(self, kind: str, token: str) -> Mapping[str, object] | None:
        raise AssertionError(kind, token)


class SlowRelay(RecordingMailSender):
    """A relay that takes half a claim's time for each group of mails."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__()
        self._clock = clock

    async def send(self, mail: Mail) -> None:
        await super().send(mail)
        if len(self.sent) % AT_ONCE == 0:
            self._clock.advance(START_WITHIN.total_seconds())


class TestASms:
    async def test_is_short_and_has_no_link(self, office: Office) -> None:
        await office.jane.put(f"{URL}/preferences/{JANE}", {"channels": {"sms": True}})
        await office.request("order_shipped", facts={"orderId": ORDER, "carrier": "x" * 900})
        await office.send()
        (sms,) = office.sms.sent
        assert sms.to == "+12125550100"
        assert sms.text.startswith("Kibble: Order #abcdef012345 has left our warehouse")
        assert len(sms.text) <= 320

    async def test_without_a_number_is_held_back(self, office: Office) -> None:
        john = office.http.as_customer(JOHN)
        await john.put(f"{URL}/preferences/{JOHN}", {"channels": {"sms": True}})
        await office.request("order_shipped", customer_id=JOHN)
        await office.send()
        assert office.rows()[1] == ("sms", "SUPPRESSED", "no-phone")


class TestQuietHours:
    async def test_hold_an_email_until_the_morning(self, office: Office) -> None:
        quiet = {"start": "09:00", "end": "11:30", "timeZone": "America/New_York"}
        await office.jane.put(f"{URL}/preferences/{JANE}", {"quietHours": quiet})
        await office.request()  # at 10:00 in New York
        await office.send()
        assert office.mail.sent == []
        assert len((await office.jane.get(URL)).json()) == 1
        office.clock.advance(90 * 60)
        await office.send()
        assert len(office.mail.sent) == 1


class TestFailures:
    async def test_are_tried_again_later_and_then_sent(self, office: Office) -> None:
        office.mail.failures = [DeliveryFailed("The relay is busy.")]
        await office.request()
        await office.send()
        assert office.rows("status, attempts, reason")[0] == ("PENDING", 1, "The relay is busy.")
        await office.send()
        assert office.mail.sent == []
        office.clock.advance(30)
        await office.send()
        assert office.rows("status, attempts, reason")[0] == ("SENT", 2, None)

    async def test_that_go_on_park_the_message_until_staff_resend_it(self, office: Office) -> None:
        office.mail.failures = [DeliveryFailed("The relay is away.")] * MAX_ATTEMPTS
        await office.request()
        for _ in range(MAX_ATTEMPTS):
            await office.send()
            office.clock.advance(6 * 3600)
        assert office.rows("status, attempts")[0] == ("FAILED", MAX_ATTEMPTS)
        message_id = office.rows("id")[0][0]
        answer = await office.staff.post(f"{URL}/{message_id}/resend")
        assert (answer.status, answer.json()["status"]) == (202, "PENDING")
        await office.send()
        assert office.rows("status, attempts")[0] == ("SENT", 1)

    async def test_for_good_are_not_tried_again(self, office: Office) -> None:
        office.mail.failures = [DeliveryRefused("No such mailbox.")]
        await office.request()
        await office.send()
        assert office.rows("status, attempts, reason")[0] == ("FAILED", 1, "No such mailbox.")

    async def test_of_customer_to_answer_only_delay(self, office: Office) -> None:
        office.contacts.away = True
        await office.request()
        await office.send()
        assert office.rows("status, reason")[0] == ("PENDING", "Customer is away.")

    async def test_of_our_own_making_hold_up_no_other_message(self, office: Office) -> None:
        office.mail.failures = [RuntimeError("a bug")]
        await office.request()
        await office.request()
        await office.send()
        emails = [row[1:] for row in office.rows("channel, status, reason") if row[0] == "email"]
        assert emails == [("PENDING", "internal error"), ("SENT", None)]


class FailingRepository(SqliteNotificationRepository):
    """A store some of whose commits fail."""

    failures: list[Exception]

    async def commit(self, changes: Changes, **rest: Any) -> None:
        if self.failures:
            raise self.failures.pop(0)
        await super().commit(changes, **rest)


class TestAtLeastOnce:
    async def test_a_commit_that_fails_sends_nothing_twice(
        self, office: Office, tmp_path: Path
    ) -> None:
        await office.request()
        store = FailingRepository(
            Database(tmp_path / "notification.db", inline=True), office.envelopes
        )
        store.failures = [Unavailable("disk full"), StaleVersion("raced")]
        delivery = DeliveryService(
            store,
            office.contacts,
            GuestBook(),
            packaged_copywriter(),
            mail=office.mail,
            sms=office.sms,
            shop=Shop("Kibble", "http://localhost:8000"),
            unsubscribing=Unsubscribing(NoTokens(), "http://localhost:8000"),
            confirming=Confirming(NoTokens()),
            cache=in_process(office.clock),
            clock=office.clock,
            randomness=random.Random(1),
        )
        with pytest.raises(Unavailable):
            await delivery.send_all_due()
        await delivery.send_all_due()
        assert len(office.mail.sent) == 1
        assert office.rows("status, attempts")[0] == ("SENT", 1)
        store.close()

    async def test_a_crash_before_the_commit_sends_it_again_under_the_same_id(
        self, tmp_path: Path
    ) -> None:
        before = office_in(tmp_path)
        await before.request()
        (message_id,) = before.rows("id")[0]
        before.built.store.close()
        after = office_in(tmp_path)
        await after.send()
        assert [mail.id for mail in after.mail.sent] == [message_id]
        after.built.store.close()


class TestSecrets:
    async def test_the_link_is_fetched_as_the_mail_is_written_and_kept_nowhere(
        self, office: Office
    ) -> None:
        office.contacts.links["r-1"] = "new@example.com"
        await office.request("password_reset", request_id="r-1", facts={})
        await office.send()
        (mail,) = office.mail.sent
        assert mail.to == "new@example.com"
        assert "http://localhost:8000/reset-password#token=secret-r-1" in mail.text
        assert b"secret-r-1" not in office.everything()

    async def test_a_link_that_expired_is_not_sent(self, office: Office) -> None:
        await office.request("verify_email", facts={})
        await office.send()
        assert office.rows() == [("email", "SUPPRESSED", "expired")]

    async def test_a_link_for_an_address_that_nobody_has_leaves_no_trace(
        self, office: Office
    ) -> None:
        await office.request("password_reset", customer_id=None, facts={})
        await office.send()
        assert (office.rows(), office.mail.sent) == ([], [])


class TestResend:
    async def test_sends_a_message_again(self, office: Office) -> None:
        await office.request()
        await office.send()
        message_id = office.rows("id")[0][0]
        assert (await office.staff.get(f"{URL}/{message_id}")).json()["status"] == "SENT"
        assert (await office.staff.post(f"{URL}/{message_id}/resend")).status == 202
        assert (await office.staff.get(f"{URL}/{message_id}")).json()["status"] == "PENDING"
        await office.send()
        assert [mail.id for mail in office.mail.sent] == [message_id] * 2

    async def test_of_what_waits_or_is_in_the_app_is_409(self, office: Office) -> None:
        await office.request()
        for (message_id,) in office.rows("id"):
            answer = await office.staff.post(f"{URL}/{message_id}/resend")
            assert answer.status == 409
            assert answer.json()["status"] in {"PENDING", 409}

    async def test_needs_the_scope(self, office: Office) -> None:
        await office.request()
        message_id = office.rows("id")[0][0]
        assert (await office.jane.post(f"{URL}/{message_id}/resend")).status == 403


class TestSandbox:
    async def test_writes_mails_and_texts_where_people_can_read_them(self, tmp_path: Path) -> None:
        office = office_in(tmp_path, sandbox=True)
        await office.jane.put(f"{URL}/preferences/{JANE}", {"channels": {"sms": True}})
        await office.request("order_shipped")
        await office.send()
        (file,) = (tmp_path / "outbox" / "email" / "2026-03-02").iterdir()
        message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
        assert (message["To"], message["Subject"]) == (
            "jane@example.com",
            "Your order is on its way",
        )
        (line,) = (tmp_path / "outbox" / "sms.jsonl").read_text().splitlines()
        assert json.loads(line)["to"] == "+12125550100"
        office.built.store.close()
