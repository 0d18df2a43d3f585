"""An endpoint's secrets and a delivery's attempts as JSON, whatever engine keeps them."""

from __future__ import annotations

import msgspec

from kibble.services.notification.model.webhook import Attempt, SigningSecret

encode = msgspec.json.Encoder().encode
events = msgspec.json.Decoder(tuple[str, ...]).decode
secrets = msgspec.json.Decoder(tuple[SigningSecret, ...]).decode
attempts = msgspec.json.Decoder(list[Attempt]).decode
