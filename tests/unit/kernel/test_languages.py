"""Which language a browser's wish comes to."""

from __future__ import annotations

import pytest

from kibble.kernel.languages import known_or_fallback, negotiate


@pytest.mark.parametrize(
    ("header", "language"),
    [
        ("es", "es"),
        ("ES-mx", "es"),
        ("en-US,en;q=0.9,es;q=0.8", "en"),
        ("en;q=0.2, es;q=0.7", "es"),
        ("es;q=0, en", "en"),
        ("de, fr;q=0.9", "en"),
        ("*", "en"),
        ("", "en"),
        (";;;q=,,es;q=x", "en"),
        ("de," * 1_000 + "es", "en"),
    ],
)
def test_the_header_comes_to_a_language_of_the_shop(header: str, language: str) -> None:
    assert negotiate(header) == language


@pytest.mark.parametrize(
    ("code", "language"), [("es", "es"), ("fr", "en"), ("", "en"), (None, "en")]
)
def test_a_code_that_is_unknown_is_the_fallback(code: str | None, language: str) -> None:
    assert known_or_fallback(code) == language
