"""Amazon SES for e-mails and Amazon SNS for text messages, through boto3 (which signs: SigV4)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

from kibble.kernel.clock import Clock
from kibble.services.notification.adapters.mime import write_mail
from kibble.services.notification.errors import DeliveryFailed, DeliveryRefused
from kibble.services.notification.integration import Mail, Sms

_PATIENCE = Config(connect_timeout=3, read_timeout=10, retries={"total_max_attempts": 1})
"""Delivery has its own retries."""
_CREDENTIALS = frozenset(
    {
        "AccessDenied",
        "AccessDeniedException",
        "AuthFailure",
        "ExpiredToken",
        "InvalidClientTokenId",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
_FOR_GOOD = frozenset({"MessageRejected", "InvalidParameter", "InvalidParameterValue", "OptedOut"})
"""Codes that say the same to every repeat: of SES v2's SendEmail and SNS's Publish."""


@dataclass(frozen=True, slots=True)
class AwsAccount:
    """Whose account, and where.

    Without keys those of the machine are taken (environment, profile, role), as is usual at AWS;
    ``endpoint`` leads elsewhere than to AWS.
    """

    region: str
    access_key: str | None = None
    secret_key: str | None = field(default=None, repr=False)
    endpoint: str | None = None

    def client(self, service: str) -> Any:
        """Return a client of a service."""
        return boto3.client(
            service,
            region_name=self.region,
            aws_access_key_id=self.access_key,
            aws_secret_access_key=self.secret_key,
            endpoint_url=self.endpoint,
            config=_PATIENCE,
        )


class SesMailSender:
    """Hands e-mails to SES, as the MIME that we write ourselves."""

    def __init__(self, account: AwsAccount, sender: str, clock: Clock) -> None:
        """Send as ``sender``, whose address or domain SES has verified."""
        self._client = account.client("sesv2")
        self._sender = sender
        self._clock = clock

    def check(self) -> None:
        """See that SES knows our credentials; raises ``ValueError`` when it does not."""
        _check("KIBBLE_MAIL_URL", "Amazon SES", self._client.get_account)

    async def send(self, mail: Mail) -> None:
        """See ``MailSender.send``."""
        raw = write_mail(mail, self._sender, self._clock.now())
        await _ask(
            "Amazon SES",
            self._client.send_email,
            {
                "FromEmailAddress": self._sender,
                "Destination": {"ToAddresses": [mail.to]},
                "Content": {"Raw": {"Data": raw}},
            },
        )


class SnsSmsSender:
    """Hands text messages to SNS, as transactional ones."""

    def __init__(self, account: AwsAccount) -> None:
        self._client = account.client("sns")

    def check(self) -> None:
        """See that SNS knows our credentials; raises ``ValueError`` when it does not."""
        _check("KIBBLE_SMS_URL", "Amazon SNS", self._client.get_sms_attributes)

    async def send(self, sms: Sms) -> None:
        """See ``SmsSender.send``."""
        kind = {"DataType": "String", "StringValue": "Transactional"}
        await _ask(
            "Amazon SNS",
            self._client.publish,
            {
                "PhoneNumber": sms.to,
                "Message": sms.text,
                "MessageAttributes": {"AWS.SNS.SMS.SMSType": kind},
            },
        )


def _check(variable: str, service: str, call: Callable[[], object]) -> None:
    try:
        call()
    except NoCredentialsError as error:
        raise ValueError(f"{variable}: there are no credentials for {service}.") from error
    except ClientError as error:
        if _code(error) in _CREDENTIALS:
            raise ValueError(f"{variable}: {service} refuses the credentials.") from error
    except BotoCoreError:
        return


async def _ask(service: str, call: Callable[..., object], arguments: Mapping[str, object]) -> None:
    try:
        await asyncio.to_thread(call, **arguments)
    except ClientError as error:
        said = f"{service} says {_code(error)}."
        if _code(error) in _FOR_GOOD:
            raise DeliveryRefused(said) from error
        raise DeliveryFailed(said) from error
    except BotoCoreError as error:
        raise DeliveryFailed(f"{service} is away: {type(error).__name__}.") from error


def _code(error: ClientError) -> str:
    code: str = error.response.get("Error", {}).get("Code", "Unknown")
    return code
