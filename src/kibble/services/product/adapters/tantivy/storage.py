"""The index on disk: opened or begun anew, written batch by batch, with the position it is at."""

from __future__ import annotations

import shutil
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

from tantivy import Index, IndexWriter, Schema

from kibble.kernel.errors import Unavailable
from kibble.services.product.adapters.tantivy.document import document
from kibble.services.product.adapters.tantivy.fields import FORMAT, Analyzers
from kibble.services.product.adapters.tantivy.labels import Labels
from kibble.services.product.repository.search import FeedBatch

WRITER_BYTES = 32 << 20
"""What the writer holds before it writes a segment; the engine asks for 15 MB at least."""


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
        self.position = 0
        with translated():
            if not self._reopened():
                self._begin_anew()

    def write(self, batch: FeedBatch) -> None:
        """Take in a batch and commit; blocks for tens of milliseconds.

        After a failure the next call starts with a new writer, from what was committed last.
        """
        with translated():
            writer, self._writer = self._writer or self.index.writer(WRITER_BYTES, 1), None
            for entry in batch.entries:
                writer.delete_documents_by_term("id", entry.id)
                writer.add_document(document(entry, self._fields, self.labels))
            for product_id in batch.gone:
                writer.delete_documents_by_term("id", product_id)
            self.labels.save()
            writer.commit()
            self.index.reload()
            self._save_position(batch.position)
            self._writer = writer

    def clear(self) -> None:
        """Forget everything."""
        self.close()
        with translated():
            self._begin_anew()

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

    def _save_position(self, position: int) -> None:
        self.position = position
        if self._directory is not None:
            draft = self._directory / "position.new"
            draft.write_text(f"{FORMAT} {position} {len(self.labels)}")
            draft.replace(self._directory / "position")
