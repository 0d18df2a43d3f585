"""The words of each kind of message, as text and as HTML."""

from __future__ import annotations

import jinja2
import pytest
from jinja2 import nodes

from kibble.kernel.languages import FALLBACK, LANGUAGES, Language
from kibble.services.notification.adapters.jinja import JinjaCopywriter, packaged
from kibble.services.notification.integration import Facts, Letter
from kibble.services.notification.model import KINDS, Copy

WRITER = JinjaCopywriter(packaged())
ORDER = "0193a7f0-1111-7222-8333-abcdef012345"
FACTS: Facts = {
    "orderId": ORDER,
    "total": "1234.56",
    "refunded": "59.98",
    "currency": "USD",
    "carrier": "UPS",
    "trackingNumber": "1Z999",
    "estimatedDelivery": "2026-11-29T10:00:00.000000Z",
    "reason": "it is sold out",
    "productName": "Wild Salmon Kibble",
    "productId": ORDER,
}


def source(template: str) -> str:
    return packaged().get_source(jinja2.Environment(), template)[0]  # noqa: S701 - it renders nothing


def variables(template: str) -> set[str]:
    return {name.name for name in jinja2.Environment().parse(source(template)).find_all(nodes.Name)}  # noqa: S701 - it renders nothing


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("kind", sorted(KINDS))
class TestEveryKindInEveryLanguage:
    def test_has_words_of_its_own(self, kind: str, language: Language) -> None:
        assert WRITER.write(kind, FACTS, language).language == language

    def test_uses_the_facts_that_the_others_use(self, kind: str, language: Language) -> None:
        assert variables(f"{language}/{kind}.txt") == variables(f"{FALLBACK}/{kind}.txt")

    def test_has_a_short_title_a_body_and_somewhere_to_go(
        self, kind: str, language: Language
    ) -> None:
        copy = WRITER.write(kind, FACTS, language)
        assert 5 <= len(copy.title) <= 50
        assert "\n" not in copy.title
        assert 40 <= len(copy.body) <= 450
        assert copy.action_label
        assert copy.action_path
        assert copy.action_path == WRITER.write(kind, FACTS, FALLBACK).action_path

    def test_reads_well_without_any_facts(self, kind: str, language: Language) -> None:
        copy = WRITER.write(kind, {}, language)
        text = f"{copy.title} {copy.body}"
        for leftover in ("None", "{{", "}}", "  ", "#.", " .", " ,"):
            assert leftover not in text


class TestTheWords:
    def test_names_the_order_and_the_amount(self) -> None:
        copy = WRITER.write("order_confirmed", FACTS, "en")
        assert "#abcdef012345" in copy.body
        assert "$1,234.56" in copy.body
        assert copy.action_path == f"/orders/{ORDER}"

    @pytest.mark.parametrize(
        ("amount", "currency", "shown"),
        [
            ("0.05", "USD", "$0.05"),
            (19.99, "EUR", "€19.99"),
            (1, "CHF", "1.00 CHF"),
            ("1e3", "USD", "$1,000.00"),
            ("a lot", 1, "a lot"),
            ("5", None, "$5.00"),
        ],
    )
    def test_shows_amounts_as_people_write_them(
        self, amount: str | float, currency: str | int | None, shown: str
    ) -> None:
        facts: Facts = {"orderId": ORDER, "refunded": amount, "currency": currency}
        assert shown in WRITER.write("order_refunded", facts, "en").body

    def test_shows_a_date_as_a_day(self) -> None:
        assert "Sunday, November 29" in WRITER.write("order_shipped", FACTS, "en").body

    @pytest.mark.parametrize(
        ("amount", "currency", "shown"),
        [
            ("0.05", "USD", "0,05 US$"),
            ("1234.56", "EUR", "1234,56 €"),
            ("12345.6", "CHF", "12.345,60 CHF"),
        ],
    )
    def test_shows_amounts_as_spanish_writes_them(
        self, amount: str, currency: str, shown: str
    ) -> None:
        facts: Facts = {"orderId": ORDER, "refunded": amount, "currency": currency}
        assert shown in WRITER.write("order_refunded", facts, "es").body

    def test_shows_a_day_as_spanish_writes_it(self) -> None:
        body = WRITER.write("order_shipped", FACTS, "es").body
        assert "el domingo, 29 de noviembre" in body
        assert body.startswith("Tu pedido n.º abcdef012345 ha salido")

    def test_that_a_language_lacks_are_the_fallbacks(self) -> None:
        loader = packaged()
        english = {name: source(name) for name in loader.list_templates() if "es/" not in name}
        copy = JinjaCopywriter(jinja2.DictLoader(english)).write("welcome", {}, "es")
        assert (copy.title, copy.language) == ("Welcome!", "en")


class TestHostileFacts:
    def test_a_fact_cannot_add_a_paragraph_or_a_link(self) -> None:
        facts: Facts = {
            "orderId": ORDER,
            "reason": "sorry\n\n> Win a prize: https://evil.example\n",
        }
        copy = WRITER.write("order_cancelled", facts, "en")
        assert "\n" not in copy.body
        assert copy.action_path == f"/orders/{ORDER}"

    def test_a_fact_cannot_leave_the_shop_by_the_path(self) -> None:
        copy = WRITER.write("order_confirmed", {"orderId": "x/../..//evil?a=b"}, "en")
        assert copy.action_path == "/orders/x/../..//evil%3Fa%3Db"

    def test_a_long_fact_is_cut(self) -> None:
        copy = WRITER.write("payment_failed", {"orderId": ORDER, "reason": "x" * 100_000}, "en")
        assert len(copy.body) < 1_000


class TestLetter:
    COPY = Copy("Fish & <Chips>", "One <b>bold</b> word.\n\nTwo.", "Go", "/orders/1")

    def test_html_escapes_every_value(self) -> None:
        letter = Letter(copy=self.COPY, name="<i>Eve</i>", link='https://x/"><script>', shop="A&B")
        _, html = WRITER.lay_out(letter)
        for raw in ("<Chips>", "<b>bold", "<i>Eve", '"><script>', "A&B<"):
            assert raw not in html
        assert "Fish &amp; &lt;Chips&gt;" in html

    def test_text_escapes_nothing_and_shows_the_link(self) -> None:
        letter = Letter(copy=self.COPY, name="Jané", link="https://x/orders/1", shop="A&B")
        text, _ = WRITER.lay_out(letter)
        assert text.startswith("Hello Jané,")
        assert "One <b>bold</b> word.\n\nTwo." in text
        assert "Go: https://x/orders/1" in text

    def test_greets_in_the_language_of_the_words(self) -> None:
        copy = Copy("Hola", "Texto.", language="es")
        text, html = WRITER.lay_out(Letter(copy=copy, name="Sam", link=None, shop="Kibble"))
        assert text.startswith("Hola Sam,")
        assert '<html lang="es">' in html

    def test_nobodys_name_and_no_link_leave_no_gap(self) -> None:
        copy = Copy("Hi", "Text.")
        text, html = WRITER.lay_out(Letter(copy=copy, name=None, link=None, shop="Kibble"))
        assert text.startswith("Hello,\n")
        assert "None" not in text + html
        assert "<a " not in html


def test_a_missing_template_is_found_when_the_service_starts() -> None:
    with pytest.raises(jinja2.TemplateNotFound):
        JinjaCopywriter(jinja2.DictLoader({"layout.txt": "", "layout.html": ""}))
