"""Taking the file out of an upload: the body itself, or a part of a form (RFC 7578)."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from dataclasses import dataclass
from typing import Any

from starlette.datastructures import UploadFile
from starlette.formparsers import MultiPartException, MultiPartParser

from kibble.kernel.errors import InvalidInput
from kibble.platform.web.call import Call

FORM = "multipart/form-data"


@dataclass(frozen=True, slots=True)
class Upload:
    """An uploaded file; ``name`` is what its sender calls it, and is only shown."""

    name: str
    content: bytes


async def upload_of(call: Call[None, Any]) -> Upload:
    """Return the first file of a form, or the body; raises ``InvalidInput`` when there is none."""
    media = call.request.headers.get("content-type", "")
    if not media.lower().startswith(FORM):
        if not call.raw_body:
            raise InvalidInput.at("", "a body is required")
        return Upload("upload", call.raw_body)

    async def body() -> AsyncGenerator[bytes]:
        yield call.raw_body

    parser = MultiPartParser(call.request.headers, body(), max_files=1, max_fields=10)
    parser.spool_max_size = len(call.raw_body) + 1  # it is in memory already: no file, no thread
    try:
        form = await parser.parse()
    except (MultiPartException, KeyError) as error:
        raise InvalidInput.at("", f"is no valid form: {error}") from error
    try:
        for _, part in form.multi_items():
            if isinstance(part, UploadFile):
                return Upload((part.filename or "upload")[-200:], await part.read())
    finally:
        await form.close()
    raise InvalidInput.at("/file", "is required: a form with one file")
