"""The words of each message, from the Jinja templates beside this file.

``<kind>.txt`` holds the title in its first line, then paragraphs, then maybe a line
``> label: path``. Everything is compiled once, when the service is built.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from typing import Any

import jinja2

from kibble.services.notification.integration import Facts, Letter
from kibble.services.notification.model import KINDS, Copy

_LAYOUTS = ("layout.txt", "layout.html")
_SPACES = re.compile(r"[\s\x00-\x1f\x7f]+")
_MAX_FACT = 300
_MOST_MONEY = Decimal(10**12)
_SIGNS = {"USD": "$", "EUR": "€", "GBP": "£"}


class JinjaCopywriter:
    """Renders the templates of a package folder.

    Raises ``jinja2.TemplateError`` when it is made, should a template be missing or broken.
    """

    def __init__(self, loader: jinja2.BaseLoader) -> None:
        """Compile all templates that ``loader`` finds."""
        environment: Any = jinja2.Environment(  # Any: its filters' types are unfinished
            loader=loader,
            autoescape=jinja2.select_autoescape(["html"]),
            auto_reload=False,
            cache_size=-1,
        )
        environment.filters.update(order=_order, Order=_order_first, money=_money, day=_day)
        self._kinds: dict[str, jinja2.Template] = {
            name: environment.get_template(f"{name}.txt") for name in KINDS
        }
        self._text, self._html = (environment.get_template(name) for name in _LAYOUTS)

    def write(self, kind: str, facts: Facts) -> Copy:
        """Return the words of ``kind``; a fact that is missing is left out of the text."""
        return _parse(self._kinds[kind].render(_cleaned(facts)))

    def lay_out(self, letter: Letter) -> tuple[str, str]:
        """Return the plain text and the HTML of a letter."""
        values = {
            "title": letter.copy.title,
            "name": letter.name,
            "body": letter.copy.body,
            "paragraphs": letter.copy.body.split("\n\n"),
            "label": letter.copy.action_label,
            "link": letter.link,
            "shop": letter.shop,
        }
        return self._text.render(values), self._html.render(values)


def packaged() -> jinja2.BaseLoader:
    """Return the templates that Kibble brings along."""
    return jinja2.PackageLoader("kibble.services.notification.adapters", "templates")


def _parse(text: str) -> Copy:
    title, _, rest = text.strip().partition("\n")
    body, _, action = rest.rpartition("\n> ")
    if not action or "\n" in action:
        body, action = rest, ""
    label, _, path = action.partition(": ")
    paragraphs = (_SPACES.sub(" ", part).strip() for part in body.split("\n\n"))
    return Copy(
        title, "\n\n".join(part for part in paragraphs if part), label or None, path or None
    )


def _cleaned(facts: Facts) -> Mapping[str, object]:
    """Drop what is unknown, and keep texts on one line: a fact must not write the letter."""
    return {
        name: _SPACES.sub(" ", value)[:_MAX_FACT] if isinstance(value, str) else value
        for name, value in facts.items()
        if value is not None
    }


def _order(order_id: object) -> str:
    """Return an order as people speak of it: by the last eight digits of its id."""
    number = str(order_id)[-8:].upper()
    return f"order #{number}" if number else "your order"


def _order_first(order_id: object) -> str:
    """Return an order at the beginning of a sentence."""
    name = _order(order_id)
    return name[0].upper() + name[1:]


def _money(amount: object, currency: object = "USD") -> str:
    """Return an amount of major units for reading; what is no amount is shown as it is."""
    try:
        value = Decimal(str(amount))
    except InvalidOperation:
        return str(amount)
    if not -_MOST_MONEY < value < _MOST_MONEY:
        return str(amount)
    number = f"{value:,.2f}"
    code = str(currency or "USD")
    return f"{_SIGNS[code]}{number}" if code in _SIGNS else f"{number} {code}"


def _day(moment: object) -> str:
    """Return a date for reading, from an RFC 3339 text; what is none is shown as it is."""
    try:
        return f"{datetime.fromisoformat(str(moment)):%A, %B %-d}"
    except ValueError:
        return str(moment)
