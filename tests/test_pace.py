import pytest

from tests.pace import check_pace

TRIED = []


def line(text: str) -> None:
    """Take time in proportion to the length."""
    sum(map(ord, text * 30))


def square(text: str) -> None:
    """Go through the whole text at each of its characters."""
    sum(1 for _ in text for _ in text)


def nothing_for_long(text: str) -> None:
    """Be slow the first time, as on a busy machine."""
    TRIED.append(text)
    if len(TRIED) <= 2:
        line(text * 3 * len(TRIED))


@pytest.mark.parametrize(
    ("do", "length", "seconds", "is_refused"),
    [
        (line, 20_000, 10, False),
        (line, 20_000, 0.001, True),
        (square, 4_000, 60, True),
        (nothing_for_long, 20_000, 10, False),
    ],
)
def test_what_grows_with_the_square_of_the_length_is_refused(do, length, seconds, is_refused):
    if is_refused:
        with pytest.raises(AssertionError, match=f"{length:,} characters of 'a' took"):
            check_pace(do, "a", length=length, seconds=seconds)
    else:
        check_pace(do, "a", length=length, seconds=seconds)
