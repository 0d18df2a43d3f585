"""A table of DynamoDB, and who is at what in it.

Items have a partition key ``pk`` and a sort key ``sk``; what is forgotten by itself says when in
``expires`` (seconds, the table's time to live). All reads that matter are consistent ones.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from decimal import Decimal
from enum import Enum
from functools import partial
from typing import Any

from boto3.dynamodb.types import Binary, TypeDeserializer, TypeSerializer
from botocore.exceptions import ClientError

from kibble.kernel.clock import to_text
from kibble.platform.engines.aws.account import THREADS, AwsAccount, AwsService, code_of

MOST_STEPS, MOST_PUTS = 100, 25
"""What DynamoDB writes at once: as a whole, and each by itself."""
PAUSE_SECONDS = 0.02
NEW = "attribute_not_exists(pk)"
_CANCELLED = "TransactionCanceledException"
_FAILED = "ConditionalCheckFailed"
_TO, _FROM = TypeSerializer(), TypeDeserializer()

Item = Mapping[str, Any]


class Broken(Enum):
    """What it means that a condition does not hold."""

    STALE = "somebody else was first"
    DUPLICATE = "the event was applied before"
    AGAIN = "a number was given to somebody else meanwhile: with the next one"


@dataclass(frozen=True, slots=True)
class Condition:
    """What must hold for an item before it is written: DynamoDB's expression and its values."""

    expression: str
    values: Mapping[str, Any] = field(default_factory=dict[str, Any])
    broken: Broken = Broken.STALE


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a transaction: an item to put, or the key of one to delete or only to check."""

    item: Item
    condition: Condition | None = None
    act: str = "Put"


PUT, DELETE, CHECK = "Put", "Delete", "ConditionCheck"


class DynamoTable:
    """One table, called from the event loop."""

    def __init__(
        self, variable: str, account: AwsAccount, name: str, *, threads: int = THREADS
    ) -> None:
        """``variable`` is the setting that names it."""
        self._service = AwsService("Amazon DynamoDB", account.client("dynamodb"), threads)
        self._variable = variable
        self.name = name

    async def get(self, pk: str, sk: str) -> Item | None:
        """Return an item, as it is now."""
        answer = await self._service.call(
            "get_item", TableName=self.name, Key=packed({"pk": pk, "sk": sk}), ConsistentRead=True
        )
        return unpacked(answer["Item"]) if "Item" in answer else None

    async def query(
        self,
        where: str,
        values: Mapping[str, Any],
        *,
        index: str | None = None,
        newest_first: bool = False,
        page: int | None = None,
    ) -> AsyncIterator[Item]:
        """Yield items by key, of the table as it is now or of an index as of a moment ago.

        ``page`` is how many are read at a time.
        """
        asked: dict[str, Any] = {
            "TableName": self.name,
            "KeyConditionExpression": where,
            "ExpressionAttributeValues": packed(values),
            "ScanIndexForward": not newest_first,
            "ConsistentRead": index is None,
        }
        if index is not None:
            asked["IndexName"] = index
        if page is not None:
            asked["Limit"] = page
        while True:
            answer = await self._service.call("query", **asked)
            for one in answer["Items"]:
                yield unpacked(one)
            if "LastEvaluatedKey" not in answer:
                return
            asked["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    async def scan(self) -> AsyncIterator[Item]:
        """Yield every item, in any order."""
        asked: dict[str, Any] = {"TableName": self.name, "ConsistentRead": True}
        while True:
            answer = await self._service.call("scan", **asked)
            for one in answer["Items"]:
                yield unpacked(one)
            if "LastEvaluatedKey" not in answer:
                return
            asked["ExclusiveStartKey"] = answer["LastEvaluatedKey"]

    async def write(self, steps: Sequence[Step]) -> Broken | None:
        """Write everything or nothing; return which condition did not hold, if one did not.

        Raises ``Unavailable``.
        """
        if not steps:
            return None
        if len(steps) > MOST_STEPS:
            raise ValueError(f"{len(steps)} writes at once; DynamoDB takes {MOST_STEPS}")
        alone = len(steps) == 1 and steps[0].act != CHECK
        reasons = await self._service.run(
            partial(self._write_one, steps[0]) if alone else partial(self._write_together, steps)
        )
        if not reasons:
            return None
        failed = {
            step.condition.broken
            for step, reason in zip(steps, reasons, strict=False)
            if reason == _FAILED and step.condition is not None
        }
        order = (Broken.DUPLICATE, Broken.STALE)
        # Anything else is somebody who writes the same items just now.
        return next((each for each in order if each in failed), Broken.AGAIN)

    def _write_one(self, step: Step) -> list[str]:
        """Write one item, at half the price of a transaction; return why not, if not."""
        try:
            getattr(self._service.client, f"{step.act.lower()}_item")(**self._step(step))
        except ClientError as error:
            if code_of(error) != f"{_FAILED}Exception":
                raise
            return [_FAILED]
        return []

    def _write_together(self, steps: Sequence[Step]) -> list[str]:
        """Write a transaction; return each step's reason, if it was refused."""
        asked = [{step.act: self._step(step)} for step in steps]
        try:
            self._service.client.transact_write_items(TransactItems=asked)
        except ClientError as error:
            if code_of(error) != _CANCELLED:
                raise
            reasons = error.response.get("CancellationReasons", [])
            return [reason.get("Code", "None") for reason in reasons] or ["None"]
        return []

    async def delete_all(self, keys: Sequence[Item]) -> None:
        """Delete items by their keys, in any order; what is not there stays so."""
        await self._write_each([{"DeleteRequest": {"Key": packed(key_of(key))}} for key in keys])

    async def put_all(self, items: Iterable[Item]) -> None:
        """Write items in any order, over what is there: for a table that nobody else uses."""
        by_key = {(item["pk"], item["sk"]): packed(item) for item in items}
        await self._write_each([{"PutRequest": {"Item": item}} for item in by_key.values()])

    async def _write_each(self, requests: Sequence[Mapping[str, Any]]) -> None:
        for start in range(0, len(requests), MOST_PUTS):
            left: Mapping[str, Any] = {self.name: requests[start : start + MOST_PUTS]}
            while left:
                answer = await self._service.call("batch_write_item", RequestItems=left)
                left = answer.get("UnprocessedItems", {})

    def _step(self, step: Step) -> dict[str, Any]:
        body: dict[str, Any] = {"TableName": self.name}
        if step.act == PUT:
            body["Item"] = packed(step.item)
        else:
            body["Key"] = packed(key_of(step.item))
        if step.condition is not None:
            body["ConditionExpression"] = step.condition.expression
            if step.condition.values:
                body["ExpressionAttributeValues"] = packed(step.condition.values)
        return body

    async def make(self, indices: Mapping[str, tuple[str, str]]) -> None:
        """Make the table if it is not there, for development; elsewhere CloudFormation does."""
        names = {"pk", "sk", *(name for keys in indices.values() for name in keys)}

        def work() -> None:
            try:
                self._service.client.create_table(
                    TableName=self.name,
                    BillingMode="PAY_PER_REQUEST",
                    AttributeDefinitions=[
                        {"AttributeName": name, "AttributeType": "S"} for name in sorted(names)
                    ],
                    KeySchema=_schema("pk", "sk"),
                    GlobalSecondaryIndexes=[
                        {
                            "IndexName": name,
                            "KeySchema": _schema(*keys),
                            "Projection": {"ProjectionType": "ALL"},
                        }
                        for name, keys in indices.items()
                    ],
                )
            except ClientError as error:
                if code_of(error) != "ResourceInUseException":
                    raise
                return
            self._service.client.get_waiter("table_exists").wait(TableName=self.name)
            self._service.client.update_time_to_live(
                TableName=self.name,
                TimeToLiveSpecification={"Enabled": True, "AttributeName": "expires"},
            )

        await self._service.run(work)

    async def check(self) -> None:
        """See that the table is there and ours; raises ``ValueError`` with a sentence if not."""
        await self._service.check(self._variable, "describe_table", TableName=self.name)

    async def close(self) -> None:
        """Let go of what was opened."""
        await self._service.close()


