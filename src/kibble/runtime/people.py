"""``kibble staff``, ``kibble client`` and ``kibble keys``: who may do what, and what proves it."""

from __future__ import annotations

import os
import sys
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Any

import msgspec
from cyclopts import App, Group, Parameter, validators

from kibble.platform.clock import SystemClock, Uuid7Ids, system_randomness
from kibble.platform.config import Settings, read_settings
from kibble.platform.security.identities import SHOP, own_path, public_folder, publish
from kibble.platform.security.keys import LEAD, rotate
from kibble.platform.security.roles import STAFF_ROLES
from kibble.platform.security.sealing import add_sealing_key, sealing_key_path
from kibble.platform.service import World
from kibble.runtime.administration import Question, ask
from kibble.runtime.console import fail, no_shop_in, say, write
from kibble.runtime.loopback import Refused
from kibble.runtime.recording import recorded
from kibble.runtime.server import has_shop

staff = App(name="staff", help="The accounts of those who run the shop.")

client = App(name="client", help="Programs that use the API: for somebody, or for themselves.")
keys = App(name="keys", help="The keys that tokens are signed with, and secrets sealed.")

WHERE = Group("Where")
DataDir = Annotated[
    Path | None,
    Parameter(name="--data-dir", group=WHERE, help="The folder of all state (KIBBLE_DATA_DIR)."),
]
Url = Annotated[
    str | None,
    Parameter(group=WHERE, help="Where the shop answers, if it does not run on this folder."),
]
Roles = Annotated[
    list[str],
    Parameter(name="--role", negative=(), help=f"One or more of {', '.join(STAFF_ROLES)}."),
]
_SCOPES = ("staff:admin", "clients:admin")
_PATH = "/api/staff"
_CLIENTS = "/api/clients"


def _ask(
    data_dir: Path | None, url: str | None, method: str, path: str, body: object = None
) -> Any:
    clock, randomness = SystemClock(), system_randomness()
    world = World(clock, Uuid7Ids(clock, randomness), randomness)
    try:
        return ask(settings_of(data_dir), world, url, Question(method, path, _SCOPES, body))
    except Refused as error:
        fail(str(error))


def settings_of(data_dir: Path | None) -> Settings:
    """Return the environment's settings, for the folder that was named."""
    settings = read_settings(os.environ)
    return settings if data_dir is None else msgspec.structs.replace(settings, data_dir=data_dir)


def require_shop(settings: Settings) -> None:
    """End with a sentence where the data folder has no shop: a mistyped one is not made."""
    if not has_shop(settings.data_dir):
        fail(no_shop_in(settings.data_dir))


def _member(data_dir: Path | None, url: str | None, username: str) -> Any:
    for member in _ask(data_dir, url, "GET", _PATH):
        if member["username"].casefold() == username.casefold():
            return member
    return fail(f"There is no member of staff called {username}.")


@staff.command
def add(
    username: str,
    *,
    role: Roles,
    name: Annotated[str | None, Parameter(help="How to address the person.")] = None,
    password_stdin: Annotated[
        bool, Parameter(negative=(), help="Read the password from the standard input.")
    ] = False,
    url: Url = None,
    data_dir: DataDir = None,
) -> None:
    """Make an account; prints a password for the first sign-in unless one is given."""
    body: dict[str, object] = {"username": username, "roles": role}
    if name is not None:
        body["name"] = name
    if password_stdin:
        body["password"] = sys.stdin.readline().rstrip("\r\n")
    made = _ask(data_dir, url, "POST", _PATH, body)
    if "password" in made:
        write(made["password"])


@staff.command(name="list")
def list_(*, url: Url = None, data_dir: DataDir = None) -> None:
    """List the accounts."""
    for member in _ask(data_dir, url, "GET", _PATH):
        state = "  disabled" if member["disabled"] else ""
        write(f"{member['username']}  {' '.join(member['roles'])}{state}")


@staff.command
def disable(
    username: str,
    *,
    enable: Annotated[bool, Parameter(negative=(), help="Open the account again.")] = False,
    url: Url = None,
    data_dir: DataDir = None,
) -> None:
    """Shut an account: its sessions end, and nobody signs in to it."""
    member = _member(data_dir, url, username)
    _ask(data_dir, url, "PATCH", f"{_PATH}/{member['id']}", {"disabled": not enable})


