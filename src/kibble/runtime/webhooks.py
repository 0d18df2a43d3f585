"""``kibble webhooks``: the endpoints outside the shop, and what they were told."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import urlencode

from cyclopts import App, Parameter

from kibble.platform.clock import SystemClock, Uuid7Ids, system_randomness
from kibble.platform.service import World
from kibble.runtime.administration import Question, ask
from kibble.runtime.console import fail, write
from kibble.runtime.loopback import Refused
from kibble.runtime.people import DataDir, Url, settings_of

webhooks = App(name="webhooks", help="Endpoints outside the shop that are told of events.")

_SCOPES = ("webhooks:admin",)
_PATH = "/api/webhooks"

Fields = Annotated[
    str, Parameter(help="How much they are told: ids, details, or personal (what names people).")
]


def _ask(
    data_dir: Path | None, url: str | None, method: str, path: str = "", body: object = None
) -> Any:
    clock, randomness = SystemClock(), system_randomness()
    world = World(clock, Uuid7Ids(clock, randomness), randomness)
    question = Question(method, f"{_PATH}{path}", _SCOPES, body)
    try:
        return ask(settings_of(data_dir), world, url, question)
    except Refused as error:
        fail(str(error))


@webhooks.command(name="list")
def list_(*, url: Url = None, data_dir: DataDir = None) -> None:
    """List the webhooks."""
    for one in _ask(data_dir, url, "GET"):
        state = "on" if one["enabled"] else f"off ({one['disabledReason']})"
        failing = f"  failing since {one['failingSince']}" if one["failingSince"] else ""
        write(f"{one['id']}  {state}  {one['url']}  {' '.join(one['events'])}{failing}")


@webhooks.command
def events(*, url: Url = None, data_dir: DataDir = None) -> None:
    """List the events that there are to hear of."""
    for one in _ask(data_dir, url, "GET", "/events"):
        write(f"{one['type']:32}{one['about']}")


@webhooks.command
def add(
    endpoint: Annotated[str, Parameter(help="The https address to send to.")],
    *,
    event: Annotated[list[str], Parameter(negative=(), help="One or more types of event.")],
    fields: Fields = "ids",
    description: str = "",
    contact: Annotated[
        str | None, Parameter(help="The mailbox that hears when it is switched off.")
    ] = None,
    url: Url = None,
    data_dir: DataDir = None,
) -> None:
    """Add a webhook; prints its id, and its secret this once."""
    body = {
        "url": endpoint,
        "events": event,
        "fields": fields,
        "description": description,
        "contact": contact,
    }
    made = _ask(data_dir, url, "POST", "", body)
    write(f"webhook_id={made['id']}\nsecret={made['secret']}")


@webhooks.command
def rotate(
    webhook_id: str,
    *,
    overlap_hours: Annotated[int, Parameter(help="How long the old one stays good.")] = 24,
    url: Url = None,
    data_dir: DataDir = None,
) -> None:
    """Print a new secret for a webhook; the one before stays good for a while."""
    body = {"overlapHours": overlap_hours}
    write(_ask(data_dir, url, "POST", f"/{webhook_id}/secret", body)["secret"])


@webhooks.command
def disable(
    webhook_id: str,
    *,
    enable: Annotated[bool, Parameter(negative=(), help="Switch it on again.")] = False,
    url: Url = None,
    data_dir: DataDir = None,
) -> None:
    """Switch a webhook off: what it would be told waits, for 30 days."""
    _ask(data_dir, url, "PATCH", f"/{webhook_id}", {"enabled": enable})


@webhooks.command
def remove(webhook_id: str, *, url: Url = None, data_dir: DataDir = None) -> None:
    """Forget a webhook and all that it was told."""
    _ask(data_dir, url, "DELETE", f"/{webhook_id}")


@webhooks.command(name="test")
def send_test(webhook_id: str, *, url: Url = None, data_dir: DataDir = None) -> None:
    """Send a webhook a test event; prints the delivery's id."""
    write(_ask(data_dir, url, "POST", f"/{webhook_id}/test")["id"])


@webhooks.command
def deliveries(
    webhook_id: str,
    *,
    status: Annotated[str | None, Parameter(help="Only PENDING, DELIVERED or FAILED ones.")] = None,
    limit: int = 20,
    url: Url = None,
    data_dir: DataDir = None,
) -> None:
    """List what a webhook was told, newest first."""
    query = urlencode({"limit": limit} | ({"status": status} if status else {}))
    for one in _ask(data_dir, url, "GET", f"/{webhook_id}/deliveries?{query}"):
        last = one["lastAttempt"]
        came = (last["status"] or last["error"]) if last else "not tried yet"
        write(f"{one['id']}  {one['status']}  {one['type']}  {one['tries']} tries  {came}")


@webhooks.command
def replay(
    webhook_id: str,
    delivery_id: Annotated[str | None, Parameter(help="One delivery, or a range.")] = None,
    *,
    since: Annotated[
        datetime | None, Parameter(help="All from this moment on (UTC unless it says).")
    ] = None,
    before: Annotated[datetime | None, Parameter(help="... up to this one.")] = None,
    status: Annotated[str, Parameter(help="All FAILED, or all DELIVERED.")] = "FAILED",
    url: Url = None,
    data_dir: DataDir = None,
) -> None:
    """Send one event again, or all of a range."""
    if (delivery_id is None) == (since is None):
        raise ValueError("Name either a delivery or --since.")
    if delivery_id is not None:
        _ask(data_dir, url, "POST", f"/{webhook_id}/deliveries/{delivery_id}/replay")
        return
    body = {"since": _utc(since), "before": _utc(before), "status": status, "after": None}
    count, is_first = 0, True
    while is_first or body["after"]:
        told = _ask(data_dir, url, "POST", f"/{webhook_id}/replay", body)
        count, body["after"], is_first = count + told["replayed"], told["next"], False
    write(f"{count} sent again")


def _utc(moment: datetime | None) -> datetime | None:
    return moment.replace(tzinfo=UTC) if moment and moment.tzinfo is None else moment
