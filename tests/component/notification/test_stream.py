"""The inbox as server-sent events."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

from kibble.services.notification.service.feed import LONGEST_SECONDS, MOST_STREAMS
from tests.component.notification.conftest import JANE, JOHN, NOBODY, Office
from tests.fixtures.eventually import eventually
from tests.fixtures.http import Answer

URL = "/api/notifications/stream"


async def settled() -> None:
    """Let every task that can go on do so."""
    for _ in range(20):
        await asyncio.sleep(0)


class Reader:
    """Somebody who has the stream open until ``closed``."""

    def __init__(self, office: Office, headers: dict[str, str] | None = None) -> None:
        self._office = office
        self._task = asyncio.ensure_future(office.jane.get(URL, headers))

    async def closed(self) -> Answer:
        """Let the stream come to its natural end, and return all of it."""
        await settled()
        self._office.clock.advance(LONGEST_SECONDS)
        await self._office.beat()
        return await asyncio.wait_for(self._task, 5)


def events(answer: Answer) -> list[dict[str, Any]]:
    """Return the notifications in a stream; each event's id is its notification's."""
    found = []
    for block in answer.body.decode().split("\n\n"):
        fields = dict(line.partition(": ")[::2] for line in block.splitlines())
        if "event" in fields:
            data = json.loads(fields["data"])
            assert (fields["event"], fields["id"]) == ("notification", data["id"])
            found.append(data)
    return found


async def test_shows_new_messages_as_they_come(office: Office) -> None:
    await office.request("order_confirmed")
    reader = Reader(office)
    await settled()
    await office.request("order_shipped")
    await settled()
    await office.request("order_delivered")
    answer = await reader.closed()
    assert answer.headers["content-type"] == "text/event-stream"
    assert [event["type"] for event in events(answer)] == ["order_shipped", "order_delivered"]


async def test_goes_on_after_the_last_message_that_was_seen(office: Office) -> None:
    for _ in range(3):
        await office.request("order_shipped")
    inbox = (await office.jane.get("/api/notifications")).json()
    answer = await Reader(office, {"last-event-id": inbox[-1]["id"]}).closed()
    assert events(answer) == inbox[-2::-1]


async def test_resumes_without_a_gap_or_a_repeat_however_often_it_breaks(office: Office) -> None:
    seen: list[str] = []
    headers: dict[str, str] = {}
    for _ in range(4):
        reader = Reader(office, headers)
        await settled()
        await office.request("order_shipped")
        seen += [event["id"] for event in events(await reader.closed())]
        headers = {"last-event-id": seen[-1]}
        await office.request("order_delivered")
    inbox = [m["id"] for m in (await office.jane.get("/api/notifications")).json()]
    assert seen == inbox[::-1][:-1]


async def test_shows_a_long_absence_whole(office: Office) -> None:
    for _ in range(120):
        await office.request("order_shipped")
    inbox = (await office.jane.get("/api/notifications?limit=100")).json()
    answer = await Reader(office, {"last-event-id": NOBODY}).closed()
    assert len(events(answer)) == 120
    assert [event["id"] for event in events(answer)][-100:] == [m["id"] for m in inbox][::-1]


async def test_shows_nobody_elses_messages(office: Office) -> None:
    await office.request("order_shipped", customer_id=JOHN)
    (johns,) = (await office.http.as_customer(JOHN).get("/api/notifications")).json()
    reader = Reader(office, {"last-event-id": johns["id"]})
    await settled()
    await office.request("order_delivered", customer_id=JOHN)
    assert events(await reader.closed()) == []


async def test_beats_while_nothing_happens(office: Office) -> None:
    reader = Reader(office)
    for _ in range(3):
        await settled()
        await office.beat()
    answer = await reader.closed()
    assert answer.body.count(b": nothing new\n\n") >= 3
    assert answer.body.startswith(b"retry: 2000\n\n")


async def test_is_for_customers_alone(office: Office) -> None:
    assert (await office.http.get(URL)).status == 401
    assert (await office.staff.get(URL)).status == 403


async def test_refuses_an_odd_last_event_id(office: Office) -> None:
    answer = await office.jane.get(URL, {"last-event-id": "7; DROP TABLE messages"})
    assert (answer.status, answer.pointers()) == (400, {"/headers/Last-Event-ID"})


async def test_a_customer_has_a_bounded_number_of_streams(office: Office) -> None:
    readers = [Reader(office) for _ in range(MOST_STREAMS)]
    await settled()
    refused = await office.jane.get(URL)
    assert (refused.status, "retry-after" in refused.headers) == (429, True)
    for reader in readers:
        await reader.closed()
    assert (await Reader(office).closed()).status == 200


async def test_ends_when_the_reader_has_gone(office: Office) -> None:
    (row,) = (row for row in office.built.routes if row.path == URL)
    call = GoneCall()
    reply = await row.handler(call)  # type: ignore[arg-type]  # as much of a call as the handler uses
    assert reply.stream is not None
    chunks = asyncio.ensure_future(collect(reply.stream))
    await settled()
    await office.beat()
    assert await eventually(lambda: done(chunks))
    assert await chunks == [b"retry: 2000\n\n"]


async def collect(stream: AsyncIterator[bytes]) -> list[bytes]:
    return [chunk async for chunk in stream]


async def done(task: asyncio.Future[Any]) -> bool:
    return task.done()


class GoneCall:
    """A call of Jane's, who closes the page at once."""

    customer_id = JANE

    class request:  # noqa: N801 - stands for an attribute
        headers: dict[str, str] = {}

        @staticmethod
        async def is_disconnected() -> bool:
            return True
