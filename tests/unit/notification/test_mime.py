"""E-mails as bytes, read back with the standard library."""

from __future__ import annotations

import email
import email.policy
from datetime import UTC, datetime
from email.message import EmailMessage

from hypothesis import given
from hypothesis import strategies as st

from kibble.services.notification.adapters.mime import write_mail
from kibble.services.notification.integration import Mail

NOW = datetime(2026, 11, 24, 9, 30, tzinfo=UTC)
SENDER = "Kibble <shop@kibble.example>"


def read_back(subject: str = "Hi", text: str = "Text.", html: str = "<p>Text.</p>") -> EmailMessage:
    mail = Mail(id="m1", to="jane@example.com", subject=subject, text=text, html=html)
    written = write_mail(mail, SENDER, NOW)
    assert all(len(line) <= 998 for line in written.split(b"\r\n"))
    assert b"\n" not in written.replace(b"\r\n", b"")
    message = email.message_from_bytes(written, policy=email.policy.default)
    assert isinstance(message, EmailMessage)
    assert not message.defects
    return message


def body(message: EmailMessage, kind: str) -> str:
    part = message.get_body((kind,))
    assert part is not None
    assert isinstance(part, EmailMessage)
    return str(part.get_content())


def test_has_the_headers_of_an_automatic_mail() -> None:
    message = read_back()
    assert message["From"] == SENDER
    assert message["To"] == "jane@example.com"
    assert message["Message-ID"] == "<m1@kibble.example>"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Date"].datetime == NOW


def test_that_advertises_says_how_to_end_such_mails() -> None:
    mail = Mail(
        id="m1",
        to="jane@example.com",
        subject="Hi",
        text="T",
        html="H",
        unsubscribe="https://x/u?t=1",
    )
    message = email.message_from_bytes(write_mail(mail, SENDER, NOW), policy=email.policy.default)
    assert message["List-Unsubscribe"] == "<https://x/u?t=1>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert read_back()["List-Unsubscribe"] is None


def test_offers_the_same_as_text_and_html() -> None:
    message = read_back(text="Grüße 🐶\n\nBye", html="<p>Grüße 🐶</p>")
    assert message.get_content_type() == "multipart/alternative"
    assert body(message, "plain").splitlines() == ["Grüße 🐶", "", "Bye"]
    assert body(message, "html").splitlines() == ["<p>Grüße 🐶</p>"]


def test_a_subject_beyond_ascii_is_encoded() -> None:
    subject = "Grüße an alle Hunde, " * 8 + "und an Rex"
    assert read_back(subject=subject)["Subject"] == subject


def test_nothing_can_add_a_header() -> None:
    message = read_back(subject="Hi\r\nBcc: eve@example.com")
    assert message["Bcc"] is None
    assert message["Subject"] == "Hi Bcc: eve@example.com"


printable = st.text(
    st.characters(exclude_categories=["C", "Z"], include_characters=" \n"), max_size=400
)


@given(printable, printable)
def test_whatever_is_written_is_read_back(text: str, html: str) -> None:
    message = read_back(text=text, html=html)
    assert body(message, "plain").splitlines() == text.splitlines()
    assert body(message, "html").splitlines() == html.splitlines()
