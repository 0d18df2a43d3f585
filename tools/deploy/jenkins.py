"""The Jenkinsfile: read by CodeNarc and Groovy's parser, then run with stand-ins.

Jenkins itself and its declarative linter are in no package registry. What the Jenkinsfile may say
is held by ``deploy/tools/jenkins/run.groovy`` instead, which knows the sections of declarative
pipelines and runs their steps: shell is shell, and ``helm``, ``aws``, ``curl`` and the like are
stand-ins that tell how they were called.
"""

from __future__ import annotations

import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tools.deploy import programs
from tools.engines.java import SMALL, find_java, provide_java

TOOLS = programs.PROJECT / "deploy" / "tools" / "jenkins"
STOOD_IN = (
    *("aws", "curl", "docker", "git", "helm"),
    *("make", "skopeo", "sleep", "sonar-scanner"),
)
JAVA = range(17, 26)


class Case(NamedTuple):
    """A build: what is asked of it, what fails in it, and what its transcript has to have."""

    name: str
    branch: str
    deploys: bool
    target: str
    fails: str
    ends: str
    has: tuple[str, ...]
    lacks: tuple[str, ...] = ()


NO_DEPLOYMENT = ("call: helm", "call: aws cloudformation", "call: aws ecs")
CASES = (
    Case(
        "a change is tested and built, and goes nowhere",
        *("change-1", True, "eks", "", "SUCCESS"),
        has=(
            "call: make test",
            "call: make check",
            "call: sonar-scanner",
            "call: docker buildx build",
        ),
        lacks=("call: skopeo", "call: aws", *NO_DEPLOYMENT),
    ),
    Case(
        "main is pushed and kept, and not deployed unasked",
        *("main", False, "eks", "", "SUCCESS"),
        has=("call: skopeo copy", "call: aws s3 cp", "slackSend good", "cleanWs"),
        lacks=NO_DEPLOYMENT,
    ),
    Case(
        "main is deployed to EKS by digest, once it is approved",
        *("main", True, "eks", "", "SUCCESS"),
        has=(
            "asks kibble-release: Deploy to production?",
            "call: helm upgrade shop deploy/chart",
            "--set image.digest=sha256:fedcba9876543210",
            "ok /health/ready",
            "call: aws s3 cp",
        ),
        lacks=("call: helm rollback",),
    ),
    Case(
        "a smoke test that fails on EKS goes back",
        *("main", True, "eks", "^curl .*/api/products/search", "FAILURE"),
        has=("ok /health/ready", "call: helm rollback shop", "slackSend danger", "cleanWs"),
        lacks=("call: aws s3 cp",),
    ),
    Case(
        "a smoke test that fails on ECS goes back, every service",
        *("main", True, "ecs", "^curl ", "FAILURE"),
        has=(
            "call: aws ecs run-task --cluster kibble --task-definition kibble-prepare",
            "call: aws cloudformation deploy --stack-name kibble-fargate-order",
            "--service product --task-definition",
            "task-definition/kibble-order:6",
            "call: aws ecs update-service --cluster kibble --service gateway",
            "call: aws ecs wait services-stable",
        ),
    ),
    Case(
        "a test that fails ends it: nothing is built, the engines are stopped",
        *("main", True, "eks", "^make test", "FAILURE"),
        has=("call: make engines-down", "call: make check", "slackSend danger", "cleanWs"),
        lacks=("call: docker", "call: skopeo", *NO_DEPLOYMENT),
    ),
)


def check() -> Iterator[str]:
    """Read and run the Jenkinsfile; check its scripts, and the paths that SonarQube is told."""
    provide_java()
    java = Path(find_java(JAVA))
    modules = programs.of_node("groovy-lint")
    lint = modules / ".bin" / "npm-groovy-lint"
    flags = ("--noserver", "--config", modules.parent, "--failon", "warning")
    small = {
        "PATH": f"{java.parent}:{os.environ['PATH']}",
        "JAVA_TOOL_OPTIONS": " ".join(SMALL),
    }
    read = programs.run(programs.node(), lint, *flags, "Jenkinsfile", environment=small)
    yield from programs.problems("npm-groovy-lint", read)
    yield from _scripts()
    yield from _sonar()
    with tempfile.TemporaryDirectory(prefix="kibble-jenkins-") as name:
        yield from _runs(java, modules, Path(name))


def _runs(java: Path, modules: Path, folder: Path) -> Iterator[str]:
    """Run all cases in one process of Groovy, in a folder that has what the pipeline looks for."""
    groovy = modules / "npm-groovy-lint" / "lib" / "java" / "groovy" / "lib"
    stand_ins = made_stand_ins(folder)
    (folder / "build").mkdir()
    (folder / "storefront" / "dist").mkdir(parents=True)
    (folder / "deploy").symlink_to(programs.PROJECT / "deploy")
    asked = [
        part
        for case in CASES
        for part in (case.name, case.branch, str(case.deploys).lower(), case.target, case.fails)
    ]
    options = (*SMALL, "-cp", f"{groovy}/*", "groovy.ui.GroovyMain")
    ran = programs.run(
        java,
        *options,
        TOOLS / "run.groovy",
        programs.PROJECT / "Jenkinsfile",
        *asked,
        folder=folder,
        environment={"PATH": f"{stand_ins}:/usr/bin:/bin"},
    )
    yield from programs.problems("the Jenkinsfile's runs", ran)
    told = dict(part.split("\n", 1) for part in ran.said.split("=== ")[1:])
    for case in CASES:
        yield from _judged(case, told.get(case.name, ""))


def made_stand_ins(folder: Path) -> Path:
    """Make a folder of stand-ins for what the pipeline calls; return it, for the PATH."""
    made = folder / "stand-ins"
    made.mkdir()
    for name in STOOD_IN:
        (made / name).symlink_to(TOOLS / "stand-in")
    return made


def _judged(case: Case, told: str) -> Iterator[str]:
    if not told.rstrip().endswith(case.ends):
        yield f"{case.name}: it does not end with {case.ends}:"
        yield from told.splitlines()[-20:]
    yield from (f"{case.name}: there is no {part!r}" for part in case.has if part not in told)
    yield from (f"{case.name}: there is {part!r}" for part in case.lacks if part in told)


def _scripts() -> Iterator[str]:
    folder = programs.PROJECT / "deploy"
    scripts = sorted((folder / "pipeline").glob("*"))
    host = (folder / "host" / "install", folder / "host" / "certificate")
    others = (folder / "image" / "build.sh", TOOLS / "stand-in", *host)
    checked = programs.run(programs.of_python("shellcheck"), *scripts, *others)
    yield from programs.problems("shellcheck", checked)
    text = (programs.PROJECT / "Jenkinsfile").read_text()
    for script in scripts:
        if f"deploy/pipeline/{script.name}" not in text:
            yield f"the Jenkinsfile does not run deploy/pipeline/{script.name}"


def _sonar() -> Iterator[str]:
    lines = (programs.PROJECT / "sonar-project.properties").read_text().splitlines()
    settings = dict(line.split("=", 1) for line in lines if "=" in line)
    for key in ("sonar.sources", "sonar.tests"):
        for path in settings[key].split(","):
            if not (programs.PROJECT / path).is_dir():
                yield f"sonar-project.properties: {key} names {path}, which is not there"
