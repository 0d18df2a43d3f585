"""What a customer wants to hear, over HTTP."""

from __future__ import annotations

import pytest

from tests.component.notification.conftest import JANE, NOBODY, Office

URL = f"/api/notifications/preferences/{JANE}"
NIGHT = {"start": "22:00", "end": "07:00", "timeZone": "America/New_York"}


class TestReading:
    async def test_shows_the_defaults_to_who_never_said_anything(self, office: Office) -> None:
        answer = await office.jane.get(URL)
        assert answer.status == 200
        assert answer.json() == {
            "customerId": JANE,
            "channels": {"email": True, "sms": False, "inApp": True},
            "types": {},
            "quietHours": None,
            "digest": None,
            "updatedAt": None,
        }

    async def test_is_for_the_customer_and_for_staff(self, office: Office) -> None:
        assert (await office.staff.get(URL)).status == 200
        assert (await office.http.get(URL)).status == 401
        assert (await office.http.as_customer(NOBODY).get(URL)).status == 403
        assert (await office.http.with_scopes("orders:read").get(URL)).status == 403

    async def test_tells_staff_that_a_customer_is_unknown(self, office: Office) -> None:
        url = f"/api/notifications/preferences/{NOBODY}"
        assert (await office.staff.get(url)).status == 404
        assert (await office.staff.put(url, {})).status == 404


class TestReplacing:
    async def test_keeps_what_is_said_and_defaults_the_rest(self, office: Office) -> None:
        body = {
            "channels": {"sms": True},
            "types": {"order_shipped": {"sms": True, "email": False}},
            "quietHours": NIGHT,
            "digest": {"at": "08:05", "timeZone": "Europe/Madrid"},
        }
        answer = await office.jane.put(URL, body)
        assert answer.status == 200
        assert answer.json() == {
            "customerId": JANE,
            "channels": {"email": True, "sms": True, "inApp": True},
            "types": {"order_shipped": {"sms": True, "email": False}},
            "quietHours": NIGHT,
            "digest": {"at": "08:05", "timeZone": "Europe/Madrid"},
            "updatedAt": "2026-03-02T15:00:00Z",
        }
        assert (await office.jane.get(URL)).json() == answer.json()

    async def test_replaces_all_that_was_said_before(self, office: Office) -> None:
        await office.jane.put(URL, {"channels": {"sms": True}, "quietHours": NIGHT})
        answer = await office.jane.put(URL, {})
        assert answer.json()["channels"]["sms"] is False
        assert answer.json()["quietHours"] is None

    async def test_counts_from_the_next_message_on(self, office: Office) -> None:
        await office.request("welcome", facts={})
        await office.jane.put(URL, {"types": {"welcome": {"inApp": False}}})
        await office.request("welcome", facts={})
        assert [row[1] for row in office.rows()] == ["SENT", "SUPPRESSED"]

    async def test_if_match_guards_what_was_read(self, office: Office) -> None:
        etag = (await office.jane.get(URL)).headers["etag"]
        assert (await office.jane.put(URL, {}, {"if-match": etag})).status == 200
        assert (await office.jane.put(URL, {}, {"if-match": etag})).status == 412

    @pytest.mark.parametrize(
        ("body", "pointers"),
        [
            ({"types": {"horoscope": {"sms": True}}}, {"/types/horoscope"}),
            ({"types": {"order_shipped": {"inApp": False}}}, {"/types/order_shipped/inApp"}),
            ({"types": {"password_changed": {"inApp": False}}}, {"/types/password_changed/inApp"}),
            ({"channels": {"pigeon": True}}, {"/channels/pigeon"}),
            ({"channels": {"sms": "yes"}}, {"/channels/sms"}),
            ({"quietHours": {**NIGHT, "timeZone": "Mars/Olympus"}}, {"/quietHours/timeZone"}),
            ({"quietHours": {**NIGHT, "timeZone": "../../etc/passwd"}}, {"/quietHours/timeZone"}),
            ({"quietHours": {**NIGHT, "end": "22:00"}}, {"/quietHours/end"}),
            ({"quietHours": {**NIGHT, "start": "24:00"}}, {"/quietHours/start"}),
            ({"quietHours": {"start": "22:00"}}, {"/quietHours/end", "/quietHours/timeZone"}),
        ],
    )
    async def test_points_at_what_is_invalid(
        self, office: Office, body: object, pointers: set[str]
    ) -> None:
        answer = await office.jane.put(URL, body)
        assert (answer.status, answer.pointers()) == (400, pointers)

    async def test_is_for_the_customer_and_for_staff(self, office: Office) -> None:
        assert (await office.staff.put(URL, {})).status == 200
        assert (await office.http.as_customer(NOBODY).put(URL, {})).status == 403
