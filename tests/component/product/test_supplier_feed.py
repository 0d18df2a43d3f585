"""The function that brings a supplier's feed from S3 to a real shop: once, and with a report."""

from __future__ import annotations

import asyncio
import json
import random
from collections.abc import AsyncIterator, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import uvicorn

from kibble.platform.clock import SystemClock, Uuid7Ids
from kibble.platform.config import Settings
from kibble.platform.security.keys import key_path, load_or_make_key
from kibble.platform.security.tokens import TokenIssuer
from kibble.platform.service import World
from kibble.runtime.functions.supplier_feed import (
    Courier,
    FeedRefused,
    Landed,
    Shop,
    TryAgain,
    deliver,
    handler,
    landed,
)
from kibble.runtime.loopback import Loopback
from kibble.runtime.shop import Shop as BuiltShop
from tests.fixtures.aws import REGION, Aws
from tests.fixtures.eventually import eventually

CSV = b"sku,name,category,price\nK-1,Chicken Kibble,Dog Food,19.99\nK-2,,Dog Food,5.00\n"
LONG_MS = 300_000


@pytest.fixture(scope="module")
def aws() -> Iterator[Aws]:
    server = Aws()
    yield server
    server.stop()


class RunningShop:
    """A shop that listens, and an OAuth client of it that may import."""

    def __init__(self, folder: Path) -> None:
        clock = SystemClock()
        self.world = World(clock, Uuid7Ids(clock, random.Random(1)), random.Random(2))
        self.built = BuiltShop(Settings(data_dir=folder, seed=False), self.world)
        config = uvicorn.Config(self.built.app, port=0, lifespan="off", log_level="error")
        self._server = uvicorn.Server(config)
        self.url = self.client_id = self.client_secret = ""

    async def start(self) -> None:
        """Begin to listen."""
        self._work = asyncio.create_task(self.built.run())
        self._serving = asyncio.create_task(self._server.serve())

        async def started() -> bool:
            return self._server.started

        await eventually(started, until=bool)
        port = self._server.servers[0].sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        key = load_or_make_key(key_path(self.built.settings.data_dir))
        token = TokenIssuer(key, self.world.clock, self.world.ids).for_client(
            "x", ["clients:admin"], timedelta(hours=1)
        )
        body = {
            "name": "feeds",
            "scopes": ["catalog:write"],
            "redirectUris": [],
            "confidential": True,
            "firstParty": False,
        }
        made = await Loopback(self.built, token).post("/api/clients", body)
        self.client_id, self.client_secret = made["id"], made["secret"]

    def client(self) -> Shop:
        """Return the API as the function calls it."""
        return Shop(self.url, self.client_id, self.client_secret)

    async def stop(self) -> None:
        """End it."""
        self._server.should_exit = True
        await self._serving
        self._work.cancel()
        await asyncio.gather(self._work, return_exceptions=True)
        await self.built.end()


@pytest.fixture
async def shop(tmp_path: Path) -> AsyncIterator[RunningShop]:
    shop = RunningShop(tmp_path / "data")
    await shop.start()
    yield shop
    await shop.stop()


def put(aws: Aws, content: bytes, key: str = "spring feed.csv") -> dict[str, Any]:
    """Land a feed in a bucket with versions; return what S3 tells of it."""
    bucket = aws.bucket()
    s3 = aws.client("s3")
    s3.put_bucket_versioning(Bucket=bucket, VersioningConfiguration={"Status": "Enabled"})
    version = s3.put_object(Bucket=bucket, Key=key, Body=content)["VersionId"]
    told = {"key": key.replace(" ", "+"), "size": len(content), "versionId": version}
    return {"Records": [{"s3": {"bucket": {"name": bucket}, "object": told}}]}


def courier(aws: Aws, shop: Shop) -> Courier:
    return Courier(aws.client("s3"), shop, lambda _: None)


def left() -> int:
    return LONG_MS


async def test_a_feed_that_landed_is_imported_and_reported(aws: Aws, shop: RunningShop) -> None:
    event = put(aws, CSV)
    result = await asyncio.to_thread(deliver, event, courier(aws, shop.client()), left)
    (report,) = result["feeds"]
    assert (report["key"], report["status"]) == ("spring feed.csv", "COMPLETED")
    assert (report["rowsRead"], report["created"], report["failed"]) == (2, 1, 1)
    assert list(await shop.built.services.product.client.ids_of(["K-1", "K-2"])) == ["K-1"]


async def test_one_version_is_imported_once_and_a_new_one_again(
    aws: Aws, shop: RunningShop
) -> None:
    event = put(aws, CSV)
    told = [
        (await asyncio.to_thread(deliver, event, courier(aws, shop.client()), left))["feeds"][0]
        for _ in range(2)
    ]
    assert told[0] == told[1]
    bucket = event["Records"][0]["s3"]["bucket"]["name"]
    newer = aws.client("s3").put_object(Bucket=bucket, Key="spring feed.csv", Body=CSV)
    event["Records"][0]["s3"]["object"]["versionId"] = newer["VersionId"]
    again = await asyncio.to_thread(deliver, event, courier(aws, shop.client()), left)
    assert again["feeds"][0]["import"] != told[0]["import"]
    assert again["feeds"][0]["unchanged"] == 1


async def test_what_cannot_be_read_is_refused_and_the_rest_is_imported(
    aws: Aws, shop: RunningShop
) -> None:
    broken, good = put(aws, b"\x1f\x8b broken", "a.gz"), put(aws, CSV)
    skipped = put(aws, b"hello", "note.txt")
    event = {"Records": broken["Records"] + skipped["Records"] + good["Records"]}
    with pytest.raises(FeedRefused, match="archive is damaged"):
        await asyncio.to_thread(deliver, event, courier(aws, shop.client()), left)
    assert await shop.built.services.product.client.ids_of(["K-1"])


async def test_wrong_credentials_are_told_and_nothing_is_sent(aws: Aws, shop: RunningShop) -> None:
    stranger = Shop(shop.url, shop.client_id, "wrong")
    with pytest.raises(FeedRefused, match="401"):
        await asyncio.to_thread(deliver, put(aws, CSV), courier(aws, stranger), left)


def test_a_shop_that_is_away_is_asked_again(aws: Aws) -> None:
    away = Shop("http://127.0.0.1:9", "id", "secret")
    with pytest.raises(TryAgain):
        deliver(put(aws, CSV), courier(aws, away), left)


def test_events_of_eventbridge_are_read_too() -> None:
    detail = {"bucket": {"name": "b"}, "object": {"key": "a b.csv", "version-id": "v"}}
    assert list(landed({"detail": detail})) == [Landed("b", "a b.csv", "v")]


async def test_the_handler_takes_its_settings_from_lambda(
    aws: Aws, shop: RunningShop, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = json.dumps({"client_id": shop.client_id, "client_secret": shop.client_secret})
    aws.client("secretsmanager").create_secret(Name="feeds", SecretString=secret)
    environment = {
        "SHOP_URL": shop.url,
        "CLIENT_SECRET": "feeds",
        "AWS_ENDPOINT_URL": aws.endpoint,
        "AWS_DEFAULT_REGION": REGION,
        "AWS_ACCESS_KEY_ID": "key",
        "AWS_SECRET_ACCESS_KEY": "secret",
    }
    for name, value in environment.items():
        monkeypatch.setenv(name, value)

    class Call:
        """What Lambda tells of a call that has time."""

        def get_remaining_time_in_millis(self) -> int:
            return LONG_MS

    result = await asyncio.to_thread(handler, put(aws, CSV), Call())
    assert result["feeds"][0]["status"] == "COMPLETED"
