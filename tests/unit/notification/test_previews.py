"""``kibble notifications preview``: every message as it is sent."""

from __future__ import annotations

import pytest

from kibble.runtime.previews import preview
from kibble.services.notification.model import KINDS


@pytest.mark.parametrize("kind", sorted(KINDS))
def test_shows_every_kind_as_text_and_as_html(
    kind: str, capsys: pytest.CaptureFixture[str]
) -> None:
    preview(kind)
    assert "Sam" in capsys.readouterr().out
    preview(kind, html=True)
    assert "</html>" in capsys.readouterr().out


def test_shows_a_kind_in_the_language_that_is_asked_for(
    capsys: pytest.CaptureFixture[str],
) -> None:
    preview("order_shipped", language="es")
    assert "Hola Sam," in capsys.readouterr().out


def test_lists_the_kinds_without_one(capsys: pytest.CaptureFixture[str]) -> None:
    preview()
    assert capsys.readouterr().out.split() == sorted(KINDS)


def test_names_the_kinds_when_there_is_none_of_that_name() -> None:
    with pytest.raises(ValueError, match="order_shipped"):
        preview("order_shiped")
