"""A statistical profile of a module that is run as a program: where its main thread's CPU goes.

Every millisecond of CPU, the stack is looked at: what runs there, and through what it was reached.
It costs a few per cent, and falls evenly on what is short and what is long. ``own`` is the share
of CPU in a function itself and in C code that it calls, ``all`` that of everything it calls too.

::

    python -m bench.kit.sampler REPORT MODULE ARGUMENT...
"""

from __future__ import annotations

import runpy
import signal
import sys
from collections import Counter
from pathlib import Path
from types import CodeType, FrameType

EVERY_SECONDS = 0.001
SHOWN = 40


class Sampler:
    """Counts what it sees."""

    def __init__(self) -> None:
        self._own: Counter[CodeType] = Counter()
        self._all: Counter[CodeType] = Counter()

    def start(self) -> None:
        """Look from now on."""
        signal.signal(signal.SIGPROF, self._look)
        signal.setitimer(signal.ITIMER_PROF, EVERY_SECONDS, EVERY_SECONDS)

    def stop(self) -> None:
        """Look no more."""
        signal.setitimer(signal.ITIMER_PROF, 0)

    def _look(self, _: int, frame: FrameType | None) -> None:
        if frame is None:
            return
        self._own[frame.f_code] += 1
        seen = set()
        while frame is not None:
            seen.add(frame.f_code)
            frame = frame.f_back
        self._all.update(seen)

    def report(self) -> str:
        """Return two tables: by own share, and by share with all that is called."""
        total = self._own.total() or 1
        lines = [f"{total} samples"]
        for title, counter in (("own", self._own), ("all", self._all)):
            lines += ["", f"  {title} %  function"]
            lines += [
                f"{100 * count / total:7.2f}  {_name(code)}"
                for code, count in counter.most_common(SHOWN)
            ]
        return "\n".join(lines)


def _name(code: CodeType) -> str:
    path = "/".join(Path(code.co_filename).parts[-3:])
    return f"{code.co_qualname} ({path}:{code.co_firstlineno})"


def main(report: Path, module: str, arguments: list[str]) -> None:
    """Run the module to its end, and write the report."""
    sampler = Sampler()
    sys.argv = [module, *arguments]
    signal.signal(signal.SIGTERM, lambda *_: sys.exit())  # else it would end us without a report
    sampler.start()
    try:
        runpy.run_module(module, run_name="__main__", alter_sys=True)
    finally:
        sampler.stop()
        report.write_text(sampler.report() + "\n")


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2], sys.argv[3:])
