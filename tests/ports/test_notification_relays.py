"""What every relay does, against the real thing or its double: an SMTP server, moto, a Twilio."""

from __future__ import annotations

import email
import email.policy
import socket
import ssl
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import pytest
from aiosmtpd.controller import Controller
from aiosmtpd.smtp import AuthResult, Envelope, LoginPassword, Session
from moto.backends import get_backend
from moto.server import ThreadedMotoServer

from kibble.services.notification.adapters.choice import choose_mail, choose_sms
from kibble.services.notification.adapters.sandbox import FileSmsSender, FolderMailSender
from kibble.services.notification.adapters.smtp import SmtpAddress, SmtpMailSender
from kibble.services.notification.errors import DeliveryFailed, DeliveryRefused
from kibble.services.notification.integration import Mail, MailSender, Sms, SmsSender
from tests.fixtures.certificates import Authority
from tests.fixtures.doubles import FakeClock
from tests.fixtures.twilio import SID, TOKEN, Twilio

MAIL = Mail(id="m1", to="jane@example.com", subject="Grüße", text="Hi.", html="<p>Hi.</p>")
SMS = Sms(id="s1", to="+12125550100", text="Grüße")
SENDER = "Kibble <shop@kibble.example>"
NOWHERE = Path("/nowhere")
REGION, ACCOUNT = "us-east-1", "123456789012"


def mail_relay(url: str) -> MailSender:
    return choose_mail(url, SENDER, NOWHERE, FakeClock())


def sms_provider(url: str) -> SmsSender:
    return choose_sms(url, NOWHERE, FakeClock())


class Mailbox:
    """What an SMTP server does with mails: ``says`` is its next answer, if not that all is well."""

    def __init__(self) -> None:
        self.mails: list[Envelope] = []
        self.says: list[str] = []

    async def handle_DATA(  # noqa: N802 - as aiosmtpd calls it
        self, server: object, session: Session, envelope: Envelope
    ) -> str:
        if self.says:
            return self.says.pop(0)
        self.mails.append(envelope)
        return "250 OK"

    async def handle_RCPT(  # noqa: N802 - as aiosmtpd calls it
        self, server: object, session: Session, envelope: Envelope, address: str, options: Any
    ) -> str:
        if address == "nobody@example.com":
            return "550 5.1.1 no such mailbox"
        if address == "full@example.com":
            return "452 4.2.2 mailbox full"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    def authenticate(self, *given: Any) -> AuthResult:
        data = given[-1]
        known = isinstance(data, LoginPassword) and data.password == b"pass word"
        return AuthResult(success=known, handled=False)


@pytest.fixture
def mailbox() -> Iterator[tuple[Mailbox, str]]:
    """A real SMTP server that knows one password, and its URL."""
    box = Mailbox()
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(
        box,
        hostname="127.0.0.1",
        port=port,
        authenticator=box.authenticate,
        auth_require_tls=False,
    )
    controller.start()
    yield box, f"127.0.0.1:{port}?starttls=off"
    controller.stop()


