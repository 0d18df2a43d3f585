"""Words from what was typed, and the synonyms that a merchant writes."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from kibble.services.product import adapters
from kibble.services.product.model.query_text import (
    MAX_WORD,
    MAX_WORDS,
    Clause,
    Synonyms,
    begins,
    fold,
    singular,
    words_of,
)


class TestWordsOf:
    @pytest.mark.parametrize(
        ("text", "words"),
        [
            ("Dog Food", ("dog", "food")),
            ("food for the dog", ("food", "dog")),
            ("to be or not", ("to", "be", "or", "not")),
            ("dog dog DOG", ("dog",)),
            ("5lb bag", ("5", "lb", "bag")),
            ("5lbs 12 ounces", ("5", "lb", "12", "oz")),
            ("the cat's toy", ("cat", "toy")),
            ("cat\N{RIGHT SINGLE QUOTATION MARK}s toy", ("cat", "toy")),
            ("omega-3/6_plus", ("omega", "3", "6", "plus")),
            ("ﬁsh Ｆｏｏｄ", ("fish", "food")),
            ("<b>dog</b>", ("b", "dog")),
            ("", ()),
            ("🐶 !!! \x00", ()),
        ],
    )
    def test_reads_words(self, text: str, words: tuple[str, ...]) -> None:
        assert words_of(text) == words

    def test_leaves_out_a_word_that_no_index_holds(self) -> None:
        assert words_of("dog " + "x" * (MAX_WORD + 1)) == ("dog",)

    def test_stops_at_the_most_words(self) -> None:
        assert len(words_of(" ".join(f"w{n}x" for n in range(500)))) == MAX_WORDS

    @given(st.text(max_size=2_000))
    def test_makes_clean_words_of_any_text(self, text: str) -> None:
        words = words_of(text)
        assert len(words) <= MAX_WORDS
        assert all(word.isalnum() and len(word) <= MAX_WORD for word in words)

    @given(st.text(max_size=200))
    def test_folds_a_folded_text_to_itself(self, text: str) -> None:
        once = fold(text)
        assert fold(once) == once


@pytest.mark.parametrize(
    ("word", "one"),
    [
        ("dogs", "dog"),
        ("puppies", "puppy"),
        ("leashes", "leash"),
        ("boxes", "box"),
        ("glass", "glass"),
        ("gas", "gas"),
        ("cat", "cat"),
    ],
)
def test_guesses_the_singular(word: str, one: str) -> None:
    assert singular(word) == one


class TestBegins:
    @pytest.mark.parametrize(
        "typed", ["s", "salm", "salmon", "slam", "salnon", "samon", "saalmon", "salmno", "salmonn"]
    )
    def test_takes_a_beginning_with_one_typo(self, typed: str) -> None:
        assert begins("salmon", typed)

    @pytest.mark.parametrize("typed", ["t", "almonds", "slnm", "sxlmxn", "sx", "salmontrout"])
    def test_refuses_what_is_further_away(self, typed: str) -> None:
        assert not begins("salmon", typed)


class TestSynonyms:
    def test_stand_for_each_other_in_a_list(self) -> None:
        synonyms = Synonyms.parse("leash, lead")
        assert synonyms.clauses(("lead",)) == (Clause(("lead",), (("leash",),)),)
        assert synonyms.clauses(("leash",)) == (Clause(("leash",), (("lead",),)),)

    def test_find_only_forwards_behind_an_arrow(self) -> None:
        synonyms = Synonyms.parse("kitty => cat, kitten")
        assert synonyms.clauses(("kitty",)) == (Clause(("kitty",), (("cat",), ("kitten",))),)
        assert synonyms.clauses(("cat",)) == (Clause(("cat",)),)

    def test_fit_the_plural(self) -> None:
        synonyms = Synonyms.parse("leash, lead")
        assert synonyms.clauses(("leashes",)) == (Clause(("leashes",), (("lead",),)),)

    def test_group_several_words_and_prefer_the_longest_rule(self) -> None:
        synonyms = Synonyms.parse("dry food, kibble\nfood => meal")
        assert synonyms.clauses(("duck", "dry", "food")) == (
            Clause(("duck",)),
            Clause(("dry", "food"), (("kibble",),)),
        )
        assert synonyms.clauses(("wet", "food")) == (
            Clause(("wet",)),
            Clause(("food",), (("meal",),)),
        )

    def test_of_several_lines_add_up(self) -> None:
        synonyms = Synonyms.parse("pup => puppy\npup => dog")
        assert synonyms.clauses(("pup",)) == (Clause(("pup",), (("puppy",), ("dog",))),)

    def test_skip_comments_and_lines_that_say_nothing(self) -> None:
        synonyms = Synonyms.parse("# leash, lead\n\nleash\n=> cat\ncat =>\n ,,, \ndog, dog\n")
        assert synonyms.clauses(("leash", "cat", "dog")) == (
            Clause(("leash",)),
            Clause(("cat",)),
            Clause(("dog",)),
        )

    @given(st.text(max_size=300), st.lists(st.text(max_size=8), max_size=6))
    def test_keep_all_words_of_a_query_whatever_the_rules(
        self, rules: str, texts: list[str]
    ) -> None:
        words = words_of(" ".join(texts))
        clauses = Synonyms.parse(rules).clauses(words)
        assert tuple(word for clause in clauses for word in clause.words) == words

    def test_that_come_with_the_shop_are_all_rules(self) -> None:
        text = (Path(next(iter(adapters.__path__))) / "synonyms.txt").read_text("utf-8")
        lines = [line.partition("#")[0].strip() for line in text.splitlines()]
        for line in filter(None, lines):
            first = words_of(line.replace("=>", ",").split(",")[0])
            (clause,) = Synonyms.parse(line).clauses(first)
            assert clause.synonyms, line
