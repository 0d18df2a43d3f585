"""What everything that builds item models does."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from kibble.kernel.errors import Unavailable
from kibble.services.recommendation.adapters import process
from kibble.services.recommendation.adapters.in_loop import InLoopModelMaker
from kibble.services.recommendation.adapters.process import ProcessModelMaker
from kibble.services.recommendation.integration import ModelMaker
from kibble.services.recommendation.model import Tuning
from kibble.services.recommendation.model.builder import build_model
from tests.unit.recommendation.graphs import graph

TUNING = replace(Tuning(), companions=2)
EDGES = graph([(1, {1, 2, 3}), (2, {1, 2}), (0, {2, 4})], [(1, 4), (2, 3)], category="Füttern")


@pytest.fixture(params=[InLoopModelMaker, ProcessModelMaker])
def maker(request: pytest.FixtureRequest) -> ModelMaker:
    """Each adapter of the port in turn."""
    made: ModelMaker = request.param(TUNING)
    return made


async def test_builds_the_model_of_the_edges(maker: ModelMaker) -> None:
    made, expected = (await maker.make(EDGES)).arrays(), build_model(EDGES, TUNING).arrays()
    assert made.keys() == expected.keys()
    for name, array in expected.items():
        if array.dtype == np.float32:
            assert made[name] == pytest.approx(array, rel=1e-5)
        else:
            assert made[name].tolist() == array.tolist()


async def test_a_process_that_fails_says_why(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "WORKER", "kibble.no_such_module")
    with pytest.raises(Unavailable, match="No module named"):
        await ProcessModelMaker(TUNING).make(EDGES)


async def test_a_process_that_takes_too_long_is_ended(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(process, "TIME_LIMIT_SECONDS", 0.0)
    with pytest.raises(Unavailable, match="too long"):
        await ProcessModelMaker(TUNING).make(EDGES)
