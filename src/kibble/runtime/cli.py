"""The ``kibble`` command."""

from __future__ import annotations

import asyncio
import os
import socket
import sys
import tarfile
from collections.abc import Callable, Coroutine, Mapping
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any, TypeVar

import msgspec
import uvloop
from cyclopts import App, Group, Parameter, validators
from rich.console import Console

from kibble import __version__
from kibble.gateway import events as letters
from kibble.platform.clock import SystemClock, Uuid7Ids, system_randomness
from kibble.platform.config import PORTS, Settings, read_settings
from kibble.platform.engines.storing import S3
from kibble.platform.messaging.log import ParkedEvents
from kibble.platform.security import identities
from kibble.platform.security.keys import key_path, load_or_make_key
from kibble.platform.security.sealing import open_sealing_keys, sealing_key_path
from kibble.platform.security.tokens import TokenIssuer
from kibble.platform.service import World
from kibble.platform.telemetry.logs import configure_logs
from kibble.platform.web.json import encode
from kibble.runtime import doctor, feeds, moving, safekeeping, seeding
from kibble.runtime.archive import is_half_restored
from kibble.runtime.auditing import audit
from kibble.runtime.backups import backup, backups, files, restore, verify
from kibble.runtime.console import fail, no_shop_in, say, sentences, write
from kibble.runtime.joining import start_tracing
from kibble.runtime.moving import embedded
from kibble.runtime.names import OUTLETS, SERVED
from kibble.runtime.people import client, keys, require_shop, staff
from kibble.runtime.previews import notifications
from kibble.runtime.recording import record, recorded
from kibble.runtime.server import announce, door_of, exclusive, listening, serve
from kibble.runtime.shop import Shop
from kibble.runtime.webhooks import webhooks

T = TypeVar("T")

app = App(
    name="kibble",
    help="The store platform that a pet-supplies retailer runs itself.",
    version=__version__,
)
events = App(name="events", help="Events that could not be applied: list, replay, drop.")
app.command(events)
app.command(staff)
app.command(client)
app.command(keys)
app.command(audit)
app.command(notifications)
app.command(files)
for command in (backup, backups, verify, restore):
    app.command(command)
app.command(webhooks)

GLOBAL = Group("Where")
Distributed = Annotated[
    bool,
    Parameter(group=GLOBAL, help="The shop runs as a process a service (see `kibble serve`)."),
]
DataDir = Annotated[
    Path | None,
    Parameter(name="--data-dir", group=GLOBAL, help="The folder of all state (KIBBLE_DATA_DIR)."),
]
Port = Annotated[
    int | None,
    Parameter(
        help="The port to listen on (KIBBLE_PORT).",
        validator=validators.Number(gte=PORTS[0], lte=PORTS[-1]),
    ),
]
_err = Console(stderr=True)
"""Shows how far seeding and imports are."""


def _settings(data_dir: Path | None, **changes: object) -> Settings:
    settings = read_settings(os.environ)
    given = {
        name: value
        for name, value in {"data_dir": data_dir, **changes}.items()
        if value is not None
    }
    return msgspec.structs.replace(settings, **given)


def _world() -> World:
    clock, randomness = SystemClock(), system_randomness()
    return World(clock, Uuid7Ids(clock, randomness), randomness)


def _refuse_half_a_shop(settings: Settings) -> None:
    if moving.is_begun(settings.data_dir):
        fail("An import was begun here and did not end: repeat it with the same file.")
    if is_half_restored(settings.data_dir):
        fail("A restore was begun here and did not end: empty the folder and restore again.")


def _await(work: Coroutine[Any, Any, T]) -> T:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        return runner.run(work)


@app.command
def run(
    *,
    data_dir: DataDir = None,
    port: Port = None,
    host: Annotated[str | None, Parameter(help="The address to listen on (KIBBLE_HOST).")] = None,
    tls: Annotated[
        bool, Parameter(help="HTTPS; with a certificate for this machine if none is named.")
    ] = False,
    tls_cert: Annotated[
        Path | None, Parameter(help="A certificate in PEM (KIBBLE_TLS_CERT).")
    ] = None,
    tls_key: Annotated[Path | None, Parameter(help="Its key in PEM (KIBBLE_TLS_KEY).")] = None,
) -> None:
    """Run the whole store in one process. The first run makes a demo shop, but for a live one."""
    settings = _with_tls(
        _settings(data_dir, port=port, host=host, tls_cert=tls_cert, tls_key=tls_key),
        wanted=tls,
    )
    _refuse_half_a_shop(settings)
    configure_logs(settings.log_level, pretty=sys.stderr.isatty())

    async def work(sockets: list[socket.socket]) -> None:
        fresh = settings.makes_demo and seeding.is_fresh(settings.data_dir)
        if fresh:
            seeding.mark(settings.data_dir)
        shop = Shop(settings, _world())
        await shop.check()
        if fresh:
            await seeding.seed(shop, _err)
        door = door_of(settings)
        announce(settings.data_dir, door)
        say(f"Kibble listens on {door.url}  (stop with Ctrl-C)")
        if fresh:
            say("Nobody runs it yet: `kibble staff add NAME --role admin` makes an account.")
        await serve(shop, sockets)

    end_tracing = start_tracing("kibble", settings, system_randomness())
    with exclusive(settings.data_dir), listening(settings) as sockets:
        try:
            _await(work(sockets))
        finally:
            end_tracing()


