"""The way of the logs, over the real search engine: a run's lines, pipeline, saved searches.

Filebeat and Logstash are in no package registry. The little that they do with a line (follow a
file, read JSON) is done here; all after that (index template, ingest pipeline, saved searches) is
the engine's own work on the files as they are. Where OpenSearch stands in for Elasticsearch, it
takes no lifecycle policy: that is left out, and its form is checked.
"""

from __future__ import annotations

import json
import sys
import tempfile
import urllib.error
import urllib.request
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from bench.kit.process import free_port
from tools.deploy import programs
from tools.deploy.live import ask, engines, running
from tools.distributed.processes import Member, kibble

FOLDER = programs.PROJECT / "deploy" / "logging"
STREAM = "logs-kibblecheck-default"
NAME = "kibble-logs-check"
PHASES = {"hot", "warm", "cold", "delete"}
_LATE_AND_BROKEN = """
import structlog
from kibble.platform.telemetry.logs import configure_logs
configure_logs(service="order")
log = structlog.get_logger()
log.warning("slow request", operation="check_out", path="/api/carts", status=201, seconds=1.5)
try:
    raise RuntimeError("a bug")
except RuntimeError:
    log.exception("request failed", operation="check_out", token="nobody's")
"""
"""What no run brings about at will, by the logger that a run has."""


def check() -> list[str]:
    """Ship the logs of a run, and ask all saved searches for them."""
    found = [*_forms()]
    engine = engines()["KIBBLE_ELASTICSEARCH_URL"]
    with _stream(engine):
        lines = list(_lines())
        _ship(engine, lines)
        for title, query in _searches():
            if not _hits(engine, query):
                found.append(f"kibana.ndjson: {title} finds nothing in {len(lines)} lines")
        if _hits(engine, "_exists_:kibble.token"):
            found.append("ingest-pipeline.json: a token was kept")
        if not _hits(engine, "event.kind:alert"):
            found.append("ingest-pipeline.json: no error became an alert")
    return found


def _forms() -> Iterator[str]:
    """Check what this engine does not take, by its form."""
    policy = json.loads((FOLDER / "ilm-policy.json").read_text())["policy"]
    if set(policy["phases"]) != PHASES:
        yield f"ilm-policy.json has not the phases {', '.join(sorted(PHASES))}"
    template = json.loads((FOLDER / "index-template.json").read_text())
    if template["template"]["settings"]["index.lifecycle.name"] != "kibble-logs":
        yield "index-template.json names another lifecycle policy"
    objects = _objects()
    known = {(one["type"], one["id"]) for one in objects}
    for one in objects:
        for reference in one["references"]:
            if (reference["type"], reference["id"]) not in known:
                yield f"kibana.ndjson: {one['id']} refers to {reference['id']}, which is not there"
    parsed = programs.run(programs.of_python("python"), "-c", _PARSE, str(FOLDER / "logstash.conf"))
    yield from programs.problems("logstash.conf", parsed)


_PARSE = (
    "import sys; from logstash_pipeline_parser import Pipeline;"
    " print(Pipeline(open(sys.argv[1]).read()).parse())"
)


def _objects() -> list[dict[str, Any]]:
    return [json.loads(line) for line in (FOLDER / "kibana.ndjson").read_text().splitlines()]


def _searches() -> Iterator[tuple[str, str]]:
    for one in _objects():
        if one["type"] == "search":
            source = one["attributes"]["kibanaSavedObjectMeta"]["searchSourceJSON"]
            yield one["attributes"]["title"], json.loads(source)["query"]["query"]


@contextmanager
def _stream(engine: str) -> Iterator[None]:
    """Make the pipeline, the template and a data stream of their own, and remove them again."""
    template = json.loads((FOLDER / "index-template.json").read_text())
    template["index_patterns"] = ["logs-kibblecheck-*"]
    del template["template"]["settings"]["index.lifecycle.name"]
    template["template"]["settings"]["index.number_of_replicas"] = 0
    pipeline = json.loads((FOLDER / "ingest-pipeline.json").read_text())
    made = (f"_ingest/pipeline/{NAME}", f"_index_template/{NAME}", f"_data_stream/{STREAM}")
    try:
        _call(engine, "PUT", made[0], pipeline)
        _call(engine, "PUT", made[1], template)
        _call(engine, "PUT", made[2])
        yield
    finally:
        for path in reversed(made):
            _call(engine, "DELETE", path, missing=True)


def _lines() -> Iterator[dict[str, Any]]:
    """Return what a running shop, and its logger, wrote."""
    with tempfile.TemporaryDirectory(prefix="kibble-logs-") as name:
        folder, port = Path(name), free_port()
        settings = {"KIBBLE_SEED": "off", "KIBBLE_LOG_LEVEL": "INFO"}
        command = kibble("run", "--port", str(port), "--data-dir", str(folder / "data"))
        shop = Member("kibble", command, settings, folder / "kibble.log", port)
        with running([shop]):
            ask(port, "GET", "/api/orders", headers={"authorization": "Bearer nonsense"})
        yield from _read(shop.log.read_text())
    yield from _read(programs.run(sys.executable, "-c", _LATE_AND_BROKEN).said)


def _read(text: str) -> Iterator[dict[str, Any]]:
    """Read JSON lines as Logstash's filter does: what is no JSON stays a message."""
    for line in text.splitlines():
        if line.startswith("{"):
            yield json.loads(line)


def _ship(engine: str, lines: Iterable[dict[str, Any]]) -> None:
    body = "".join(f'{{"create":{{}}}}\n{json.dumps(line)}\n' for line in lines).encode()
    answer = _call(engine, "POST", f"{STREAM}/_bulk?pipeline={NAME}&refresh=true", body)
    if answer["errors"]:
        raise ValueError(json.dumps(answer)[:2000])


def _hits(engine: str, query: str) -> int:
    asked = {"query": {"query_string": {"query": query}}}
    count: int = _call(engine, "POST", f"{STREAM}/_count", asked)["count"]
    return count


def _call(
    engine: str, method: str, path: str, body: object = None, *, missing: bool = False
) -> Any:
    raw = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
    kind = "application/x-ndjson" if isinstance(body, bytes) else "application/json"
    request = urllib.request.Request(  # noqa: S310 - the engine of this machine
        f"{engine}/{path}", raw, {"content-type": kind}, method=method
    )
    try:
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - as above
            return json.loads(answer.read())
    except urllib.error.HTTPError as error:
        if missing and error.code == 404:  # noqa: PLR2004 - not found
            return None
        raise ValueError(f"{method} {path}: {error.read().decode()[:2000]}") from error
