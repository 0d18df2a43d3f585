from __future__ import annotations

from dataclasses import replace

import pytest

from kibble.platform.audit.entry import START, Act, Chain, Row, chained, content


def act(number: int) -> Act:
    return Act(
        act=str(number),
        at="2026-03-02T15:00:00.000000Z",
        actor="sam",
        action="update_product",
        target="/api/products/1",
        outcome="done",
        after={"price": number},
    )


def chain_of(count: int) -> list[Row]:
    rows, previous = [], START
    for sequence in range(1, count + 1):
        body = content(act(sequence))
        rows.append(Row(sequence, body, previous, chained(sequence, body, previous)))
        previous = rows[-1].hash
    return rows


class TestChain:
    def test_holds_when_nothing_was_altered(self) -> None:
        rows = chain_of(5)
        chain = Chain()
        assert chain.check(rows[:2]).problem is None
        told = chain.check(rows[2:])
        assert (told.entries, told.last_hash, told.problem) == (5, rows[-1].hash, None)

    def test_is_empty_at_first(self) -> None:
        told = Chain().check([])
        assert (told.entries, told.last_hash, told.problem) == (0, START, None)

    @pytest.mark.parametrize("number", [1, 3, 5])
    def test_shows_an_entry_that_was_altered(self, number: int) -> None:
        rows = chain_of(5)
        rows[number - 1] = replace(rows[number - 1], body=content(act(99)))
        told = Chain().check(rows)
        assert told.entries == number - 1
        assert told.problem == f"Entry {number} was altered."

    def test_shows_an_altered_entry_whose_own_hash_was_made_anew(self) -> None:
        rows = chain_of(5)
        body = content(act(99))
        rows[2] = replace(rows[2], body=body, hash=chained(3, body, rows[2].previous))
        assert Chain().check(rows).problem == "Entry 4 does not follow the one before it."

    def test_shows_an_entry_that_was_taken_out(self) -> None:
        rows = chain_of(5)
        del rows[2]
        assert Chain().check(rows).problem == "Entry 3 is missing: 4 follows."

    def test_shows_entries_that_changed_places(self) -> None:
        rows = chain_of(4)
        rows[1], rows[2] = rows[2], rows[1]
        assert Chain().check(rows).entries == 1
