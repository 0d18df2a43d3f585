"""The checks of what is in ``deploy/``, by name: each returns what is wrong."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec

from bench.kit.process import free_port
from tools.deploy import dashboards, drill, gateway, jenkins, live, load, logs, traces
from tools.deploy.programs import (
    PROJECT,
    hash_of,
    node,
    of_debian,
    of_go,
    of_kubernetes,
    of_node,
    of_python,
    problems,
    run,
)
from tools.engines import debian

DEPLOY = PROJECT / "deploy"
MONITORING = DEPLOY / "monitoring"
CHART = DEPLOY / "chart"
PROFILES = ("core", "full", "core,full")
NOBODY = 65534
READY_SECONDS = 120.0
REASONS = "checkov.yml"
"""Which of checkov's rules do not hold here, and why: each is listed with its reason."""


def rules() -> Iterator[str]:
    """Alert rules and their tests by promtool, Alertmanager's routes by amtool."""
    promtool = of_debian("promtool")
    found = sorted((MONITORING / "rules").glob("*.yml"))
    yield from problems("promtool check rules", run(promtool, "check", "rules", *found))
    tests = sorted((MONITORING / "rules" / "tests").glob("*.yml"))
    yield from problems("promtool test rules", run(promtool, "test", "rules", *tests))
    config = MONITORING / "prometheus.yml"
    yield from problems("promtool check config", run(promtool, "check", "config", config))
    routes = run(of_debian("amtool"), "check-config", MONITORING / "alertmanager.yml")
    yield from problems("amtool check-config", routes)
    yield from _untested(found, tests)
    yield from _without_runbook(found)


def _alerts(files: list[Path]) -> Iterator[tuple[str, str]]:
    """Yield the name and the runbook of every alert."""
    for path in files:
        for group in msgspec.yaml.decode(path.read_bytes())["groups"]:
            for rule in group["rules"]:
                if "alert" in rule:
                    yield rule["alert"], rule["annotations"]["runbook"]


def _untested(files: list[Path], tests: list[Path]) -> Iterator[str]:
    told = "".join(path.read_text() for path in tests)
    for name, _ in _alerts(files):
        kin = name.removesuffix("FastBurn").removesuffix("SlowBurn").removesuffix("CreepingBurn")
        if name not in told and f"{kin}FastBurn" not in told and f"{kin}SlowBurn" not in told:
            yield f"no test of promtool names {name}"


def _without_runbook(files: list[Path]) -> Iterator[str]:
    for name, page in _alerts(files):
        if not (PROJECT / page).is_file():
            yield f"{name} names {page}, which is not there"


def panels() -> Iterator[str]:
    """The dashboards are what their description says, and every query finds series: live."""
    for path, text in dashboards.files().items():
        if not path.is_file() or path.read_text() != text:
            yield f"{path.name} is old: python -m tools.deploy.dashboards"
    yield from dashboards.typed()
    yield from live.embedded()
    yield from live.distributed()


def pipeline() -> Iterator[str]:
    """The way of the logs, over the real search engine."""
    yield from logs.check()


def images() -> Iterator[str]:
    """Dockerfile and compose files by their own readers; the image's steps, and what they make."""
    dockerfile = DEPLOY / "image" / "Dockerfile"
    config = DEPLOY / "image" / ".hadolint.yaml"
    hadolint = run(of_python("hadolint"), "--config", config, dockerfile)
    yield from problems("hadolint", hadolint)
    yield from _checkov("dockerfile", dockerfile)
    compose = of_go("compose-config")
    for profiles in PROFILES:
        read = run(compose, "-profiles", profiles, "compose.yaml")
        yield from problems(f"compose.yaml with {profiles}", read)
    read = run(compose, DEPLOY / "compose" / "docker-compose.yml")
    yield from problems("deploy/compose/docker-compose.yml", read)
    yield from _door()
    yield from _program()


