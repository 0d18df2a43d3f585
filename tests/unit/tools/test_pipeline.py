"""The scripts that bring a build to production and back, with stand-ins for what they call."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

from tools.deploy.jenkins import made_stand_ins
from tools.deploy.programs import PROJECT

SHOP = "https://shop.example.com"


class Pipeline:
    """Runs a script of the pipeline; what it calls is told on standard error."""

    def __init__(self, folder: Path) -> None:
        self._path = f"{made_stand_ins(folder)}:/usr/bin:/bin"

    def run(
        self, script: str, *arguments: str, fails: str = "", outlets: str = ""
    ) -> tuple[int, list[str]]:
        """Return the exit code of a script, and what it called, one call a line.

        What matches ``fails`` does; ``outlets`` is what ECS says of the service of that name.
        """
        ended = subprocess.run(  # noqa: S603 - the project's own scripts
            [PROJECT / "deploy" / "pipeline" / script, *arguments],
            env={"PATH": self._path, "FAIL": fails, "OUTLETS": outlets},
            cwd=PROJECT,
            capture_output=True,
            text=True,
            check=False,
        )
        lines = ended.stderr.splitlines()
        return ended.returncode, [line[6:] for line in lines if line.startswith("call: ")]


@pytest.fixture
def pipeline(tmp_path: Path) -> Pipeline:
    return Pipeline(tmp_path)


class TestDeployment:
    def test_to_eks_names_the_image_by_digest_and_goes_back_by_itself(
        self, pipeline: Pipeline
    ) -> None:
        code, calls = pipeline.run("deploy", "eks", "registry/kibble", "sha256:feed")
        assert code == 0
        assert "--set image.digest=sha256:feed --rollback-on-failure --wait" in calls[0]
        assert calls[1].startswith("helm test shop")

    def test_that_does_not_come_up_fails_before_anything_is_tested(
        self, pipeline: Pipeline
    ) -> None:
        code, calls = pipeline.run(
            "deploy", "eks", "registry/kibble", "sha256:feed", fails="^helm upgrade"
        )
        assert code != 0
        assert len(calls) == 1

    def test_to_ecs_ends_at_the_first_service_that_does_not_come_up(
        self, pipeline: Pipeline
    ) -> None:
        code, calls = pipeline.run(
            "deploy", "ecs", "registry/kibble", "sha256:feed", fails="kibble-fargate-order"
        )
        assert code != 0
        assert [call.split()[4] for call in calls if "cloudformation deploy" in call] == [
            "kibble-fargate-prepare",
            "kibble-fargate-product",
            "kibble-fargate-inventory",
            "kibble-fargate-order",
        ]

    def test_to_ecs_migrates_the_engines_before_any_service_changes(
        self, pipeline: Pipeline
    ) -> None:
        code, calls = pipeline.run("deploy", "ecs", "registry/kibble", "sha256:feed")
        ran, waited = (
            next(n for n, call in enumerate(calls) if word in call)
            for word in ("ecs run-task", "ecs wait tasks-stopped")
        )
        assert code == 0
        assert ran < waited < next(n for n, call in enumerate(calls) if "fargate-product" in call)

    def test_to_ecs_changes_no_service_when_the_engines_cannot_be_migrated(
        self, pipeline: Pipeline
    ) -> None:
        code, calls = pipeline.run(
            "deploy", "ecs", "registry/kibble", "sha256:feed", fails="^aws ecs wait tasks-stopped"
        )
        assert code != 0
        assert not any("fargate-product" in call for call in calls)

    def test_to_ecs_brings_what_tells_others_of_events_if_it_is_there(
        self, pipeline: Pipeline
    ) -> None:
        image = ("registry/kibble", "sha256:feed")
        _, calls = pipeline.run("deploy", "ecs", *image)
        assert "--stack-name kibble-fargate-outlets" in calls[-1]
        _, calls = pipeline.run("deploy", "ecs", *image, fails="describe-stacks .*outlets")
        assert "--stack-name kibble-fargate-gateway" in calls[-1]

    def test_to_an_unknown_target_calls_nothing(self, pipeline: Pipeline) -> None:
        assert pipeline.run("deploy", "moon", "registry/kibble", "sha256:feed") == (2, [])


class TestSmokeTest:
    def test_asks_a_shop_that_works_once_for_each_page(self, pipeline: Pipeline) -> None:
        code, calls = pipeline.run("smoke", SHOP)
        assert code == 0
        assert [call.split()[-1].removeprefix(SHOP) for call in calls] == [
            "/health/ready",
            "/api/products/search?q=dog&limit=1",
            "/api/categories",
            "/openapi.json",
        ]

    def test_fails_when_a_page_does_not_come_after_five_attempts(self, pipeline: Pipeline) -> None:
        code, calls = pipeline.run("smoke", SHOP, fails="^curl .*/api/categories")
        assert code == 1
        assert sum("/api/categories" in call for call in calls) == 5


class TestRollback:
    def test_on_eks_is_that_of_helm(self, pipeline: Pipeline) -> None:
        code, calls = pipeline.run("rollback", "eks")
        assert code == 0
        assert calls == ["helm rollback shop --namespace shop --wait --timeout 10m"]

    def test_on_ecs_gives_every_service_the_definition_before_and_waits_for_all(
        self, pipeline: Pipeline
    ) -> None:
        code, calls = pipeline.run("rollback", "ecs")
        back = [call for call in calls if "update-service" in call]
        assert code == 0
        assert len(back) == 9
        assert all(call.endswith("task-definition/kibble-order:6") for call in back)
        assert calls[-1].split()[-2:] == ["notification", "gateway"]

    def test_on_ecs_takes_what_tells_others_of_events_along(self, pipeline: Pipeline) -> None:
        code, calls = pipeline.run("rollback", "ecs", outlets="outlets")
        assert code == 0
        assert sum("update-service" in call for call in calls) == 10
        assert calls[-1].split()[-2:] == ["gateway", "outlets"]
