"""The restore drill: a shop that sells while it is backed up comes back with nothing lost."""

from __future__ import annotations

import asyncio
import tarfile
from collections.abc import AsyncIterator, Iterable, Iterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from io import BytesIO
from pathlib import Path
from typing import Any

import aiohttp
import pytest

from kibble.platform.audit.entry import Act, verify
from kibble.platform.clock import SystemClock, Uuid7Ids, system_randomness
from kibble.platform.config import Settings
from kibble.platform.security.keys import key_path, load_or_make_key
from kibble.platform.security.tokens import TokenIssuer
from kibble.platform.service import World
from kibble.runtime import archive, safekeeping
from kibble.runtime.archive import BadBackup, NotEmpty
from kibble.runtime.loopback import Loopback
from kibble.runtime.shop import Shop
from kibble.runtime.target import ShopTarget
from tests.fixtures.aws import Aws
from tests.fixtures.eventually import eventually
from tests.fixtures.live import STAFF
from tests.fixtures.shopping import ADDRESS, order

clock, randomness = SystemClock(), system_randomness()
world = World(clock, Uuid7Ids(clock, randomness), randomness)
NOW = datetime(2026, 11, 28, 23, 0, tzinfo=UTC)
STOCK = 1_000
KEY, OTHER = bytes(range(32)), bytes(32)

WAREHOUSE = {"code": "A", "name": "A", "address": ADDRESS}


def opened(folder: Path) -> Shop:
    return Shop(Settings(data_dir=folder, seed=False, sandbox_fast=True), world)


class Sales:
    """Customers of a shop in this process."""

    def __init__(self, shop: Shop, product: str = "") -> None:
        self.shop = shop
        self.target = ShopTarget(shop)
        key = load_or_make_key(key_path(shop.settings.data_dir))
        token = TokenIssuer(key, clock, world.ids).for_client("x", STAFF, timedelta(hours=1))
        self.staff = Loopback(shop, token)
        self.placed: list[str] = []
        self.product = product

    async def open(self) -> None:
        """Fill one shelf, and write down who did."""
        await self.target.post("/api/inventory/warehouses", WAREHOUSE)
        food = {"name": "Kibble", "price": 19.99, "category": "Dog Food", "sku": "K-1"}
        self.product = (await self.target.post("/api/products", food))["id"]
        await self.target.put_image("abcd-200.webp", b"a picture")
        await self.target.settle()
        (warehouse,) = (await self.target.warehouse_ids()).values()
        (product,) = (await self.target.ids_of(["K-1"])).values()
        assert await self.target.stock_up({product: {warehouse: STOCK}}) == []
        for number in range(3):
            act = f"{number}"
            at = "2026-11-28T23:00:00Z"
            await self.shop.audit.append(
                Act(act=act, at=at, actor="olive", action="create", target="/x", outcome="done")
            )

    async def buy(self) -> None:
        """Have somebody order a bag."""
        customer = world.ids.new()
        body = order(customer, ({"id": self.product, "price": 19.99}, 1))
        placed = await self.target.post("/api/orders", body, customer=customer)
        self.placed.append(placed["id"])

    async def buy_on(self) -> None:
        """Have people order until cancelled."""
        while True:
            await self.buy()

    async def order(self, order_id: str) -> Any:
        """Return an order."""
        return await self.staff.get(f"/api/orders/{order_id}")

    async def count(self) -> int:
        """Return how many orders were acknowledged."""
        return len(self.placed)

    async def sold(self) -> int:
        """Return how many units left the shelf.

        One more may be held: for an order that was being placed at the moment of the backup.
        """
        stock = await self.staff.get(f"/api/inventory/{self.product}")
        return STOCK - int(stock["onHand"])

    async def search(self) -> Any:
        """Return what is found by a word."""
        return await self.staff.get("/api/products/search?q=kibble")

    async def all_paid(self, orders: Iterable[str]) -> None:
        """Wait until orders are paid."""
        for order_id in orders:
            await eventually(
                lambda order_id=order_id: self.order(order_id),  # type: ignore[misc]  # bound now
                until=lambda order: order["paymentStatus"] == "PAID",
                within=60,
            )


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[Shop]:
    """Run a shop beside the test, and stop it as a server does."""
    shop = opened(folder)
    work = asyncio.create_task(shop.run())
    try:
        yield shop
    finally:
        work.cancel()
        await asyncio.gather(work, return_exceptions=True)
        await shop.end()


