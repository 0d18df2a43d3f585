"""Outlets at AWS: topics of SNS, queues of SQS, streams of Kinesis."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Iterator, Mapping, Sequence
from typing import Any

from kibble.kernel.clock import Clock
from kibble.kernel.errors import KibbleError, Unavailable
from kibble.platform.engines.aws.account import AwsAccount, AwsService, NotThere
from kibble.platform.messaging.outlet import Letter, Refused

MOST_ENTRIES, MOST_BYTES = 10, 250_000
"""Of one call of SNS and SQS, whose limit is 256 KiB."""
MOST_RECORDS, MOST_RECORD_BYTES, MOST_STREAM_BYTES = 500, 1_000_000, 4_500_000
"""Of one call of Kinesis, whose limits are 1 MiB a record and 5 MiB in all."""
STREAM_ATTEMPTS = 4
PAUSE_SECONDS = 0.1
"""A shard that has too much to do is asked again at once: it takes 1,000 records a second."""
FIFO = ".fifo"

Results = Sequence[KibbleError | None]


class _Batched:
    """What SNS and SQS have in common: ten entries a call, each with an answer of its own."""

    def __init__(self, name: str, variable: str, service: AwsService) -> None:
        self.name = name
        self._variable = variable
        self._service = service

    async def hand_over(self, letters: Sequence[Letter]) -> Results:
        """See ``Outlet.hand_over``."""
        parts = list(_parts(letters, MOST_ENTRIES, MOST_BYTES))
        found = await asyncio.gather(*(_fitting(part, MOST_BYTES, self._part) for part in parts))
        return [result for part in found for result in part]

    async def _part(self, letters: Sequence[Letter]) -> Results:
        try:
            answer = await self._send([self._entry(str(n), one) for n, one in enumerate(letters)])
        except (NotThere, Unavailable) as error:
            return [Unavailable(error.message)] * len(letters)
        failed = {int(one["Id"]): one for one in answer.get("Failed", ())}
        return [self._error(failed.get(number)) for number in range(len(letters))]

    def _error(self, failed: Mapping[str, Any] | None) -> KibbleError | None:
        if failed is None:
            return None
        said = f"{self._service.name} says {failed['Code']}."
        return Refused(said) if failed.get("SenderFault") else Unavailable(said)

    def _entry(self, number: str, letter: Letter) -> dict[str, Any]:
        raise NotImplementedError

    async def _send(self, entries: Sequence[dict[str, Any]]) -> Mapping[str, Any]:
        raise NotImplementedError

    async def close(self) -> None:
        """See ``Outlet.close``."""
        await self._service.close()


def _attributes(letter: Letter) -> dict[str, Any]:
    """Return what receivers filter by without reading the event."""
    told = {"type": letter.type, "key": letter.key, "id": letter.id, "time": letter.time}
    return {name: {"DataType": "String", "StringValue": value} for name, value in told.items()}


def _in_order(letter: Letter) -> dict[str, str]:
    """Return what a FIFO topic or queue keeps in order, and knows again for five minutes."""
    return {"MessageGroupId": letter.key, "MessageDeduplicationId": letter.id}


class SnsOutlet(_Batched):
    """Implements ``Outlet`` for a topic of SNS; one that ends with ``.fifo`` keeps the order."""

    def __init__(self, variable: str, account: AwsAccount, topic: str) -> None:
        """``topic`` is the topic's ARN."""
        name = f"outlet.sns.{topic.rpartition(':')[2]}"
        super().__init__(name, variable, AwsService("Amazon SNS", account.client("sns")))
        self._topic = topic

    def _entry(self, number: str, letter: Letter) -> dict[str, Any]:
        entry = {"Id": number, "Message": letter.body, "MessageAttributes": _attributes(letter)}
        return entry | (_in_order(letter) if self._topic.endswith(FIFO) else {})

    async def _send(self, entries: Sequence[dict[str, Any]]) -> Mapping[str, Any]:
        answer: Mapping[str, Any] = await self._service.call(
            "publish_batch", TopicArn=self._topic, PublishBatchRequestEntries=entries
        )
        return answer

    async def check(self) -> None:
        """See ``Outlet.check``."""
        await self._service.check(self._variable, "get_topic_attributes", TopicArn=self._topic)


