"""What is wrong with a setting is told at the start, by its name."""

from __future__ import annotations

import pytest

from kibble.platform.config import Settings, read_settings


class TestASetting:
    @pytest.mark.parametrize(
        ("name", "text", "must"),
        [
            ("ENV", "prod", "must be development or production"),
            ("LOG_LEVEL", "chatty", "must be one of DEBUG, INFO"),
            ("PORT", "0", "must be from 1 to 65535"),
            ("PORT", "web", "must be a whole number"),
            ("HOLD_MINUTES", "-1", "must be more than 0"),
            ("HOLD_MINUTES", "nan", "must be more than 0"),
            ("TRACE_SHARE", "7", "must be from 0 to 1"),
            ("RATE_LIMITS", "maybe", "must be on or off"),
            ("SHOP_URL", "shop.example.com", "must be an address that begins with https://"),
            ("OTLP_URL", "https://", "must be an address that begins with https://"),
            ("TRUSTED_PROXIES", "10.0.0.0/8, proxy", "'proxy' does not appear to be"),
            ("METRICS_FROM", "everywhere", "'everywhere' does not appear to be"),
        ],
    )
    def test_that_is_wrong_is_refused_by_its_name(self, name: str, text: str, must: str) -> None:
        with pytest.raises(ValueError, match=f"KIBBLE_{name}: {must}"):
            read_settings({f"KIBBLE_{name}": text})

    def test_that_nobody_names_has_a_value_that_is_taken(self) -> None:
        assert read_settings({}) == Settings()

    def test_of_a_live_shop_makes_no_demo_shop(self) -> None:
        assert read_settings({}).makes_demo
        assert not read_settings({"KIBBLE_SEED": "off"}).makes_demo
        assert not read_settings({"KIBBLE_ENV": "production"}).makes_demo
