"""What the tests themselves rely on: those of a group share a worker, and so what they made."""

from __future__ import annotations

import os

import pytest


@pytest.mark.xdist_group("one worker")
def test_tests_of_a_group_are_told_to_one_worker(request: pytest.FixtureRequest) -> None:
    """xdist reads the group from a test's id, where its plugin has to be able to write it."""
    if "PYTEST_XDIST_WORKER" not in os.environ:
        pytest.skip("there is one worker")
    assert request.node.nodeid.endswith("@one worker")
