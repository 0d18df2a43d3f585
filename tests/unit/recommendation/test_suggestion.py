"""How suggestions are ranked, joined and explained."""

from __future__ import annotations

import pytest

from kibble.kernel.ids import ProductId
from kibble.kernel.money import Money
from kibble.services.recommendation.model import (
    Card,
    ProductNumber,
    Profile,
    Reason,
    Suggestion,
    below,
    rank,
)


def suggestion(
    name: str, score: float, species: str | None = None, because: str | None = None
) -> Suggestion:
    card = Card(ProductId(name), name, "food", Money(100), species=species)
    return Suggestion(card, score, Reason.BECAUSE_YOU_BOUGHT, because)


def names(suggestions: list[Suggestion]) -> list[str]:
    return [one.card.name for one in suggestions]


class TestRank:
    def test_puts_other_species_far_below(self) -> None:
        ranked = rank([suggestion("bone", 1.0, "dog"), suggestion("mouse", 0.3, "cat")], {"cat"}, 5)
        assert names(ranked) == ["mouse", "bone"]
        assert ranked[1].score == pytest.approx(0.2)

    @pytest.mark.parametrize(("species", "own"), [((), "dog"), ({"cat"}, None)])
    def test_changes_nothing_when_either_species_is_unknown(
        self, species: set[str], own: str | None
    ) -> None:
        first, second = suggestion("bone", 1.0, own), suggestion("mouse", 0.9, "cat")
        assert rank([first, second], species, 5) == [first, second]

    def test_keeps_the_order_of_equals_and_stops_at_the_limit(self) -> None:
        equals = [suggestion(name, 0.5) for name in "abc"]
        assert names(rank(equals, {"cat"}, 2)) == ["a", "b"]


def test_what_follows_an_answer_scores_no_more_than_its_last() -> None:
    answer = [suggestion("a", 1.0), suggestion("b", 0.4)]
    follow = below(answer, [suggestion("c", 1.0), suggestion("d", 0.5)])
    assert [one.score for one in follow] == pytest.approx([0.4, 0.2])


def test_scores_stay_when_there_is_nothing_before() -> None:
    assert below([], [suggestion("c", 0.7)])[0].score == 0.7


def test_explains_with_the_name_of_the_cause_or_without() -> None:
    assert suggestion("a", 1.0, because="Salmon Bites").text == "Because you bought Salmon Bites"
    assert suggestion("a", 1.0).text == "Because of what you bought"


@pytest.mark.parametrize("reason", list(Reason))
def test_every_reason_has_a_sentence(reason: Reason) -> None:
    card = Card(ProductId("a"), "Salmon Bites", "food", Money(100))
    assert Suggestion(card, 1.0, reason, "Tuna").text
    assert "{" not in Suggestion(card, 1.0, reason).text


class TestProfile:
    def test_has_what_was_viewed_and_not_bought(self) -> None:
        profile = Profile.of(
            [(ProductNumber(7), 2, None, None), (ProductNumber(3), 1, None, None)],
            [(ProductNumber(9), None), (ProductNumber(3), None), (ProductNumber(5), None)],
        )
        assert profile.bought == {3: 1, 7: 2}
        assert list(profile.bought) == [3, 7]
        assert profile.viewed == (5, 9)

    def test_takes_the_species_from_purchases_first(self) -> None:
        viewed = [(ProductNumber(1), "dog")]
        assert Profile.of([(ProductNumber(2), 1, "cat", None)], viewed).species == {"cat"}
        assert Profile.of([], viewed).species == {"dog"}
        assert Profile.of([(ProductNumber(2), 1, None, None)], viewed).species == frozenset()