class TestSmtp:
    async def test_takes_a_mail_as_it_was_written(self, mailbox: tuple[Mailbox, str]) -> None:
        box, host = mailbox
        await mail_relay(f"smtp://shop:pass%20word@{host}").send(MAIL)
        (taken,) = box.mails
        assert (taken.mail_from, taken.rcpt_tos) == ("shop@kibble.example", ["jane@example.com"])
        assert isinstance(taken.content, bytes)
        message = email.message_from_bytes(taken.content, policy=email.policy.default)
        assert message["Subject"] == "Grüße"
        assert message["Message-ID"] == "<m1@kibble.example>"

    async def test_tells_a_refusal_for_good_from_one_for_now(
        self, mailbox: tuple[Mailbox, str]
    ) -> None:
        box, host = mailbox
        relay = mail_relay(f"smtp://shop:pass%20word@{host}")
        for to, error in (
            ("nobody@example.com", DeliveryRefused),
            ("full@example.com", DeliveryFailed),
        ):
            with pytest.raises(error):
                await relay.send(Mail(id="m", to=to, subject="s", text="t", html="h"))
        box.says = ["554 5.7.1 spam", "451 4.3.0 later"]
        for error in (DeliveryRefused, DeliveryFailed):
            with pytest.raises(error):
                await relay.send(MAIL)
        assert box.mails == []

    def test_wrong_credentials_stop_the_start_and_are_not_shown(
        self, mailbox: tuple[Mailbox, str]
    ) -> None:
        with pytest.raises(ValueError, match="refuses the user name and password") as raised:
            mail_relay(f"smtp://shop:wrong@{mailbox[1]}")
        assert "wrong@" not in str(raised.value)

    async def test_one_that_is_away_is_waited_for(self) -> None:
        with socket.socket() as probe:
            probe.bind(("127.0.0.1", 0))
            port = probe.getsockname()[1]
        relay = mail_relay(f"smtp://shop:secret@127.0.0.1:{port}")
        with pytest.raises(DeliveryFailed):
            await relay.send(MAIL)


@pytest.fixture
def authority(tmp_path: Path) -> Authority:
    return Authority(tmp_path)


@contextmanager
def secure(box: Mailbox, tls: ssl.SSLContext) -> Iterator[str]:
    """A real SMTP server that takes nothing before STARTTLS, as its host and port."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    controller = Controller(
        box,
        hostname="127.0.0.1",
        port=port,
        authenticator=box.authenticate,
        tls_context=tls,
        require_starttls=True,
    )
    controller.start()
    try:
        yield f"localhost:{port}"
    finally:
        controller.stop()


class TestStartTls:
    async def test_is_done_before_the_password_and_the_mail(self, authority: Authority) -> None:
        box = Mailbox()
        with secure(box, authority.server("localhost")) as host:
            await mail_relay(f"smtp://shop:pass%20word@{host}?ca={authority.file}").send(MAIL)
        assert len(box.mails) == 1

    @pytest.mark.parametrize("wrong", ["authority", "host"])
    def test_with_a_wrong_certificate_stops_the_start(
        self, authority: Authority, wrong: str
    ) -> None:
        box = Mailbox()
        tls = authority.server("other.example" if wrong == "host" else "localhost")
        with secure(box, tls) as host, pytest.raises(ValueError, match="no good certificate"):
            mail_relay(f"smtp://shop:secret@{host}" + f"?ca={authority.file}" * (wrong == "host"))

    @pytest.mark.parametrize("wrong", ["authority", "host"])
    async def test_with_a_wrong_certificate_later_on_takes_no_mail(
        self, authority: Authority, wrong: str
    ) -> None:
        box = Mailbox()
        tls = authority.server("other.example" if wrong == "host" else "localhost")
        with secure(box, tls) as host:
            relay = SmtpMailSender(
                SmtpAddress(
                    "localhost",
                    int(host.partition(":")[2]),
                    authority=str(authority.file) if wrong == "host" else None,
                ),
                SENDER,
                FakeClock(),
            )
            with pytest.raises(DeliveryFailed):
                await relay.send(MAIL)
        assert box.mails == []

    def test_an_authority_that_is_not_there_stops_the_start(self) -> None:
        with pytest.raises(ValueError, match="KIBBLE_MAIL_URL has a ca that is no file"):
            mail_relay("smtp://shop:secret@127.0.0.1:1?ca=/nowhere/ca.pem")


@pytest.fixture(scope="module")
def aws() -> Iterator[str]:
    """Moto's server, as an endpoint."""
    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    server.start()
    host, port = server.get_host_and_port()
    yield f"http://{host}:{port}"
    server.stop()


