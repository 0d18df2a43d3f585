"""Violations of the import contracts: each must be reported, or the contract means nothing."""

from __future__ import annotations

from tests.architecture.skeleton import ORDER, ROOT, SERVICES, Seed


def _import(name: str, breaks: str, importer: str, line: str) -> Seed:
    return Seed(name, frozenset(breaks.split()), {importer: line})


def _of_order(module: str) -> str:
    return f"from kibble.services.order import {module}"


SEEDS = [
    # 1 tiers
    _import("kernel imports platform", "1 7", f"{ROOT}/kernel/money.py", "import kibble.platform"),
    _import(
        "platform imports contracts",
        "1",
        f"{ROOT}/platform/messaging/__init__.py",
        "from kibble.contracts import product",
    ),
    _import(
        "contracts import a service",
        "1 2",
        f"{ROOT}/contracts/product.py",
        "from kibble.services.order import errors",
    ),
    _import(
        "a service imports the gateway",
        "1",
        f"{ORDER}/controller.py",
        "from kibble.gateway import app",
    ),
    _import(
        "the gateway imports a service",
        "1",
        f"{ROOT}/gateway/app.py",
        "from kibble.services.order import client",
    ),
    _import(
        "the gateway imports runtime",
        "1",
        f"{ROOT}/gateway/app.py",
        "from kibble.runtime import profiles",
    ),
    Seed("a tier that nobody declared", frozenset({"1"}), {f"{ROOT}/utils/__init__.py": ""}),
    # 2 services are strangers
    _import(
        "a service imports another one's client",
        "2",
        f"{ORDER}/wiring.py",
        "from kibble.services.payment import client",
    ),
    _import(
        "a service imports another one's model",
        "2",
        f"{ORDER}/model/order.py",
        "from kibble.services.payment.model import order",
    ),
    # 3 anatomy
    _import("errors import the model", "3", f"{ORDER}/errors.py", _of_order("model")),
    _import("the model imports a port", "3", f"{ORDER}/model/order.py", _of_order("cache")),
    _import("a port imports another port", "3", f"{ORDER}/cache.py", _of_order("repository")),
    _import("a use case imports the saga", "3", f"{ORDER}/service.py", _of_order("saga")),
    _import("a use case imports schemas", "3", f"{ORDER}/service.py", _of_order("schemas")),
    _import(
        "the event processor imports the controller",
        "3",
        f"{ORDER}/event_processor.py",
        _of_order("controller"),
    ),
    _import("the client imports wiring", "3", f"{ORDER}/client.py", _of_order("wiring")),
    Seed("a file that the anatomy does not know", frozenset({"3"}), {f"{ORDER}/helpers.py": ""}),
    Seed("a service without a controller", frozenset({"error"}), without=f"{ORDER}/controller.py"),
    # 4 only wiring sees adapters
    _import(
        "runtime picks an adapter",
        "4",
        f"{ROOT}/runtime/profiles.py",
        "from kibble.services.order.adapters import sqlite as store",
    ),
    _import(
        "the client picks an adapter",
        "3 4",
        f"{ORDER}/client.py",
        "from kibble.services.order.adapters import sqlite",
    ),
    # 5 adapters call no use case
    _import(
        "an adapter calls a use case", "5", f"{ORDER}/adapters/sqlite.py", _of_order("service")
    ),
    _import(
        "an adapter renders a schema", "5", f"{ORDER}/adapters/sqlite.py", _of_order("schemas")
    ),
    _import("an adapter drives the saga", "5", f"{ORDER}/adapters/sqlite.py", _of_order("saga")),
    # 6 no short cut to a port
    _import("a controller reads the store", "6", f"{ORDER}/controller.py", _of_order("repository")),
    _import("a controller reads the cache", "6", f"{ORDER}/controller.py", _of_order("cache")),
    _import(
        "an event handler calls a neighbour",
        "6",
        f"{ORDER}/event_processor.py",
        _of_order("integration"),
    ),
    # 7 domain knows the kernel only
    _import(
        "the model knows an event",
        "7",
        f"{ORDER}/model/order.py",
        "from kibble.contracts import product",
    ),
    _import(
        "errors know the platform",
        "7",
        f"{ORDER}/errors.py",
        "from kibble.platform import messaging",
    ),
    # 8 use cases know no framework or driver
    _import(
        "a use case knows the web",
        "8",
        f"{ORDER}/service.py",
        "from kibble.platform.web import app",
    ),
    _import("a use case knows a driver", "8", f"{ORDER}/service.py", "import sqlite3"),
    _import("a saga knows an HTTP client", "8", f"{ORDER}/saga.py", "from aiohttp import web"),
    _import(
        "a use case reaches a driver through the platform",
        "8",
        f"{ROOT}/platform/persistence/__init__.py",
        "import asyncpg",
    ),
    # 9 engines are chosen at the edge
    _import(
        "the gateway opens an engine",
        "9",
        f"{ROOT}/gateway/app.py",
        "from kibble.platform.engines import sqlite",
    ),
    _import(
        "a controller opens an engine",
        "9",
        f"{ORDER}/controller.py",
        "from kibble.platform.engines import sqlite",
    ),
    _import(
        "a schema opens an engine of another service's kind",
        "9",
        f"{SERVICES}/payment/schemas.py",
        "from kibble.platform.engines import sqlite",
    ),
]
