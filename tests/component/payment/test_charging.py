"""An order is placed, and its money is taken: once, whatever the provider answers."""

from __future__ import annotations

from datetime import timedelta

import pytest

from kibble.contracts.payment import PaymentFailed, PaymentProcessed
from kibble.kernel.errors import InvalidInput
from kibble.kernel.ids import OrderId
from kibble.kernel.money import Money
from tests.component.payment.shop import CUSTOMER, Shop


async def charges(shop: Shop) -> list[float]:
    """Return the amounts in the provider's books."""
    return [entry["amount"] for entry in (await shop.books())["provider"]["charges"]]


class TestPlacedOrder:
    """The first payment is made by ``order.placed``."""

    async def test_is_paid_once_however_often_the_event_comes(self, shop: Shop) -> None:
        order_id = await shop.place()
        await shop.work()
        await shop.work()
        assert [payment["status"] for payment in await shop.payments(order_id)] == ["PAID"]
        assert await charges(shop) == [45.99]
        paid = (await shop.payment(order_id))["id"]
        assert shop.published() == [
            PaymentProcessed(payment_id=paid, order_id=order_id, amount=4_599, currency="USD")
        ]

    async def test_is_pending_until_the_worker_comes(self, shop: Shop) -> None:
        order_id = await shop.place()
        assert (await shop.payment(order_id))["status"] == "PENDING"
        assert await charges(shop) == []

    async def test_is_charged_what_the_event_says(self, shop: Shop) -> None:
        order_id = await shop.prepare(cents=100)
        await shop.deliver(shop.placed(order_id, cents=250))
        await shop.work()
        assert await charges(shop) == [2.5]

    async def test_is_paid_also_when_nothing_was_prepared(self, shop: Shop) -> None:
        await shop.deliver(shop.placed(OrderId(shop.ids.new())))
        await shop.work()
        assert len(await charges(shop)) == 1

    async def test_owes_nothing_and_is_paid_without_the_provider(self, shop: Shop) -> None:
        order_id = await shop.place(cents=0)
        assert (await shop.payment(order_id))["status"] == "PAID"
        await shop.work()
        assert await charges(shop) == []
        assert [type(event) for event in shop.published()] == [PaymentProcessed]

    @pytest.mark.parametrize(
        ("token", "code"),
        [
            ("tok_declined", "card_declined"),
            ("tok_insufficient_funds", "insufficient_funds"),
            ("no token at all", "invalid_token"),
        ],
    )
    async def test_fails_with_the_decline_code(self, shop: Shop, token: str, code: str) -> None:
        order_id = await shop.place(token=token)
        await shop.work()
        payment = await shop.payment(order_id)
        assert (payment["status"], payment["declineCode"]) == ("FAILED", code)
        [event] = shop.published()
        assert isinstance(event, PaymentFailed)
        assert event.code == code
        assert await charges(shop) == []


class TestLostAnswers:
    """What the provider did is found out, never guessed."""

    async def test_finds_the_charge_whose_answer_was_lost(self, shop: Shop) -> None:
        order_id = await shop.place(token="tok_timeout")
        await shop.work()
        assert (await shop.payment(order_id))["status"] == "PROCESSING"
        await shop.work()
        assert (await shop.payment(order_id))["status"] == "PAID"
        assert await charges(shop) == [45.99]

    async def test_tries_again_when_the_provider_answers_errors(self, shop: Shop) -> None:
        order_id = await shop.place(token="tok_error")
        for _ in range(3):
            assert await charges(shop) == []
            await shop.work()
        assert (await shop.payment(order_id))["status"] == "PAID"
        assert len(await charges(shop)) == 1

    async def test_a_charge_in_doubt_is_no_drift(self, shop: Shop) -> None:
        await shop.place(token="tok_timeout")
        await shop.work()
        books = await shop.books()
        assert (len(books["provider"]["charges"]), books["ours"]["charges"]) == (1, [])
        assert books["drift"] == []


class TestHold:
    """The stock stays held while money is in doubt."""

    async def test_is_left_alone_when_it_lasts(self, shop: Shop) -> None:
        await shop.place()
        await shop.work()
        assert shop.holds.extended == []

    async def test_is_extended_before_the_charge_when_it_is_short(self, shop: Shop) -> None:
        order_id = await shop.place(hold=timedelta(seconds=5))
        await shop.work()
        [(extended, until)] = shop.holds.extended
        assert extended == order_id
        assert until >= shop.clock.now() + timedelta(seconds=20)

    async def test_is_extended_while_the_outcome_is_unknown(self, shop: Shop) -> None:
        await shop.place(token="tok_error", hold=timedelta(seconds=40))
        await shop.work()
        assert shop.holds.extended == []
        shop.tick(35)
        await shop.work()
        assert shop.holds.extended[-1][1] > shop.clock.now() + timedelta(seconds=10)

    async def test_is_gone_so_nothing_is_charged(self, shop: Shop) -> None:
        order_id = await shop.prepare()
        shop.holds.gone.add(order_id)
        await shop.deliver(shop.placed(order_id, hold=timedelta(seconds=-1)))
        await shop.work()
        assert (await shop.payment(order_id))["declineCode"] == "hold_expired"
        assert await charges(shop) == []


class TestToken:
    """The token is a secret of Payment's store, for as long as it is needed."""

    async def test_is_kept_when_the_order_prepares_again_without_it(self, shop: Shop) -> None:
        order_id = await shop.prepare(token="tok_declined")
        await shop.client.prepare(order_id, CUSTOMER, Money(4_599), "CreditCard", None)
        await shop.deliver(shop.placed(order_id))
        await shop.work()
        assert (await shop.payment(order_id))["declineCode"] == "card_declined"

    async def test_is_replaced_while_the_order_is_being_placed(self, shop: Shop) -> None:
        order_id = await shop.prepare(token="tok_declined")
        await shop.client.prepare(order_id, CUSTOMER, Money(4_599), "CreditCard", "tok_ok")
        await shop.deliver(shop.placed(order_id))
        await shop.work()
        assert (await shop.payment(order_id))["status"] == "PAID"

    async def test_is_refused_when_it_is_a_card_number(self, shop: Shop) -> None:
        with pytest.raises(InvalidInput):
            await shop.prepare(token="4242 4242 4242 4242")

    async def test_survives_a_kill_before_the_order_was_placed(self, shop: Shop) -> None:
        order_id = await shop.prepare(token="tok_declined")
        shop.kill_and_start()
        await shop.deliver(shop.placed(order_id))
        await shop.work()
        assert (await shop.payment(order_id))["declineCode"] == "card_declined"


class TestStatus:
    """What Order is told by call."""

    async def test_is_the_latest_payments(self, shop: Shop) -> None:
        order_id = await shop.prepare(token="tok_declined")
        assert await shop.client.status(order_id) is None
        await shop.deliver(shop.placed(order_id))
        await shop.work()
        state = await shop.client.status(order_id)
        assert state is not None
        assert (state.status, state.amount, state.refunded) == ("FAILED", 4_599, 0)