class SqsOutlet(_Batched):
    """Implements ``Outlet`` for a queue of SQS; one that ends with ``.fifo`` keeps the order."""

    def __init__(self, variable: str, account: AwsAccount, queue: str) -> None:
        """``queue`` is the queue's name, in the account that the credentials are of."""
        super().__init__(
            f"outlet.sqs.{queue}", variable, AwsService("Amazon SQS", account.client("sqs"))
        )
        self._queue = queue
        self._url = ""

    def _entry(self, number: str, letter: Letter) -> dict[str, Any]:
        entry = {"Id": number, "MessageBody": letter.body, "MessageAttributes": _attributes(letter)}
        return entry | (_in_order(letter) if self._queue.endswith(FIFO) else {})

    async def _send(self, entries: Sequence[dict[str, Any]]) -> Mapping[str, Any]:
        if not self._url:
            found = await self._service.call("get_queue_url", QueueName=self._queue)
            self._url = found["QueueUrl"]
        answer: Mapping[str, Any] = await self._service.call(
            "send_message_batch", QueueUrl=self._url, Entries=entries
        )
        return answer

    async def check(self) -> None:
        """See ``Outlet.check``."""
        await self._service.check(self._variable, "get_queue_url", QueueName=self._queue)


class KinesisOutlet:
    """Implements ``Outlet`` for a stream of Kinesis: a key's events are in one shard, in order."""

    def __init__(self, variable: str, account: AwsAccount, stream: str, clock: Clock) -> None:
        self.name = f"outlet.kinesis.{stream}"
        self._variable = variable
        self._service = AwsService("Amazon Kinesis", account.client("kinesis"))
        self._stream = stream
        self._clock = clock

    async def hand_over(self, letters: Sequence[Letter]) -> Results:
        """See ``Outlet.hand_over``; of a call that failed in part, the rest is sent again."""
        results: list[KibbleError | None] = []
        for part in _parts(letters, MOST_RECORDS, MOST_STREAM_BYTES):
            results += await _fitting(part, MOST_RECORD_BYTES, self._part)
        return results

    async def _part(self, letters: Sequence[Letter]) -> Results:
        results: list[KibbleError | None] = [None] * len(letters)
        left = list(range(len(letters)))
        for attempt in range(STREAM_ATTEMPTS):
            if attempt:
                await self._clock.sleep(PAUSE_SECONDS * 2 ** (attempt - 1))
            found = await self._put([letters[number] for number in left])
            results = [*results]
            for number, result in zip(left, found, strict=True):
                results[number] = result
            left = [number for number in left if results[number] is not None]
            if not left:
                break
        return results

    async def _put(self, letters: Sequence[Letter]) -> Results:
        records = [
            {"Data": letter.body.encode(), "PartitionKey": letter.key[:256] or letter.id}
            for letter in letters
        ]
        try:
            answer = await self._service.call(
                "put_records", StreamName=self._stream, Records=records
            )
        except (NotThere, Unavailable) as error:
            return [Unavailable(error.message)] * len(letters)
        return [
            Unavailable(f"Amazon Kinesis says {one['ErrorCode']}.") if "ErrorCode" in one else None
            for one in answer["Records"]
        ]

    async def check(self) -> None:
        """See ``Outlet.check``."""
        await self._service.check(
            self._variable, "describe_stream_summary", StreamName=self._stream
        )

    async def close(self) -> None:
        """See ``Outlet.close``."""
        await self._service.close()


async def _fitting(
    letters: Sequence[Letter], most_bytes: int, send: Callable[[list[Letter]], Awaitable[Results]]
) -> Results:
    """Send those events that are not too large by themselves, and refuse the others."""
    fitting = [letter for letter in letters if letter.size <= most_bytes]
    sent = iter(await send(fitting)) if fitting else iter(())
    too_large = Refused(f"The event has more than {most_bytes:,} bytes.")
    return [next(sent) if letter.size <= most_bytes else too_large for letter in letters]


def _parts(letters: Sequence[Letter], most: int, most_bytes: int) -> Iterator[list[Letter]]:
    """Part events into calls: so many and so large at most."""
    part: list[Letter] = []
    size = 0
    for letter in letters:
        if part and (len(part) == most or size + letter.size > most_bytes):
            yield part
            part, size = [], 0
        part.append(letter)
        size += letter.size
    if part:
        yield part
