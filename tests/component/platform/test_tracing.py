"""Traces: kept or not is decided once, and what is kept goes to a collector by OTLP."""

from __future__ import annotations

import json
from collections.abc import Iterator
from random import Random

import pytest

from kibble.kernel.errors import Unavailable
from kibble.platform.telemetry.logs import configure_logs
from kibble.platform.telemetry.otlp import OtlpTracer
from kibble.platform.telemetry.spans import span, trace_with
from kibble.platform.telemetry.trace import continue_trace, current_traceparent
from tests.fixtures.collector import Collector, collector

__all__ = ["collector"]

KEPT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
NOT_KEPT = KEPT[:-1] + "0"


@pytest.fixture
def tracer(collector: Collector) -> Iterator[OtlpTracer]:
    made = OtlpTracer(f"http://127.0.0.1:{collector.port}", "order", 0.0, Random(1))
    trace_with(made)
    continue_trace(None)
    yield made
    trace_with(None)
    continue_trace(None)
    made.close()


class TestSpans:
    def test_belong_to_the_trace_of_the_caller_and_to_one_another(
        self, tracer: OtlpTracer, collector: Collector
    ) -> None:
        continue_trace(KEPT)
        with span("check_out", "server"), span("inventory reserve", "client"):
            assert (current_traceparent() or "")[:35] == KEPT[:35]
        assert current_traceparent() == KEPT
        tracer.close()
        spans = collector.spans()
        trace, parent, _ = spans["check_out"]
        assert (trace, parent) == (KEPT[3:35], KEPT[36:52])
        assert spans["inventory reserve"][0] == trace
        assert spans["inventory reserve"][1] not in {"", parent}

    def test_tell_what_failed(self, tracer: OtlpTracer, collector: Collector) -> None:
        continue_trace(KEPT)
        with pytest.raises(Unavailable), span("payment prepare", "client"):
            raise Unavailable("Payment is away.")
        tracer.close()
        assert collector.spans()["payment prepare"][2] == "Unavailable"

    def test_are_not_made_in_a_trace_that_nobody_keeps(
        self, tracer: OtlpTracer, collector: Collector
    ) -> None:
        continue_trace(NOT_KEPT)
        with span("check_out", "server"):
            assert current_traceparent() == NOT_KEPT
        continue_trace(None)
        with span("check_out", "server"):
            begun = current_traceparent()
        assert begun is not None
        assert begun.endswith("-00")
        assert current_traceparent() is None
        tracer.close()
        assert collector.requests == []

    def test_cost_a_look_when_nobody_traces(self) -> None:
        trace_with(None)
        continue_trace(KEPT)
        with span("check_out", "server") as told:
            told.tell("http.response.status_code", 201)
            assert current_traceparent() == KEPT
        continue_trace(None)


class TestLogs:
    def test_are_ecs_and_name_the_trace(self, capsys: pytest.CaptureFixture[str]) -> None:
        import structlog  # noqa: PLC0415 - configured by the test

        configure_logs("INFO", service="order")
        continue_trace(KEPT)
        structlog.get_logger().warning("slow request", operation="check_out", seconds=1.5)
        continue_trace(None)
        told = json.loads(capsys.readouterr().err)
        assert told["message"] == "slow request"
        assert told["log.level"] == "warning"
        assert told["service.name"] == "order"
        assert told["trace.id"] == KEPT[3:35]
        assert told["event.duration"] == 1_500_000_000
        assert told["kibble.operation"] == "check_out"
        structlog.reset_defaults()