class TestSes:
    async def test_takes_a_mail_from_a_verified_sender(self, aws: str) -> None:
        client = boto3.client(
            "sesv2",
            region_name=REGION,
            endpoint_url=aws,
            aws_access_key_id="key",
            aws_secret_access_key="secret",
        )
        client.create_email_identity(EmailIdentity="shop@kibble.example")
        await mail_relay(f"ses://key:se%2Fcret@{REGION}?endpoint={aws}").send(MAIL)
        backend: Any = get_backend("ses")[ACCOUNT][REGION]
        assert set(backend.sent_messages[-1].destinations) == {"jane@example.com"}

    async def test_is_waited_for_while_it_is_away(self) -> None:
        relay = mail_relay(f"ses://key:secret@{REGION}?endpoint=http://127.0.0.1:9")
        with pytest.raises(DeliveryFailed):
            await relay.send(MAIL)


class TestSns:
    async def test_takes_a_text_message(self, aws: str) -> None:
        await sms_provider(f"sns://key:secret@{REGION}?endpoint={aws}").send(SMS)
        backend: Any = get_backend("sns")[ACCOUNT][REGION]
        assert ("+12125550100", "Grüße") in {
            (number, text) for number, text, *_ in backend.sms_messages.values()
        }


@pytest.fixture
def twilio() -> Iterator[Twilio]:
    with Twilio() as double:
        yield double


class TestTwilio:
    def _url(self, twilio: Twilio, sender: str = "+12125550199", token: str = TOKEN) -> str:
        return f"twilio://{SID}:{token}@{sender}?endpoint={twilio.endpoint}"

    async def test_takes_a_text_message_from_a_number_or_a_service(self, twilio: Twilio) -> None:
        await sms_provider(self._url(twilio)).send(SMS)
        await sms_provider(self._url(twilio, "MG0123")).send(SMS)
        assert twilio.messages == [
            {"To": "+12125550100", "From": "+12125550199", "Body": "Grüße"},
            {"To": "+12125550100", "MessagingServiceSid": "MG0123", "Body": "Grüße"},
        ]

    @pytest.mark.parametrize(
        ("status", "code", "error"),
        [
            (400, 21211, DeliveryRefused),
            (400, 21610, DeliveryRefused),
            (401, 20003, DeliveryFailed),
            (429, 20429, DeliveryFailed),
            (500, 20500, DeliveryFailed),
            (503, 20503, DeliveryFailed),
        ],
    )
    async def test_tells_a_refusal_for_good_from_one_for_now(
        self, twilio: Twilio, status: int, code: int, error: type[Exception]
    ) -> None:
        provider = sms_provider(self._url(twilio))
        twilio.answers = [(status, {"code": code, "message": "No.", "status": status})]
        with pytest.raises(error, match=str(code)):
            await provider.send(SMS)
        await provider.send(SMS)
        assert len(twilio.messages) == 1

    def test_wrong_credentials_stop_the_start(self, twilio: Twilio) -> None:
        with pytest.raises(ValueError, match="Twilio refuses the credentials"):
            sms_provider(self._url(twilio, token="wrong"))


class TestChoosing:
    def test_none_writes_to_the_folder(self) -> None:
        assert isinstance(mail_relay(""), FolderMailSender)
        assert isinstance(sms_provider(""), FileSmsSender)

    @pytest.mark.parametrize(
        ("url", "sentence"),
        [
            ("imap://a:b@host", "must begin with smtp://, smtps:// or ses://"),
            ("smtp://", "names no host"),
            ("smtp://host:port", "is no URL"),
            ("smtp://shop@host", "has a user and no password"),
            ("ses://k:s@us-east-1?endpoint=file:///etc/passwd", "no http"),
        ],
    )
    def test_says_what_is_wrong_with_a_relay(self, url: str, sentence: str) -> None:
        with pytest.raises(ValueError, match=sentence) as raised:
            mail_relay(url)
        assert str(raised.value).startswith("KIBBLE_MAIL_URL ")

    def test_says_what_is_wrong_with_a_provider(self) -> None:
        for url in ("twilio://+12125550199", "smpp://a:b@host"):
            with pytest.raises(ValueError, match="KIBBLE_SMS_URL"):
                sms_provider(url)
