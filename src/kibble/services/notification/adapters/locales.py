"""How each language greets, and writes amounts and days: the forms of Unicode's CLDR.

Two languages need a dozen forms; Babel would bring the data of hundreds (docs/notifications.md).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from kibble.kernel.languages import Language


@dataclass(frozen=True, slots=True, kw_only=True)
class Locale:
    """A language's forms.

    ``ending`` is the link that ends such messages; ``money`` puts a number and a currency's sign
    together, ``coded`` a number and a code;
    ``weekdays`` begin on Monday; ``day`` is a format of weekday, day and month; numbers of at least
    ``grouped_from`` have a mark between thousands.
    """

    greeting: str
    ending: str
    order: str
    some_order: str
    money: str
    coded: str
    signs: Mapping[str, str]
    marks: Mapping[int, int]
    grouped_from: int
    weekdays: tuple[str, ...]
    months: tuple[str, ...]
    day: str

    def greet(self, name: str | None) -> str:
        """Return the first words of a letter."""
        return f"{self.greeting} {name}" if name else self.greeting

    def order_name(self, number: str) -> str:
        """Return an order as people speak of it; ``number`` may be empty."""
        return self.order.format(number) if number else self.some_order

    def amount(self, value: Decimal, currency: str) -> str:
        """Return an amount of major units."""
        number = f"{value:,.2f}" if abs(value) >= self.grouped_from else f"{value:.2f}"
        number = number.translate(self.marks)
        if currency in self.signs:
            return self.money.format(number=number, sign=self.signs[currency])
        return self.coded.format(number=number, code=currency)

    def day_of(self, when: date) -> str:
        """Return a day with its weekday."""
        return self.day.format(
            weekday=self.weekdays[when.weekday()], day=when.day, month=self.months[when.month - 1]
        )


LOCALES: Mapping[Language, Locale] = {
    "en": Locale(
        greeting="Hello",
        ending="No more messages like this",
        order="order #{}",
        some_order="your order",
        money="{sign}{number}",
        coded="{number} {code}",
        signs={"USD": "$", "EUR": "€", "GBP": "£"},
        marks={},
        grouped_from=1_000,
        weekdays=(
            "Monday",
            "Tuesday",
            "Wednesday",
            "Thursday",
            "Friday",
            "Saturday",
            "Sunday",
        ),
        months=(
            "January",
            "February",
            "March",
            "April",
            "May",
            "June",
            "July",
            "August",
            "September",
            "October",
            "November",
            "December",
        ),
        day="{weekday}, {month} {day}",
    ),
    "es": Locale(
        greeting="Hola",
        ending="No recibir más mensajes como este",
        order="tu pedido n.º {}",
        some_order="tu pedido",
        money="{number} {sign}",
        coded="{number} {code}",
        signs={"USD": "US$", "EUR": "€", "GBP": "£"},
        marks=str.maketrans(",.", ".,"),
        grouped_from=10_000,
        weekdays=(
            "lunes",
            "martes",
            "miércoles",
            "jueves",
            "viernes",
            "sábado",
            "domingo",
        ),
        months=(
            "enero",
            "febrero",
            "marzo",
            "abril",
            "mayo",
            "junio",
            "julio",
            "agosto",
            "septiembre",
            "octubre",
            "noviembre",
            "diciembre",
        ),
        day="{weekday}, {day} de {month}",
    ),
}
