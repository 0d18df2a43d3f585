"""What every ``MailSender`` and ``SmsSender`` does, and what the sandbox adds."""

from __future__ import annotations

import email
import email.policy
import json
from pathlib import Path

import pytest

from kibble.services.notification.adapters.sandbox import FileSmsSender, FolderMailSender
from kibble.services.notification.errors import DeliveryFailed
from kibble.services.notification.integration import Mail, Sms
from tests.fixtures.doubles import FakeClock

MAIL = Mail(id="m1", to="jane@example.com", subject="Hello", text="Hi.", html="<p>Hi.</p>")
SMS = Sms(id="s1", to="+12125550100", text="Grüße")
SENDER = "Kibble <shop@kibble.example>"


def mails_in(folder: Path) -> list[str]:
    return sorted(str(file.relative_to(folder)) for file in folder.rglob("*.eml"))


class TestFolderMailSender:
    async def test_writes_a_file_a_mail_by_day(self, tmp_path: Path) -> None:
        clock = FakeClock()
        sender = FolderMailSender(tmp_path / "mail", SENDER, clock)
        await sender.send(MAIL)
        clock.advance(86_400)
        await sender.send(Mail(id="m2", to="a@b.co", subject="x", text="x", html="x"))
        assert mails_in(tmp_path) == ["mail/2026-03-02/m1.eml", "mail/2026-03-03/m2.eml"]
        written = (tmp_path / "mail/2026-03-02/m1.eml").read_bytes()
        message = email.message_from_bytes(written, policy=email.policy.default)
        assert (message["From"], message["To"]) == (SENDER, "jane@example.com")

    async def test_the_same_mail_again_replaces_itself(self, tmp_path: Path) -> None:
        sender = FolderMailSender(tmp_path, SENDER, FakeClock())
        for _ in range(2):
            await sender.send(MAIL)
        assert mails_in(tmp_path) == ["2026-03-02/m1.eml"]

    async def test_says_when_it_cannot_write(self, tmp_path: Path) -> None:
        (tmp_path / "mail").write_text("a file where the folder should be")
        with pytest.raises(DeliveryFailed):
            await FolderMailSender(tmp_path / "mail", SENDER, FakeClock()).send(MAIL)


class TestFileSmsSender:
    async def test_writes_a_line_a_message(self, tmp_path: Path) -> None:
        sender = FileSmsSender(tmp_path / "outbox" / "sms.jsonl", FakeClock())
        for _ in range(2):
            await sender.send(SMS)
        lines = (tmp_path / "outbox" / "sms.jsonl").read_text().splitlines()
        assert [json.loads(line)["text"] for line in lines] == ["Grüße", "Grüße"]

    async def test_says_when_it_cannot_write(self, tmp_path: Path) -> None:
        with pytest.raises(DeliveryFailed):
            await FileSmsSender(tmp_path, FakeClock()).send(SMS)
