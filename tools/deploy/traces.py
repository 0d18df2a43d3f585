"""The collector, built from its modules, on the settings of ``deploy/tracing``.

It accepts them, and with those for AWS it carries a purchase: a running Kibble sends its spans, and
its log lines lie where a node has them. What stands in for X-Ray and CloudWatch on the loopback
keeps each request, which has to be signed, and whole. What scrapes is not in that build: Prometheus
reads its part of the settings.
"""

from __future__ import annotations

import gzip
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import NamedTuple

import msgspec
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceRequest
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceRequest
from opentelemetry.proto.trace.v1.trace_pb2 import Span

from bench.kit.process import free_port
from tools.deploy import programs
from tools.deploy.live import HOST, buy, running
from tools.distributed.processes import Member, kibble

FOLDER = programs.PROJECT / "deploy" / "tracing"
LOCAL, AWS = FOLDER / "collector-local.yml", FOLDER / "collector-aws.yml"
METRICS, DAEMON = FOLDER / "collector-aws-metrics.yml", FOLDER / "collector.yaml"
REGION = "us-east-1"
GROUP = "/kibble/shop"
PATIENCE_SECONDS = 40.0
POD = "shop_shop-order-0_0a1b2c3d/order"
"""A pod's folder, as a node names it: namespace, name and id, then the container."""
WANTED = {int(Span.SPAN_KIND_SERVER), int(Span.SPAN_KIND_CONSUMER)}
"""A purchase begins with a request, and goes on with events."""
CREDENTIALS = {
    "AWS_REGION": REGION,
    "AWS_ACCESS_KEY_ID": "key",
    "AWS_SECRET_ACCESS_KEY": "secret",
}


class Request(NamedTuple):
    """What arrived: who signed it for which service, its log group if it has one, its body."""

    service: str
    group: str
    body: bytes


def check() -> Iterator[str]:
    """Let the collector read its settings, then carry traces and logs; yield what is wrong."""
    collector = programs.of_go("collector")
    for config in (LOCAL, AWS):
        yield from _read(collector, config)
    yield from _metrics(collector)
    validated = programs.run(programs.of_python("kubernetes-validate"), "--strict", DAEMON)
    yield from programs.problems("kubernetes-validate of collector.yaml", validated)
    with tempfile.TemporaryDirectory(prefix="kibble-traces-") as name, _amazon() as (url, seen):
        yield from _carried(collector, Path(name), url, seen)


def _read(collector: Path, *configs: Path) -> list[str]:
    flags = [f"--config={config}" for config in configs]
    read = programs.run(collector, "validate", *flags, environment=CREDENTIALS)
    return programs.problems(f"the collector on {configs[-1].name}", read)


def _metrics(collector: Path) -> Iterator[str]:
    """Let Prometheus read what is scraped, and the collector where that goes.

    Debian's Prometheus knows no Kubernetes: how pods are found is not read.
    """
    with tempfile.TemporaryDirectory(prefix="kibble-metrics-") as name:
        settings = msgspec.yaml.decode(METRICS.read_bytes())
        scraped = settings.pop("receivers")["prometheus"]["config"]
        for job in scraped["scrape_configs"]:
            del job["kubernetes_sd_configs"]
        settings["service"]["pipelines"]["metrics"]["receivers"] = ["otlp"]
        scrape, rest = Path(name) / "scrape.yml", Path(name) / METRICS.name
        scrape.write_bytes(msgspec.yaml.encode(scraped))
        rest.write_bytes(msgspec.yaml.encode(settings))
        promtool = programs.run(programs.of_debian("promtool"), "check", "config", scrape)
        yield from programs.problems("promtool on what is scraped", promtool)
        yield from _read(collector, AWS, rest)


@contextmanager
def _amazon() -> Iterator[tuple[str, list[Request]]]:
    """Stand in for X-Ray and CloudWatch; yield the address, and what arrives there."""
    seen: list[Request] = []

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            if self.headers.get("content-encoding") == "gzip":
                body = gzip.decompress(body)
            signed = self.headers.get("authorization", "")
            service = signed.partition(f"/{REGION}/")[2].partition("/aws4_request")[0]
            seen.append(Request(service, self.headers.get("x-aws-log-group", ""), body))
            self.send_response(200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 - its name there
            """Say nothing."""

    server = ThreadingHTTPServer((HOST, 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    try:
        yield f"http://{HOST}:{server.server_port}", seen
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def _carried(collector: Path, folder: Path, url: str, seen: list[Request]) -> Iterator[str]:
    otlp, health, port = free_port(), free_port(), free_port()
    lines = folder / "pods" / POD / "0.log"
    lines.parent.mkdir(parents=True)
    changed = {
        "receivers.otlp.protocols.http.endpoint": f"{HOST}:{otlp}",
        "receivers.filelog.include": f"[{folder}/pods/shop_*/*/*.log]",
        "receivers.filelog.start_at": "beginning",
        "extensions.health_check.endpoint": f"{HOST}:{health}",
        "exporters.otlphttp/xray.traces_endpoint": f"{url}/v1/traces",
        "exporters.otlphttp/logs.logs_endpoint": f"{url}/v1/logs",
        "processors.batch.timeout": "200ms",
    }
    command = [str(collector), "--config", str(AWS)]
    command += [f"--set={name}={value}" for name, value in changed.items()]
    log = folder / "collector.log"
    settings = {"KIBBLE_OTLP_URL": f"http://{HOST}:{otlp}", "KIBBLE_TRACE_SHARE": "1"}
    shop = kibble("run", "--port", str(port), "--data-dir", str(folder / "data"))
    members = [
        Member("collector", command, CREDENTIALS, log, health, "/"),
        Member("kibble", shop, settings, folder / "kibble.log", port),
    ]
    with running(members):
        buy(port, orders=1)
        said = (folder / "kibble.log").read_text().splitlines()
        lines.write_text("".join(f"{_now()} stderr F {line}\n" for line in said))
        found = _missing(seen)
        deadline = time.monotonic() + PATIENCE_SECONDS
        while found and time.monotonic() < deadline:
            time.sleep(0.5)
            found = _missing(seen)
    yield from found
    if found:
        yield from log.read_text().splitlines()[-20:]


def _now() -> str:
    return datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ")


def _missing(seen: Sequence[Request]) -> list[str]:
    """Return what has not arrived yet."""
    found = []
    traces: dict[bytes, set[int]] = {}
    for one in seen:
        if one.service == "xray":
            for trace_id, kind in _spans(one.body):
                traces.setdefault(trace_id, set()).add(kind)
    if not any(kinds >= WANTED for kinds in traces.values()):
        found.append("no signed trace went through HTTP and events to X-Ray")
    levels = {level for one in seen if one.service == "logs" for level in _levels(one)}
    if "info" not in levels:
        found.append("no signed line with its level went to CloudWatch Logs")
    return found


def _spans(body: bytes) -> Iterator[tuple[bytes, int]]:
    """Yield the trace and the kind of every span of a request."""
    for resource in ExportTraceServiceRequest.FromString(body).resource_spans:
        for scope in resource.scope_spans:
            for span in scope.spans:
                yield span.trace_id, span.kind


def _levels(request: Request) -> Iterator[str]:
    """Yield the level of every line of a request for the shop's log group."""
    if request.group != GROUP:
        return
    for resource in ExportLogsServiceRequest.FromString(request.body).resource_logs:
        for scope in resource.scope_logs:
            for line in scope.log_records:
                for attribute in line.attributes:
                    if attribute.key == "log.level":
                        yield attribute.value.string_value
