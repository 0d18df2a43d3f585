"""Every adapter of ``SearchIndex``: each behaviour is tested on all of them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from kibble.services.product.repository.search import SearchIndex
from tests.fixtures.elasticsearch import Cluster
from tests.fixtures.engines import Space
from tests.fixtures.search import tantivy
from tests.fixtures.spaces.elasticsearch import elasticsearch

__all__ = ["elasticsearch"]


@pytest.fixture
async def cluster(elasticsearch: Space) -> AsyncIterator[Cluster]:
    """Indices of this test's own in the engine."""
    opened = Cluster(elasticsearch)
    yield opened
    await opened.close()


@pytest.fixture(
    params=["memory", "folder", pytest.param("elasticsearch", marks=pytest.mark.engine)]
)
async def index(request: pytest.FixtureRequest, tmp_path: Path) -> AsyncIterator[SearchIndex]:
    """Each adapter of the port in turn, empty."""
    if request.param == "elasticsearch":
        opened = Cluster(request.getfixturevalue("elasticsearch"), "index")
        try:
            shared = opened.index()
            await shared.refresh()
            yield shared
        finally:
            await opened.close()
        return
    made = tantivy(None if request.param == "memory" else tmp_path / "search")
    yield made
    made.close()
