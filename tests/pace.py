"""Whether what is done with a text takes time in proportion to its length, whatever the text repeats."""

import time
from collections.abc import Callable

TIMES_LONGER = 8
TRIES = 5


def check_pace(do: Callable[[str], object], piece: str, *, length: int, seconds: float) -> None:
    """Assert that `do` takes at most `seconds` for `length` characters of `piece`, and not much more than its share.

    In proportion, it takes 8 times as long as an eighth of the text; if it grows with the square, 64 times. So 11 times
    and a twentieth of a second are too much. A busy machine is not a failure: of several tries, the quickest counts.
    """
    short = long = float("inf")
    for _ in range(TRIES):
        short = min(short, _seconds(do, piece * (length // TIMES_LONGER // len(piece))))
        long = min(long, _seconds(do, piece * (length // len(piece))))
        if long < seconds and long < 11 * short + 0.05:
            return
    raise AssertionError(f"{length:,} characters of {piece!r} took {long:.2f} s, and an eighth of them {short:.3f} s.")


def _seconds(do: Callable[[str], object], text: str) -> float:
    began = time.process_time()
    do(text)
    return time.process_time() - began
