"""Which messages a request becomes, and the life of each."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, time, timedelta

import pytest

from kibble.kernel.errors import Conflict, InvalidInput
from kibble.kernel.ids import CustomerId, NotificationId
from kibble.services.notification.errors import NothingToResend
from kibble.services.notification.model import (
    ALWAYS_IN_APP,
    KINDS,
    MAX_ATTEMPTS,
    Channel,
    Copy,
    Message,
    Preferences,
    QuietHours,
    Request,
    Status,
    compose,
)

NOW = datetime(2026, 11, 24, 3, 0, tzinfo=UTC)
JANE = CustomerId("0193a7f0-0000-7000-8000-000000000001")
NIGHT = QuietHours(time(22), time(7), "America/New_York")
MORNING = datetime(2026, 11, 24, 12, 0, tzinfo=UTC)
COPY = Copy("Your order is on its way", "It left our warehouse.")


def preferences(
    *,
    channels: Mapping[Channel, bool] | None = None,
    kinds: Mapping[str, Mapping[Channel, bool]] | None = None,
    quiet_hours: QuietHours | None = None,
) -> Preferences:
    chosen = Preferences(customer_id=JANE)
    chosen.revise(channels or {}, kinds or {}, quiet_hours, NOW)
    return chosen


def messages(
    kind: str,
    chosen: Preferences | None = None,
    *,
    only: Channel | None = None,
    customer_id: CustomerId | None = JANE,
    email: str | None = None,
) -> dict[Channel, Message]:
    request = Request(id="r1", kind=KINDS[kind], customer_id=customer_id, email=email)
    made = compose(
        request,
        chosen or preferences(),
        COPY,
        now=NOW,
        new_id=lambda: NotificationId("0193a7f0-0000-7000-8000-0000000000aa"),
        only=only,
    )
    return {message.channel: message for message in made}


def an_email() -> Message:
    return messages("order_shipped")[Channel.EMAIL]


class TestChannels:
    def test_goes_by_email_and_in_the_app_unless_told_otherwise(self) -> None:
        made = messages("order_shipped")
        assert {channel: m.status for channel, m in made.items()} == {
            Channel.EMAIL: Status.PENDING,
            Channel.IN_APP: Status.SENT,
        }

    def test_goes_by_sms_too_when_the_customer_wants_that(self) -> None:
        made = messages("order_shipped", preferences(channels={Channel.SMS: True}))
        assert made[Channel.SMS].status is Status.PENDING

    def test_a_channel_that_is_switched_off_shows_why_nothing_came(self) -> None:
        made = messages("order_shipped", preferences(channels={Channel.EMAIL: False}))
        assert (made[Channel.EMAIL].status, made[Channel.EMAIL].reason) == (
            Status.SUPPRESSED,
            "preferences",
        )

    def test_one_kind_can_be_switched_off_on_one_channel(self) -> None:
        chosen = preferences(kinds={"order_shipped": {Channel.EMAIL: False}})
        assert messages("order_shipped", chosen)[Channel.EMAIL].status is Status.SUPPRESSED
        assert messages("order_delivered", chosen)[Channel.EMAIL].status is Status.PENDING

    def test_a_guest_is_reached_by_email_alone(self) -> None:
        made = messages("order_shipped", customer_id=None, email="guest@example.com")
        assert list(made) == [Channel.EMAIL]

    def test_a_single_channel_can_be_asked_for(self) -> None:
        made = messages("order_confirmed", only=Channel.SMS)
        assert (list(made), made[Channel.SMS].status) == ([Channel.SMS], Status.SUPPRESSED)


class TestWhatMatters:
    @pytest.mark.parametrize("kind", sorted(ALWAYS_IN_APP))
    def test_is_shown_in_the_app_whatever_is_switched_off(self, kind: str) -> None:
        off = preferences(channels=dict.fromkeys(Channel, False))
        assert messages(kind, off)[Channel.IN_APP].status is Status.SENT

    def test_cannot_be_switched_off_in_the_app(self) -> None:
        with pytest.raises(InvalidInput) as refusal:
            preferences(
                kinds={
                    "payment_failed": {Channel.IN_APP: False},
                    "order_shipped": {Channel.IN_APP: False, Channel.EMAIL: False},
                    "welcome": {Channel.IN_APP: False},
                }
            )
        assert [error.pointer for error in refusal.value.errors] == [
            "/types/order_shipped/inApp",
            "/types/payment_failed/inApp",
        ]

    def test_news_of_the_shop_can(self) -> None:
        off = preferences(kinds={"welcome": {Channel.IN_APP: False}})
        assert messages("welcome", off)[Channel.IN_APP].status is Status.SUPPRESSED

    def test_what_guards_the_account_is_sent_at_once_whatever_is_preferred(self) -> None:
        off = preferences(channels=dict.fromkeys(Channel, False), quiet_hours=NIGHT)
        made = messages("password_reset", off)[Channel.EMAIL]
        assert (made.status, made.due_at) == (Status.PENDING, NOW)


class TestQuietHours:
    def test_hold_email_and_sms_until_they_end_and_the_app_not_at_all(self) -> None:
        made = messages(
            "order_shipped", preferences(channels={Channel.SMS: True}, quiet_hours=NIGHT)
        )
        assert {channel: m.due_at for channel, m in made.items()} == {
            Channel.EMAIL: MORNING,
            Channel.SMS: MORNING,
            Channel.IN_APP: NOW,
        }


class TestDelivery:
    def test_a_message_that_was_sent_is_not_sent_again_by_itself(self) -> None:
        message = an_email()
        message.sent(NOW)
        with pytest.raises(Conflict):
            message.sent(NOW)

    def test_waits_longer_after_each_failure_and_is_parked_at_last(self) -> None:
        message, delays = an_email(), list[timedelta]()
        while message.status is Status.PENDING:
            before = message.due_at
            message.retry_later("the relay is away", before, 1.0)
            delays.append(message.due_at - before)
        assert message.attempts == MAX_ATTEMPTS
        assert message.status is Status.FAILED
        waits = delays[:-1]
        assert waits == sorted(waits)
        assert (waits[0], waits[-1]) == (timedelta(seconds=30), timedelta(hours=6))

    @pytest.mark.parametrize("jitter", [0.0, 0.37, 0.999])
    def test_jitter_spreads_the_second_half_of_a_delay(self, jitter: float) -> None:
        message = an_email()
        message.retry_later("the relay is away", NOW, jitter)
        assert timedelta(seconds=15) <= message.due_at - NOW <= timedelta(seconds=30)

    def test_what_the_relay_refuses_is_parked_at_once(self) -> None:
        message = an_email()
        message.fail("no such mailbox")
        assert (message.status, message.reason) == (Status.FAILED, "no such mailbox")


class TestResend:
    @pytest.mark.parametrize("status", [Status.SENT, Status.FAILED])
    def test_a_sent_or_failed_message_starts_over(self, status: Status) -> None:
        message = an_email()
        message.status, message.attempts = status, 3
        message.resend(MORNING)
        assert (message.status, message.attempts, message.due_at) == (Status.PENDING, 0, MORNING)

    @pytest.mark.parametrize("status", [Status.PENDING, Status.SUPPRESSED])
    def test_nothing_else_does(self, status: Status) -> None:
        message = an_email()
        message.status = status
        with pytest.raises(NothingToResend):
            message.resend(NOW)

    def test_an_in_app_message_is_simply_there(self) -> None:
        with pytest.raises(NothingToResend):
            messages("order_shipped")[Channel.IN_APP].resend(NOW)


class TestSwitch:
    def test_tells_whether_a_switch_moved(self) -> None:
        chosen = preferences()
        assert not chosen.switch({Channel.EMAIL: True}, NOW)
        assert chosen.switch({Channel.SMS: True, Channel.EMAIL: True}, NOW)
        assert chosen.channels[Channel.SMS]
