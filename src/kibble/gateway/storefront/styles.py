"""A build's styles inside its pages: a phone on a slow network waits for one answer less."""

from __future__ import annotations

import re
from collections.abc import Mapping

from kibble.gateway.storefront.files import File

NONCE = "\1"
"""What stands for the nonce of an answer, which the policy of the page names."""
_LINK = re.compile(r'<link rel="stylesheet" href="([^"]+\.css)">')


def with_styles(index: str, files: Mapping[str, File]) -> str:
    """Return an index page with the styles in place of the links to them.

    Addresses in them are taken from the page's ``<base>``, which is where the build's styles are.
    A style that the build has not, as one of another host, keeps its link.
    """

    def style(link: re.Match[str]) -> str:
        file = files.get(link[1])
        if file is None:
            return link[0]
        return f'<style nonce="{NONCE}">{file.bodies["identity"].decode()}</style>'

    return _LINK.sub(style, index)
