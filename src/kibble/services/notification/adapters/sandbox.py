"""A relay and an SMS provider that write to the data folder, where people and tests can read.

They promise as much as a relay that has taken a message: what is written is in the operating
system's hands. An e-mail that is handed over again replaces itself; a text message is a line more.
"""

from __future__ import annotations

from collections.abc import Collection
from datetime import UTC, datetime
from pathlib import Path

import msgspec

from kibble.kernel.clock import Clock, to_text
from kibble.services.notification.adapters.mime import write_mail
from kibble.services.notification.errors import DeliveryFailed
from kibble.services.notification.integration import Mail, Sms


class FolderMailSender:
    """Writes each e-mail as ``<folder>/<day>/<id>.eml``."""

    def __init__(self, folder: Path, sender: str, clock: Clock) -> None:
        """Send as ``sender``: an address, maybe with a name before it."""
        self._folder = folder
        self._sender = sender
        self._clock = clock
        self._today: Path | None = None

    async def send(self, mail: Mail) -> None:
        """Write one file; some tens of microseconds."""
        now = self._clock.now()
        try:
            (self._day(now) / f"{mail.id}.eml").write_bytes(write_mail(mail, self._sender, now))
        except OSError as error:
            raise DeliveryFailed(
                f"The outbox folder cannot be written: {error.strerror}."
            ) from error

    def forget(self, message_ids: Collection[str]) -> None:
        """See ``SentCopies.forget``."""
        files = [*self._folder.glob("*/*.eml")] if message_ids else []
        gone = {_to(file) for file in files if file.stem in message_ids}
        for file in files:
            if _to(file) in gone:
                file.unlink()

    def _day(self, now: datetime) -> Path:
        today = self._folder / now.astimezone(UTC).date().isoformat()
        if today != self._today:
            today.mkdir(parents=True, exist_ok=True)
            self._today = today
        return today


def _to(mail: Path) -> bytes:
    with mail.open("rb") as lines:
        return next((line for line in lines if line.startswith(b"To: ")), b"")


class FileSmsSender:
    """Appends each text message to a file, as a line of JSON."""

    def __init__(self, file: Path, clock: Clock) -> None:
        """Append to ``file``, which is made with the first message."""
        self._file = file
        self._clock = clock

    async def send(self, sms: Sms) -> None:
        """Append one line."""
        line = {"id": sms.id, "to": sms.to, "text": sms.text, "time": to_text(self._clock.now())}
        try:
            self._file.parent.mkdir(parents=True, exist_ok=True)
            with self._file.open("ab") as file:
                file.write(msgspec.json.encode(line) + b"\n")
        except OSError as error:
            raise DeliveryFailed(f"The SMS file cannot be written: {error.strerror}.") from error

    def forget(self, message_ids: Collection[str]) -> None:
        """See ``SentCopies.forget``."""
        if not message_ids or not self._file.exists():
            return
        lines = self._file.read_bytes().splitlines(keepends=True)
        told = [msgspec.json.decode(line) for line in lines]
        gone = {one["to"] for one in told if one["id"] in message_ids}
        kept = [line for line, one in zip(lines, told, strict=True) if one["to"] not in gone]
        self._file.write_bytes(b"".join(kept))
