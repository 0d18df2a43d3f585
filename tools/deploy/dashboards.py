"""``python -m tools.deploy.dashboards`` writes Grafana's dashboards from ``dashboards.yml``."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple

import msgspec

from tools.deploy import programs

FOLDER = Path(__file__).parents[2] / "deploy" / "monitoring"
SOURCE = FOLDER / "dashboards.yml"
TARGET = FOLDER / "dashboards"
COLUMNS = 2
WIDTH, HEIGHT = 12, 8
DATASOURCE = {"type": "prometheus", "uid": "${datasource}"}


class Query(NamedTuple):
    """A query of a panel."""

    dashboard: str
    panel: str
    expression: str


def read() -> list[dict[str, Any]]:
    """Return the dashboards as they are described."""
    found: list[dict[str, Any]] = msgspec.yaml.decode(SOURCE.read_bytes())
    return found


def queries(profile: str) -> Iterator[Query]:
    """Yield every query of every panel that a shop of this profile fills."""
    for board in read():
        for panel in board["panels"]:
            for expression in panel["queries"].values():
                if panel.get("profile", profile) == profile:
                    yield Query(board["name"], panel["title"], expression)


def document(board: dict[str, Any]) -> dict[str, Any]:
    """Return a dashboard as Grafana imports it."""
    return {
        "uid": f"kibble-{board['name']}",
        "title": board["title"],
        "tags": ["kibble"],
        "schemaVersion": 39,
        "editable": False,
        "refresh": "30s",
        "time": {"from": "now-6h", "to": "now"},
        "templating": {
            "list": [
                {
                    "name": "datasource",
                    "type": "datasource",
                    "query": "prometheus",
                    "label": "Prometheus",
                }
            ]
        },
        "panels": [_panel(number, panel) for number, panel in enumerate(board["panels"])],
    }


def _panel(number: int, panel: dict[str, Any]) -> dict[str, Any]:
    row, column = divmod(number, COLUMNS)
    return {
        "id": number + 1,
        "type": "timeseries",
        "title": panel["title"],
        "datasource": DATASOURCE,
        "gridPos": {"h": HEIGHT, "w": WIDTH, "x": column * WIDTH, "y": row * HEIGHT},
        "fieldConfig": {"defaults": {"unit": panel["unit"], "min": 0}, "overrides": []},
        "options": {"legend": {"displayMode": "list", "placement": "bottom"}},
        "targets": [
            {
                "refId": chr(ord("A") + index),
                "datasource": DATASOURCE,
                "expr": expression,
                "legendFormat": legend,
            }
            for index, (legend, expression) in enumerate(panel["queries"].items())
        ],
    }


def files() -> dict[Path, str]:
    """Return every file that Grafana reads, and what has to be in it."""
    return {
        TARGET / f"{board['name']}.json": json.dumps(document(board), indent=2) + "\n"
        for board in read()
    }


def typed() -> Iterator[str]:
    """Hold each dashboard to Grafana's own types; yield names and values that they have not."""
    modules = programs.of_node("grafana")
    types = modules / "@grafana" / "schema" / "dist" / "types" / "raw" / "dashboard" / "x"
    flags = ("--noEmit", "--strict", "--skipLibCheck", "--module", "preserve", "--pretty", "false")
    with tempfile.TemporaryDirectory(prefix="kibble-grafana-") as name:
        for path, text in files().items():
            told = f"import type {{ Dashboard }} from '{types}/types.gen';\n"
            told += f"export const board: Dashboard = {text};\n"
            (Path(name) / f"{path.stem}.ts").write_text(told)
        compiler = modules / "typescript" / "bin" / "tsc"
        sources = sorted(Path(name).glob("*.ts"))
        ran = programs.run(programs.node(), "node", compiler, *flags, *sources)
        yield from programs.problems("Grafana's types", ran)


def main() -> None:
    """Write the files."""
    TARGET.mkdir(exist_ok=True)
    for path, text in files().items():
        path.write_text(text)


if __name__ == "__main__":
    main()
