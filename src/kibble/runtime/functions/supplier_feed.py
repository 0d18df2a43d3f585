"""A supplier's feed that lands in S3 becomes an import of the shop: a handler for AWS Lambda.

It needs nothing but boto3, which Lambda's runtime brings, so this file alone is the package. The
environment has ``SHOP_URL`` and ``CLIENT_SECRET``, the id of a secret in Secrets Manager with the
``client_id`` and ``client_secret`` of an OAuth client that may ``catalog:write`` (``kibble client
add feeds --confidential --scope catalog:write``).

S3 tells of an object at least once, and Lambda repeats what failed: one version of an object is
imported once, since its Idempotency-Key is made of its name and version.
"""

from __future__ import annotations

import base64
import hashlib
import json
import os
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from http.client import HTTPConnection, HTTPResponse, HTTPSConnection
from pathlib import PurePosixPath
from typing import Any, Protocol
from urllib.parse import unquote_plus, urlencode, urlsplit

import boto3

KINDS = {
    ".csv": "text/csv",
    ".gz": "application/gzip",
    ".jsonl": "application/x-ndjson",
    ".ndjson": "application/x-ndjson",
    ".tsv": "text/tab-separated-values",
    ".xml": "application/xml",
}
"""What a feed is, by the end of its name; all else is left alone."""

IMPORTS = "/api/products/imports"
MOST_BYTES = 64 << 20
"""What the shop takes at a time."""
TIMEOUT_SECONDS = 120
LOOK_SECONDS = 2.0
LAST_MS = 15_000
"""So long before the function's end it stops waiting for the import's."""
OVER = ("COMPLETED", "FAILED")
TOO_MANY, SERVER_ERROR, CONFLICT = 429, 500, 409


class TryAgain(RuntimeError):
    """The shop is away or busy: Lambda calls again."""


class FeedRefused(RuntimeError):
    """The shop will not take a feed, or could not read it: somebody has to look."""


class Context(Protocol):
    """What Lambda tells of a call."""

    def get_remaining_time_in_millis(self) -> int:
        """Return how long the call may still take."""
        ...


@dataclass(frozen=True, slots=True)
class Landed:
    """An object that is there; ``version`` is "" in a bucket without versions."""

    bucket: str
    key: str
    version: str

    @property
    def kind(self) -> str | None:
        """Its media type; None when it is no feed."""
        return KINDS.get(PurePosixPath(self.key).suffix.lower())


def landed(event: Mapping[str, Any]) -> Iterator[Landed]:
    """Yield the objects that an event of EventBridge or a notification of S3 tells of."""
    if "detail" in event:
        detail = event["detail"]
        one = detail["object"]
        yield Landed(detail["bucket"]["name"], one["key"], one.get("version-id", ""))
    for record in event.get("Records", ()):
        one = record["s3"]["object"]
        name = record["s3"]["bucket"]["name"]
        yield Landed(name, unquote_plus(one["key"]), one.get("versionId", ""))


