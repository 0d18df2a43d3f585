from __future__ import annotations

import ssl
import sys
from pathlib import Path

import pytest

from kibble.platform.imports import hollow, late_authorities, without
from tests.fixtures.certificates import Authority

HERE = "wave"
"""A module of Python's own that nothing here imports before."""


def test_hides_a_package_for_a_while() -> None:
    sys.modules.pop(HERE, None)
    with without(HERE), pytest.raises(ImportError):
        __import__(HERE)
    assert __import__(HERE).__name__ == HERE


def test_leaves_a_package_alone_that_is_in_use() -> None:
    there = __import__(HERE)
    with without(HERE):
        assert __import__(HERE) is there
    assert sys.modules[HERE] is there


def test_gives_classes_of_nothing_for_a_while() -> None:
    sys.modules.pop(HERE, None)
    with hollow(HERE):
        from wave import Wave_read  # noqa: PLC0415 - what a library does
    assert vars(Wave_read).keys() == vars(type("", (), {})).keys()
    from wave import Wave_read as whole  # noqa: PLC0415 - the module itself, now

    assert "getnframes" in vars(whole)


def test_a_module_that_is_in_use_keeps_what_it_has() -> None:
    there = __import__(HERE)
    with hollow(HERE):
        assert __import__(HERE) is there


def test_a_context_reads_the_authorities_at_its_first_handshake(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(Authority(tmp_path).file))
    with late_authorities():
        context = ssl.create_default_context()
    assert context.get_ca_certs() == []
    for _ in range(2):
        context.wrap_bio(ssl.MemoryBIO(), ssl.MemoryBIO(), server_hostname="shop.example")
    assert len(context.get_ca_certs()) == 1


def test_only_contexts_made_meanwhile_read_the_authorities_late(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SSL_CERT_FILE", str(Authority(tmp_path).file))
    with late_authorities():
        pass
    assert len(ssl.create_default_context().get_ca_certs()) == 1
