from __future__ import annotations

from pathlib import Path

import pytest
from packaging.requirements import Requirement

from tools.locks import differences, main, problems, read_lock

PROJECT = Path(__file__).parents[3]
WANTED = [Requirement("Starlette>=1.0"), Requirement("uvicorn[standard]>=0.50")]
LOCK = """\
anyio==4.16.0 \\
    --hash=sha256:59bb
    # via starlette
starlette==1.10.0 \\
    --hash=sha256:c66a \\
    --hash=sha256:d77b
    # via kibble (pyproject.toml)
uvicorn[standard]==0.54.0 ; sys_platform != 'win32' \\
    --hash=sha256:e88c
    # via
    #   -c requirements.lock
    #   kibble (pyproject.toml:dev)
"""


def found(text: str) -> list[str]:
    return list(problems(WANTED, text))


def test_finds_nothing_wrong_with_a_fresh_lock() -> None:
    assert found(LOCK) == []


def test_reports_a_requirement_that_is_not_locked() -> None:
    assert found(LOCK.partition("uvicorn")[0]) == ["uvicorn is not locked"]


def test_reports_a_version_outside_what_is_asked_for() -> None:
    text = LOCK.replace("starlette==1.10.0", "starlette==0.9.0")
    assert found(text) == ["starlette 0.9.0 is locked, and Starlette>=1.0 is asked for"]


def test_reports_a_pin_that_nothing_asks_for_any_more() -> None:
    text = LOCK + "litestar==2.0 \\\n    --hash=sha256:f99d\n    # via kibble (pyproject.toml)\n"
    assert found(text) == ["litestar is locked, and nothing asks for it"]


def test_reports_a_pin_without_a_hash() -> None:
    assert found(LOCK.replace("    --hash=sha256:59bb\n", "")) == ["anyio has no hash"]


@pytest.mark.parametrize(
    "line",
    [
        "--index-url https://mirror.example/simple",
        "--find-links /wheels",
        "# from https://a.example",
    ],
)
def test_reports_the_name_of_a_host(line: str) -> None:
    assert [problem for problem in found(f"{line}\n{LOCK}") if "any mirror" in problem]


def test_reports_versions_that_differ_between_the_two_locks() -> None:
    text = LOCK.replace("anyio==4.16.0", "anyio==4.15.0")
    assert list(differences(LOCK, text)) == [
        "anyio 4.16.0 is not what requirements-dev.lock has",
    ]


def test_finds_nothing_wrong_with_the_projects_own_locks(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert (main(PROJECT), capsys.readouterr().out) == (0, "")


def test_the_drivers_of_the_distributed_profile_are_not_in_the_lock_of_make_run() -> None:
    embedded = read_lock((PROJECT / "requirements.lock").read_text())
    distributed = read_lock((PROJECT / "requirements-distributed.lock").read_text())
    drivers = {"aiokafka", "asyncpg", "cassandra-driver", "neo4j", "pymongo", "redis"}
    assert drivers <= distributed.keys()
    assert not drivers & embedded.keys()
