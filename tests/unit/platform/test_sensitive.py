from __future__ import annotations

import json

import pytest
import structlog

from kibble.platform.security.sensitive import SHIELDED, card_number_in, shielded
from kibble.platform.telemetry.logs import configure_logs

TOKEN = "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJzYW0ifQ.c2lnbmF0dXJl"


class TestCardNumbers:
    @pytest.mark.parametrize(
        "text",
        [
            "4242424242424242",
            "pay with 4242 4242 4242 4242 please",
            "5555-5555-5555-4444.",
            "378282246310005",
            "6011111111111117",
        ],
    )
    def test_are_found_however_they_are_written(self, text: str) -> None:
        assert card_number_in(text) is not None

    @pytest.mark.parametrize(
        "text",
        [
            "4242424242424241",
            "0000000000000000",
            "order 123456789012",
            "0193c1a0-0000-7000-8000-0000000000a1",
            "1Z999AA10123456784",
            "2026-03-02T15:00:00.000000Z",
            "",
        ],
    )
    def test_are_not_seen_where_there_is_none(self, text: str) -> None:
        assert card_number_in(text) is None


class TestShielded:
    def test_has_the_names_and_not_what_is_personal_or_secret(self) -> None:
        told = shielded(
            {
                "price": 5,
                "email": "sam@example.com",
                "clientSecret": "s",
                "lines": [{"phone": "1", "sku": "A"}],
                "note": f"write to sam@example.com with {TOKEN} or 4242424242424242",
                "nothing": None,
            }
        )
        assert told == {
            "price": 5,
            "email": SHIELDED,
            "clientSecret": SHIELDED,
            "lines": [{"phone": SHIELDED, "sku": "A"}],
            "note": f"write to {SHIELDED} with {SHIELDED} or {SHIELDED}",
            "nothing": None,
        }

    def test_ends_at_a_depth(self) -> None:
        value: object = "x"
        for _ in range(50):
            value = {"a": value}
        assert json.dumps(shielded(value)).count("{") < 20


class TestTheLog:
    @pytest.fixture(autouse=True)
    def restored(self) -> object:
        before = structlog.get_config()
        yield
        structlog.configure(**before)

    def test_has_nothing_personal_and_one_line_an_event(
        self, capsys: pytest.CaptureFixture[str]
    ) -> None:
        configure_logs()
        log = structlog.get_logger()
        log.warning("failed", email="sam@example.com", path="/x\nforged", token=TOKEN, status=500)
        try:
            int(f"no account of sam@example.com, {TOKEN}")
        except ValueError:
            log.exception("request failed")
        written = capsys.readouterr().err
        assert "sam@example.com" not in written
        assert TOKEN not in written
        lines = written.splitlines()
        assert len(lines) == 2
        assert json.loads(lines[0])["http.response.status_code"] == 500
        assert "ValueError" in json.loads(lines[1])["error.stack_trace"]