def _door() -> Iterator[str]:
    """HAProxy's settings for containers: as the template says, and understood by HAProxy."""
    if not gateway.TARGET.is_file() or gateway.TARGET.read_text() != gateway.text():
        yield "haproxy.cfg of the chart is old: python -m tools.deploy.gateway"
        return
    if not shutil.which("haproxy"):
        debian.install(["haproxy"])
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        made = run(of_our("kibble"), "prepare", "--data-dir", folder, "--service-keys")
        yield from problems("kibble prepare", made)
        text = gateway.text().replace(str(gateway.KEYS), str(folder / "public-keys"))
        for line in text.splitlines():  # names that are known in the containers' network alone
            if line.strip().startswith("server "):
                address = line.split()[2]
                text = text.replace(f" {address}\n", " 127.0.0.1:8000\n")
        (folder / "haproxy.cfg").write_text(text)
        haproxy = shutil.which("haproxy") or "/usr/sbin/haproxy"
        yield from problems("haproxy -c", run(haproxy, "-c", "-f", folder / "haproxy.cfg"))


def of_our(name: str) -> Path:
    """Return a program of the environment for work on Kibble."""
    return PROJECT / ".venv" / "bin" / name


def _program() -> Iterator[str]:
    """Run the image's steps, and the program that they make as it runs there.

    As somebody without rights, who can write to the data folder and to nothing else.
    """
    with tempfile.TemporaryDirectory(prefix="kibble-image-", ignore_cleanup_errors=True) as name:
        folder, data = Path(name), Path(name) / "data"
        folder.chmod(0o755)
        target = folder / "opt"
        built = run(DEPLOY / "image" / "build.sh", "program", target, "embedded")
        yield from problems("build.sh program", built)
        if built.code:
            return
        data.mkdir()
        port = free_port()
        settings = {
            "PATH": f"{target}/venv/bin:/usr/bin:/bin",
            "PYTHONDONTWRITEBYTECODE": "1",
            "KIBBLE_PORT": str(port),
            "KIBBLE_DATA_DIR": str(data),
            "KIBBLE_SEED": "off",
        }
        if os.geteuid() == 0:
            os.chown(data, NOBODY, NOBODY)
        yield from _as_nobody(target / "venv" / "bin", settings, folder / "log")


def _as_nobody(programs: Path, settings: Mapping[str, str], log: Path) -> Iterator[str]:
    who = NOBODY if os.geteuid() == 0 else None
    with log.open("wb") as out:
        shop = subprocess.Popen(  # noqa: S603 - what was built just now
            [programs / "kibble", "run"],
            env=dict(settings),
            stdin=subprocess.DEVNULL,
            stdout=out,
            stderr=out,
            user=who,
            group=who,
            extra_groups=[] if who else None,
        )
    health = DEPLOY / "image" / "health.py"
    deadline = time.monotonic() + READY_SECONDS
    try:
        while run(programs / "python", health, environment=settings).code:
            if shop.poll() is not None or time.monotonic() > deadline:
                yield f"the image's program does not get healthy:\n{log.read_text()[-2000:]}"
                return
            time.sleep(0.5)
        shop.terminate()
        if (code := shop.wait(30)) != 0:
            yield f"the image's program ended with {code} at SIGTERM"
    finally:
        shop.kill()
        shop.wait(30)


def chart() -> Iterator[str]:
    """The Helm chart: lint, schemas of Kubernetes, checkov, wrong values, and a snapshot."""
    helm = of_kubernetes("helm")
    yield from problems("helm lint", run(helm, "lint", "--strict", CHART))
    with tempfile.TemporaryDirectory() as name:
        for values in (None, *sorted((CHART / "ci").glob("*.yaml"))):
            label = values.stem if values else "default"
            made = Path(name) / f"{label}.yaml"
            given = ["--values", str(values)] if values else []
            template = subprocess.run(  # noqa: S603 - helm
                [str(helm), "template", "shop", str(CHART), "--namespace", "shop", *given],
                capture_output=True,
                text=True,
                check=False,
            )
            if template.returncode:
                yield f"helm template with {label}: {template.stderr[-2000:]}"
                continue
            made.write_text(template.stdout)
            schema = run(of_python("kubernetes-validate"), "--strict", "--no-warn", made)
            yield from problems(f"kubernetes-validate of {label}", schema)
            yield from _snapshot(label, template.stdout)
        yield from _operators(sorted(Path(name).glob("*.yaml")))
        yield from _checkov("kubernetes", Path(name) / "default.yaml")
    outlets = run(helm, "template", "shop", CHART, "--set", "services.outlets.replicas=1")
    yield from problems("helm template with outlets", outlets)
    for wrong in ("image.tag=latest", "env=staging", "services.order.replicas=0"):
        if run(helm, "template", "shop", CHART, "--set", wrong).code == 0:
            yield f"values.schema.json lets {wrong} pass"


