from __future__ import annotations

import hashlib
from pathlib import Path

import pytest

from tools.engines import maven
from tools.engines.errors import EngineError
from tools.engines.java import find_java, major_version

MODULES = sorted(folder.name for folder in maven.POMS.iterdir() if folder.is_dir())


def jdk(folder: Path, version: str) -> Path:
    """Make what looks like a JDK."""
    home = folder / f"jdk-{version}"
    (home / "bin").mkdir(parents=True)
    (home / "bin" / "java").touch()
    (home / "release").write_text(f'IMPLEMENTOR="Nobody"\nJAVA_VERSION="{version}"\n')
    return home


class TestJars:
    @pytest.mark.parametrize("module", MODULES)
    def test_every_file_is_pinned_by_its_checksum(self, module: str) -> None:
        lines = (maven.POMS / module / "artifacts.sha256").read_text().splitlines()
        assert lines
        for line in lines:
            digest, file = line.split()
            assert (len(digest), Path(file).suffix in {".jar", ".zip"}) == (64, True)

    @pytest.mark.parametrize("module", MODULES)
    def test_is_a_module_of_the_project_that_maven_reads(self, module: str) -> None:
        assert f"<module>{module}</module>" in (maven.POMS / "pom.xml").read_text()

    def test_are_refused_when_one_was_changed_one_is_missing_and_one_is_too_many(
        self, tmp_path: Path
    ) -> None:
        listed = (maven.POMS / "mongodb" / "artifacts.sha256").read_text().splitlines()
        names = [line.split()[1] for line in listed]
        (tmp_path / names[0]).write_bytes(b"something else")
        (tmp_path / "stranger.jar").write_bytes(b"")
        with pytest.raises(EngineError) as refused:
            maven.check("mongodb", tmp_path)
        assert str(refused.value).count(".jar") == len(names) + 1

    def test_lie_in_a_folder_that_is_named_after_the_list(self, tmp_path: Path) -> None:
        listed = (maven.POMS / "kafka" / "artifacts.sha256").read_bytes()
        assert maven.folder(tmp_path, "kafka").name == (
            f"kafka-{hashlib.sha256(listed).hexdigest()[:12]}"
        )

    def test_are_not_asked_for_when_they_are_there(self, tmp_path: Path) -> None:
        maven.folder(tmp_path, "kafka").mkdir()
        maven.provision(tmp_path, ["kafka"])
        assert [path.name for path in tmp_path.iterdir()] == [maven.folder(tmp_path, "kafka").name]


class TestJava:
    def test_is_the_one_that_the_engines_own_variable_names(self, tmp_path: Path) -> None:
        environ = {
            "JAVA_HOME": str(jdk(tmp_path / "a", "921.0.1")),
            "OPENSEARCH_JAVA_HOME": str(jdk(tmp_path / "b", "921.0.2")),
        }
        found = find_java(range(921, 999), "OPENSEARCH_JAVA_HOME", environ=environ)
        assert found == str(tmp_path / "b" / "jdk-921.0.2" / "bin" / "java")

    def test_is_the_oldest_that_will_do(self, tmp_path: Path) -> None:
        environ = {
            "JAVA_HOME": str(jdk(tmp_path, "922")),
            "OPENSEARCH_JAVA_HOME": str(jdk(tmp_path, "925.0.3")),
        }
        found = find_java(range(921, 999), "OPENSEARCH_JAVA_HOME", environ=environ)
        assert major_version(Path(found).parents[1]) == 922

    def test_is_asked_for_in_one_sentence_when_there_is_none(self) -> None:
        with pytest.raises(EngineError, match=r"needs a JDK of version 921 to 998: .* JAVA_HOME"):
            find_java(range(921, 999), "OPENSEARCH_JAVA_HOME", environ={"PATH": ""})

    def test_a_folder_without_a_java_is_no_jdk(self, tmp_path: Path) -> None:
        home = jdk(tmp_path, "921")
        (home / "bin" / "java").unlink()
        assert (major_version(home), major_version(tmp_path)) == (None, None)
