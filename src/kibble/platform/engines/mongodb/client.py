"""Connecting to MongoDB."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

from pymongo import AsyncMongoClient
from pymongo.asynchronous.collection import AsyncCollection
from pymongo.asynchronous.database import AsyncDatabase

Document = dict[str, Any]
Database = AsyncDatabase[Document]
Collection = AsyncCollection[Document]

CONNECT_MS = 2_000
ANSWER_MS = 10_000
CONNECTIONS = 100


def open_database(url: str, name: str) -> tuple[Database, Callable[[], Awaitable[None]]]:
    """Return a database, and how to leave it. Nothing is connected yet.

    A write is answered once a majority of the replica set has it in its journal, and is sent once
    more by the driver when its connection broke, where the server can tell a repeat (a standalone
    server cannot).
    """
    client: AsyncMongoClient[Document] = AsyncMongoClient(
        url,
        w="majority",
        journal=True,
        retryWrites=True,
        connectTimeoutMS=CONNECT_MS,
        serverSelectionTimeoutMS=CONNECT_MS,
        socketTimeoutMS=ANSWER_MS,
        maxPoolSize=CONNECTIONS,
    )
    return client[name], client.close
