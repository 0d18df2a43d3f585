"""TLS for the embedded profile: the settings of the context, and a certificate for development.

A live shop brings its own certificate, or stands behind a proxy that has one. The one made here is
its own issuer: a browser warns of it until it is told to trust it.
"""

from __future__ import annotations

import os
import ssl
from collections.abc import Callable
from datetime import timedelta
from ipaddress import ip_address
from pathlib import Path

import uvicorn
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID

from kibble.kernel.clock import Clock

LIFE = timedelta(days=90)
RENEW_BEFORE = timedelta(days=7)
LOCAL_ADDRESSES = ("127.0.0.1", "::1")


def context(_: uvicorn.Config, default: Callable[[], ssl.SSLContext]) -> ssl.SSLContext:
    """Return uvicorn's context, with TLS 1.2 or newer and no renegotiation (RFC 9325)."""
    made = default()
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    made.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
    made.set_ciphers("ECDHE+AESGCM:ECDHE+CHACHA20")
    return made


def refuse_unusable(certificate: Path, key: Path | None) -> None:
    """Raise ``ValueError`` with a sentence for files that are no certificate and its key."""
    try:
        ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER).load_cert_chain(certificate, key)
    except OSError as error:
        given = " and ".join(str(path) for path in (certificate, key) if path is not None)
        raise ValueError(
            f"KIBBLE_TLS_CERT and KIBBLE_TLS_KEY: {given} cannot be used:"
            f" {error.strerror or error}."
        ) from error


def development_certificate(folder: Path, clock: Clock) -> tuple[Path, Path]:
    """Return the files of a certificate for this machine, and its key; made anew in time.

    The key is readable by its owner alone.
    """
    certificate, key = folder / "development-cert.pem", folder / "development-key.pem"
    if not (certificate.exists() and key.exists() and _holds(certificate, clock)):
        folder.mkdir(parents=True, exist_ok=True)
        private = ec.generate_private_key(ec.SECP256R1())
        handle = os.open(key, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(
                private.private_bytes(
                    serialization.Encoding.PEM,
                    serialization.PrivateFormat.PKCS8,
                    serialization.NoEncryption(),
                )
            )
        made = _signed(private, clock)
        certificate.write_bytes(made.public_bytes(serialization.Encoding.PEM))
    return certificate, key


def _holds(certificate: Path, clock: Clock) -> bool:
    ends = x509.load_pem_x509_certificate(certificate.read_bytes()).not_valid_after_utc
    return ends - RENEW_BEFORE > clock.now()


def _signed(key: ec.EllipticCurvePrivateKey, clock: Clock) -> x509.Certificate:
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "Kibble development")])
    names: list[x509.GeneralName] = [x509.DNSName("localhost")]
    names += [x509.IPAddress(ip_address(address)) for address in LOCAL_ADDRESSES]
    return (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(clock.now() - timedelta(minutes=5))
        .not_valid_after(clock.now() + LIFE)
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=False, path_length=None), critical=True)
        .add_extension(x509.ExtendedKeyUsage([ExtendedKeyUsageOID.SERVER_AUTH]), critical=False)
        .sign(key, hashes.SHA256())
    )
