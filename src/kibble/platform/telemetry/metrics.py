"""Metrics for Prometheus; children are cached, since a look-up costs more than the count."""

from __future__ import annotations

from functools import cache

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, generate_latest

registry = CollectorRegistry()

_requests = Histogram(
    "kibble_http_request_seconds",
    "Time to answer a request, by operation and status.",
    ("operation", "status"),
    registry=registry,
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0),
)
_events = Counter(
    "kibble_events_total",
    "Events that a consumer took, by outcome.",
    ("consumer", "type", "outcome"),
    registry=registry,
)
_lag = Gauge(
    "kibble_event_lag_seconds",
    "Age of the oldest event that a consumer has not taken.",
    ("feed",),
    registry=registry,
)
_parked = Gauge(
    "kibble_parked_events",
    "Events that could not be applied, by consumer and status.",
    ("consumer", "status"),
    registry=registry,
)


@cache
def _request_child(operation: str, status: int) -> Histogram:
    return _requests.labels(operation, str(status))


@cache
def _event_child(consumer: str, event_type: str, outcome: str) -> Counter:
    return _events.labels(consumer, event_type, outcome)


def request_answered(operation: str, status: int, seconds: float) -> None:
    """Count one answered request."""
    _request_child(operation, status).observe(seconds)


def event_applied(consumer: str, event_type: str) -> None:
    """Count one event that changed a consumer's state, or was found to change nothing."""
    _event_child(consumer, event_type, "applied").inc()


def event_failed(consumer: str, event_type: str) -> None:
    """Count one attempt that failed."""
    _event_child(consumer, event_type, "failed").inc()


def set_lag(feeds: dict[str, float]) -> None:
    """Show the lag in seconds of the feeds that have one; all others show none."""
    _lag.clear()
    for feed, seconds in feeds.items():
        _lag.labels(feed).set(seconds)


def set_parked(consumer: str, retrying: int, dead: int) -> None:
    """Show how many events of a consumer wait for another attempt, and how many were given up."""
    _parked.labels(consumer, "retrying").set(retrying)
    _parked.labels(consumer, "dead").set(dead)


def render() -> bytes:
    """Return all metrics in the Prometheus text format."""
    return generate_latest(registry)
