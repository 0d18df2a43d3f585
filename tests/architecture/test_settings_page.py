"""Every setting stands in docs/settings.md, and nothing there is none."""

from __future__ import annotations

import re
from pathlib import Path

from msgspec.structs import fields

from kibble.platform.config import Settings

PAGE = Path(__file__).parents[2] / "docs/settings.md"


def test_the_page_of_settings_has_each_of_them_and_no_other() -> None:
    told = set(re.findall(r"`(KIBBLE_[A-Z0-9_]+)`", PAGE.read_text()))
    assert told == {f"KIBBLE_{field.name.upper()}" for field in fields(Settings)}
