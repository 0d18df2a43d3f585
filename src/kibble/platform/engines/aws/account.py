"""An account at AWS: clients of its services, and what its errors mean.

boto3 blocks, so each service's calls run in a few threads of its own: those that commit to SQLite
are not kept waiting by Amazon.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from typing import Any, TypeVar

import boto3
from botocore.config import Config
from botocore.exceptions import (
    BotoCoreError,
    ClientError,
    EndpointConnectionError,
    HTTPClientError,
    NoCredentialsError,
    NoRegionError,
)

from kibble.kernel.errors import KibbleError, Unavailable
from kibble.platform.outside_url import OutsideUrl

R = TypeVar("R")

THREADS = 8
"""How many calls of one service are under way at once."""
_PATIENCE = Config(
    connect_timeout=3,
    read_timeout=10,
    max_pool_connections=THREADS,
    signature_version="v4",
    retries={"total_max_attempts": 1},
)
"""Who calls has its own retries."""
CREDENTIALS = frozenset(
    {
        "403",
        "AccessDenied",
        "AccessDeniedException",
        "AuthFailure",
        "AuthorizationError",
        "ExpiredToken",
        "InvalidAccessKeyId",
        "InvalidClientTokenId",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)
"""Codes that say that it is not known who we are, or that we may not."""


class NotThere(KibbleError):
    """What a call names is not there: a bucket, an object, a topic, a queue, a stream, a table."""

    code = "unknown-resource"
    title = "Not found"


NOT_THERE = frozenset(
    {
        "404",
        "NoSuchBucket",
        "NoSuchKey",
        "NotFound",
        "QueueDoesNotExist",
        "AWS.SimpleQueueService.NonExistentQueue",
        "ResourceNotFoundException",
    }
)


@dataclass(frozen=True, slots=True)
class AwsAccount:
    """Whose account, and where.

    Without keys or a region those of the machine are taken (environment, profile, role), as is
    usual at AWS; ``endpoint`` leads elsewhere than to AWS.
    """

    region: str | None
    access_key: str | None = None
    secret_key: str | None = field(default=None, repr=False)
    endpoint: str | None = None

    def client(self, service: str, config: Config | None = None) -> Any:
        """Return a client of a service; raises ``ValueError`` when no region is known."""
        try:
            return boto3.Session().client(  # not what others of this process set up
                service,
                region_name=self.region,
                aws_access_key_id=self.access_key,
                aws_secret_access_key=self.secret_key,
                endpoint_url=self.endpoint,
                config=_PATIENCE.merge(config) if config else _PATIENCE,
            )
        except NoRegionError as error:
            raise ValueError("names no region, and neither does the machine") from error


def account_at(url: OutsideUrl) -> AwsAccount:
    """Return the account of a URL whose host is a region: ``sns://KEY:SECRET@REGION``."""
    return AwsAccount(url.host, url.username, url.password, url.endpoint)


class AwsService:
    """One service of an account, called from the event loop."""

    def __init__(self, name: str, client: Any, threads: int = THREADS) -> None:
        """``name`` is what people call it, as in "Amazon S3"."""
        self.name = name
        self.client = client
        self._threads = ThreadPoolExecutor(threads, f"aws-{name}")

    async def call(self, method: str, **arguments: object) -> Any:
        """Call a method of the client; raises as ``run`` does."""
        return await self.run(partial(getattr(self.client, method), **arguments))

    async def run(self, work: Callable[[], R]) -> R:
        """Do what blocks in one of the service's threads.

        Raises ``NotThere``, and ``Unavailable`` for everything else that goes wrong.
        """
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, work)
        except ClientError as error:
            if code_of(error) in NOT_THERE:
                raise NotThere(f"{self.name} says {code_of(error)}.") from error
            raise Unavailable(f"{self.name} says {code_of(error)}.") from error
        except BotoCoreError as error:
            raise Unavailable(f"{self.name} is away: {type(error).__name__}.") from error

    async def check(self, variable: str, method: str, **arguments: object) -> None:
        """See that we are known and that what the setting names is there.

        Raises ``ValueError`` with a sentence for the operator; a service that is away is found
        out about later.
        """
        call = partial(getattr(self.client, method), **arguments)
        check = partial(check_credentials, variable, self.name, call, names_something=True)
        await asyncio.get_running_loop().run_in_executor(self._threads, check)

    async def close(self) -> None:
        """Let the threads go, and the connections."""
        self._threads.shutdown(wait=False)
        self.client.close()


def check_credentials(
    variable: str, service: str, call: Callable[[], object], *, names_something: bool = False
) -> None:
    """Call a service; raises ``ValueError`` with a sentence when it does not know us.

    So too, where the setting ``names_something``, when that is not there.
    """
    try:
        call()
    except NoCredentialsError as error:
        raise ValueError(f"{variable}: there are no credentials for {service}.") from error
    except ClientError as error:
        if code_of(error) in CREDENTIALS:
            raise ValueError(f"{variable}: {service} refuses the credentials.") from error
        if names_something and code_of(error) in NOT_THERE:
            raise ValueError(f"{variable}: {service} has nothing of that name.") from error
    except (EndpointConnectionError, HTTPClientError):
        return  # it is away: what is asked of it waits
    except BotoCoreError as error:
        raise ValueError(f"{variable}: {service} cannot be used: {error}") from error


def code_of(error: ClientError) -> str:
    """Return the code of an error that a service answered."""
    code: str = error.response.get("Error", {}).get("Code", "Unknown")
    return code
