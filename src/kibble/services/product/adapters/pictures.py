"""Pictures, made one at a time beside the event loop."""

from __future__ import annotations

import asyncio

from kibble.services.product.integration import Picture


class PillowPictures:
    """Implements ``PictureMaker``; ``inline`` works in the event loop, for the simulator."""

    def __init__(self, *, inline: bool = False) -> None:
        self._inline = inline
        self._one_at_a_time = asyncio.Semaphore(1)

    async def make(self, content: bytes) -> Picture:
        """See ``PictureMaker.make``."""
        if self._inline:
            return _make(content)
        async with self._one_at_a_time:
            return await asyncio.to_thread(_make, content)


def _make(content: bytes) -> Picture:
    # Pillow takes 8 MB: a process whose merchant uploads nothing goes without.
    from kibble.services.product.adapters.pillow import make  # noqa: PLC0415 - Pillow is loaded when a picture is made

    return make(content)
