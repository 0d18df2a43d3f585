"""The arrays of the item model, and how they leave the process: packed into bytes, and back."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import Any

import numpy as np
import numpy.typing as npt

Rows = npt.NDArray[np.uint32]
Indexes = npt.NDArray[np.int32]
Weights = npt.NDArray[np.float32]
Names = npt.NDArray[np.str_]
Flags = npt.NDArray[np.bool_]
Arrays = Mapping[str, npt.NDArray[Any]]


def pack(arrays: Arrays) -> bytes:
    """Return named arrays as the bytes of an ``.npz`` file."""
    buffer = BytesIO()
    np.savez(buffer, allow_pickle=False, **arrays)
    return buffer.getvalue()


def unpack(data: bytes) -> Arrays:
    """Return the arrays that ``pack`` packed; raises ``ValueError`` for anything else."""
    with np.load(BytesIO(data), allow_pickle=False) as file:
        return dict(file)


def leading(groups: npt.NDArray[Any], keys: npt.NDArray[Any], count: int) -> npt.NDArray[np.intp]:
    """Return the places, ascending, of the ``count`` smallest keys of each group."""
    order = np.lexsort((keys, groups))
    grouped = groups[order]
    rank = np.arange(len(order)) - np.searchsorted(grouped, grouped)
    return np.sort(order[rank < count])
