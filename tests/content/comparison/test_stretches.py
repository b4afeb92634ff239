from itertools import chain

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.comparison.stretches import compare_words
from content.comparison.words import split_text


def marked(old: str, new: str) -> str:
    said = []
    for stretch in compare_words(split_text(old), split_text(new)):
        sides = [" ".join(word.text for word in side) for side in (stretch.old, stretch.new)]
        said.append(sides[1] if stretch.is_same else f"[{sides[0]}|{sides[1]}]")
    return " ".join(said)


@pytest.mark.parametrize(
    ("old", "new", "expected"),
    [
        # a word or two that stayed between longer changes are shown with them
        ("one two three and four five six", "seven eight nine and ten eleven twelve",
         "[one two three and four five six|seven eight nine and ten eleven twelve]"),
        # a number that stayed is not, and neither are more words
        ("one two three 5 mg four five six", "seven eight nine 5 mg ten eleven twelve",
         "[one two three|seven eight nine] 5 mg [four five six|ten eleven twelve]"),
        ("one two a b c four five", "six seven a b c eight nine", "[one two|six seven] a b c [four five|eight nine]"),
        ("x 5 mg and 6 mg y", "x 7 mg and 8 mg y", "x [5 mg|7 mg] and [6 mg|8 mg] y"),
        ("", "5 mg", "[|5 mg]"),
        ("", "", ""),
    ],
)  # fmt: skip
def test_what_is_shown_as_one_change(old, new, expected):
    assert marked(old, new) == expected


texts = st.lists(st.sampled_from(["not", "5 mg", "6 mg", "a", "b", "c", ".", "≥2"]), max_size=30).map(" ".join)


@given(texts, texts)
def test_every_word_is_on_its_side_once_and_in_order(old, new):
    words = split_text(old), split_text(new)

    stretches = compare_words(*words)

    assert list(chain.from_iterable(stretch.old for stretch in stretches)) == words[0]
    assert list(chain.from_iterable(stretch.new for stretch in stretches)) == words[1]
    for stretch in stretches:
        if stretch.is_same:
            assert [word.key for word in stretch.old] == [word.key for word in stretch.new]