def _schema(hashed: str, ranged: str) -> list[dict[str, str]]:
    return [
        {"AttributeName": hashed, "KeyType": "HASH"},
        {"AttributeName": ranged, "KeyType": "RANGE"},
    ]


def key_of(item: Item) -> Item:
    """Return the key of an item."""
    return {"pk": item["pk"], "sk": item["sk"]}


def packed(item: Item) -> dict[str, Any]:
    """Return an item as DynamoDB has it; what is None has no attribute."""
    return {name: _TO.serialize(value) for name, value in item.items() if value is not None}


def unpacked(item: Mapping[str, Any]) -> dict[str, Any]:
    """Return an item with plain values."""
    return {name: _plain(_FROM.deserialize(value)) for name, value in item.items()}


def _plain(value: Any) -> Any:
    if isinstance(value, Decimal):
        return int(value)
    return bytes(value.value) if isinstance(value, Binary) else value


def seconds(moment: datetime) -> int:
    """Return a moment as the time to live has it."""
    return int(moment.timestamp())


class DynamoClaims:
    """Implements ``Claims`` for processes that share a table; each is a ``holder`` of its own."""

    def __init__(self, table: DynamoTable, holder: str) -> None:
        self._table = table
        self._holder = holder

    async def take(self, key: str, now: datetime, until: datetime) -> bool:
        """See ``Claims.take``."""
        item = _claim(key) | {
            "holder": self._holder,
            "ends_at": to_text(until),
            "expires": seconds(until),
        }
        free = Condition(f"{NEW} OR ends_at <= :now", {":now": to_text(now)})
        return await self._table.write([Step(item, free)]) is None

    async def give_back(self, keys: Sequence[str]) -> None:
        """See ``Claims.give_back``."""
        ours = Condition("holder = :us", {":us": self._holder})
        for key in keys:
            await self._table.write([Step(_claim(key), ours, act=DELETE)])


def _claim(key: str) -> dict[str, Any]:
    return {"pk": f"claim#{key}", "sk": "claim"}
