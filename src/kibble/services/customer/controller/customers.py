"""Customers over HTTP."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import msgspec

from kibble.kernel.clock import Clock
from kibble.kernel.errors import FieldError, InvalidInput
from kibble.kernel.ids import CustomerId
from kibble.kernel.languages import Language, negotiate
from kibble.platform.persistence.store import Store
from kibble.platform.web import json
from kibble.platform.web.call import Call
from kibble.platform.web.csv import TABLE, as_table
from kibble.platform.web.ownership import By, owned
from kibble.platform.web.reply import Reply, accepted, content, created, listed, no_content, ok
from kibble.platform.web.route import ANYONE, Route, get, write
from kibble.services.customer.controller.security import require_recent
from kibble.services.customer.model import Customer, Purpose
from kibble.services.customer.schemas import (
    Accepted,
    CustomersQuery,
    CustomerView,
    EditCustomer,
    EmailVerification,
    ExportView,
    PasswordReset,
    PatchCustomer,
    Register,
)
from kibble.services.customer.service import CredentialService, CustomerService, Edit

READ = "customers:read"
WRITE = "customers:write"

_MAILED = Accepted("If an account has this address, a message is on its way to it.")


class CustomerController:
    """One method a route."""

    def __init__(
        self, accounts: CustomerService, credentials: CredentialService, store: Store, clock: Clock
    ) -> None:
        self._accounts = accounts
        self._credentials = credentials
        self._store = store
        self._clock = clock

    async def register(self, call: Call[Register, None]) -> Reply:
        """POST /api/customers."""
        body = call.body
        profile = body.profile(_language(call))
        return await call.transact(
            self._store,
            lambda: self._accounts.register(body.username, body.email, body.password, profile),
            lambda customer: created(
                CustomerView.of(customer),
                f"/api/customers/{customer.id}",
                etag=str(customer.version),
            ),
        )

    async def list_customers(self, call: Call[None, CustomersQuery]) -> Reply:
        """GET /api/customers."""
        query = call.query
        page = await self._accounts.find(query.q, query.limit, query.cursor)
        return listed(page, CustomerView.of, call.next_url)

    async def get_customer(self, call: Call[None, None]) -> Reply:
        """GET /api/customers/{customerId}."""
        return _shown(await self._accounts.customer(_id(call)))

    async def replace_customer(self, call: Call[EditCustomer, None]) -> Reply:
        """PUT /api/customers/{customerId}."""
        wanted = call.body.edit()
        return await self._revise(call, lambda _: wanted)

    async def patch_customer(self, call: Call[PatchCustomer, None]) -> Reply:
        """PATCH /api/customers/{customerId}."""
        patch = call.body
        return await self._revise(
            call, lambda customer: json.convert(patch.applied_to(customer), EditCustomer).edit()
        )

    async def _revise(
        self,
        call: Call[EditCustomer, None] | Call[PatchCustomer, None],
        edit: Callable[[Customer], Edit],
    ) -> Reply:
        customer_id = _id(call)

        def edit_what_was_read(customer: Customer) -> Edit:
            call.require_version(customer.version)
            wanted = edit(customer)
            if wanted.email != customer.email:
                require_recent(call, self._clock)
            return wanted

        return await call.transact(
            self._store, lambda: self._accounts.revise(customer_id, edit_what_was_read), _shown
        )

    async def export_customer(self, call: Call[None, None]) -> Reply:
        """GET /api/customers/{customerId}/export."""
        reply = ok(ExportView.of(await self._accounts.export(_id(call))))
        reply.headers["content-disposition"] = 'attachment; filename="personal-data.json"'
        return reply

    async def export_table(self, call: Call[None, None]) -> Reply:
        """GET /api/customers/{customerId}/export.csv."""
        view = ExportView.of(await self._accounts.export(_id(call)))
        reply = content(as_table(msgspec.json.decode(json.encode(view))), TABLE)
        reply.headers["content-disposition"] = 'attachment; filename="personal-data.csv"'
        return reply

    async def erase_customer(self, call: Call[None, None]) -> Reply:
        """DELETE /api/customers/{customerId}."""
        customer_id = _id(call)
        return await call.transact(
            self._store, lambda: self._accounts.erase(customer_id), lambda _: no_content()
        )

    async def reset_password(self, call: Call[PasswordReset, None]) -> Reply:
        """POST /api/customers/password-reset."""
        body = call.body
        _require_form(email=body.email, token=body.token, password=body.password)
        if body.email is not None:
            return await self._mail(call, Purpose.PASSWORD_RESET, body.email)
        token, password = body.token or "", body.password or ""
        return await call.transact(
            self._store,
            lambda: self._credentials.reset_password(token, password),
            lambda _: no_content(),
        )

    async def verify_email(self, call: Call[EmailVerification, None]) -> Reply:
        """POST /api/customers/verify-email."""
        body = call.body
        _require_form(email=body.email, token=body.token)
        if body.email is not None:
            return await self._mail(call, Purpose.VERIFY_EMAIL, body.email)
        token = body.token or ""
        return await call.transact(
            self._store, lambda: self._credentials.verify_email(token), lambda _: no_content()
        )

    async def _mail(
        self,
        call: Call[PasswordReset, None] | Call[EmailVerification, None],
        purpose: Purpose,
        email: str,
    ) -> Reply:
        language = _language(call)
        return await call.transact(
            self._store,
            lambda: self._credentials.ask_for_link(purpose, email, language),
            lambda _: accepted(_MAILED),
        )


def _language(call: Call[Any, None]) -> Language:
    return negotiate(call.request.headers.get("accept-language", ""))


def _id(call: Call[Any, None]) -> CustomerId:
    return CustomerId(call.id("customerId"))


def _shown(customer: Customer) -> Reply:
    return ok(CustomerView.of(customer), etag=str(customer.version))


def _require_form(*, email: str | None, **confirmation: str | None) -> None:
    """Accept ``email`` alone or all of ``confirmation``; raises ``InvalidInput`` otherwise."""
    given = [name for name, value in confirmation.items() if value is not None]
    if email is not None:
        errors = [FieldError(f"/{name}", "does not go with email") for name in given]
    elif given:
        errors = [FieldError(f"/{name}", "is required") for name in confirmation.keys() - given]
    else:
        errors = [FieldError("/email", "is required, or else a token")]
    if errors:
        raise InvalidInput(errors)


def routes(controller: CustomerController) -> list[Route]:
    """Return Customer's table of routes."""
    c = controller
    customers = "/api/customers"
    reading, changing = owned(By.PATH, READ), owned(By.PATH, WRITE)
    customer = f"{customers}/{{customerId}}"
    return [
        write(
            "POST",
            customers,
            c.register,
            "Open an account",
            ANYONE,
            body=Register,
            answer=CustomerView,
            status=201,
        ),
        get(
            customers,
            c.list_customers,
            "Accounts, newest first; q begins a name, a username, an e-mail or a phone number",
            READ,
            query=CustomersQuery,
            answer=list[CustomerView],
        ),
        get(customer, c.get_customer, "An account", reading, answer=CustomerView),
        write(
            "PUT",
            customer,
            c.replace_customer,
            "Replace an account's profile",
            changing,
            body=EditCustomer,
            answer=CustomerView,
            conditional=True,
        ),
        write(
            "PATCH",
            customer,
            c.patch_customer,
            "Change an account (JSON Merge Patch)",
            changing,
            body=PatchCustomer,
            answer=CustomerView,
            conditional=True,
        ),
        write("DELETE", customer, c.erase_customer, "Erase a customer", changing, status=204),
        get(
            f"{customer}/export",
            c.export_customer,
            "All personal data of a customer",
            reading,
            answer=ExportView,
        ),
        get(
            f"{customer}/export.csv",
            c.export_table,
            "All personal data of a customer as a table: a row a value, and where it stands",
            reading,
            gives=(TABLE,),
        ),
        write(
            "POST",
            f"{customers}/password-reset",
            c.reset_password,
            "Ask for a link to set a new password (202), or use it (204)",
            ANYONE,
            body=PasswordReset,
            answer=Accepted,
            status=202,
            also=((204, None),),
        ),
        write(
            "POST",
            f"{customers}/verify-email",
            c.verify_email,
            "Ask for a link to prove an e-mail address (202), or use it (204)",
            ANYONE,
            body=EmailVerification,
            answer=Accepted,
            status=202,
            also=((204, None),),
        ),
    ]