@staff.command(name="role")
def set_roles(username: str, *, role: Roles, url: Url = None, data_dir: DataDir = None) -> None:
    """Give an account these roles instead of those that it has."""
    member = _member(data_dir, url, username)
    _ask(data_dir, url, "PATCH", f"{_PATH}/{member['id']}", {"roles": role})


@staff.command
def password(username: str, *, url: Url = None, data_dir: DataDir = None) -> None:
    """Print a new password for an account; the old one and all sessions end."""
    member = _member(data_dir, url, username)
    made = _ask(data_dir, url, "PATCH", f"{_PATH}/{member['id']}", {"newPassword": True})
    write(made["password"])


@client.command(name="add")
def add_client(
    name: str,
    *,
    scope: Annotated[str, Parameter(help="What it may ask for, separated by spaces.")],
    redirect: Annotated[
        list[str] | None, Parameter(negative=(), help="Where users are sent back to, exactly.")
    ] = None,
    confidential: Annotated[
        bool, Parameter(negative=(), help="It can keep a secret, and may act for itself.")
    ] = False,
    first_party: Annotated[
        bool, Parameter(negative=(), help="It is the shop's own: users are not asked.")
    ] = False,
    url: Url = None,
    data_dir: DataDir = None,
) -> None:
    """Register a client; prints its id, and the secret of a confidential one."""
    body = {
        "name": name,
        "scopes": scope.split(),
        "redirectUris": redirect or [],
        "confidential": confidential,
        "firstParty": first_party,
    }
    made = _ask(data_dir, url, "POST", _CLIENTS, body)
    write(f"client_id={made['id']}")
    if "secret" in made:
        write(f"client_secret={made['secret']}")


@client.command(name="list")
def list_clients(*, url: Url = None, data_dir: DataDir = None) -> None:
    """List the registered clients."""
    for one in _ask(data_dir, url, "GET", _CLIENTS):
        kind = "confidential" if one["confidential"] else "public"
        line = f"{one['id']}  {one['name']}  {kind}  {' '.join(one['scopes'])}"
        write(line)


@client.command(name="remove")
def remove_client(client_id: str, *, url: Url = None, data_dir: DataDir = None) -> None:
    """Forget a client: it gets no more tokens."""
    _ask(data_dir, url, "DELETE", f"{_CLIENTS}/{client_id}")


@keys.command(name="reseal")
def rotate_sealing_key(*, data_dir: DataDir = None) -> None:
    """Add a sealing key; an authenticator's secret moves to it when a code is next used.

    It seals from the next start. With KIBBLE_SEALING_KEYS, add a key at the end of that instead.
    """
    settings = settings_of(data_dir)
    path = sealing_key_path(settings.data_dir)
    if not path.exists():
        fail(f"There is no {path}: `kibble prepare` makes it.")
    with recorded(settings, "add_sealing_key", "keys"):
        added = add_sealing_key(path, system_randomness())
    write(added)


@keys.command(name="rotate")
def rotate_keys(
    *,
    lead_minutes: Annotated[
        float,
        Parameter(
            help="How long the next key is published before it signs.",
            validator=validators.Number(gte=0),
        ),
    ] = LEAD.total_seconds() / 60,
    service: Annotated[
        str,
        Parameter(help="Whose key: the shop's, with which people's tokens are signed, or this."),
    ] = SHOP,
    data_dir: DataDir = None,
) -> None:
    """Make the next signing key; the one before is kept until its last token has ended."""
    settings = settings_of(data_dir)
    lead = timedelta(minutes=lead_minutes)
    path = own_path(settings.data_dir, service)
    if not path.exists():
        fail(f"There is no key {path}: `kibble prepare` makes those that there are.")
    with recorded(settings, "rotate_keys", service):
        added = rotate(path, SystemClock().now().timestamp(), lead)
        if public_folder(settings.data_dir).exists():
            publish(settings.data_dir, service)
    write(added.kid)
    say(
        f"It signs in {lead}. A running shop needs no restart; HAProxy, where there is one, has to"
        " be given the public keys before."
    )
