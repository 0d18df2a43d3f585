"""Putting events into their envelope, and taking them out."""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from kibble.kernel.clock import Clock, to_text
from kibble.kernel.ids import IdSource
from kibble.platform.messaging.event import Envelope, Event
from kibble.platform.telemetry.trace import current_traceparent

_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(Envelope).decode


@dataclass(frozen=True, slots=True)
class EnvelopeMaker:
    """Makes the envelopes of one service; ``source`` is the service's name."""

    source: str
    clock: Clock
    ids: IdSource

    def make(self, event: Event, sequence: int) -> tuple[Envelope, bytes]:
        """Return the envelope of ``event``, and its JSON."""
        envelope = Envelope(
            id=self.ids.new(),
            source=f"/kibble/{self.source}",
            type=event.type,
            subject=event.subject,
            time=to_text(self.clock.now()),
            dataschema=f"urn:kibble:event:{event.type}:{event.schema_version}",
            sequence=sequence,
            partitionkey=event.key,
            traceparent=current_traceparent(),
            data=msgspec.Raw(_encode(event)),
        )
        return envelope, _encode(envelope)


def open_envelope(body: bytes) -> Envelope:
    """Return the envelope in ``body``; raises ``msgspec.MsgspecError`` when it is none."""
    return _decode(body)
