"""Every adapter of ``SearchIndex``: each behaviour is tested on all of them."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from kibble.services.product.repository.search import SearchIndex
from tests.fixtures.search import tantivy


@pytest.fixture(params=["memory", "folder"])
def index(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[SearchIndex]:
    made = tantivy(None if request.param == "memory" else tmp_path / "search")
    yield made
    made.close()
