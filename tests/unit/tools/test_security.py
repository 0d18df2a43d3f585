"""The gates of security find what they look for, and find nothing in the project."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from tools.security import advisories, licences, sbom, secrets
from tools.security.__main__ import GATES, SECRET, Gate


@pytest.mark.parametrize("gate", GATES, ids=lambda gate: gate.name)
class TestEachGate:
    def test_finds_its_canary(self, gate: Gate) -> None:
        assert gate.proves_itself()

    def test_finds_nothing_here(self, gate: Gate) -> None:
        assert list(gate.findings()) == []


class TestSecrets:
    def test_are_told_with_their_place(self, tmp_path: Path) -> None:
        file = tmp_path / "settings.py"
        file.write_text(f"first\n{SECRET}")
        assert list(secrets.findings([file])) == [
            f"{file}:2: a private key",
            f"{file}:3: an AWS key",
        ]

    @pytest.mark.parametrize(
        "canary",
        [
            ("-----BEGIN RSA ", "PRIVATE KEY-----"),
            ('{"d" : "', f'{"aB3_" * 11}"}}'),
            ("ASIA", "QWERTYUIOPASDFGH"),
            ("sk_", "live_0123456789abcdefXY"),
            ("ghp", f"_{'aB3dE6' * 6}"),
            ("xox", "b-1234567890-abc"),
            ("eyJ", f"{'a' * 24}.eyJ{'b' * 24}.{'c' * 24}"),
        ],
        ids=["key", "JWK", "AWS", "Stripe", "GitHub", "Slack", "token"],
    )
    def test_of_every_shape_are_found(self, tmp_path: Path, canary: tuple[str, str]) -> None:
        file = tmp_path / "settings.py"
        file.write_text("".join(canary))
        assert len(list(secrets.findings([file]))) == 1


class TestLicences:
    @pytest.mark.parametrize(
        "licence",
        ["Apache-2.0", "MIT", "BSD-3-Clause", "LGPL-3.0", "MPL-2.0", "MIT OR GPL-2.0"],
    )
    def test_that_oblige_little_are_taken(self, licence: str) -> None:
        assert not licences.is_refused(licence)

    @pytest.mark.parametrize("licence", ["", "GPL-3.0-only", "AGPL-3.0", "SSPL-1.0"])
    def test_that_oblige_much_or_are_not_told_are_refused(self, licence: str) -> None:
        assert licences.is_refused(licence)


class TestTheBillOfMaterials:
    def test_names_all_that_is_locked_once_with_hashes(self) -> None:
        made = sbom.document()
        assert (made["bomFormat"], made["specVersion"]) == ("CycloneDX", "1.6")
        components = made["components"]
        references = [one["bom-ref"] for one in components]
        assert len(references) == len(set(references))
        assert all(one["hashes"] and one["version"] for one in components)
        named = {one["name"] for one in components}
        assert {*licences.locked(sbom.ROOT / "requirements-distributed.lock")} <= named
        assert "@angular/core" in named

    def test_is_the_same_for_the_same_locks(self) -> None:
        assert sbom.document() == sbom.document()


class TestAdvisories:
    def test_that_were_withdrawn_count_no_more(self) -> None:
        affected = [{"package": {"ecosystem": "npm", "name": "left"}, "versions": ["1.0.0"]}]
        known = {"id": "A-1", "affected": affected}
        locked = {("npm", "left"): "1.0.0"}
        assert list(advisories.findings(locked, [known])) == ["left 1.0.0: A-1"]
        assert list(advisories.findings(locked, [known | {"withdrawn": "2026-01-01"}])) == []

    def test_of_an_old_copy_are_no_answer(self) -> None:
        now = datetime(2026, 11, 29, tzinfo=UTC)
        fresh = (now - timedelta(days=1)).isoformat()
        assert advisories.too_old([{"modified": fresh}], now) is None
        assert advisories.too_old([{"modified": "2026-10-01T00:00:00Z"}], now) is not None
        assert advisories.too_old([], now) == "never"