def _with_tls(settings: Settings, *, wanted: bool) -> Settings:
    """Return settings with a certificate, if TLS is wanted and they have none."""
    if settings.tls_cert is None and not wanted:
        return settings
    from kibble.runtime.tls import development_certificate, refuse_unusable

    if settings.tls_cert is not None:
        refuse_unusable(settings.tls_cert, settings.tls_key)
        return settings
    certificate, key = development_certificate(settings.data_dir / "tls", SystemClock())
    return msgspec.structs.replace(settings, tls_cert=certificate, tls_key=key)


@app.command(name="serve")
def serve_service(
    service: Annotated[str, Parameter(help="product, inventory, ..., gateway, or outlets.")],
    *,
    data_dir: DataDir = None,
    port: Port = None,
    host: Annotated[str | None, Parameter(help="The address to listen on (KIBBLE_HOST).")] = None,
) -> None:
    """Run one service of a distributed shop, one of any number of its processes."""
    if service not in (*SERVED, OUTLETS):
        fail(f"There is no service {service}; there are {', '.join(SERVED)}.")
    _refuse_half_a_shop(_settings(data_dir))
    given = {"DATA_DIR": data_dir, "PORT": port, "HOST": host}
    os.environ |= {f"KIBBLE_{name}": str(value) for name, value in given.items() if value}
    arguments = [sys.executable, "-m", "kibble.runtime.distributed", service]
    os.execv(sys.executable, arguments)  # noqa: S606 - ourselves, without what this module imports


@app.command
def prepare(
    *,
    public_key: Annotated[
        Path | None, Parameter(help="Where to write the public half of the signing key, as PEM.")
    ] = None,
    service_keys: Annotated[
        bool, Parameter(help="Make a key for each process too, and publish all.", negative="")
    ] = False,
    distributed: Distributed = False,
    data_dir: DataDir = None,
) -> None:
    """Make the signing and sealing keys if there are none, and migrate the engines.

    For the time before a roll-out.
    """
    settings = _settings(data_dir)
    settings.data_dir.mkdir(parents=True, exist_ok=True)
    key = load_or_make_key(key_path(settings.data_dir))
    open_sealing_keys(sealing_key_path(settings.data_dir), system_randomness())
    if service_keys:
        from kibble.runtime.distributed.addresses import MAY_CALL

        identities.prepare(settings.data_dir, MAY_CALL)
    if public_key is not None:
        public_key.write_bytes(key.as_pem(private=False))
    if distributed:
        from kibble.runtime.distributed import commands

        _await(commands.migrate(settings, _world()))


@app.command
def token(
    *,
    client: Annotated[str | None, Parameter(help="A script's or a member of staff's name.")] = None,
    scope: Annotated[str, Parameter(help="The client's scopes, separated by spaces.")] = "",
    customer: Annotated[str | None, Parameter(help="A customer's id.")] = None,
    ttl: Annotated[
        float, Parameter(help="Minutes until the token ends.", validator=validators.Number(gt=0))
    ] = 60.0,
    distributed: Distributed = False,
    data_dir: DataDir = None,
) -> None:
    """Print an access token, and nothing else: for scripts and tests."""
    if (client is None) == (customer is None):
        fail("Name either --client or --customer.")
    settings, world = _settings(data_dir), _world()
    if not key_path(settings.data_dir).exists():
        fail(no_shop_in(settings.data_dir))
    life = timedelta(minutes=ttl)
    target = customer or f"{client}: {scope}"
    with recorded(settings, "make_token", target, distributed=distributed):
        issuer = TokenIssuer(load_or_make_key(key_path(settings.data_dir)), world.clock, world.ids)
        if customer is not None:
            made = issuer.for_customer(customer, life)
        else:
            made = issuer.for_client(str(client), scope.split(), life)
    write(made)


