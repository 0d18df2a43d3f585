"""The staff over HTTP."""

from __future__ import annotations

from kibble.platform.persistence.store import Store
from kibble.platform.persistence.transaction import commit_outcome
from kibble.platform.web.call import Call
from kibble.platform.web.reply import Reply, created, ok
from kibble.platform.web.route import Route, get, write
from kibble.services.customer.schemas import ChangeStaff, HireStaff, StaffView
from kibble.services.customer.service import StaffService

ADMIN = "staff:admin"


class StaffController:
    """One method a route. No answer with a password is kept under an Idempotency-Key."""

    def __init__(self, staff: StaffService, store: Store) -> None:
        self._staff = staff
        self._store = store

    async def list_staff(self, call: Call[None, None]) -> Reply:
        """GET /api/staff."""
        return _private(ok([StaffView.of(member) for member in await self._staff.all()]))

    async def hire_staff(self, call: Call[HireStaff, None]) -> Reply:
        """POST /api/staff."""
        body = call.body
        name = body.name or body.username
        hired = await commit_outcome(
            self._store,
            lambda: self._staff.hire(body.username, name, tuple(body.roles), body.password),
        )
        reply = created(StaffView.of(hired.member, hired.password), f"{PATH}/{hired.member.id}")
        return _private(reply)

    async def get_staff(self, call: Call[None, None]) -> Reply:
        """GET /api/staff/{staffId}."""
        return _private(ok(StaffView.of(await self._staff.member(call.id("staffId")))))

    async def change_staff(self, call: Call[ChangeStaff, None]) -> Reply:
        """PATCH /api/staff/{staffId}."""
        body, staff_id = call.body, call.id("staffId")
        roles = tuple(body.roles) if body.roles is not None else None
        changed = await commit_outcome(
            self._store,
            lambda: self._staff.revise(
                staff_id, roles=roles, disabled=body.disabled, new_password=body.new_password
            ),
        )
        return _private(ok(StaffView.of(changed.member, changed.password)))


def _private(reply: Reply) -> Reply:
    reply.headers["cache-control"] = "no-store"
    return reply


PATH = "/api/staff"


def routes(controller: StaffController) -> list[Route]:
    """Return the staff's table of routes."""
    c = controller
    one = f"{PATH}/{{staffId}}"
    return [
        get(PATH, c.list_staff, "The staff", ADMIN, answer=list[StaffView]),
        write(
            "POST",
            PATH,
            c.hire_staff,
            "Open an account for a member of staff",
            ADMIN,
            body=HireStaff,
            answer=StaffView,
            status=201,
        ),
        get(one, c.get_staff, "A member of staff", ADMIN, answer=StaffView),
        write(
            "PATCH",
            one,
            c.change_staff,
            "Change roles, shut an account, hand out a new password",
            ADMIN,
            body=ChangeStaff,
            answer=StaffView,
        ),
    ]
