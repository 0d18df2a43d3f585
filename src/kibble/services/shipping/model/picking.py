"""How far a warehouse is with a shipment that the carrier does not have yet."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import Enum

from kibble.kernel.ids import ShipmentId
from kibble.kernel.state_machine import StateMachine


class Stage(Enum):
    """What the warehouse has done."""

    TO_PICK = "TO_PICK"
    PICKED = "PICKED"
    PACKED = "PACKED"


STAGES = StateMachine(
    "shipment's packing",
    {
        # People press the wrong button: each step can be taken back.
        Stage.TO_PICK: frozenset({Stage.PICKED}),
        Stage.PICKED: frozenset({Stage.PACKED, Stage.TO_PICK}),
        Stage.PACKED: frozenset({Stage.PICKED}),
    },
    Stage.TO_PICK,
)


@dataclass(slots=True)
class Picking:
    """The stage of a shipment, and since when; one that nobody has touched has none."""

    shipment_id: ShipmentId
    stage: Stage
    at: datetime
    version: int = 0

    def move(self, stage: Stage, now: datetime) -> bool:
        """Go to a stage; tell whether that is news. Raises ``Conflict`` for a step too many."""
        if stage is self.stage:
            return False
        self.stage, self.at = STAGES.move(self.stage, stage), now
        return True
