import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.comparison.alignment import align, rising

lists = st.lists(st.sampled_from("abcdef"), max_size=60)


@given(lists, lists)
def test_what_is_aligned_is_equal_and_keeps_its_order(old, new):
    pairs = align(old, new)

    assert all(old[i] == new[j] for i, j in pairs)
    for side in zip(*pairs, strict=True):
        assert list(side) == sorted(set(side))


@given(lists, lists, lists)
def test_what_both_begin_and_end_with_is_always_found(head, inner, tail):
    assert len(align([*head, *inner, *tail], [*head, *tail])) == len(head) + len(tail)


@pytest.mark.parametrize(
    ("pairs", "expected"),
    [
        ([], []),
        ([(0, 5)], [(0, 5)]),
        ([(0, 2), (1, 0), (2, 1), (3, 3)], [(1, 0), (2, 1), (3, 3)]),
        ([(0, 1), (1, 1), (2, 1)], [(0, 1)]),
    ],
)
def test_the_longest_rising_run_is_taken(pairs, expected):
    assert rising(pairs) == expected or len(rising(pairs)) == len(expected) == 1


def test_few_changes_in_many_equal_words_are_found_place_by_place():
    old = (["give"] * 9 + ["5 mg"]) * 200
    new = (["give"] * 9 + ["50 mg"]) * 200

    assert len(align(old, new)) == 1800
