"""The words of each message, from the Jinja templates beside this file.

``<language>/<kind>.txt`` holds the title in its first line, then paragraphs, then maybe a line
``> label: path``. Everything is compiled once, when the service is built.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import datetime
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Any

import jinja2

from kibble.kernel.languages import FALLBACK, LANGUAGES, Language
from kibble.services.notification.adapters.locales import LOCALES, Locale
from kibble.services.notification.integration import Facts, Letter
from kibble.services.notification.model import KINDS, Copy

_LAYOUTS = ("layout.txt", "layout.html")
_SPACES = re.compile(r"[\s\x00-\x1f\x7f]+")
_MAX_FACT = 300
_MOST_MONEY = Decimal(10**12)


class JinjaCopywriter:
    """Renders the templates of a package folder.

    Raises ``jinja2.TemplateError`` when it is made, should a template be broken, or one of the
    fallback language be missing.
    """

    def __init__(self, loader: jinja2.BaseLoader) -> None:
        """Compile all templates that ``loader`` finds."""
        self._kinds = {language: _compiled(loader, language) for language in LANGUAGES}
        environment = _environment(loader)
        self._text, self._html = (environment.get_template(name) for name in _LAYOUTS)

    def write(self, kind: str, facts: Facts, language: Language) -> Copy:
        """Return the words of ``kind``; a fact that is missing is left out of the text."""
        if kind not in self._kinds[language]:
            language = FALLBACK
        return _parse(self._kinds[language][kind].render(_cleaned(facts)), language)

    def lay_out(self, letter: Letter) -> tuple[str, str]:
        """Return the plain text and the HTML of a letter."""
        copy = letter.copy
        values = {
            "language": copy.language,
            "title": copy.title,
            "greeting": LOCALES[copy.language].greet(letter.name),
            "body": copy.body,
            "paragraphs": copy.body.split("\n\n"),
            "label": copy.action_label,
            "link": letter.link,
            "shop": letter.shop,
            "ending": LOCALES[copy.language].ending,
            "unsubscribe": letter.unsubscribe,
        }
        return self._text.render(values), self._html.render(values)


def _compiled(loader: jinja2.BaseLoader, language: Language) -> Mapping[str, jinja2.Template]:
    """Return the templates of a language by kind; only the fallback must have them all."""
    locale = LOCALES[language]
    environment = _environment(loader)
    environment.filters.update(
        order=lambda order_id: locale.order_name(_number(order_id)),
        Order=lambda order_id: _first_upper(locale.order_name(_number(order_id))),
        money=lambda amount, currency="USD": _money(locale, amount, currency),
        plural=lambda count, one, other: one if count == 1 else other,
        day=lambda moment: _day(locale, moment),
    )
    templates: dict[str, jinja2.Template] = {}
    for kind in KINDS:
        try:
            templates[kind] = environment.get_template(f"{language}/{kind}.txt")
        except jinja2.TemplateNotFound:
            if language == FALLBACK:
                raise
    return templates


def _environment(loader: jinja2.BaseLoader) -> Any:  # Any: its filters' types are unfinished
    return jinja2.Environment(
        loader=loader,
        autoescape=jinja2.select_autoescape(["html"]),
        auto_reload=False,
        cache_size=-1,
    )


@cache
def packaged_copywriter() -> JinjaCopywriter:
    """Return the copywriter of the templates that Kibble brings along, compiled once a process."""
    return JinjaCopywriter(packaged())


def packaged() -> jinja2.BaseLoader:
    """Return the templates that Kibble brings along."""
    return jinja2.PackageLoader("kibble.services.notification.adapters", "templates")


def _parse(text: str, language: Language) -> Copy:
    title, _, rest = text.strip().partition("\n")
    body, _, action = rest.rpartition("\n> ")
    if not action or "\n" in action:
        body, action = rest, ""
    label, _, path = action.partition(": ")
    paragraphs = (_SPACES.sub(" ", part).strip() for part in body.split("\n\n"))
    return Copy(
        title,
        "\n\n".join(part for part in paragraphs if part),
        label or None,
        path or None,
        language,
    )


def _cleaned(facts: Facts) -> Mapping[str, object]:
    """Drop what is unknown, and keep texts on one line: a fact must not write the letter."""
    return {
        name: _SPACES.sub(" ", value)[:_MAX_FACT] if isinstance(value, str) else value
        for name, value in facts.items()
        if value is not None
    }


def _number(order_id: object) -> str:
    """Return an order's number, as pages show it and staff search for it: its id's last twelve."""
    return str(order_id)[-12:]


def _first_upper(text: str) -> str:
    return text[0].upper() + text[1:]


def _money(locale: Locale, amount: object, currency: object) -> str:
    """Return an amount of major units for reading; what is no amount is shown as it is."""
    try:
        value = Decimal(str(amount))
    except InvalidOperation:
        return str(amount)
    if not -_MOST_MONEY < value < _MOST_MONEY:
        return str(amount)
    return locale.amount(value, str(currency or "USD"))


def _day(locale: Locale, moment: object) -> str:
    """Return a date for reading, from an RFC 3339 text; what is none is shown as it is."""
    try:
        return locale.day_of(datetime.fromisoformat(str(moment)))
    except ValueError:
        return str(moment)
