"""Guests who wait for a product: their address is asked first, and told once."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest

from kibble.contracts.inventory import AvailabilityChanged
from kibble.contracts.order import OrderConfirmed
from kibble.services.notification.integration import Mail
from kibble.services.notification.model import MOST_ASKED, MOST_WAITS
from tests.component.notification.conftest import JANE, KIBBLE, ORDER, ROPE, Office
from tests.component.notification.test_restocks import FORM, arrive, confirmed, wait
from tests.fixtures.http import Answer

URL = "/api/notifications/back-in-stock"
SAM = "sam@example.com"
DAY = 24 * 3600


async def ask(
    office: Office, email: str = SAM, product_id: str = KIBBLE, language: str = "en"
) -> Answer:
    body = {"productId": product_id, "email": email}
    return await office.http.post(URL, body, {"accept-language": language})


async def mails(office: Office) -> list[Mail]:
    """Return what was mailed since the last look."""
    await office.send()
    sent, office.mail.sent = office.mail.sent, []
    return sent


def token_in(mail: Mail) -> str:
    return mail.text.partition("/back-in-stock#token=")[2].split()[0]


async def confirm(office: Office, token: str) -> Answer:
    return await office.http.post(f"{URL}/confirm", {"token": token})


async def waits(office: Office, email: str = SAM, product_id: str = KIBBLE) -> None:
    """Have a guest wait for a product, as far as it takes."""
    await ask(office, email, product_id)
    (mail,) = await mails(office)
    assert (await confirm(office, token_in(mail))).status == 200


async def kept(office: Office, email: str = SAM) -> dict[str, list[dict[str, str]]]:
    answer = await office.staff.post("/api/notifications/guests/export", {"email": email})
    assert answer.status == 200
    found: dict[str, list[dict[str, str]]] = answer.json()
    return found


class TestAsking:
    async def test_makes_nobody_wait_before_the_link_of_the_mail_is_used(
        self, office: Office
    ) -> None:
        assert (await ask(office)).status == 202
        (mail,) = await mails(office)
        assert (mail.to, mail.unsubscribe) == (SAM, None)
        assert "Salmon kibble" in mail.text
        assert (await kept(office))["waitsFor"] == []
        await arrive(office, 5)
        await office.tell()
        assert await mails(office) == []

    async def test_is_answered_alike_whoever_has_the_address(self, office: Office) -> None:
        await waits(office)
        office.clock.advance(DAY / 2)
        answers = [await ask(office, email) for email in (SAM, "jane@example.com", "x@y.zz")]
        assert {(answer.status, answer.body) for answer in answers} == {(202, answers[0].body)}
        assert len(await mails(office)) == 3

    async def test_is_once_while_the_mail_is_fresh_whatever_its_capitals(
        self, office: Office
    ) -> None:
        first = await ask(office)
        again = await ask(office, "Sam@Example.COM")
        assert (again.status, again.body) == (202, first.body)
        assert len(await mails(office)) == 1
        office.clock.advance(601)
        await ask(office)
        assert len(await mails(office)) == 1

    async def test_floods_no_mailbox(self, office: Office) -> None:
        for _ in range(MOST_ASKED + 3):
            assert (await ask(office)).status == 202
            office.clock.advance(700)
        assert len(await mails(office)) == MOST_ASKED
        office.clock.advance(DAY)
        await ask(office)
        assert len(await mails(office)) == 1

    async def test_is_in_the_language_of_the_browser(self, office: Office) -> None:
        await ask(office, language="es-MX, en;q=0.5")
        (mail,) = await mails(office)
        assert mail.subject == "¿Te avisamos cuando vuelva?"
        await confirm(office, token_in(mail))
        await arrive(office, 1)
        await office.tell()
        (notice,) = await mails(office)
        assert notice.subject == "Vuelve a estar disponible"

    @pytest.mark.parametrize(
        ("body", "pointer"),
        [
            ({"email": SAM}, "/productId"),
            ({"productId": KIBBLE}, "/email"),
            ({"productId": KIBBLE, "email": "sam"}, "/email"),
            ({"productId": KIBBLE, "email": f"{'x' * 250}@y.zz"}, "/email"),
            ({"productId": KIBBLE, "email": "sam@example.com\nBcc: x@y.zz"}, "/email"),
        ],
    )
    async def test_names_what_is_wrong(
        self, office: Office, body: dict[str, str], pointer: str
    ) -> None:
        answer = await office.http.post(URL, body)
        assert (answer.status, answer.pointers()) == (400, {pointer})

    async def test_is_for_what_is_sold_and_sold_out(self, office: Office) -> None:
        assert (await ask(office, product_id=ORDER)).status == 404
        office.shelves.units[KIBBLE] = 1
        assert (await ask(office)).json()["code"] == "in-stock"
        assert await mails(office) == []


class TestConfirming:
    async def test_is_told_and_done_as_often_as_one_likes(self, office: Office) -> None:
        await ask(office)
        (mail,) = await mails(office)
        first = await confirm(office, token_in(mail))
        assert first.json()["productName"] == "Salmon kibble"
        office.clock.advance(5)
        assert (await confirm(office, token_in(mail))).json() == first.json()

    async def test_takes_no_link_that_is_old_or_of_somebody_elses_making(
        self, office: Office
    ) -> None:
        await ask(office)
        (mail,) = await mails(office)
        office.clock.advance(DAY + 1)
        for token in (token_in(mail), "none", "a.b.c"):
            answer = await confirm(office, token)
            assert (answer.status, answer.pointers()) == (400, {"/token"})

    async def test_takes_no_link_that_ends_mails(self, office: Office) -> None:
        await told(office)
        (notice,) = await mails(office)
        ending = str(notice.unsubscribe).partition("token=")[2]
        assert (await confirm(office, ending)).status == 400

    async def test_is_too_late_for_what_is_back(self, office: Office) -> None:
        await ask(office)
        (mail,) = await mails(office)
        office.shelves.units[KIBBLE] = 1
        answer = await confirm(office, token_in(mail))
        assert (answer.status, answer.json()["code"]) == (409, "in-stock")

    async def test_has_nobody_wait_for_everything(self, office: Office) -> None:
        for number in range(MOST_WAITS):
            product_id = f"0193a7f0-2222-7000-9000-{number:012x}"
            office.shelves.units[product_id] = 0  # type: ignore[index]  # an id as any
            office.clock.advance(DAY)
            await waits(office, product_id=product_id)
        await ask(office)
        (mail,) = await mails(office)
        assert (await confirm(office, token_in(mail))).json()["code"] == "waiting-for-too-many"


class TestTheNotice:
    async def test_goes_to_as_many_as_units_arrived_in_the_order_of_asking(
        self, office: Office
    ) -> None:
        for who in ("a@y.zz", JANE, "b@y.zz", "c@y.zz"):
            if who == JANE:
                await wait(office, who)
            else:
                await waits(office, who)
            office.clock.advance(1)
        event = await arrive(office, 3)
        for _ in range(3):
            await office.tell()
            await office.consumer.receive(event, AvailabilityChanged.topic)
        assert [mail.to for mail in await mails(office)] == ["a@y.zz", "jane@example.com", "b@y.zz"]

    async def test_ends_the_waiting(self, office: Office) -> None:
        await told(office)
        assert len(await mails(office)) == 1
        await arrive(office, 0)
        await arrive(office, 1)
        await office.tell()
        assert await mails(office) == []

    async def test_has_a_link_that_ends_all_that_the_address_waits_for(
        self, office: Office
    ) -> None:
        await waits(office, product_id=ROPE)
        await told(office)
        (notice,) = await mails(office)
        assert "http://localhost:8000/unsubscribe#token=" in notice.text
        assert SAM not in notice.text
        one_click = urlsplit(str(notice.unsubscribe))
        for _ in range(2):
            answer = await office.http.post(
                f"{one_click.path}?{one_click.query}", b"List-Unsubscribe=One-Click", FORM
            )
            assert answer.status == 204
        assert (await kept(office))["waitsFor"] == []


class TestWhoBoughtIt:
    async def test_as_a_guest_waits_no_more(self, office: Office) -> None:
        await waits(office)
        await waits(office, product_id=ROPE)
        await office.deliver(bought_by("Sam@example.com"))
        assert [one["productId"] for one in (await kept(office))["waitsFor"]] == [ROPE]


class TestWhatIsKept:
    async def test_is_shown_and_erased_by_the_address(self, office: Office) -> None:
        await waits(office)
        await waits(office, "x@y.zz")
        found = await kept(office, "Sam@example.com")
        assert [one["productName"] for one in found["waitsFor"]] == ["Salmon kibble"]
        assert [one["type"] for one in found["notifications"]] == ["back_in_stock_confirm"]
        for _ in range(2):
            answer = await office.staff.post("/api/notifications/guests/erasure", {"email": SAM})
            assert answer.status == 204
        assert await kept(office) == {"waitsFor": [], "notifications": []}
        assert SAM.encode() not in office.everything()
        assert len((await kept(office, "x@y.zz"))["waitsFor"]) == 1

    async def test_cannot_be_confirmed_once_it_is_erased(self, office: Office) -> None:
        await ask(office)
        (mail,) = await mails(office)
        await office.staff.post("/api/notifications/guests/erasure", {"email": SAM})
        assert (await confirm(office, token_in(mail))).status == 400

    async def test_is_for_staff_alone(self, office: Office) -> None:
        for path in ("export", "erasure"):
            url = f"/api/notifications/guests/{path}"
            assert (await office.http.post(url, {"email": SAM})).status == 401
            assert (await office.jane.post(url, {"email": SAM})).status == 403


async def told(office: Office) -> None:
    """Have a guest wait, and told; the mail is not handed over yet."""
    await waits(office)
    await arrive(office, 1)
    await office.tell()


def bought_by(email: str) -> OrderConfirmed:
    plain = confirmed(JANE, KIBBLE)
    return OrderConfirmed(
        order_id=plain.order_id,
        customer_id=None,
        lines=plain.lines,
        allocations=[],
        shipping_address=plain.shipping_address,
        shipping_method=plain.shipping_method,
        email=email,
    )