@app.command
def seed(
    *,
    url: Annotated[str | None, Parameter(help="The gateway of a distributed shop.")] = None,
    data_dir: DataDir = None,
) -> None:
    """Fill an empty shop with the demo catalogue, warehouses and stock."""
    if url is not None:
        from kibble.runtime.distributed import commands

        _await(commands.seed(url, _settings(data_dir), _world(), _err))
        return
    _with_shop(data_dir, lambda shop: seeding.seed(shop, _err))


@app.command(name="import")
def import_(
    file: str,
    *,
    orders: Annotated[bool, Parameter(help="The file is a purchase history.")] = False,
    distributed: Distributed = False,
    data_dir: DataDir = None,
) -> None:
    """Import a supplier's feed (CSV, JSON lines, XML; gzip too), a purchase history, or an export.

    A feed may be imported again: rows that say nothing new change nothing. An export may be at
    s3://BUCKET/PREFIX/NAME.tar.gz.
    """
    given = Path(file)
    if file.startswith(S3) or (given.exists() and moving.is_archive(given)):
        _move(embedded.move_in, data_dir, file, distributed=distributed)
        return
    if not given.exists():
        fail(f"There is no file {file}.")
    if tarfile.is_tarfile(given):
        fail(
            f"{file} is no export: `kibble restore` unpacks a backup, and what was cut off is none."
        )
    if distributed:
        fail("Only an export is imported from here; feeds are sent to the gateway.")
    load = feeds.import_orders if orders else feeds.import_feed
    _with_shop(data_dir, lambda shop: load(shop, given, _err))


@app.command
def export(file: str, *, distributed: Distributed = False, data_dir: DataDir = None) -> None:
    """Write all of the shop as rows into an archive, which any profile can import.

    A distributed shop's services have to be stopped; it is waited for events on their way. FILE
    may be s3://BUCKET/PREFIX/NAME.tar.gz.
    """
    _move(embedded.move_out, data_dir, file, distributed=distributed)


def _move(
    here: Callable[[Settings, World, Path], Coroutine[Any, Any, moving.Manifest]],
    data_dir: Path | None,
    address: str,
    *,
    distributed: bool,
) -> None:
    """Export or import an archive, of this process's shop or of the distributed one."""
    settings = _settings(data_dir)
    arrives = here is embedded.move_in
    if not (arrives or distributed):
        require_shop(settings)
    work = here
    if distributed:
        from kibble.runtime.distributed import moving as there

        work = there.move_in if arrives else there.move_out

    async def move() -> moving.Manifest:
        """An archive has the pictures and feeds too, wherever the shop keeps them."""
        if arrives:
            async with safekeeping.incoming(address) as file:
                manifest = await work(settings, _world(), file)
            await safekeeping.push(settings.files_url, settings.data_dir)
            return manifest
        await safekeeping.pull(settings.files_url, settings.data_dir)
        async with safekeeping.outgoing(address) as file:
            return await work(settings, _world(), file)

    shown = safekeeping.shown(address)
    try:
        with exclusive(settings.data_dir):
            if arrives:  # the log arrives with the shop: nothing can be written to it before
                manifest = _await(move())
                record(settings, "import_shop", shown, "done", distributed=distributed)
            else:
                with recorded(settings, "export_shop", shown, distributed=distributed):
                    manifest = _await(move())
    except moving.NotThere as error:
        fail(str(error))
    say(f"{manifest.rows} rows and {len(manifest.files)} files: {shown}")


@app.command
def reindex(*, distributed: Distributed = False, data_dir: DataDir = None) -> None:
    """Build the search index anew from the catalogue."""
    if distributed:
        from kibble.runtime.distributed import commands

        _await(commands.reindex(_settings(data_dir), _world()))
        return
    require_shop(_settings(data_dir))
    _with_shop(data_dir, lambda shop: shop.services.product.client.reindex())


@events.command(name="list")
def list_events(
    *,
    json: Annotated[bool, Parameter(help="Print JSON.")] = False,
    distributed: Distributed = False,
    data_dir: DataDir = None,
) -> None:
    """List the events that a consumer could not apply."""

    async def work(stores: Mapping[str, ParkedEvents]) -> list[letters.ParkedView]:
        return [letters.ParkedView.of(parked) for parked in await letters.all_parked(stores)]

    views = _with_letters(data_dir, work, distributed=distributed)
    if json:
        _write_whole(encode(views))
    for view in views if not json else []:
        write(f"{view.consumer}  {view.type}  {view.event_id}  {view.status}  {view.error}")


