"""Structured logs: one JSON object a line on standard error, with ECS field names."""

from __future__ import annotations

import logging
import sys

import structlog
from structlog.typing import EventDict, WrappedLogger

_ECS = {
    "event": "message",
    "level": "log.level",
    "timestamp": "@timestamp",
    "exception": "error.stack_trace",
}


def configure_logs(level: str = "INFO", *, pretty: bool = False) -> None:
    """Set up structlog for the process; ``pretty`` writes for people instead of for machines."""
    chain: list[structlog.typing.Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    if pretty:
        chain.append(structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty()))
    else:
        chain += [
            structlog.processors.format_exc_info,
            _to_ecs,
            structlog.processors.JSONRenderer(),
        ]
    structlog.configure(
        processors=chain,
        wrapper_class=structlog.make_filtering_bound_logger(logging.getLevelNamesMapping()[level]),
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )


def _to_ecs(_: WrappedLogger, __: str, event: EventDict) -> EventDict:
    return {_ECS.get(key, key): value for key, value in event.items()}
