"""Files in a bucket of Amazon S3 (or of what speaks its protocol)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from boto3.s3.transfer import TransferConfig
from botocore.config import Config

from kibble.platform.engines.aws.account import AwsAccount, AwsService, NotThere
from kibble.platform.files import SignedForm, Stored, cache_control, checked, media_type

_TRANSFER = TransferConfig(use_threads=False)
"""In parts of 8 MiB, one after the other, in the thread that asks."""
_HEADERS = {
    "ServerSideEncryption": "x-amz-server-side-encryption",
    "SSEKMSKeyId": "x-amz-server-side-encryption-aws-kms-key-id",
}


@dataclass(frozen=True, slots=True)
class Bucket:
    """A bucket, and what all names in it begin with.

    ``key_id`` is the KMS key that files are encrypted with; without one S3's own is taken.
    """

    name: str
    prefix: str = ""
    key_id: str | None = None

    def path(self, name: str) -> str:
        """Return where in the bucket a file is."""
        return f"{self.prefix}/{name}" if self.prefix else name

    @property
    def encryption(self) -> dict[str, str]:
        """How files are encrypted at rest, as S3's calls want it."""
        if self.key_id is None:
            return {"ServerSideEncryption": "AES256"}
        return {"ServerSideEncryption": "aws:kms", "SSEKMSKeyId": self.key_id}


class S3Files:
    """Implements ``Files``. No access list is ever set: the bucket's owner alone can read."""

    def __init__(self, variable: str, account: AwsAccount, bucket: Bucket) -> None:
        """``variable`` is the setting that names the bucket."""
        style = {"addressing_style": "path"} if account.endpoint else {}
        client = account.client("s3", Config(signature_version="s3v4", s3=style))
        self._s3 = AwsService("Amazon S3", client)
        self._variable = variable
        self._bucket = bucket

    def _at(self, name: str) -> dict[str, str]:
        return {"Bucket": self._bucket.name, "Key": self._bucket.path(checked(name))}

    async def put(self, name: str, content: bytes | Path) -> None:
        """See ``Files.put``."""
        extra = {
            "ContentType": media_type(name),
            "CacheControl": cache_control(name),
            **self._bucket.encryption,
        }
        at = self._at(name)
        if isinstance(content, bytes):
            await self._s3.call("put_object", **at, Body=content, **extra)
            return

        def send() -> None:
            self._s3.client.upload_file(
                str(content), at["Bucket"], at["Key"], ExtraArgs=extra, Config=_TRANSFER
            )

        await self._s3.run(send)

    async def get(self, name: str) -> bytes | None:
        """See ``Files.get``."""
        at = self._at(name)

        def read() -> bytes:
            body: bytes = self._s3.client.get_object(**at)["Body"].read()
            return body

        try:
            return await self._s3.run(read)
        except NotThere:
            return None

    async def fetch(self, name: str, target: Path) -> bool:
        """See ``Files.fetch``."""
        at = self._at(name)
        arriving = target.with_name(f".{target.name}.part")

        def read() -> None:
            self._s3.client.download_file(at["Bucket"], at["Key"], str(arriving), Config=_TRANSFER)

        try:
            await self._s3.run(read)
        except NotThere:
            return False
        arriving.replace(target)
        return True

    async def has(self, name: str) -> bool:
        """See ``Files.has``."""
        try:
            await self._s3.call("head_object", **self._at(name))
        except NotThere:
            return False
        return True

    async def names(self, prefix: str) -> list[Stored]:
        """See ``Files.names``."""
        start = len(self._bucket.path(""))

        def look() -> Iterator[Stored]:
            pages = self._s3.client.get_paginator("list_objects_v2").paginate(
                Bucket=self._bucket.name, Prefix=self._bucket.path(prefix)
            )
            for page in pages:
                for one in page.get("Contents", ()):
                    yield Stored(one["Key"][start:], one["Size"])

        return await self._s3.run(lambda: sorted(look(), key=lambda one: one.name))

    async def remove(self, name: str) -> None:
        """See ``Files.remove``."""
        await self._s3.call("delete_object", **self._at(name))

    async def link(self, name: str, seconds: int) -> str | None:
        """See ``Files.link``."""
        at = self._at(name)
        url: str = await self._s3.call(
            "generate_presigned_url", ClientMethod="get_object", Params=at, ExpiresIn=seconds
        )
        return url

    async def form(self, name: str, most_bytes: int, seconds: int) -> SignedForm | None:
        """See ``Files.form``; S3 itself refuses what is longer."""
        at = self._at(name)
        encryption = {_HEADERS[name]: value for name, value in self._bucket.encryption.items()}
        conditions: list[Any] = [["content-length-range", 1, most_bytes]]
        made = await self._s3.call(
            "generate_presigned_post",
            **at,
            Fields=encryption,
            Conditions=[*conditions, *({key: value} for key, value in encryption.items())],
            ExpiresIn=seconds,
        )
        return SignedForm(made["url"], made["fields"])

    async def check(self) -> None:
        """See ``Files.check``."""
        await self._s3.check(self._variable, "head_bucket", Bucket=self._bucket.name)

    async def close(self) -> None:
        """See ``Files.close``."""
        await self._s3.close()
