"""Metrics for Prometheus; children are cached, since a look-up costs more than the count."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache

from prometheus_client import (
    CollectorRegistry,
    Counter,
    Gauge,
    Histogram,
    ProcessCollector,
    generate_latest,
)

from kibble.platform.telemetry.watched import WatchedCollector

registry = CollectorRegistry()
registry.register(WatchedCollector())
ProcessCollector(registry=registry)

_requests = Histogram(
    "kibble_http_request_seconds",
    "Time to answer a request, by operation and status.",
    ("service", "operation", "status"),
    registry=registry,
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.3, 0.5, 1.0, 2.5, 5.0, 10.0),
)
_refused = Counter(
    "kibble_refused_total",
    "Requests that were refused at the door, by the problem's code.",
    ("code",),
    registry=registry,
)
_events = Counter(
    "kibble_events_total",
    "Events that a consumer took, by outcome.",
    ("consumer", "type", "outcome"),
    registry=registry,
)
_lag = Gauge(
    "kibble_event_lag_seconds",
    "Age of the oldest event that a consumer has not taken; 0 when there is none.",
    ("feed",),
    registry=registry,
)
_outbox_events = Gauge(
    "kibble_outbox_events",
    "Events that wait in an outbox, as far as the relay looks at once.",
    ("outbox",),
    registry=registry,
)
_outbox_age = Gauge(
    "kibble_outbox_age_seconds",
    "Age of the oldest event in an outbox; 0 when it is empty.",
    ("outbox",),
    registry=registry,
)
_parked = Gauge(
    "kibble_parked_events",
    "Events that could not be applied, by consumer and status.",
    ("consumer", "status"),
    registry=registry,
)
_products = Gauge(
    "kibble_stock_products",
    "Products by whether they can be bought.",
    ("state",),
    registry=registry,
)
_low = Gauge(
    "kibble_stock_low_products", "Products of which few units are left.", registry=registry
)
_units = Gauge(
    "kibble_stock_units", "Units in all warehouses, by state.", ("state",), registry=registry
)
_loop_delay = Histogram(
    "kibble_event_loop_delay_seconds",
    "How much later than asked for the event loop came back: what everybody waits for.",
    registry=registry,
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5),
)

_shed = Counter(
    "kibble_http_shed_total",
    "Requests refused because the shop was too busy, by class of work.",
    ("work",),
    registry=registry,
)
_violations = Counter(
    "kibble_content_policy_reports_total",
    "What browsers reported of pages against their Content-Security-Policy, by directive.",
    ("directive",),
    registry=registry,
)


@cache
def _request_child(service: str, operation: str, status: int) -> Histogram:
    return _requests.labels(service, operation, str(status))


@cache
def _event_child(consumer: str, event_type: str, outcome: str) -> Counter:
    return _events.labels(consumer, event_type, outcome)


def request_answered(service: str, operation: str, status: int, seconds: float) -> None:
    """Count one answered request."""
    _request_child(service, operation, status).observe(seconds)


def request_refused(code: str) -> None:
    """Count one request that no service saw; ``code`` is the problem's."""
    _refused.labels(code).inc()


def request_shed(work: str) -> None:
    """Count one request that was refused because the shop was too busy."""
    _shed.labels(work).inc()


def content_policy_reported(directive: str) -> None:
    """Count one report of a browser; ``directive`` must be of a limited number."""
    _violations.labels(directive).inc()


def event_applied(consumer: str, event_type: str) -> None:
    """Count one event that changed a consumer's state, or was found to change nothing."""
    _event_child(consumer, event_type, "applied").inc()


def event_failed(consumer: str, event_type: str) -> None:
    """Count one attempt that failed."""
    _event_child(consumer, event_type, "failed").inc()


def set_lag(feeds: Mapping[str, float]) -> None:
    """Show the lag of all feeds, in seconds."""
    for feed, seconds in feeds.items():
        _lag.labels(feed).set(seconds)


def set_outbox(outbox: str, events: int, age_seconds: float) -> None:
    """Show how many events wait in an outbox, and how old the oldest is."""
    _outbox_events.labels(outbox).set(events)
    _outbox_age.labels(outbox).set(age_seconds)


def set_parked(consumer: str, retrying: int, dead: int) -> None:
    """Show how many events of a consumer wait for another attempt, and how many were given up."""
    _parked.labels(consumer, "retrying").set(retrying)
    _parked.labels(consumer, "dead").set(dead)


def set_stock(products: Mapping[str, int], low: int, units: Mapping[str, int]) -> None:
    """Show how many products and units there are, by state, and of how many few are left."""
    for state, count in products.items():
        _products.labels(state).set(count)
    _low.set(low)
    for state, count in units.items():
        _units.labels(state).set(count)


def loop_was_late(seconds: float) -> None:
    """Count one look at how late the event loop is."""
    _loop_delay.observe(seconds)


def render() -> bytes:
    """Return all metrics in the Prometheus text format."""
    return generate_latest(registry)
