from __future__ import annotations

from uuid import RFC_4122, UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibble.kernel.ids import is_id, uuid7

milliseconds = st.integers(0, 2**48 - 1)
bits = st.integers(0, 2**74 - 1)


class TestUuid7:
    def test_makes_the_example_of_the_standard(self) -> None:
        random_a, random_b = 0xCC3, 0x18C4DC0C0C07398F  # RFC 9562, appendix A.6
        made = uuid7(0x017F22E279B0, random_a << 62 | random_b)
        assert made == "017f22e2-79b0-7cc3-98c4-dc0c0c07398f"

    @given(milliseconds, bits)
    def test_is_a_valid_uuid_of_version_7(self, moment: int, chance: int) -> None:
        made = UUID(uuid7(moment, chance))
        assert (made.version, made.variant) == (7, RFC_4122)
        assert made.int >> 80 == moment

    @given(milliseconds, bits, milliseconds, bits)
    def test_sorts_by_time(self, first: int, one: int, second: int, other: int) -> None:
        assert (uuid7(first, one) < uuid7(second, other)) == ((first, one) < (second, other))

    @given(milliseconds, bits)
    def test_is_written_in_the_canonical_form(self, moment: int, chance: int) -> None:
        made = uuid7(moment, chance)
        assert is_id(made)
        assert made == str(UUID(made))


class TestIsId:
    @pytest.mark.parametrize(
        "text",
        [
            "",
            "12345",
            "60d21b4667d0d8992e610c85",
            "017F22E2-79B0-7CC3-98C4-DC0C0C07398F",
            "017f22e279b07cc398c4dc0c0c07398f",
            "017f22e2-79b0-7cc3-98c4-dc0c0c07398f\n",
            " 017f22e2-79b0-7cc3-98c4-dc0c0c07398f",
            "{017f22e2-79b0-7cc3-98c4-dc0c0c07398f}",
            "017f22e2-79b0-7cc3-98c4-dc0c0c07398g",
            "٠17f22e2-79b0-7cc3-98c4-dc0c0c07398f",
        ],
    )
    def test_refuses_what_is_no_uuid_in_canonical_form(self, text: str) -> None:
        assert not is_id(text)
