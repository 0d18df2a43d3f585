"""A relay that speaks SMTP (RFC 5321), with STARTTLS or TLS, through aiosmtplib."""

from __future__ import annotations

import smtplib
import ssl
from dataclasses import dataclass, field
from email.utils import parseaddr

import aiosmtplib

from kibble.kernel.clock import Clock
from kibble.services.notification.adapters.mime import write_mail
from kibble.services.notification.errors import DeliveryFailed, DeliveryRefused
from kibble.services.notification.integration import Mail

TIMEOUT_SECONDS = 10.0
_FOR_GOOD = 500


@dataclass(frozen=True, slots=True)
class SmtpAddress:
    """Where the relay is. ``tls`` from the start, or ``start_tls`` once connected, or neither.

    ``authority`` is a file with the certificates that vouch for it, in place of the system's.
    """

    host: str
    port: int
    tls: bool = False
    start_tls: bool = True
    username: str | None = None
    password: str | None = field(default=None, repr=False)
    authority: str | None = None


class SmtpMailSender:
    """Hands each e-mail over in a session of its own: relays end idle ones, and a shop's are few.

    A refusal with a code of 5xx is for good, but for one of the credentials: those may be mended.
    """

    def __init__(self, address: SmtpAddress, sender: str, clock: Clock) -> None:
        """Send as ``sender``: an address, maybe with a name before it.

        Raises ``OSError`` when the authority's file cannot be read.
        """
        self._address = address
        self._context = ssl.create_default_context(cafile=address.authority)
        self._sender = sender
        self._clock = clock

    def check(self) -> None:
        """See that the relay knows our credentials; raises ``ValueError`` when it does not.

        A relay that is away says nothing about them: messages wait for it.
        """
        there = self._address
        try:
            with self._open() as session:
                if there.start_tls and not there.tls:
                    session.starttls(context=self._context)
                if there.username is not None and there.password is not None:
                    session.login(there.username, there.password)
        except (smtplib.SMTPAuthenticationError, smtplib.SMTPNotSupportedError) as error:
            raise ValueError(
                f"KIBBLE_MAIL_URL: {there.host} refuses the user name and password."
            ) from error
        except ssl.SSLError as error:
            raise ValueError(f"KIBBLE_MAIL_URL: {there.host} has no good certificate.") from error
        except (OSError, smtplib.SMTPException):
            return

    def _open(self) -> smtplib.SMTP:
        there = self._address
        if there.tls:
            return smtplib.SMTP_SSL(
                there.host, there.port, timeout=TIMEOUT_SECONDS, context=self._context
            )
        return smtplib.SMTP(there.host, there.port, timeout=TIMEOUT_SECONDS)

    async def send(self, mail: Mail) -> None:
        """See ``MailSender.send``."""
        there = self._address
        try:
            await aiosmtplib.send(
                write_mail(mail, self._sender, self._clock.now()),
                sender=parseaddr(self._sender)[1],
                recipients=[mail.to],
                hostname=there.host,
                port=there.port,
                use_tls=there.tls,
                start_tls=there.start_tls and not there.tls,
                tls_context=self._context if there.tls or there.start_tls else None,
                username=there.username,
                password=there.password,
                timeout=TIMEOUT_SECONDS,
            )
        except aiosmtplib.SMTPAuthenticationError as error:
            raise DeliveryFailed("The relay refuses our credentials.") from error
        except aiosmtplib.SMTPRecipientsRefused as error:
            (refusal, *_) = error.recipients
            raise _refused(refusal.code, refusal.message) from error
        except aiosmtplib.SMTPResponseException as error:
            raise _refused(error.code, error.message) from error
        except (aiosmtplib.SMTPException, OSError) as error:
            raise DeliveryFailed(f"The relay is away: {type(error).__name__}.") from error


def _refused(code: int, message: str) -> DeliveryRefused | DeliveryFailed:
    said = f"The relay says {code} {message}"[:200]
    return DeliveryRefused(said) if code >= _FOR_GOOD else DeliveryFailed(said)
