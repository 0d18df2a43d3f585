from __future__ import annotations

import base64
import contextlib
import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibble.kernel.errors import InvalidInput
from kibble.kernel.paging import Page, decode_cursor, encode_cursor, page_of


def raw(text: str) -> str:
    """A cursor with any text inside."""
    return base64.urlsafe_b64encode(text.encode()).decode().rstrip("=")


class TestCursor:
    @given(st.text(), st.integers(-(2**63) + 1, 2**63 - 1))
    def test_gives_back_the_key_it_was_made_of(self, name: str, number: int) -> None:
        assert decode_cursor(encode_cursor(name, number), str, int) == [name, number]

    @given(st.text(), st.integers(-(2**63) + 1, 2**63 - 1))
    def test_fits_into_a_url_as_it_is(self, name: str, number: int) -> None:
        assert set(encode_cursor(name, number)) <= set(
            "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
        )

    @pytest.mark.parametrize(
        "cursor",
        [
            "",
            "a",
            "é",
            "not a cursor",
            raw("null"),
            raw("{}"),
            raw('"text"'),
            raw("[]"),
            raw("[1]"),
            raw('["a"]'),
            raw('["a", "1"]'),
            raw('["a", 1.0]'),
            raw('["a", true]'),
            raw('["a", NaN]'),
            raw('["a", 1, 2]'),
            raw('["a", 1'),
            base64.urlsafe_b64encode(b"\xff\xfe\x00").decode(),
        ],
    )
    def test_refuses_what_is_no_cursor_of_this_list(self, cursor: str) -> None:
        with pytest.raises(InvalidInput) as refused:
            decode_cursor(cursor, str, int)
        assert [error.pointer for error in refused.value.errors] == ["/cursor"]

    @given(st.text())
    def test_answers_any_text_with_a_key_or_a_refusal(self, text: str) -> None:
        with contextlib.suppress(InvalidInput):
            assert [type(value) for value in decode_cursor(text, str)] == [str]

    def test_is_json_inside_so_that_no_code_can_hide_there(self) -> None:
        cursor = encode_cursor("29.99", 7)
        assert json.loads(base64.urlsafe_b64decode(cursor + "==")) == ["29.99", 7]


class TestPage:
    def test_is_the_last_one_when_no_row_is_left_over(self) -> None:
        assert page_of([1, 2], 2, str) == Page([1, 2], None)

    def test_ends_with_the_cursor_of_its_last_item_when_more_follows(self) -> None:
        assert page_of([1, 2, 3], 2, str) == Page([1, 2], "2")

    def test_may_be_empty(self) -> None:
        assert page_of([], 2, str) == Page([], None)

    @given(
        st.lists(st.integers(-(2**63) + 1, 2**63 - 1), unique=True).map(sorted), st.integers(1, 7)
    )
    def test_leads_through_the_whole_list_in_order(self, rows: list[int], limit: int) -> None:
        seen: list[int] = []
        cursor: str | None = None
        while True:
            left = [row for row in rows if cursor is None or row > int(cursor)]
            page = page_of(left[: limit + 1], limit, str)
            seen += page.items
            cursor = page.cursor
            if cursor is None:
                break
        assert seen == rows
