"""What an operator asks of a shop's own API, whether the shop runs or not."""

from __future__ import annotations

import asyncio
import ssl
from dataclasses import dataclass
from datetime import timedelta
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

import msgspec

from kibble.platform.config import Settings
from kibble.platform.security.keys import key_path, load_or_make_key
from kibble.platform.security.tokens import TokenIssuer
from kibble.platform.service import World
from kibble.platform.web import json
from kibble.runtime.console import no_shop_in
from kibble.runtime.loopback import Loopback, Refused, told
from kibble.runtime.server import DataDirInUse, Door, announced, exclusive, has_shop
from kibble.runtime.shop import Shop

TIMEOUT_SECONDS = 30.0
TOKEN_LIFE = timedelta(minutes=2)
_OK = range(200, 300)


@dataclass(frozen=True, slots=True)
class Question:
    """One call of the API, and the scopes that it takes."""

    method: str
    path: str
    scopes: tuple[str, ...]
    body: object = None


def ask(settings: Settings, world: World, url: str | None, question: Question) -> Any:
    """Call the shop at ``url``, else the one that runs on the data folder, else the folder itself.

    The token is signed with the folder's key: who can read that is the operator. Raises
    ``Refused``.
    """
    if url is None and not has_shop(settings.data_dir):
        raise Refused(no_shop_in(settings.data_dir))
    key = load_or_make_key(key_path(settings.data_dir))
    token = TokenIssuer(key, world.clock, world.ids).for_client(
        "operator", question.scopes, TOKEN_LIFE
    )
    if url is not None:
        return _over_http(Door(url), token, question)
    try:
        with exclusive(settings.data_dir):
            return asyncio.run(_in_process(settings, world, token, question))
    except DataDirInUse as error:
        if (door := announced(settings.data_dir)) is None:
            raise Refused(str(error)) from error
        return _over_http(door, token, question)


async def _in_process(settings: Settings, world: World, token: str, question: Question) -> Any:
    shop = Shop(settings, world)
    try:
        return await Loopback(shop, token).call(question.method, question.path, question.body)
    finally:
        shop.close()


def _over_http(door: Door, token: str, question: Question) -> Any:
    connection = _connection(door)
    headers = {"authorization": f"Bearer {token}", "content-type": "application/json"}
    if door.name:
        headers["host"] = door.name
    try:
        sent = None if question.body is None else json.encode(question.body)
        connection.request(question.method, question.path, sent, headers)
        answer = connection.getresponse()
        content = answer.read()
    except (OSError, HTTPException) as error:
        raise Refused(f"The shop at {door.url} does not answer: {error}") from error
    finally:
        connection.close()
    if answer.status not in _OK:
        raise Refused(told(content))
    return msgspec.json.decode(content) if content else None


def _connection(door: Door) -> HTTPConnection:
    where = urlsplit(door.url)
    if where.scheme != "https":
        return HTTPConnection(where.netloc, timeout=TIMEOUT_SECONDS)
    context = ssl.create_default_context()
    if door.certificate:
        # This very certificate, whatever name is in it: the address is this machine's.
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname = False
        context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        context.load_verify_locations(door.certificate)
    return HTTPSConnection(where.netloc, timeout=TIMEOUT_SECONDS, context=context)
