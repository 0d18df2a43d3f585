"""The index on disk: opened or begun anew, written batch by batch, with the position it is at."""

from __future__ import annotations

import ctypes
import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from tantivy import Index, IndexWriter, Query, Schema

from kibble.kernel.errors import Unavailable
from kibble.kernel.ids import ProductId
from kibble.services.product.adapters.search.document import fingerprint
from kibble.services.product.adapters.tantivy.document import document
from kibble.services.product.adapters.tantivy.fields import FORMAT, Analyzers
from kibble.services.product.adapters.tantivy.labels import Labels
from kibble.services.product.adapters.tantivy.snapshot import Snapshot
from kibble.services.product.repository.search import Entry, FeedBatch

WRITER_BYTES = 32 << 20
"""What the writer holds before it writes a segment; the engine asks for 15 MB at least."""

MANY = 5_000
"""After so many products in one commit, merges are waited for, and the memory is given back."""


@contextmanager
def translated() -> Generator[None]:
    """Turn what the engine raises, which is either of two, into ``Unavailable``."""
    try:
        yield
    except (ValueError, OSError) as error:
        raise Unavailable(f"The search index cannot answer: {error}") from error


class IndexStorage:
    """The index of a directory, which is this process's alone; None keeps it in memory.

    Beside the index are its labels, written before each commit, and the position, written after:
    after a crash it may be behind, and then a batch is applied again, but never ahead. An index
    that cannot be opened, or is of another format, is begun anew.
    """

    def __init__(self, directory: Path | None, fields: Schema, analyzers: Analyzers) -> None:
        self._directory = directory
        self._fields = fields
        self._analyzers = analyzers
        self._writer: IndexWriter | None = None
        self._pending: dict[ProductId, int | None] = {}
        self.position = 0
        with translated():
            if not self._reopened():
                self._begin_anew()
        self._added = self.position

    def add(self, batch: FeedBatch) -> None:
        """Take in a batch; what searches see of it changes with the next commit."""
        with self._writing() as writer:
            for entry in batch.entries:
                self._put(writer, entry)
            for product_id in batch.gone:
                writer.delete_documents_by_term("id", product_id)
                self._pending[product_id] = None
            self._added = batch.position

    def _put(self, writer: IndexWriter, entry: Entry) -> None:
        """Take in a product, unless it is there just so: most changes are of stock alone."""
        mark = fingerprint(entry)
        if mark != self._mark_of(entry.id):
            writer.delete_documents_by_term("id", entry.id)
            writer.add_document(document(entry, mark, self._fields, self.labels))
            self._pending[entry.id] = mark

    def _mark_of(self, product_id: ProductId) -> object:
        """Return the fingerprint of what the next commit would have of a product."""
        if product_id in self._pending:
            return self._pending[product_id]
        searcher = self.snapshot.searcher
        same_id = Query.term_query(self._fields, "id", product_id, "basic")
        found = [address for _, address in searcher.search(same_id, 1, count=False).hits]
        return next(iter(searcher.fast_field_values("fingerprint", found)), None)

    def commit(self) -> None:
        """Commit what was added; blocks for tens of milliseconds, unless nothing changed."""
        with self._writing() as writer:
            if self._pending:
                self.labels.save()
                writer.commit()
                self._reload()
            many, self._pending = len(self._pending) > MANY, {}
            self._save_position(self._added)
        if many:
            self.close()
            with translated():
                self._reload()
            _give_memory_back()

    def clear(self) -> None:
        """Forget everything."""
        with self._writing() as writer:
            self._save_position(0)
            self._added = 0
            writer.delete_all_documents()
            writer.commit()
            self._reload()
            self._pending = {}

    @contextmanager
    def _writing(self) -> Generator[IndexWriter]:
        """Lend the writer; a failure ends it, and the next one starts from the last commit."""
        with translated():
            writer, self._writer = self._writer or self.index.writer(WRITER_BYTES, 1), None
            try:
                yield writer
            except (ValueError, OSError):
                self._pending = {}
                raise
            self._writer = writer

    def close(self) -> None:
        """Let merges finish and give the directory back."""
        if self._writer is not None:
            self._writer.wait_merging_threads()
            self._writer = None

    def _reopened(self) -> bool:
        """Open what is there, if it is whole and of this format."""
        if self._directory is None:
            return False
        try:
            state = (self._directory / "position").read_text()
            kind, position, labels = map(int, state.split())
            if not Index.exists(str(self._directory)):
                return False  # to open it would make an empty one
            self._open()
        except (ValueError, OSError):
            return False
        self.position = position
        return kind == FORMAT and labels <= len(self.labels)

    def _begin_anew(self) -> None:
        self.position = 0
        if self._directory is not None:
            shutil.rmtree(self._directory, ignore_errors=True)
            self._directory.mkdir(parents=True)
        self._open()

    def _open(self) -> None:
        self.labels = Labels(self._directory / "labels.json" if self._directory else None)
        self.index = Index(self._fields, str(self._directory) if self._directory else None)
        self._analyzers.register(self.index)
        # Reloading by itself would watch the directory from a thread; ``write`` reloads.
        self.index.config_reader("manual")
        self._reload()

    def _reload(self) -> None:
        """Have searches see the last commit; whoever has the snapshot before may go on with it."""
        self.index.reload()
        self.snapshot = Snapshot(self.index.searcher())

    def _save_position(self, position: int) -> None:
        self.position = position
        if self._directory is not None:
            draft = self._directory / "position.new"
            draft.write_text(f"{FORMAT} {position} {len(self.labels)}")
            draft.replace(self._directory / "position")


def _give_memory_back() -> None:
    """Have the C library return freed memory to the system, which glibc's arenas else keep.

    A hundred megabytes after 92,000 products. See malloc_trim(3); other C libraries have none.
    """
    trim = getattr(ctypes.CDLL(None), "malloc_trim", None)
    if trim is not None:
        trim(0)