@events.command
def replay(
    consumer: str, event_id: str, *, distributed: Distributed = False, data_dir: DataDir = None
) -> None:
    """Have a parked event tried again, under its own id; a running shop does so within a second."""
    clock = SystemClock()
    target = f"{consumer}/{event_id}"
    with recorded(_settings(data_dir), "replay_event", target, distributed=distributed):
        _with_letters(
            data_dir,
            lambda stores: letters.replay(_of(stores, consumer), consumer, event_id, clock),
            distributed=distributed,
        )


@events.command
def drop(
    consumer: str, event_id: str, *, distributed: Distributed = False, data_dir: DataDir = None
) -> None:
    """Forget a parked event."""
    target = f"{consumer}/{event_id}"
    with recorded(_settings(data_dir), "drop_event", target, distributed=distributed):
        _with_letters(
            data_dir,
            lambda stores: letters.drop(_of(stores, consumer), consumer, event_id),
            distributed=distributed,
        )


def _of(stores: Mapping[str, ParkedEvents], consumer: str) -> ParkedEvents:
    if consumer not in stores:
        fail(f"There is no consumer {consumer}; there are {', '.join(stores)}.")
    return stores[consumer]


def _with_letters(
    data_dir: Path | None,
    work: Callable[[Mapping[str, ParkedEvents]], Coroutine[Any, Any, T]],
    *,
    distributed: bool,
) -> T:
    """Run ``work`` on the parked events of each consumer, and return what it returns."""
    settings = _settings(data_dir)
    if not distributed:
        require_shop(settings)

    async def here() -> T:
        shop = Shop(settings, _world())
        try:
            return await work({one.name: one.store for one in shop.consumers})
        finally:
            shop.close()

    async def there() -> T:
        from kibble.runtime.distributed import commands

        async with commands.letters(settings, _world()) as stores:
            return await work(stores)

    return _await(there() if distributed else here())


@app.command
def reconcile(
    *,
    json: Annotated[bool, Parameter(help="Print JSON.")] = False,
    repair: Annotated[bool, Parameter(help="Mend what webhooks missed.")] = True,
    distributed: Distributed = False,
    data_dir: DataDir = None,
) -> None:
    """Compare the payment providers' charges and refunds with ours; exit 1 when they differ.

    What is open is found out first, and what webhooks missed is mended; --no-repair only compares.
    """
    settings = _settings(data_dir)
    if not distributed:
        require_shop(settings)
    if repair:
        with recorded(settings, "repair_payments", "payments", distributed=distributed):
            told = _reconciled(settings, repair=True, distributed=distributed)
    else:
        told = _reconciled(settings, repair=False, distributed=distributed)
    text = encode(told)
    _write_whole(text if json else msgspec.json.format(text))
    if told["drift"]:
        sys.exit(1)


def _reconciled(settings: Settings, *, repair: bool, distributed: bool) -> dict[str, Any]:
    if distributed:
        from kibble.runtime.distributed import commands

        return _await(commands.reconcile(settings, _world(), repair=repair))

    async def compare() -> dict[str, Any]:
        shop = Shop(settings, _world())
        try:
            view = await shop.services.payment.client.reconcile(repair=repair)
        finally:
            await shop.end()
        told: dict[str, Any] = msgspec.json.decode(encode(view))
        return told

    return _await(compare())


@app.command(name="doctor")
def check(*, distributed: Distributed = False, data_dir: DataDir = None) -> None:
    """Say what this machine and this data folder lack; exit 1 when anything does."""
    settings = _settings(data_dir)
    if distributed:
        from kibble.runtime.distributed import doctor as distributed_doctor

        problems = _await(distributed_doctor.problems(settings))
    else:
        problems = doctor.problems(settings)
    for problem in problems:
        write(problem)
    if problems:
        sys.exit(1)
    write("Nothing is missing.")


def _with_shop(data_dir: Path | None, work: Any) -> None:
    """Run ``work`` on a shop of our own: nobody else may be running on its data."""
    settings = _settings(data_dir)
    configure_logs(settings.log_level, pretty=True)

    async def run_work() -> None:
        shop = Shop(settings, _world())
        try:
            await work(shop)
        finally:
            shop.close()

    with exclusive(settings.data_dir):
        _await(run_work())


def _write_whole(text: bytes) -> None:
    """Write ``text``, however long it is.

    Standard output that is unbuffered (PYTHONUNBUFFERED) may take a part and drop the rest.
    """
    with open(sys.stdout.fileno(), "wb", closefd=False) as out:
        out.write(text + b"\n")


def main() -> None:
    """Run the command line."""
    with sentences():
        app()
