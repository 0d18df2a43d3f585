"""Builds item models in a process of their own, which ends when it is done and frees its memory.

The arrays go in and out as files without a name: they are not in the memory of both processes.
"""

from __future__ import annotations

import asyncio
import os
import sys
from asyncio.subprocess import PIPE
from tempfile import TemporaryFile
from typing import IO

import msgspec

from kibble.kernel.errors import Unavailable
from kibble.services.recommendation.model import Edges, ItemModel, Tuning
from kibble.services.recommendation.model.arrays import load, save

WORKER = "kibble.services.recommendation.adapters.worker"
TIME_LIMIT_SECONDS = 600.0


class ProcessModelMaker:
    """Implements ``ModelMaker`` with a child process of low priority, on one core."""

    def __init__(self, tuning: Tuning) -> None:
        self._tuning = msgspec.json.encode(tuning).decode()

    async def make(self, edges: Edges) -> ItemModel:
        """See ``ModelMaker.make``."""
        with TemporaryFile() as given, TemporaryFile() as built:
            await asyncio.to_thread(save, given, edges.arrays())
            given.seek(0)
            await self._run(given, built)
            return ItemModel.from_arrays(await asyncio.to_thread(load, built))

    async def _run(self, given: IO[bytes], built: IO[bytes]) -> None:
        child = await asyncio.create_subprocess_exec(
            *(sys.executable, "-m", WORKER, self._tuning),
            stdin=given,
            stdout=built,
            stderr=PIPE,
            env={**os.environ, "OPENBLAS_NUM_THREADS": "1"},
        )
        try:
            async with asyncio.timeout(TIME_LIMIT_SECONDS):
                _, complaints = await child.communicate()
        except TimeoutError as error:
            raise Unavailable("The item model took too long to build.") from error
        finally:
            if child.returncode is None:
                child.kill()
                await child.wait()
        if child.returncode != 0:
            last = complaints.decode(errors="replace").strip().rpartition("\n")[2]
            raise Unavailable(f"The item model was not built ({child.returncode}): {last}")