class Shop:
    """The shop's API, called as an OAuth client."""

    def __init__(self, url: str, client_id: str, client_secret: str) -> None:
        self._where = urlsplit(url)
        known = base64.b64encode(f"{client_id}:{client_secret}".encode()).decode()
        self._basic = f"Basic {known}"
        self._token = ""

    def send(self, body: Any, size: int, kind: str, key: str) -> str:
        """Send a feed; return where its import is told of."""
        headers = {"content-type": kind, "content-length": str(size), "idempotency-key": key}
        answer, _ = self._call("POST", IMPORTS, body, headers)
        return answer.headers["location"]

    def told(self, path: str) -> Mapping[str, Any]:
        """Return how far an import has come."""
        _, content = self._call("GET", path, None, {})
        found: Mapping[str, Any] = json.loads(content)
        return found

    def _call(
        self, method: str, path: str, body: Any, headers: Mapping[str, str]
    ) -> tuple[HTTPResponse, bytes]:
        if not self._token:
            form = urlencode({"grant_type": "client_credentials", "scope": "catalog:write"})
            asked = {
                "authorization": self._basic,
                "content-type": "application/x-www-form-urlencoded",
            }
            _, content = self._exchange("POST", "/oauth2/token", form.encode(), asked)
            self._token = json.loads(content)["access_token"]
        return self._exchange(
            method, path, body, {**headers, "authorization": f"Bearer {self._token}"}
        )

    def _exchange(
        self, method: str, path: str, body: Any, headers: Mapping[str, str]
    ) -> tuple[HTTPResponse, bytes]:
        kind = HTTPSConnection if self._where.scheme == "https" else HTTPConnection
        connection = kind(self._where.netloc, timeout=TIMEOUT_SECONDS)
        try:
            connection.request(method, self._where.path.rstrip("/") + path, body, dict(headers))
            answer = connection.getresponse()
            content = answer.read()
        except OSError as error:
            raise TryAgain(f"The shop cannot be reached: {error}") from error
        finally:
            connection.close()
        if answer.status in (TOO_MANY, CONFLICT) or answer.status >= SERVER_ERROR:
            raise TryAgain(f"The shop answered {answer.status}.")
        if answer.status >= 400:  # noqa: PLR2004 - the least status of a refusal
            raise FeedRefused(f"The shop answered {answer.status}: {content[:500].decode()}")
        return answer, content


class Courier:
    """Brings what landed to the shop, and tells what became of it."""

    def __init__(self, s3: Any, shop: Shop, pause: Callable[[float], None]) -> None:
        self._s3 = s3
        self._shop = shop
        self._pause = pause

    def bring(self, one: Landed, left_ms: Callable[[], int]) -> dict[str, Any]:
        """Import one object; raises ``TryAgain`` and ``FeedRefused``."""
        if one.kind is None:
            return {"key": one.key, "status": "SKIPPED"}
        version = {"VersionId": one.version} if one.version else {}
        found = self._s3.get_object(Bucket=one.bucket, Key=one.key, **version)
        size = found["ContentLength"]
        if size > MOST_BYTES:
            raise FeedRefused(f"{one.key} has more than {MOST_BYTES:,} bytes; pack it with gzip.")
        name = json.dumps([one.bucket, one.key, one.version or found["ETag"]])
        key = hashlib.sha256(name.encode()).hexdigest()
        path = self._shop.send(found["Body"], size, one.kind, key)
        job = self._wait(path, left_ms)
        wanted = ("status", "rowsRead", "created", "updated", "unchanged", "failed", "reason")
        report = {"key": one.key, "version": one.version, "import": path}
        report |= {name: job[name] for name in wanted}
        if job["status"] == "FAILED":
            raise FeedRefused(json.dumps(report))
        return report

    def _wait(self, path: str, left_ms: Callable[[], int]) -> Mapping[str, Any]:
        """Return what is told of an import at its end, or when there is no more time."""
        while True:
            job = self._shop.told(path)
            if job["status"] in OVER or left_ms() < LAST_MS:
                return job
            self._pause(LOOK_SECONDS)


def deliver(
    event: Mapping[str, Any], courier: Courier, left_ms: Callable[[], int]
) -> dict[str, Any]:
    """Bring all that an event tells of; one that is refused does not keep the others."""
    reports: list[dict[str, Any]] = []
    refused: list[str] = []
    for one in landed(event):
        try:
            reports.append(courier.bring(one, left_ms))
        except FeedRefused as error:
            refused.append(str(error))
    if refused:
        raise FeedRefused("; ".join(refused))
    return {"feeds": reports}


def handler(event: Mapping[str, Any], context: Context) -> dict[str, Any]:
    """What Lambda calls; what it raises is called again, and in the end put into the queue."""
    secrets = boto3.client("secretsmanager")
    secret = json.loads(
        secrets.get_secret_value(SecretId=os.environ["CLIENT_SECRET"])["SecretString"]
    )
    shop = Shop(os.environ["SHOP_URL"], secret["client_id"], secret["client_secret"])
    courier = Courier(boto3.client("s3"), shop, time.sleep)
    result = deliver(event, courier, context.get_remaining_time_in_millis)
    print(json.dumps(result))  # noqa: T201 - CloudWatch keeps what a function prints
    return result