async def test_a_shop_that_sells_meanwhile_is_kept_as_of_one_moment(tmp_path: Path) -> None:
    file = tmp_path / "shop.tar.gz"
    async with running(tmp_path / "data") as shop:
        sales = Sales(shop)
        await sales.open()
        for _ in range(5):
            await sales.buy()
        await sales.all_paid(sales.placed)
        before = set(sales.placed)
        buying = [asyncio.create_task(sales.buy_on()) for _ in range(3)]
        await eventually(sales.count, until=lambda placed: placed > 8)
        await asyncio.to_thread(archive.backup, tmp_path / "data", file, NOW, KEY)
        for task in buying:
            task.cancel()
        await asyncio.gather(*buying, return_exceptions=True)

    archive.restore(file, tmp_path / "back", KEY)
    async with running(tmp_path / "back") as shop:
        again = Sales(shop, sales.product)
        kept = {order["id"] for order in await again.staff.get("/api/orders?limit=100")}
        assert kept >= before
        await again.all_paid(kept)
        await eventually(again.sold, until=lambda units: units == len(kept), within=30)
        books = await shop.services.payment.client.reconcile(repair=False)
        assert not books.drift
        told = await verify(shop.audit)
        assert (told.entries, told.problem) == (3, None)
        assert (tmp_path / "back/images/ab/abcd-200.webp").read_bytes() == b"a picture"
        found = await eventually(again.search, until=bool, within=30)
        assert [one["id"] for one in found] == [sales.product]


@pytest.fixture(scope="module")
def aws() -> Iterator[Aws]:
    server = Aws()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def shop_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shop") / "data"
    opened(folder).close()
    return folder


@pytest.fixture
def file(shop_folder: Path, tmp_path: Path) -> Path:
    archive.backup(shop_folder, tmp_path / "shop.tar.gz", NOW)
    return tmp_path / "shop.tar.gz"


class TestRestoring:
    def test_brings_every_file_back_as_it_was(self, file: Path, tmp_path: Path) -> None:
        taken = archive.restore(file, tmp_path / "back")
        assert taken.taken_at == NOW
        assert archive.backup(tmp_path / "back", tmp_path / "again.tar.gz", NOW) == taken
        assert archive.verify(file) == taken
        assert not (tmp_path / "back/search").exists()

    def test_leaves_a_folder_alone_that_has_something_in_it(
        self, file: Path, tmp_path: Path
    ) -> None:
        (tmp_path / "full").mkdir()
        (tmp_path / "full/note").write_text("mine")
        with pytest.raises(NotEmpty):
            archive.restore(file, tmp_path / "full")
        assert [path.name for path in (tmp_path / "full").iterdir()] == ["note"]

    @pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
    def test_refuses_what_is_cut_off_and_leaves_nothing_behind(
        self, file: Path, tmp_path: Path, share: float
    ) -> None:
        content = file.read_bytes()
        file.write_bytes(content[: int(len(content) * share)])
        with pytest.raises(BadBackup, match=r"shop\.tar\.gz"):
            archive.restore(file, tmp_path / "back")
        assert list((tmp_path / "back").iterdir()) == []

    @pytest.mark.parametrize("member", ["order.db", "signing-key.json"])
    def test_refuses_what_was_altered(self, file: Path, tmp_path: Path, member: str) -> None:
        target = tmp_path / "altered.tar.gz"
        (tmp_path / "other").write_bytes(b"something else")
        with tarfile.open(file) as source, tarfile.open(target, "w:gz") as tar:
            for one in source:
                if one.name == member:
                    tar.add(tmp_path / "other", arcname=member)
                else:
                    tar.addfile(one, source.extractfile(one))
        for check in (archive.verify, lambda path: archive.restore(path, tmp_path / "back")):
            with pytest.raises(BadBackup, match=member):
                check(target)

    def test_refuses_what_is_no_backup(self, tmp_path: Path) -> None:
        (tmp_path / "x.tar.gz").write_bytes(b"not a tar file")
        with pytest.raises(BadBackup, match="no backup"):
            archive.verify(tmp_path / "x.tar.gz")


class TestADamagedShop:
    @pytest.mark.parametrize("where", [0, 4096], ids=["its head", "a page"])
    async def test_is_not_backed_up_and_older_backups_stay(
        self, where: int, file: Path, tmp_path: Path
    ) -> None:
        shop, place = tmp_path / "shop", tmp_path / "backups"
        archive.restore(file, shop)
        await safekeeping.take(shop, str(place), NOW, 1)
        with (shop / "order.db").open("r+b") as database:
            database.seek(where)
            database.write(b"x" * 4096)
        with pytest.raises(BadBackup, match=r"order\.db"):
            await safekeeping.take(shop, str(place), NOW + timedelta(hours=1), 1)
        assert [path.name for path in place.iterdir()] == ["kibble-20261128T230000Z.tar.gz"]


