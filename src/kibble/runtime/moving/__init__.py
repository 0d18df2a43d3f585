"""Moving house: all state as rows in an archive that says what it holds, and back.

Unlike a backup, which copies files, an archive is independent of the engines: a JSON object a row,
a file a table, with counts and checksums. It is a gzipped tar::

    manifest.json           {"format": 2, "kibble": version,
                             "tables": {"order/orders": {"rows", "sha256"}},
                             "files": {"images/...": {"bytes", "sha256"}}}
    order/orders.jsonl      {"order_id": ..., ...} a line, sorted by the table's key
    files/images/...        pictures as they are, and the signing key

The same state makes the same lines, whatever engine they come from: what a shop holds is compared
by its manifest. docs/moving-house.md says what is in it and what is not.
"""

from kibble.runtime.moving.loading import NotThere, is_begun, load
from kibble.runtime.moving.manifest import BadArchive, Manifest, is_archive
from kibble.runtime.moving.writing import export

__all__ = [
    "BadArchive",
    "Manifest",
    "NotThere",
    "export",
    "is_archive",
    "is_begun",
    "load",
]
