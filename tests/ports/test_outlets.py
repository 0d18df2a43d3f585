"""The behaviour of ``Outlet``: topics, queues and streams, each by moto."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Any

import pytest

from kibble.kernel.errors import Unavailable
from kibble.platform.engines.aws.account import AwsAccount
from kibble.platform.engines.aws.outlets import KinesisOutlet
from kibble.platform.messaging.outlet import Letter, Outlet, Refused
from kibble.runtime.clicks import Pseudonyms
from kibble.runtime.outlets import choose
from tests.fixtures.aws import ACCOUNT, REGION, Aws
from tests.fixtures.doubles import FakeClock

PSEUDONYMS = Pseudonyms(bytes(32))
_numbers = count(1)


class Hasty(FakeClock):
    """A clock on which every pause is over at once."""

    async def sleep(self, seconds: float) -> None:
        self.advance(seconds)


@dataclass(frozen=True)
class Got:
    """What a receiver has of an event; ``told`` is what stands beside the body."""

    body: Any
    key: str
    told: dict[str, str]


@dataclass(frozen=True)
class Held:
    """An outlet, and what has come out at its other side."""

    outlet: Outlet
    received: Callable[[], list[Got]]


def letters(*numbers: int) -> list[Letter]:
    return [
        Letter(f"id-{n}", "order.placed", f"key-{n}", "2026-11-28T23:00:00Z", f'{{"n":{n}}}')
        for n in numbers
    ]


@pytest.fixture(scope="module")
def aws() -> Iterator[Aws]:
    server = Aws()
    yield server
    server.stop()


def queue(aws: Aws, ending: str) -> tuple[str, Callable[[], list[Got]]]:
    """Make a queue; return its name, and what empties it."""
    name = f"queue-{next(_numbers)}{ending}"
    attributes = {"FifoQueue": "true"} if ending else {}
    sqs = aws.client("sqs")
    url = sqs.create_queue(QueueName=name, Attributes=attributes)["QueueUrl"]

    def received() -> list[Got]:
        found: list[Got] = []
        while True:
            answer = sqs.receive_message(
                QueueUrl=url,
                MaxNumberOfMessages=10,
                MessageAttributeNames=["All"],
                AttributeNames=["All"],
            )
            for one in answer.get("Messages", ()):
                told = {n: v["StringValue"] for n, v in one["MessageAttributes"].items()}
                key = one["Attributes"].get("MessageGroupId", told["key"])
                found.append(Got(json.loads(one["Body"]), key, told))
                sqs.delete_message(QueueUrl=url, ReceiptHandle=one["ReceiptHandle"])
            if "Messages" not in answer:
                return found

    return name, received


def sqs(aws: Aws, ending: str) -> tuple[str, Callable[[], list[Got]]]:
    name, received = queue(aws, ending)
    return aws.url("sqs", REGION, name), received


def sns(aws: Aws, ending: str) -> tuple[str, Callable[[], list[Got]]]:
    name, received = queue(aws, ending)
    topic = aws.client("sns").create_topic(
        Name=f"topic-{next(_numbers)}{ending}", Attributes={"FifoTopic": "true"} if ending else {}
    )["TopicArn"]
    aws.client("sns").subscribe(
        TopicArn=topic,
        Protocol="sqs",
        Endpoint=f"arn:aws:sqs:{REGION}:{ACCOUNT}:{name}",
        Attributes={"RawMessageDelivery": "true"},
    )
    return aws.url("sns", REGION, topic), received


def kinesis(aws: Aws, _: str) -> tuple[str, Callable[[], list[Got]]]:
    name = f"stream-{next(_numbers)}"
    client = aws.client("kinesis")
    client.create_stream(StreamName=name, ShardCount=1)

    def received() -> list[Got]:
        shard = client.list_shards(StreamName=name)["Shards"][0]["ShardId"]
        iterator = client.get_shard_iterator(
            StreamName=name, ShardId=shard, ShardIteratorType="TRIM_HORIZON"
        )["ShardIterator"]
        records = client.get_records(ShardIterator=iterator)["Records"]
        return [Got(json.loads(one["Data"]), one["PartitionKey"], {}) for one in records]

    return aws.url("kinesis", REGION, name), received


@pytest.fixture(
    params=[(sqs, ""), (sqs, ".fifo"), (sns, ""), (sns, ".fifo"), (kinesis, "")],
    ids=["sqs", "sqs-fifo", "sns", "sns-fifo", "kinesis"],
)
async def held(request: pytest.FixtureRequest, aws: Aws) -> AsyncIterator[Held]:
    make, ending = request.param
    url, received = make(aws, ending)
    (chosen,) = choose(url, FakeClock(), PSEUDONYMS)
    yield Held(chosen.outlet, received)
    await chosen.outlet.close()


class TestOutlet:
    async def test_hands_over_more_than_a_call_takes(self, held: Held) -> None:
        assert await held.outlet.hand_over(letters(*range(25))) == [None] * 25
        got = held.received()
        assert Counter(one.body["n"] for one in got) == Counter(range(25))
        assert all(one.key == f"key-{one.body['n']}" for one in got)

    async def test_tells_what_receivers_filter_and_recognise_by(self, held: Held) -> None:
        await held.outlet.hand_over(letters(1))
        (got,) = held.received()
        if "kinesis" not in held.outlet.name:
            assert got.told == {
                "type": "order.placed",
                "key": "key-1",
                "id": "id-1",
                "time": "2026-11-28T23:00:00Z",
            }

    async def test_refuses_what_is_too_large_and_takes_the_rest(self, held: Held) -> None:
        large = Letter("large", "x", "k", "", json.dumps({"n": -1, "more": "x" * 1_200_000}))
        first, last = letters(1, 2)
        results = await held.outlet.hand_over([first, large, last])
        assert [type(one) for one in results] == [type(None), Refused, type(None)]
        assert sorted(one.body["n"] for one in held.received()) == [1, 2]

    async def test_is_ours(self, held: Held) -> None:
        await held.outlet.check()


@pytest.mark.parametrize("kind", [sqs, sns])
async def test_a_fifo_outlet_takes_an_event_once_however_often_it_is_handed_over(
    aws: Aws, kind: Callable[[Aws, str], tuple[str, Callable[[], list[Got]]]]
) -> None:
    url, received = kind(aws, ".fifo")
    (chosen,) = choose(url, FakeClock(), PSEUDONYMS)
    for _ in range(2):
        assert await chosen.outlet.hand_over(letters(1)) == [None]
    assert len(received()) == 1
    await chosen.outlet.close()


class Throttled:
    """A client of Kinesis each of whose calls takes every second record only."""

    def __init__(self) -> None:
        self.taken: list[str] = []
        self.calls: list[int] = []

    def put_records(self, StreamName: str, Records: Sequence[dict[str, Any]]) -> Any:  # noqa: N803 - as boto3 calls it
        self.calls.append(len(Records))
        answers = []
        for number, record in enumerate(Records):
            if number % 2:
                answers.append({"ErrorCode": "ProvisionedThroughputExceededException"})
            else:
                self.taken.append(record["PartitionKey"])
                answers.append({"SequenceNumber": "1"})
        return {"FailedRecordCount": len(Records) // 2, "Records": answers}

    def close(self) -> None:
        pass


class ThrottledAccount(AwsAccount):
    """An account whose only client is ``throttled``."""

    throttled = Throttled()

    def client(self, service: str, config: Any = None) -> Any:
        return self.throttled


async def test_what_a_stream_did_not_take_is_sent_again_and_nothing_else() -> None:
    account = ThrottledAccount(REGION)
    outlet = KinesisOutlet("X", account, "clicks", Hasty())
    results = await outlet.hand_over(letters(*range(12)))
    assert account.throttled.calls == [12, 6, 3, 1]
    assert results == [None] * 12
    assert sorted(account.throttled.taken) == sorted(f"key-{n}" for n in range(12))
    await outlet.close()


@pytest.mark.parametrize("kind", ["sns", "sqs", "kinesis"])
class TestThatIsNotThere:
    def url(self, kind: str, endpoint: str) -> str:
        name = "arn:aws:sns:us-east-1:123456789012:none" if kind == "sns" else "none"
        return f"{kind}://key:secret@{REGION}/{name}?endpoint={endpoint}"

    async def test_is_told_at_the_start(self, aws: Aws, kind: str) -> None:
        (chosen,) = choose(self.url(kind, aws.endpoint), FakeClock(), PSEUDONYMS)
        with pytest.raises(ValueError, match=r"KIBBLE_OUTLETS: .* has nothing of that name"):
            await chosen.outlet.check()
        with aws.refusing(), pytest.raises(ValueError, match="refuses the credentials"):
            await chosen.outlet.check()
        await chosen.outlet.close()

    async def test_is_waited_for(self, aws: Aws, kind: str) -> None:
        for endpoint in (aws.endpoint, "http://127.0.0.1:9"):
            (chosen,) = choose(self.url(kind, endpoint), Hasty(), PSEUDONYMS)
            results = await chosen.outlet.hand_over(letters(1, 2))
            assert [type(one) for one in results] == [Unavailable] * 2
            await chosen.outlet.close()


class TestChoosing:
    @pytest.mark.parametrize(
        ("url", "sentence"),
        [
            ("mqtt://host/x", "must begin with sns://, sqs:// or kinesis://"),
            ("sqs://us-east-1", "names no topic, queue or stream"),
            ("sqs://us-east-1/q?types=orders", "match no event"),
            ("sqs://us-east-1/q?since=yesterday", "no time with a zone"),
            ("sqs://k:s@us-east-1/q sqs://k:s@us-east-1/q", "one outlet twice"),
            ("sqs://key@us-east-1/q", "has a user and no password"),
        ],
    )
    def test_says_what_is_wrong(self, url: str, sentence: str) -> None:
        with pytest.raises(ValueError, match=sentence) as raised:
            choose(url, FakeClock(), PSEUDONYMS)
        assert str(raised.value).startswith("KIBBLE_OUTLETS ")

    def test_others_are_told_of_people_only_when_they_ask(self) -> None:
        usual, asked, clicks = choose(
            "sqs://k:s@us-east-1/a sqs://k:s@us-east-1/b?types=customer.*,order.placed"
            " kinesis://k:s@us-east-1/c",
            FakeClock(),
            PSEUDONYMS,
        )
        types = {kind.type for kind in usual.kinds}
        assert {"order.placed", "payment.processed", "shipment.delivered"} <= types
        assert not any(name.startswith(("customer.", "notification.")) for name in types)
        assert {kind.type for kind in asked.kinds} >= {"customer.erased", "order.placed"}
        followed = {"product.viewed", "cart.changed", "order.placed"}
        assert {kind.type for kind in clicks.kinds} == followed
        assert not types & {"product.viewed", "cart.changed"}
