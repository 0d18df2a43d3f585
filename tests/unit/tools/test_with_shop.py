from __future__ import annotations

import sys

from tools.with_shop import run

PROGRAM = "import os, sys; sys.exit(int(os.environ['STATUS_OF_TEST']))"


def test_a_command_beside_a_shop_tells_how_it_ended() -> None:
    assert run([sys.executable, "-c", PROGRAM], {"STATUS_OF_TEST": "7"}) == 7


def test_a_command_beside_a_shop_has_succeeded_only_when_it_says_so() -> None:
    assert run([sys.executable, "-c", PROGRAM], {"STATUS_OF_TEST": "0"}) == 0
