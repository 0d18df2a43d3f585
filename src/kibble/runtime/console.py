"""What commands say: a thing a line, however long, so that other programs can read it."""

from __future__ import annotations

import os
import sqlite3
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path
from typing import NoReturn

from kibble.kernel.errors import KibbleError
from kibble.runtime.server import CannotListen, DataDirInUse

WRONG = 2
"""The exit code of what the operator has to mend first; 1 is a check that found something."""


def write(text: str) -> None:
    """Write what a command is asked for to the standard output."""
    sys.stdout.write(f"{text}\n")


def say(text: str) -> None:
    """Tell the operator something beside that, on the standard error."""
    sys.stderr.write(f"{text}\n")


def fail(message: str) -> NoReturn:
    """End with a sentence that says what to mend."""
    say(message)
    sys.exit(WRONG)


def no_shop_in(folder: Path) -> str:
    """Return the sentence for a folder that has no shop."""
    return f"There is no shop in {folder}: name its folder with --data-dir."


@contextmanager
def sentences() -> Generator[None]:
    """End with a sentence, instead of a trace, for what the operator can mend.

    Settings, files, disks and addresses are theirs; a bug is not, and shows its trace.
    """
    try:
        yield
        sys.stdout.flush()
    except BrokenPipeError:
        # Who reads has enough, as `head` does. What is left is not written when Python ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        sys.exit(1)
    except (CannotListen, DataDirInUse, KibbleError, ValueError) as error:
        fail(str(error))
    except OSError as error:
        fail(
            f"{error.filename}: {error.strerror}."
            if error.filename
            else f"{error.strerror or error}."
        )
    except sqlite3.DatabaseError as error:
        fail(_damaged(error))
    except BaseExceptionGroup as group:
        if (damaged := _first_damage(group)) is None:
            raise
        fail(_damaged(damaged))


def _damaged(error: sqlite3.DatabaseError) -> str:
    told = f"A database cannot be used: {error}. `kibble doctor` says "
    if isinstance(error, sqlite3.OperationalError):  # rights, a full disk: nothing is damaged
        return f"{told}what is wrong."
    return f"{told}which; docs/runbooks/disaster-recovery.md how to restore a backup."


def _first_damage(group: BaseExceptionGroup[BaseException]) -> sqlite3.DatabaseError | None:
    for error in group.exceptions:
        if isinstance(error, sqlite3.DatabaseError):
            return error
        if isinstance(error, BaseExceptionGroup) and (found := _first_damage(error)) is not None:
            return found
    return None
