"""The process that builds one item model: edges on standard input, the model on standard output."""

from __future__ import annotations

import os
import sys

import msgspec

from kibble.services.recommendation.model import Edges, Tuning
from kibble.services.recommendation.model.arrays import load, save
from kibble.services.recommendation.model.builder import build_model

NICENESS = 10


def main(tuning: str) -> None:
    """Build a model with the settings in the JSON ``tuning``; both streams must be files."""
    os.nice(NICENESS)
    edges = Edges.from_arrays(load(sys.stdin.buffer))
    model = build_model(edges, msgspec.json.decode(tuning, type=Tuning))
    save(sys.stdout.buffer, model.arrays())


if __name__ == "__main__":
    main(sys.argv[1])
