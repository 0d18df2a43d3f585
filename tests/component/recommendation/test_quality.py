"""The ranking quality on real orders does not fall below its bars (``bench/recommendation.py``)."""

from __future__ import annotations

import pytest

from bench.recommendation import check, measure


@pytest.mark.slow
async def test_predicts_real_orders_as_well_as_promised() -> None:
    assert check(await measure(quick=True)) == []
