"""The behaviour of ``Files``, in a folder and on S3 alike; and what S3 is told of each file."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterator
from io import BytesIO
from pathlib import Path

import aiohttp
import pytest

from kibble.kernel.errors import Unavailable
from kibble.platform.engines.storing import choose_files
from kibble.platform.files import Files, Stored, copy
from tests.fixtures.aws import Aws

LARGE = bytes(range(256)) * 40_000
"""More than one part of a transfer."""


@pytest.fixture(scope="module")
def aws() -> Iterator[Aws]:
    server = Aws()
    yield server
    server.stop()


def opened(address: str, folder: Path) -> Files:
    return choose_files("KIBBLE_FILES_URL", address, folder)


@pytest.fixture(params=["folder", "s3"])
async def files(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[Files]:
    address = ""
    if request.param == "s3":
        aws: Aws = request.getfixturevalue("aws")
        address = aws.files_url(aws.bucket(), "shop/one")
    files = opened(address, tmp_path / "files")
    yield files
    await files.close()


class TestFiles:
    async def test_are_read_as_they_were_put(self, files: Files, tmp_path: Path) -> None:
        await files.put("imports/a.feed", b"first")
        await files.put("imports/a.feed", b"second")
        assert await files.get("imports/a.feed") == b"second"
        assert await files.has("imports/a.feed")
        assert await files.fetch("imports/a.feed", tmp_path / "copy")
        assert (tmp_path / "copy").read_bytes() == b"second"

    async def test_may_be_large_and_come_from_a_file(self, files: Files, tmp_path: Path) -> None:
        (tmp_path / "large").write_bytes(LARGE)
        await files.put("backups/large.tar.gz", tmp_path / "large")
        assert await files.fetch("backups/large.tar.gz", tmp_path / "copy")
        assert (tmp_path / "copy").read_bytes() == LARGE

    async def test_that_are_not_there_are_told_apart(self, files: Files, tmp_path: Path) -> None:
        assert await files.get("images/ab/none.webp") is None
        assert not await files.has("images/ab/none.webp")
        assert not await files.fetch("images/ab/none.webp", tmp_path / "copy")
        assert not (tmp_path / "copy").exists()
        await files.remove("images/ab/none.webp")

    async def test_are_listed_by_the_beginning_of_their_names(self, files: Files) -> None:
        for name in ("images/ab/b.png", "images/aa/a.png", "imports/c.feed"):
            await files.put(name, b"12")
        assert await files.names("images/") == [
            Stored("images/aa/a.png", 2),
            Stored("images/ab/b.png", 2),
        ]
        assert await files.names("images/ab/b") == [Stored("images/ab/b.png", 2)]
        await files.remove("images/ab/b.png")
        assert await files.names("images/ab/") == []

    @pytest.mark.parametrize("name", ["", "../a", "/etc/passwd", "a//b", "a/../b", ".hid", "a/.b"])
    async def test_have_no_names_that_lead_elsewhere(self, files: Files, name: str) -> None:
        for call in (files.put(name, b""), files.get(name), files.has(name), files.remove(name)):
            with pytest.raises(ValueError, match="not the name of a file"):
                await call

    async def test_are_ours(self, files: Files) -> None:
        await files.check()


async def test_what_is_missing_is_copied_from_store_to_store(aws: Aws, tmp_path: Path) -> None:
    here = opened("", tmp_path / "here")
    there = opened(aws.files_url(aws.bucket()), tmp_path)
    for name in ("images/ab/abc.webp", "images/cd/cde.png", "imports/x.feed"):
        await here.put(name, b"content")
    assert await copy(here, there, "images/", tmp_path / "scratch") == 2
    assert await copy(here, there, "images/", tmp_path / "scratch") == 0
    assert await there.names("") == await here.names("images/")
    await there.close()


class TestOnS3:
    @pytest.fixture
    async def stored(self, aws: Aws, tmp_path: Path) -> AsyncIterator[tuple[Files, str]]:
        bucket = aws.bucket()
        files = opened(aws.files_url(bucket, "shop"), tmp_path)
        yield files, bucket
        await files.close()

    async def test_say_what_they_are_and_how_long_they_may_be_kept(
        self, aws: Aws, stored: tuple[Files, str]
    ) -> None:
        files, bucket = stored
        await files.put("images/ab/abc.webp", b"picture")
        await files.put("backups/shop.tar.gz", b"all of it")
        picture = aws.client("s3").head_object(Bucket=bucket, Key="shop/images/ab/abc.webp")
        backup = aws.client("s3").head_object(Bucket=bucket, Key="shop/backups/shop.tar.gz")
        assert picture["ContentType"] == "image/webp"
        assert picture["CacheControl"] == "public, max-age=31536000, immutable"
        assert backup["ContentType"] == "application/gzip"
        assert backup["CacheControl"] == "private, no-store"

    async def test_are_encrypted_and_nobody_elses(
        self, aws: Aws, stored: tuple[Files, str], tmp_path: Path
    ) -> None:
        files, bucket = stored
        await files.put("imports/a.feed", b"prices")
        head = aws.client("s3").head_object(Bucket=bucket, Key="shop/imports/a.feed")
        assert head["ServerSideEncryption"] == "AES256"
        key = aws.client("kms").create_key()["KeyMetadata"]["KeyId"]
        by_key = opened(aws.files_url(bucket, "shop", kms=key), tmp_path)
        (tmp_path / "b").write_bytes(LARGE)
        await by_key.put("imports/b.feed", tmp_path / "b")
        await by_key.close()
        head = aws.client("s3").head_object(Bucket=bucket, Key="shop/imports/b.feed")
        assert (head["ServerSideEncryption"], head["SSEKMSKeyId"]) == ("aws:kms", key)
        grants = aws.client("s3").get_object_acl(Bucket=bucket, Key="shop/imports/a.feed")
        assert [grant["Permission"] for grant in grants["Grants"]] == ["FULL_CONTROL"]

    async def test_are_read_by_a_signed_link_that_ends(self, stored: tuple[Files, str]) -> None:
        files, _ = stored
        await files.put("exports/shop.tar.gz", b"everything")
        link = await files.link("exports/shop.tar.gz", 60)
        assert link is not None
        assert "X-Amz-Expires=60" in link
        async with aiohttp.ClientSession() as session, session.get(link) as answer:
            assert await answer.read() == b"everything"

    async def test_are_sent_past_us_by_a_signed_form(self, stored: tuple[Files, str]) -> None:
        files, _ = stored
        form = await files.form("uploads/spring.csv", 1_000, 60)
        assert form is not None
        body = aiohttp.FormData(dict(form.fields))
        body.add_field("file", BytesIO(b"sku,price"))
        async with aiohttp.ClientSession() as session, session.post(form.url, data=body) as answer:
            assert answer.ok, await answer.text()
        assert await files.get("uploads/spring.csv") == b"sku,price"
        assert "secret" not in repr(form)

    async def test_wait_while_it_is_away(self, tmp_path: Path) -> None:
        away = opened("s3://k:s@bucket?region=us-east-1&endpoint=http://127.0.0.1:9", tmp_path)
        await away.check()
        with pytest.raises(Unavailable, match="Amazon S3 is away"):
            await away.get("a")
        await away.close()


class TestChoosing:
    def test_an_address_without_a_scheme_is_a_folder(self, tmp_path: Path) -> None:
        opened(str(tmp_path / "elsewhere"), tmp_path)

    @pytest.mark.parametrize(
        ("address", "sentence"),
        [
            ("gs://bucket", "must be a folder, or begin with s3://"),
            ("s3://", "names no host"),
            ("s3://key@bucket", "has a user and no password"),
            ("s3://k:s@bucket?endpoint=file:///etc", "no http"),
        ],
    )
    def test_a_wrong_address_is_told_in_a_sentence(
        self, address: str, sentence: str, tmp_path: Path
    ) -> None:
        with pytest.raises(ValueError, match=sentence) as raised:
            opened(address, tmp_path)
        assert str(raised.value).startswith("KIBBLE_FILES_URL ")

    async def test_credentials_that_are_refused_are_told_without_showing_them(
        self, aws: Aws, tmp_path: Path
    ) -> None:
        files = opened(aws.files_url(aws.bucket()), tmp_path)
        with aws.refusing(), pytest.raises(ValueError, match="refuses the credentials") as raised:
            await files.check()
        assert str(raised.value).startswith("KIBBLE_FILES_URL: Amazon S3")
        assert "secret" not in str(raised.value)
        await files.close()

    async def test_credentials_that_nobody_has_are_told(
        self, aws: Aws, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
            monkeypatch.setenv(name, str(tmp_path / "none"))
        monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
        address = f"s3://bucket?region=us-east-1&endpoint={aws.endpoint}"
        files = opened(address, tmp_path)
        with pytest.raises(ValueError, match="there are no credentials for Amazon S3"):
            await files.check()
        await files.close()

    async def test_a_bucket_that_is_not_there_is_told(self, aws: Aws, tmp_path: Path) -> None:
        files = opened(aws.files_url("kibble-nowhere"), tmp_path)
        with pytest.raises(ValueError, match="has nothing of that name"):
            await files.check()
        await files.close()
