"""Structured logs: one JSON object a line on standard error, in the Elastic Common Schema.

What the schema has no field for stands under ``kibble`` (https://www.elastic.co/guide/en/ecs/current).
"""

from __future__ import annotations

import logging
import re
import sys

import structlog
from structlog.typing import EventDict, WrappedLogger

from kibble.platform.security.sensitive import SHIELDED, is_shielded, shielded, shielded_text
from kibble.platform.telemetry.trace import current_traceparent

ECS_VERSION = "8.17.0"
_OWN = frozenset({"level", "timestamp", "exc_info", "stack_info", "request_id"})
"""What the log adds by itself."""
_NETWORK = re.compile(r"[0-9a-fA-F.:]{2,45}")
"""Where a request came from, which a log of security needs; no place where people live."""
_ECS = {
    "event": "message",
    "level": "log.level",
    "timestamp": "@timestamp",
    "exception": "error.stack_trace",
    "error": "error.message",
    "path": "url.path",
    "status": "http.response.status_code",
    "request_id": "http.request.id",
    "category": "event.category",
    "action": "event.action",
    "outcome": "event.outcome",
    "address": "source.ip",
}
_NANOSECONDS = 1_000_000_000


def configure_logs(level: str = "INFO", *, service: str = "kibble", pretty: bool = False) -> None:
    """Set up structlog for the process; ``pretty`` writes for people instead of for machines."""
    chain: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        _shield,
    ]
    if pretty:
        chain.append(structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()))
    else:
        chain += [
            structlog.processors.format_exc_info,
            _shield_trace,
            _ToEcs(service),
            structlog.processors.JSONRenderer(),
        ]
    structlog.configure(
        processors=chain,
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def _shield(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """Keep what is personal or secret out of the log, whoever writes it there."""
    return {
        name: value if name in _OWN else _shielded(name, value) for name, value in event.items()
    }


def _shielded(name: str, value: object) -> object:
    if name == "address" and isinstance(value, str) and _NETWORK.fullmatch(value):
        return value
    return SHIELDED if is_shielded(name) and value is not None else shielded(value)


def _shield_trace(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    """The same for the text of an error, which quotes what it stumbled over."""
    if isinstance(trace := event.get("exception"), str):
        event["exception"] = shielded_text(trace)
    return event


class _ToEcs:
    """Gives fields the names of the schema, and adds who says it in which trace."""

    def __init__(self, service: str) -> None:
        self._service = service

    def __call__(self, _: WrappedLogger, __: str, event: EventDict) -> EventDict:
        told: EventDict = {"service.name": self._service, "ecs.version": ECS_VERSION}
        if traceparent := current_traceparent():
            _, told["trace.id"], told["span.id"], _ = traceparent.split("-")
        for key, value in event.items():
            if key == "seconds":
                told["event.duration"] = int(value * _NANOSECONDS)
            else:
                told[_ECS.get(key, f"kibble.{key}")] = value
        return told
