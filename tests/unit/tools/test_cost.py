"""What Kibble costs on AWS: the arithmetic, and that the page says what it gives."""

from __future__ import annotations

from pathlib import Path

import pytest

from tools.deploy.cost import LARGE, README, SMALL, Line, Prices, lines, page, table, totals
from tools.deploy.templates import mappings

TWO = Prices("us-east-1", 30, {"a disk": 2.0, "a machine": 10.0})
BOUGHT = [
    Line("disks", "a disk", {"one host": 1.0, SMALL: 3.0, LARGE: 0.0}),
    Line("machines", "a machine", {"one host": 0.0, SMALL: 1.0, LARGE: 2.0}),
]


class TestTotals:
    def test_add_up_what_each_size_has_of_everything(self) -> None:
        assert totals(BOUGHT, TWO) == {"one host": 2.0, SMALL: 16.0, LARGE: 20.0}

    def test_take_no_line_without_a_price(self) -> None:
        unknown = Line("a pony", "a pony", {"one host": 0.0, SMALL: 1.0, LARGE: 0.0})
        with pytest.raises(KeyError, match="a pony"):
            totals([unknown], TWO)

    def test_stand_in_the_last_line(self) -> None:
        assert list(table(BOUGHT, TWO))[-1] == "| **a month, USD** | | **2** | **16** | **20** |"


class TestPrices:
    def test_of_an_hour_are_those_of_a_months_hours(self, tmp_path: Path) -> None:
        file = tmp_path / "prices.yml"
        file.write_text(
            "{region: eu, hours: 700, days: 30, prices: {"
            "node: {usd: 0.5, per: hour}, disk: {usd: 0.1, per: GB}}}"
        )
        assert Prices.read(file).monthly == {"node": 350.0, "disk": 0.1}

    def test_are_there_for_every_machine_of_the_templates(self) -> None:
        prices = Prices.read()
        priced = {line.price for line in lines(prices.days)}
        assert priced <= prices.monthly.keys()
        for size, kinds in mappings("databases")["Sizes"].items():
            machines = {kind for name, kind in kinds.items() if name != "Storage"}
            assert all(any(one.startswith(kind) for one in priced) for kind in machines), size

    def test_that_nobody_pays_are_not_in_the_list(self) -> None:
        prices = Prices.read()
        assert prices.monthly.keys() == {line.price for line in lines(prices.days)}


def test_the_page_has_the_table_that_the_prices_give() -> None:
    assert README.read_text() == page(README.read_text())


def test_a_page_without_a_place_for_the_table_is_refused() -> None:
    with pytest.raises(ValueError, match="no place"):
        page("# A page")
