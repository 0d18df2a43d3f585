"""What browsers report of pages that broke their Content-Security-Policy.

Anybody can send such a report, so it is believed in nothing: it is counted, and a line of it is
logged with what tells a developer where to look. Addresses are cut to their paths: queries and
fragments may have what is personal.
"""

from __future__ import annotations

from collections.abc import Iterable
from urllib.parse import urlsplit

import msgspec
import structlog

from kibble.gateway.flows import REPORTS_PATH
from kibble.kernel.errors import InvalidInput
from kibble.platform.telemetry import metrics
from kibble.platform.web.call import Call
from kibble.platform.web.reply import Reply, no_content
from kibble.platform.web.route import ANYONE, Route, upload

_log = structlog.get_logger()

MAX_BYTES = 16 * 1024
MAX_LENGTH = 200
DIRECTIVES = frozenset(
    "base-uri connect-src default-src font-src form-action frame-ancestors img-src manifest-src"
    " object-src script-src script-src-attr script-src-elem style-src style-src-attr"
    " style-src-elem worker-src".split()
)


class Violation(msgspec.Struct, rename="kebab"):
    """A report in the form of ``report-uri`` (CSP 2, section 4.4)."""

    document_uri: str = ""
    effective_directive: str = ""
    violated_directive: str = ""
    blocked_uri: str = ""
    source_file: str = ""
    line_number: int = 0


class OldReport(msgspec.Struct, rename="kebab"):
    """The body that ``report-uri`` sends."""

    csp_report: Violation


class NewViolation(msgspec.Struct, rename="camel"):
    """A report in the form of ``report-to`` (CSP 3, section 5.3)."""

    document_url: str = msgspec.field(default="", name="documentURL")
    effective_directive: str = ""
    blocked_url: str = msgspec.field(default="", name="blockedURL")
    source_file: str = ""
    line_number: int = 0


class NewReport(msgspec.Struct):
    """One of what ``report-to`` sends."""

    type: str
    body: NewViolation


class ReportController:
    """One method a route."""

    async def report_violation(self, call: Call[None, None]) -> Reply:
        """POST /csp-reports."""
        for violation in _violations(call.raw_body):
            directive = violation.effective_directive or violation.violated_directive.split(" ")[0]
            metrics.content_policy_reported(directive if directive in DIRECTIVES else "other")
            _log.warning(
                "content policy violated",
                directive=directive[:MAX_LENGTH],
                page=_path(violation.document_uri),
                blocked=_path(violation.blocked_uri),
                source=_path(violation.source_file),
                line=violation.line_number,
            )
        return no_content()


def _violations(body: bytes) -> Iterable[Violation]:
    try:
        report = msgspec.json.decode(body, type=OldReport | list[NewReport])
    except msgspec.MsgspecError as error:
        raise InvalidInput.at("", "must be a report of a Content-Security-Policy") from error
    if isinstance(report, OldReport):
        return [report.csp_report]
    return [
        Violation(
            document_uri=one.body.document_url,
            effective_directive=one.body.effective_directive,
            blocked_uri=one.body.blocked_url,
            source_file=one.body.source_file,
            line_number=one.body.line_number,
        )
        for one in report
        if one.type == "csp-violation"
    ]


def _path(address: str) -> str:
    """Return an address without its query and fragment, or a keyword such as ``inline``."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return "unreadable"
    return f"{parts.netloc.rpartition('@')[2]}{parts.path}"[:MAX_LENGTH]


def routes(controller: ReportController) -> list[Route]:
    """Return the table of the browsers' reports."""
    return [
        upload(
            REPORTS_PATH,
            controller.report_violation,
            "What a browser reports of a page that broke its content policy",
            ANYONE,
            takes=("application/csp-report", "application/reports+json", "application/json"),
            max_bytes=MAX_BYTES,
            status=204,
        )
    ]
