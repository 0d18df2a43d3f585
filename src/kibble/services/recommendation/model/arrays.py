"""The arrays of the item model, and how they leave the process: as a file."""

from __future__ import annotations

from collections.abc import Mapping
from typing import IO, Any

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.uint32]
Indexes = npt.NDArray[np.int32]
Weights = npt.NDArray[np.float32]
Names = npt.NDArray[np.str_]
Flags = npt.NDArray[np.bool_]
Arrays = Mapping[str, npt.NDArray[Any]]


def save(file: IO[bytes], arrays: Arrays) -> None:
    """Write named arrays to a file in the ``.npz`` format."""
    np.savez(file, allow_pickle=False, **arrays)


def load(file: IO[bytes]) -> Arrays:
    """Return the arrays that ``save`` wrote."""
    file.seek(0)
    with np.load(file, allow_pickle=False) as arrays:
        return dict(arrays)


def leading(groups: npt.NDArray[Any], keys: npt.NDArray[Any], count: int) -> npt.NDArray[np.intp]:
    """Return the places, ascending, of the ``count`` smallest keys of each group."""
    order = np.lexsort((keys, groups))
    grouped = groups[order]
    rank = np.arange(len(order)) - np.searchsorted(grouped, grouped)
    return np.sort(order[rank < count])
