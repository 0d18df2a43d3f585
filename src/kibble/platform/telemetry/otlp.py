"""Sends spans to an OpenTelemetry collector by OTLP over HTTP; needs the extra ``tracing``."""

from __future__ import annotations

from collections.abc import Generator
from contextlib import contextmanager

from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.trace import (
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    set_span_in_context,
)
from opentelemetry.trace import Span as OtelSpan

from kibble import __version__
from kibble.kernel.errors import KibbleError
from kibble.kernel.ids import Randomness
from kibble.platform.telemetry.spans import NO_SPAN, Attribute, Kind, Span
from kibble.platform.telemetry.trace import continue_trace, current_traceparent

_KINDS = {"server": SpanKind.SERVER, "client": SpanKind.CLIENT, "consumer": SpanKind.CONSUMER}


class OtlpTracer:
    """Implements ``Tracer``; spans are sent in batches by a thread of its own."""

    def __init__(self, url: str, service: str, share: float, randomness: Randomness) -> None:
        """``url`` is the collector's, ``share`` of the traces that begin here are kept (0 to 1)."""
        resource = Resource.create({"service.name": service, "service.version": __version__})
        self._provider = TracerProvider(resource=resource, shutdown_on_exit=False)
        exporter = OTLPSpanExporter(endpoint=f"{url.rstrip('/')}/v1/traces")
        self._provider.add_span_processor(BatchSpanProcessor(exporter))
        self._tracer = self._provider.get_tracer("kibble")
        self._share = share
        self._randomness = randomness

    @contextmanager
    def span(self, name: str, kind: Kind, attributes: dict[str, Attribute]) -> Generator[Span]:
        """See ``Tracer.span``."""
        before = current_traceparent()
        if before is None and self._randomness.random() >= self._share:
            continue_trace(self._not_kept())
            yield NO_SPAN
            continue_trace(before)
            return
        if before is not None and not _is_kept(before):
            yield NO_SPAN
            return
        context = set_span_in_context(NonRecordingSpan(_parsed(before))) if before else None
        made = self._tracer.start_span(name, context, _KINDS[kind], attributes)
        continue_trace(_written(made.get_span_context()))
        try:
            yield _Told(made)
        except BaseException as error:
            _fail(made, error)
            raise
        finally:
            made.end()
            continue_trace(before)

    def _not_kept(self) -> str:
        """Return the traceparent of a trace that nobody keeps, so that all others leave it too."""
        trace = self._randomness.getrandbits(128) | 1
        return f"00-{trace:032x}-{self._randomness.getrandbits(64) | 1:016x}-00"

    def close(self) -> None:
        """Send what waits, and end the thread."""
        self._provider.shutdown()


class _Told:
    def __init__(self, made: OtelSpan) -> None:
        self._made = made

    def tell(self, name: str, value: Attribute) -> None:
        """See ``Span.tell``."""
        self._made.set_attribute(name, value)


def _fail(made: OtelSpan, error: BaseException) -> None:
    if not isinstance(error, KibbleError):
        made.record_exception(error)
    made.set_status(Status(StatusCode.ERROR, type(error).__name__))


def _is_kept(traceparent: str) -> bool:
    return bool(int(traceparent[-2:], 16) & TraceFlags.SAMPLED)


def _parsed(traceparent: str) -> SpanContext:
    _, trace, parent, flags = traceparent.split("-")
    return SpanContext(int(trace, 16), int(parent, 16), True, TraceFlags(int(flags, 16)))  # noqa: FBT003 - it is remote


def _written(context: SpanContext) -> str:
    return f"00-{context.trace_id:032x}-{context.span_id:016x}-{int(context.trace_flags):02x}"
