"""Imports of feeds over HTTP."""

from __future__ import annotations

from kibble.platform.persistence.changes import Outcome
from kibble.platform.persistence.store import Store
from kibble.platform.tasks import Worker
from kibble.platform.web.call import Call
from kibble.platform.web.reply import Reply, accepted, content, ok
from kibble.platform.web.route import Route, get, upload
from kibble.services.product.controller.products import WRITE
from kibble.services.product.controller.uploads import FORM, upload_of
from kibble.services.product.model.imports import ImportJob
from kibble.services.product.schemas.imports import ImportQuery, ImportView
from kibble.services.product.service.imports import ImportService

PATH = "/api/products/imports"
MAX_BYTES = 64 << 20
REPORT = "application/x-ndjson"
MEDIA = (
    FORM,
    "text/csv",
    "text/plain",
    "text/tab-separated-values",
    "application/x-ndjson",
    "application/jsonl",
    "application/json",
    "application/xml",
    "text/xml",
    "application/gzip",
    "application/x-gzip",
    "application/octet-stream",
)
"""What a feed may be sent as; what it is shows in its content."""


class ImportController:
    """One method a route."""

    def __init__(self, service: ImportService, worker: Worker[str], store: Store) -> None:
        self._service = service
        self._worker = worker
        self._store = store

    async def start_import(self, call: Call[None, ImportQuery]) -> Reply:
        """POST /api/products/imports."""
        upload = await upload_of(call)
        import_id = self._service.new_id()

        async def receive() -> Outcome[ImportJob]:
            outcome = await self._service.receive(
                import_id, upload.name, upload.content, dry_run=call.query.dry_run
            )
            outcome.changes.then(lambda: self._worker.submit(outcome.value.id))
            return outcome

        return await call.transact(self._store, receive, _accepted)

    async def get_import(self, call: Call[None, None]) -> Reply:
        """GET /api/products/imports/{importId}."""
        job = await self._service.job(call.id("importId"))
        return ok(ImportView.of(job, await self._service.first_errors(job)))

    async def get_errors(self, call: Call[None, None]) -> Reply:
        """GET /api/products/imports/{importId}/errors."""
        report = await self._service.report(call.id("importId"))
        return content(report, REPORT)


def _accepted(job: ImportJob) -> Reply:
    reply = accepted(ImportView.of(job))
    reply.headers["location"] = f"{PATH}/{job.id}"
    return reply


def routes(controller: ImportController) -> list[Route]:
    """Return the table of imports."""
    c = controller
    one = f"{PATH}/{{importId}}"
    return [
        upload(
            PATH,
            c.start_import,
            "Import a supplier's feed: CSV, JSON lines or XML, plain or gzip",
            WRITE,
            takes=MEDIA,
            max_bytes=MAX_BYTES,
            query=ImportQuery,
            answer=ImportView,
            status=202,
        ),
        get(one, c.get_import, "How far an import has come", WRITE, answer=ImportView),
        get(
            f"{one}/errors",
            c.get_errors,
            "What was wrong with rows, a JSON object a line",
            WRITE,
            gives=(REPORT,),
        ),
    ]
