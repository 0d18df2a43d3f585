"""Amazon SES for e-mails and Amazon SNS for text messages, through boto3 (which signs: SigV4)."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping

from botocore.exceptions import BotoCoreError, ClientError

from kibble.kernel.clock import Clock
from kibble.platform.engines.aws.account import AwsAccount, check_credentials, code_of
from kibble.services.notification.adapters.mime import write_mail
from kibble.services.notification.errors import DeliveryFailed, DeliveryRefused
from kibble.services.notification.integration import Mail, Sms

_FOR_GOOD = frozenset({"MessageRejected", "InvalidParameter", "InvalidParameterValue", "OptedOut"})
"""Codes that say the same to every repeat: of SES v2's SendEmail and SNS's Publish."""


class SesMailSender:
    """Hands e-mails to SES, as the MIME that we write ourselves."""

    def __init__(self, account: AwsAccount, sender: str, clock: Clock) -> None:
        """Send as ``sender``, whose address or domain SES has verified."""
        self._client = account.client("sesv2")
        self._sender = sender
        self._clock = clock

    def check(self) -> None:
        """See that SES knows our credentials; raises ``ValueError`` when it does not."""
        check_credentials("KIBBLE_MAIL_URL", "Amazon SES", self._client.get_account)

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
        check_credentials("KIBBLE_SMS_URL", "Amazon SNS", self._client.get_sms_attributes)

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


async def _ask(service: str, call: Callable[..., object], arguments: Mapping[str, object]) -> None:
    try:
        await asyncio.to_thread(call, **arguments)
    except ClientError as error:
        said = f"{service} says {code_of(error)}."
        if code_of(error) in _FOR_GOOD:
            raise DeliveryRefused(said) from error
        raise DeliveryFailed(said) from error
    except BotoCoreError as error:
        raise DeliveryFailed(f"{service} is away: {type(error).__name__}.") from error
