"""Twilio's Programmable Messaging: https://www.twilio.com/docs/messaging/api/message-resource."""

from __future__ import annotations

import asyncio
import base64
from collections.abc import Mapping
from dataclasses import dataclass, field
from http import HTTPStatus
from urllib.error import HTTPError, URLError
from urllib.parse import urlencode
from urllib.request import Request, urlopen

import msgspec

from kibble.services.notification.errors import DeliveryFailed, DeliveryRefused
from kibble.services.notification.integration import Sms

TIMEOUT_SECONDS = 10.0
API = "https://api.twilio.com"
_VERSION = "2010-04-01"
_AGAIN = frozenset({HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.TOO_MANY_REQUESTS})
"""What is answered now, and may be otherwise later: credentials can be mended, queues drain."""


@dataclass(frozen=True, slots=True)
class TwilioAccount:
    """Whose account, and ``sender``: a number in E.164, or a messaging service (MG...)."""

    sid: str
    token: str = field(repr=False)
    sender: str
    endpoint: str = API


class _Problem(msgspec.Struct):
    """Twilio's error: https://www.twilio.com/docs/usage/twilios-response."""

    code: int = 0
    message: str = ""


class TwilioSmsSender:
    """Hands text messages to Twilio. Twilio takes no key of ours: a lost answer sends again."""

    def __init__(self, account: TwilioAccount) -> None:
        self._account = account
        pair = f"{account.sid}:{account.token}".encode()
        self._authorization = f"Basic {base64.b64encode(pair).decode()}"

    def check(self) -> None:
        """See that Twilio knows our credentials; raises ``ValueError`` when it does not."""
        try:
            self._call(".json")
        except HTTPError as error:
            error.close()
            if error.code in (HTTPStatus.UNAUTHORIZED, HTTPStatus.NOT_FOUND):
                raise ValueError("KIBBLE_SMS_URL: Twilio refuses the credentials.") from error
        except (URLError, TimeoutError):
            return

    async def send(self, sms: Sms) -> None:
        """See ``SmsSender.send``."""
        sender = self._account.sender
        by = "MessagingServiceSid" if sender.startswith("MG") else "From"
        try:
            await asyncio.to_thread(
                self._call, "/Messages.json", {"To": sms.to, by: sender, "Body": sms.text}
            )
        except HTTPError as error:
            raise _refused(error) from error
        except (URLError, TimeoutError, ConnectionError) as error:
            raise DeliveryFailed(f"Twilio is away: {type(error).__name__}.") from error

    def _call(self, path: str, form: Mapping[str, str] | None = None) -> None:
        url = f"{self._account.endpoint}/{_VERSION}/Accounts/{self._account.sid}{path}"
        request = Request(  # noqa: S310 - the scheme was checked with the settings
            url,
            data=urlencode(form).encode() if form else None,
            headers={"Authorization": self._authorization, "Accept": "application/json"},
        )
        with urlopen(request, timeout=TIMEOUT_SECONDS) as answer:  # noqa: S310 - as above
            answer.read()


def _refused(error: HTTPError) -> DeliveryRefused | DeliveryFailed:
    with error:
        body = error.read()
    try:
        problem = msgspec.json.decode(body, type=_Problem)
    except msgspec.DecodeError:
        problem = _Problem()
    said = f"Twilio says {error.code} {problem.code} {problem.message}"[:200]
    temporary = error.code >= HTTPStatus.INTERNAL_SERVER_ERROR or error.code in _AGAIN
    return DeliveryFailed(said) if temporary else DeliveryRefused(said)
