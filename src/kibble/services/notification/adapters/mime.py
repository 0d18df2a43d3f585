"""Write e-mails as MIME (RFC 5322, 2045-2047): plain text and HTML, one multipart/alternative.

The standard library's ``email`` package needs ten times as long for the same bytes; nothing of its
generality is wanted here, and the tests read what is written back with it.
"""

from __future__ import annotations

import binascii
import re
from datetime import datetime
from email.header import Header
from email.utils import format_datetime

from kibble.services.notification.integration import Mail

_UNSAFE = re.compile(r"[\x00-\x1f\x7f]+")


def write_mail(mail: Mail, sender: str, now: datetime) -> bytes:
    """Return ``mail`` from ``sender`` (an address with or without a display name) as bytes."""
    boundary = f"=_{mail.id}"
    domain = sender.rpartition("@")[2].rstrip(">")
    head = (
        f"From: {sender}\r\nTo: {_plain(mail.to)}\r\nSubject: {_encoded(mail.subject)}\r\n"
        f"Date: {format_datetime(now)}\r\nMessage-ID: <{mail.id}@{domain}>\r\n"
        f"{_ending(mail)}Auto-Submitted: auto-generated\r\nMIME-Version: 1.0\r\n"
        f'Content-Type: multipart/alternative; boundary="{boundary}"\r\n\r\n'
    )
    return b"".join(
        (
            head.encode(),
            _part(boundary, "plain", mail.text),
            _part(boundary, "html", mail.html),
            f"--{boundary}--\r\n".encode(),
        )
    )


def _ending(mail: Mail) -> str:
    """Return the headers by which a mail program ends such mails (RFC 2369, RFC 8058)."""
    if mail.unsubscribe is None:
        return ""
    return (
        f"List-Unsubscribe: <{_plain(mail.unsubscribe)}>\r\n"
        "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"
    )


def _part(boundary: str, subtype: str, text: str) -> bytes:
    body = binascii.b2a_qp(text.encode(), istext=True).replace(b"\n", b"\r\n")
    head = (
        f"--{boundary}\r\nContent-Type: text/{subtype}; charset=utf-8\r\n"
        f"Content-Transfer-Encoding: quoted-printable\r\n\r\n"
    )
    return head.encode() + body + b"\r\n"


def _plain(text: str) -> str:
    """Return ``text`` without line breaks, which would begin another header."""
    return _UNSAFE.sub(" ", text)


def _encoded(text: str) -> str:
    """Return a header's text, as encoded words where it is not ASCII."""
    text = _plain(text)
    return text if text.isascii() else Header(text, "utf-8").encode(linesep="\r\n")