def _operators(manifests: list[Path]) -> list[str]:
    """Check what Kubernetes' own schemas do not know, by models of the operators' types."""
    of_node("operators")
    program = DEPLOY / "tools" / "operators" / "validate.mjs"
    return problems("operators' kinds", run(node(), "node", program, *manifests))


def _snapshot(label: str, manifests: str) -> Iterator[str]:
    """Compare what a chart makes with what it made: kind, name, and what each may use."""
    found = [outline(one) for one in documents(manifests)]
    kept = CHART / "ci" / "snapshots" / f"{label}.txt"
    text = "\n".join(sorted(found)) + "\n"
    if os.environ.get("KIBBLE_KEEP_SNAPSHOTS"):
        kept.parent.mkdir(exist_ok=True)
        kept.write_text(text)
    if not kept.is_file() or kept.read_text() != text:
        was = set(kept.read_text().splitlines()) if kept.is_file() else set()
        yield f"the chart with {label} values makes other things than before:"
        yield from (f"  now: {line}" for line in sorted(set(text.splitlines()) - was))
        yield from (f"  was: {line}" for line in sorted(was - set(text.splitlines())))
        yield "meant? KIBBLE_KEEP_SNAPSHOTS=1 make check-deploy ARGS=chart"


def documents(text: str) -> Iterator[dict[str, Any]]:
    """Yield the documents of a YAML stream."""
    for part in text.split("\n---\n"):
        if document := msgspec.yaml.decode(part.encode()):
            yield document


def outline(manifest: Mapping[str, Any]) -> str:
    """Return a manifest in a line: what it is, and a digest of what it says."""
    said = json.dumps({key: manifest[key] for key in sorted(manifest)}, sort_keys=True)
    return f"{manifest['kind']} {manifest['metadata']['name']} {hash_of(said.encode())}"


def _checkov(framework: str, path: Path) -> list[str]:
    command = ["--framework", framework, "--compact", "--quiet", "--file", str(path)]
    settings = DEPLOY / REASONS
    return problems(
        f"checkov of {path.name}",
        run(of_python("checkov"), "--config-file", settings, *command),
    )


def aws() -> Iterator[str]:
    """The CloudFormation templates: cfn-lint, checkov, and deployed into moto where it can be."""
    templates = sorted((DEPLOY / "aws").glob("*.yaml"))
    lint = run(of_python("cfn-lint"), "--config-file", DEPLOY / "aws" / ".cfnlintrc", *templates)
    yield from problems("cfn-lint", lint)
    scanned = run(
        of_python("checkov"),
        *("--config-file", DEPLOY / REASONS, "--framework", "cloudformation"),
        *("--compact", "--quiet", "--directory", DEPLOY / "aws"),
    )
    yield from problems("checkov of deploy/aws", scanned)
    stacks = run(of_python("python"), "-W", "ignore", DEPLOY / "tools" / "moto_stacks.py")
    yield from problems("moto", stacks)


def tracing() -> Iterator[str]:
    """The collector's settings, read and run by the collector."""
    yield from traces.check()


def scenarios() -> Iterator[str]:
    """The load scenarios, each once."""
    yield from load.check()


def pipeline_of_changes() -> Iterator[str]:
    """The Jenkinsfile and its scripts, read and run."""
    yield from jenkins.check()


def restore() -> Iterator[str]:
    """The restore drill, embedded and on PostgreSQL."""
    yield from drill.check()


Check = Callable[[], Iterator[str]]
CHECKS: Mapping[str, Check] = {
    "rules": rules,
    "images": images,
    "chart": chart,
    "panels": panels,
    "pipeline": pipeline,
    "traces": tracing,
    "aws": aws,
    "load": scenarios,
    "jenkins": pipeline_of_changes,
    "drill": restore,
}


def chosen(names: list[str]) -> dict[str, Check]:
    """Return the checks of these names, or all; raises ``SystemExit`` for an unknown one."""
    unknown = set(names) - CHECKS.keys()
    if unknown:
        sys.exit(f"there is no check {', '.join(sorted(unknown))}; there are {', '.join(CHECKS)}")
    return {name: check for name, check in CHECKS.items() if not names or name in names}
