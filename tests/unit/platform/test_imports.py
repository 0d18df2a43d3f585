from __future__ import annotations

import sys

import pytest

from kibble.platform.imports import hollow, without

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
