"""MongoDB: commits over several documents, the relayed outbox, leases, and the store on them."""

from kibble.platform.engines.mongodb.client import Collection, Database, Document, open_database
from kibble.platform.engines.mongodb.errors import translated
from kibble.platform.engines.mongodb.lease import Lease
from kibble.platform.engines.mongodb.steps import LIVE
from kibble.platform.engines.mongodb.store import Kind, MongoStore
from kibble.platform.engines.mongodb.writes import Adjust, Latest, Put, Remove, Repeat, Write

__all__ = [
    "LIVE",
    "Adjust",
    "Collection",
    "Database",
    "Document",
    "Kind",
    "Latest",
    "Lease",
    "MongoStore",
    "Put",
    "Remove",
    "Repeat",
    "Write",
    "open_database",
    "translated",
]
