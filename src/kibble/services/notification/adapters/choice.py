"""Which relay takes e-mails, which provider text messages, which store both: as settings say.

=====================================================  ===========================================
``KIBBLE_MAIL_URL``                                    e-mails go
=====================================================  ===========================================
(empty)                                                to the folder ``outbox`` in the data folder
``smtp://USER:PASSWORD@HOST:587``                      to a relay, with STARTTLS
``smtps://USER:PASSWORD@HOST:465``                     to a relay, with TLS
``smtp://HOST:25?starttls=off``                        to a relay, in clear: within one machine
``smtp://HOST:587?ca=FILE``                            to a relay with an authority of its own
``ses://KEY:SECRET@REGION``, ``ses://REGION``          to Amazon SES
=====================================================  ===========================================

=====================================================  ===========================================
``KIBBLE_SMS_URL``                                     text messages go
=====================================================  ===========================================
(empty)                                                to a file in the folder ``outbox``
``twilio://SID:TOKEN@SENDER``                          to Twilio
``sns://KEY:SECRET@REGION``, ``sns://REGION``          to Amazon SNS
=====================================================  ===========================================

``KIBBLE_NOTIFICATION_STORE`` is ``dynamodb://KEY:SECRET@REGION/TABLE`` or ``dynamodb://REGION/TABLE``
for a store of messages that is not the profile's own; ``?create=yes`` makes the table.

``?endpoint=URL`` leads Twilio and Amazon's elsewhere. What is special in a name or a password is
percent-encoded, as in every URL.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Protocol, TypeVar
from urllib.parse import unquote

from kibble.kernel.clock import Clock
from kibble.kernel.errors import Unavailable
from kibble.platform.outside_url import OutsideUrl
from kibble.platform.persistence.archive import Archive
from kibble.platform.persistence.claims import Claims
from kibble.services.notification.adapters.sandbox import FileSmsSender, FolderMailSender
from kibble.services.notification.integration import MailSender, SmsSender

if TYPE_CHECKING:
    from kibble.platform.engines.aws.dynamodb import DynamoTable
    from kibble.services.notification.adapters.dynamodb import DynamoNotificationRepository

SMTP_PORT, SMTPS_PORT = 587, 465


class _Checked(Protocol):
    def check(self) -> None: ...


R = TypeVar("R", bound=_Checked)


def choose_mail(url: str, sender: str, outbox: Path, clock: Clock) -> MailSender:
    """Return the relay that ``url`` names.

    Raises ``ValueError`` with a sentence for the operator: for a URL that is none, a library that
    is not installed, and credentials that the relay refuses.
    """
    if not url:
        return FolderMailSender(outbox / "email", sender, clock)
    parts = OutsideUrl("KIBBLE_MAIL_URL", url)
    if parts.scheme in ("smtp", "smtps"):
        return _checked(parts, "smtp", lambda: _smtp(parts, sender, clock))
    if parts.scheme == "ses":
        return _checked(parts, "aws", lambda: _ses(parts, sender, clock))
    raise parts.wrong("must begin with smtp://, smtps:// or ses://")


def choose_sms(url: str, outbox: Path, clock: Clock) -> SmsSender:
    """Return the provider that ``url`` names; raises as ``choose_mail`` does."""
    if not url:
        return FileSmsSender(outbox / "sms.jsonl", clock)
    parts = OutsideUrl("KIBBLE_SMS_URL", url)
    if parts.scheme == "twilio":
        return _checked(parts, "", lambda: _twilio(parts))
    if parts.scheme == "sns":
        return _checked(parts, "aws", lambda: _sns(parts))
    raise parts.wrong("must begin with twilio:// or sns://")


@dataclass(frozen=True, slots=True)
class Chosen:
    """A store that was chosen, who is at what in it, what it is asked at the start, what ends it.

    ``wave`` is how many of those who wait for a product it can tell in one commit.
    """

    store: DynamoNotificationRepository
    claims: Claims
    wave: int
    checks: Sequence[Callable[[], Awaitable[None]]]
    closing: Sequence[Callable[[], Awaitable[None]]]


def choose_store(url: str, clock: Clock, holder: str) -> Chosen:
    """Return the store that ``url`` names, for a process called ``holder``.

    Raises ``ValueError`` with a sentence for the operator.
    """
    parts, table = _table(url)
    from kibble.platform.engines.aws.dynamodb import DynamoClaims
    from kibble.services.notification.adapters.dynamodb import WAVE, DynamoNotificationRepository
    from kibble.services.notification.adapters.dynamodb_items import INDICES

    async def make() -> None:
        try:
            await table.make(INDICES)
        except Unavailable as error:
            raise parts.wrong(f"names a table that cannot be made: {error.message}") from error

    checks = [table.check]
    if parts.options.get("create") == "yes":
        checks.insert(0, make)
    return Chosen(
        store=DynamoNotificationRepository(table, clock, holder),
        claims=DynamoClaims(table, holder),
        wave=WAVE,
        checks=checks,
        closing=[table.close],
    )


def choose_archive(url: str) -> Archive:
    """Return the state in the store that ``url`` names; raises as ``choose_store`` does."""
    _, table = _table(url)
    from kibble.services.notification.adapters.dynamodb_archive import DynamoNotificationArchive

    return DynamoNotificationArchive(table)


def _table(url: str) -> tuple[OutsideUrl, DynamoTable]:
    parts = OutsideUrl("KIBBLE_NOTIFICATION_STORE", url)
    if parts.scheme != "dynamodb" or not parts.path:
        raise parts.wrong("must be dynamodb://REGION/TABLE")
    try:
        from kibble.platform.engines.aws.account import account_at
        from kibble.platform.engines.aws.dynamodb import DynamoTable
    except ImportError as error:
        raise parts.needs("aws", error) from error
    return parts, DynamoTable(parts.variable, account_at(parts), parts.path)


def _checked(parts: OutsideUrl, extra: str, make: Callable[[], R]) -> R:
    """Return a relay that knows us; its library is imported here, where it is asked for."""
    try:
        relay = make()
    except ImportError as error:
        raise parts.needs(extra, error) from error
    relay.check()
    return relay


def _smtp(parts: OutsideUrl, sender: str, clock: Clock) -> _MailRelay:
    from kibble.services.notification.adapters.smtp import SmtpAddress, SmtpMailSender

    tls = parts.scheme == "smtps"
    authority = parts.options.get("ca")
    if authority is not None and not Path(authority).is_file():
        raise parts.wrong("has a ca that is no file")
    address = SmtpAddress(
        host=parts.host,
        port=parts.port or (SMTPS_PORT if tls else SMTP_PORT),
        tls=tls,
        start_tls=parts.options.get("starttls", "on") != "off",
        username=parts.username,
        password=parts.password,
        authority=authority,
    )
    return SmtpMailSender(address, sender, clock)


def _ses(parts: OutsideUrl, sender: str, clock: Clock) -> _MailRelay:
    from kibble.platform.engines.aws.account import account_at
    from kibble.services.notification.adapters.aws import SesMailSender

    return SesMailSender(account_at(parts), sender, clock)


def _sns(parts: OutsideUrl) -> _SmsRelay:
    from kibble.platform.engines.aws.account import account_at
    from kibble.services.notification.adapters.aws import SnsSmsSender

    return SnsSmsSender(account_at(parts))


def _twilio(parts: OutsideUrl) -> _SmsRelay:
    from kibble.services.notification.adapters.twilio import API, TwilioAccount, TwilioSmsSender

    if parts.username is None or parts.password is None:
        raise parts.wrong("needs an account and its token: twilio://SID:TOKEN@SENDER")
    account = TwilioAccount(
        parts.username, parts.password, unquote(parts.host), parts.endpoint or API
    )
    return TwilioSmsSender(account)


class _MailRelay(MailSender, _Checked, Protocol):
    """A relay for e-mails that can be asked whether it knows us."""


class _SmsRelay(SmsSender, _Checked, Protocol):
    """A provider of text messages that can be asked whether it knows us."""
