from __future__ import annotations

import stat
from pathlib import Path

from cryptography import x509

from kibble.runtime.tls import development_certificate
from tests.fixtures.doubles import FakeClock

DAY = 86_400.0


class TestTheCertificateForDevelopment:
    def test_is_for_this_machine_alone(self, tmp_path: Path) -> None:
        certificate, _ = development_certificate(tmp_path, FakeClock())
        made = x509.load_pem_x509_certificate(certificate.read_bytes())
        names = made.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
        assert names.get_values_for_type(x509.DNSName) == ["localhost"]
        assert [str(a) for a in names.get_values_for_type(x509.IPAddress)] == ["127.0.0.1", "::1"]

    def test_has_a_key_that_its_owner_alone_reads(self, tmp_path: Path) -> None:
        _, key = development_certificate(tmp_path, FakeClock())
        assert stat.S_IMODE(key.stat().st_mode) == 0o600

    def test_is_kept_until_shortly_before_its_end(self, tmp_path: Path) -> None:
        clock = FakeClock()
        certificate, _ = development_certificate(tmp_path, clock)
        first = certificate.read_bytes()
        clock.advance(80 * DAY)
        development_certificate(tmp_path, clock)
        assert certificate.read_bytes() == first
        clock.advance(5 * DAY)
        development_certificate(tmp_path, clock)
        assert certificate.read_bytes() != first
