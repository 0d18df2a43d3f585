"""What the pages' sources may not do, whatever a page is about (OWASP ASVS 5.0, 3.2 and 14.3)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from pathlib import Path

import pytest

PAGES = Path(__file__).parents[2] / "storefront" / "projects"

FORBIDDEN: Mapping[str, re.Pattern[str]] = {
    "text as HTML": re.compile(
        r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|bypassSecurityTrust|DomSanitizer"
    ),
    "text as code": re.compile(r"\beval\(|new Function\(|setTimeout\(\s*[\"'`]"),
    "what a browser keeps": re.compile(r"localStorage|sessionStorage|indexedDB|document\.cookie"),
    "a paste that is refused": re.compile(r"\(paste\)|onpaste|addEventListener\([\"']paste"),
    "names of a stranger in an object": re.compile(r"__proto__|\[key\] ="),
    "messages between windows": re.compile(
        r"(?:window|parent|opener|top)\.(?:postMessage\(|addEventListener\([\"']message)"
    ),
}
KEEPS = {
    "shop/src/app/core/kept.ts",  # recent searches and what was looked at
    "shop/src/app/cart/cart.store.ts",  # the cart's id, which the gateway reads for its page
}
"""The only sources that keep anything in a browser, and what that is."""

_PASSWORD_FIELD = re.compile(
    r"<(?:input|kb-field)\b[^>]*\bname=\"(?:\w*password|current|proof|new)\"[^>]*>"
)


def sources() -> dict[str, str]:
    return {
        str(path.relative_to(PAGES)): path.read_text(encoding="utf-8")
        for path in sorted(PAGES.rglob("*"))
        if path.suffix in {".ts", ".html"} and ".spec." not in path.name
    }


def found(pattern: re.Pattern[str], text: Mapping[str, str]) -> Iterator[str]:
    return (name for name, content in text.items() if pattern.search(content))


@pytest.mark.parametrize("what", FORBIDDEN)
def test_no_page_does_what_is_forbidden(what: str) -> None:
    allowed = KEEPS if what == "what a browser keeps" else set()
    assert set(found(FORBIDDEN[what], sources())) == allowed


@pytest.mark.parametrize(
    ("what", "canary"),
    [
        ("text as HTML", '<p [innerHTML]="review.text"></p>'),
        ("text as HTML", "this.sanitizer.bypassSecurityTrustHtml(text)"),
        ("text as code", "eval(text)"),
        ("what a browser keeps", "sessionStorage.setItem('token', token)"),
        ("a paste that is refused", '<input (paste)="$event.preventDefault()">'),
        ("names of a stranger in an object", "target[key] = value"),
        ("messages between windows", "window.addEventListener('message', take)"),
    ],
)
def test_a_page_that_did_would_be_seen(what: str, canary: str) -> None:
    assert list(found(FORBIDDEN[what], {"page.ts": canary})) == ["page.ts"]


def test_every_password_is_masked_and_named_for_password_managers() -> None:
    fields = [
        field
        for content in sources().values()
        for field in _PASSWORD_FIELD.findall(content)
        if 'autocomplete="username' not in field
    ]
    assert len(fields) >= 8
    for field in fields:
        assert 'type="password"' in field, field
        assert re.search(r'autocomplete="(?:current|new)-password"', field), field
