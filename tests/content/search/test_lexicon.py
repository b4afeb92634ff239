import sqlite3
import time
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.search import lexicon, query
from content.search.index import Index
from content.search.spelling import _distance
from tests.bench import many_pages

WORD = st.text("abcdelmé", min_size=4, max_size=9)


def base_with(counts: dict[str, int]) -> sqlite3.Connection:
    base = sqlite3.connect(":memory:")
    base.executescript(lexicon.TABLES)
    lexicon.renew(base, counts)
    return base


@given(st.sets(WORD, max_size=20), WORD, st.integers(1, 2))
def test_every_word_within_so_many_edits_is_found(known, typed, edits):
    edits = 1 if len(typed) < 8 else edits
    found = set(lexicon.near(base_with(dict.fromkeys(known, 1)), typed, edits))

    assert {word for word in known if _distance(typed, word, edits) >= 0} <= found


def one_edit_from(word: str) -> Iterator[str]:
    """Yield the words that are one edit from this one, with letters that it has and one that it has not."""
    for place in range(len(word)):
        yield word[:place] + word[place + 1 :]
        yield word[:place] + word[place + 1 : place + 2] + word[place] + word[place + 2 :]
        yield from (word[:place] + letter + word[place:] for letter in "bx")
        yield from (word[:place] + letter + word[place + 1 :] for letter in "bx")
    yield from (word + letter for letter in "bx")


@pytest.mark.parametrize("typed", ["abcdefgh", "aabbaabb", "abcdefghi", "abababababab"])
def test_two_words_within_two_edits_have_a_key_in_common(typed):
    near = {other for one in one_edit_from(typed) for other in one_edit_from(one)}

    assert [word for word in near if not lexicon.keys(typed) & lexicon.keys(word)] == []


@pytest.mark.parametrize("typed", ["abcd", "aaaa", "abcde", "abcdef", "abcdefg"])
def test_two_words_within_one_edit_have_a_key_in_common(typed):
    near = [word for word in one_edit_from(typed) if lexicon.is_plain(word)]

    assert [word for word in near if not lexicon.keys(typed, 1) & lexicon.keys(word)] == []


def test_few_words_are_compared_with_a_misspelt_one():
    words = many_pages.Language().words[1000:11000]
    base = base_with(dict.fromkeys(words, 1))
    long = [word for word in words if len(word) > 8][:100]

    compared = sum(len(set(lexicon.near(base, word[:4] + word[5:], 2))) for word in long)

    assert compared < 30 * len(long)


@given(st.lists(st.dictionaries(WORD, st.integers(1, 3), max_size=5), max_size=4))
def test_what_is_added_and_taken_away_leaves_nothing(texts):
    base = base_with({})
    for text in texts:
        lexicon.renew(base, text)
    for text in texts:
        lexicon.renew(base, {word: -count for word, count in text.items()})

    assert base.execute("SELECT count(*) FROM word").fetchone() == (0,)
    assert base.execute("SELECT count(*) FROM near").fetchone() == (0,)


def test_another_spelling_goes_with_the_last_word_that_has_it():
    base = base_with({"haematuria": 1})
    assert "hematuria" in lexicon.near(base, "hematuira", 2)

    lexicon.renew(base, {"haematuria": -1})

    assert list(lexicon.near(base, "hematuira", 2)) == []


@pytest.mark.parametrize(
    ("text", "said"),
    [("Give 5 mg.", ["give", "5", "mg"]), ("Sjögren’s", ["sjogren", "s"]), ("DOSE–dose", ["dose", "dose"])],
)
def test_the_words_that_are_counted(text, said):
    assert lexicon.said(text) == said


def test_many_pages_are_searched_quickly(db):
    language = many_pages.make(200)
    Index().rebuild()
    began = time.process_time()
    for name in language.words[1000:1020]:
        query.search(f"dose of {name}x")
        query.suggest(name[:2])

    assert time.process_time() - began < 4