class TestEncrypted:
    @pytest.fixture
    def sealed(self, shop_folder: Path, tmp_path: Path) -> Path:
        archive.backup(shop_folder, tmp_path / "shop.tar.gz.enc", NOW, KEY)
        return tmp_path / "shop.tar.gz.enc"

    def test_comes_back_as_it_was_with_its_key(
        self, sealed: Path, file: Path, tmp_path: Path
    ) -> None:
        assert archive.verify(sealed, KEY) == archive.verify(file)
        taken = archive.restore(sealed, tmp_path / "back", KEY)
        assert archive.backup(tmp_path / "back", tmp_path / "again.tar.gz", NOW) == taken
        assert b"SQLite" not in sealed.read_bytes()

    @pytest.mark.parametrize(
        ("key", "says"), [(None, "is encrypted: KIBBLE_BACKUP_KEY"), (OTHER, "another key")]
    )
    def test_says_that_the_key_is_another_and_touches_nothing(
        self, sealed: Path, tmp_path: Path, key: bytes | None, says: str
    ) -> None:
        before = sealed.read_bytes()
        with pytest.raises(BadBackup, match=says):
            archive.restore(sealed, tmp_path / "back", key)
        assert list((tmp_path / "back").iterdir()) == []
        assert sealed.read_bytes() == before

    @pytest.mark.parametrize("share", [0.0, 0.3, 0.9])
    def test_is_known_for_one_that_was_cut_off_or_altered(
        self, sealed: Path, tmp_path: Path, share: float
    ) -> None:
        content = bytearray(sealed.read_bytes())
        at = int(len(content) * share)
        for spoilt in (bytes(content[:at]), bytes(content[:at]) + b"\x00" * 9 + content[at + 9 :]):
            sealed.write_bytes(spoilt)
            with pytest.raises(BadBackup, match=r"shop\.tar\.gz\.enc"):
                archive.restore(sealed, tmp_path / "back", KEY)
            assert list((tmp_path / "back").iterdir()) == []

    async def test_is_among_the_others_of_its_place(self, shop_folder: Path, place: str) -> None:
        await safekeeping.take(shop_folder, place, NOW, None)
        await safekeeping.take(shop_folder, place, NOW + timedelta(hours=1), 1, KEY)
        names = [one.name for one, _ in await safekeeping.listed(place, links=False)]
        assert names == ["kibble-20261129T000000Z.tar.gz.enc"]
        async with safekeeping.incoming(place) as file:
            assert archive.verify(file, KEY).taken_at == NOW + timedelta(hours=1)


@pytest.fixture(params=["folder", "s3"])
def place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    if request.param == "folder":
        (tmp_path / "place").mkdir()
        return str(tmp_path / "place")
    aws: Aws = request.getfixturevalue("aws")
    return aws.files_url(aws.bucket(), "backups")


class TestPlaces:
    async def test_keep_the_newest_and_nothing_else_of_ours(
        self, shop_folder: Path, place: str
    ) -> None:
        for hours in range(4):
            await safekeeping.take(shop_folder, place, NOW + timedelta(hours=hours), 2)
        names = [one.name for one, _ in await safekeeping.listed(place, links=False)]
        assert names == ["kibble-20261129T010000Z.tar.gz", "kibble-20261129T020000Z.tar.gz"]

    async def test_give_the_newest_or_the_one_that_is_named(
        self, shop_folder: Path, place: str, tmp_path: Path
    ) -> None:
        first, _ = await safekeeping.take(shop_folder, place, NOW, None)
        await safekeeping.take(shop_folder, place, NOW + timedelta(hours=1), None)
        path, mark, options = place.partition("?")
        for address, taken_at in (
            (place, NOW + timedelta(hours=1)),
            (f"{path}/{first}{mark}{options}", NOW),
        ):
            async with safekeeping.incoming(address) as file:
                assert archive.verify(file).taken_at == taken_at

    async def test_without_a_backup_say_so(self, place: str) -> None:
        with pytest.raises(BadBackup, match="There is no backup") as raised:
            async with safekeeping.incoming(place):
                pass
        assert "secret" not in str(raised.value)


async def test_exports_go_to_a_bucket_and_come_back(aws: Aws) -> None:
    path, mark, options = aws.files_url(aws.bucket(), "exports").partition("?")
    address = f"{path}/shop.tar.gz{mark}{options}"
    async with safekeeping.outgoing(address) as file:
        file.write_bytes(b"all rows")
    async with safekeeping.incoming(address) as file:
        assert file.read_bytes() == b"all rows"
    with pytest.raises(BadBackup, match=r"There is no other\.tar\.gz"):
        async with safekeeping.incoming(address.replace("shop.tar", "other.tar")):
            pass


async def test_a_supplier_may_send_one_feed_past_us(aws: Aws, tmp_path: Path) -> None:
    bucket = aws.bucket()
    assert await safekeeping.offered(str(tmp_path), "spring.csv") is None
    form = await safekeeping.offered(aws.files_url(bucket, "acme"), "spring.csv")
    assert form is not None
    assert form.fields["key"] == "acme/spring.csv"
    body = aiohttp.FormData(dict(form.fields))
    body.add_field("file", BytesIO(b"sku,price"))
    async with aiohttp.ClientSession() as session, session.post(form.url, data=body) as answer:
        assert answer.ok
    landed = aws.client("s3").get_object(Bucket=bucket, Key="acme/spring.csv")
    assert landed["Body"].read() == b"sku,price"


async def test_pictures_move_to_a_bucket_and_back(aws: Aws, tmp_path: Path) -> None:
    url = aws.files_url(aws.bucket())
    (tmp_path / "data/images/ab").mkdir(parents=True)
    (tmp_path / "data/images/ab/abcd.webp").write_bytes(b"picture")
    assert await safekeeping.push(url, tmp_path / "data") == 1
    assert await safekeeping.pull(url, tmp_path / "other") == 1
    assert (tmp_path / "other/images/ab/abcd.webp").read_bytes() == b"picture"
    assert await safekeeping.push("", tmp_path / "data") == 0
