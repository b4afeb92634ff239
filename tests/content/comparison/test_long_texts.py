"""A page of 20,000 words is compared in the time that a reader waits for a page, whatever changed in it."""

import random
import time

import pytest

from content.comparison.comparison import Reading, compare
from content.comparison.display import show
from tests.content.comparison.sides import new_text, old_text, visible

WORDS = [f"{one}{two}word" for one in "abcdefghijklmnopqrstuvwxy" for two in "abcdefghijklmnopqrst"]


def paragraphs(seed: int) -> list[str]:
    """1,000 paragraphs of 20 words."""
    choose = random.Random(seed).choice
    return [" ".join(choose(WORDS) for _ in range(18)) + f" {choose(range(90))} mg." for _ in range(1000)]


def shuffled(items: list) -> list:
    items = list(items)
    random.Random(3).shuffle(items)
    return items


def page(blocks: list[str]) -> str:
    return "".join(f"<p>{block}</p>" for block in blocks)


def table(rows: list[tuple[str, ...]]) -> str:
    cells = "".join(f"<tr>{''.join(f'<td>{cell}</td>' for cell in row)}</tr>" for row in rows)
    return f"<table><thead><tr><th>Who</th><th>Dose</th><th>Why</th></tr></thead><tbody>{cells}</tbody></table>"


def items(texts: list[str]) -> str:
    return f"<ul>{''.join(f'<li>{text}</li>' for text in texts)}</ul>"


A, B = paragraphs(1), paragraphs(2)
ROWS = [(f"name {n}", f"{n} mg", text) for n, text in enumerate(A)]
WORDS_OF_A = " ".join(A).split(" ")
EDITED = [word if place % 50 else "other" for place, word in enumerate(WORDS_OF_A)]
LONG = {
    "an edited copy": (page(A), page(["New.", *(text.replace("1", "2") for text in A[:900]), *A[950:]])),
    "everything is different": (page(A), page(B)),
    "everything moved": (page(A), page(shuffled(A))),
    "everything moved and changed": (page(A), page(shuffled([text.replace(" mg", " g") for text in A]))),
    "everything was added": ("", page(A)),
    "one block, edited": (page([" ".join(WORDS_OF_A)]), page([" ".join(EDITED)])),
    "one block, all different": (page([" ".join(A)]), page([" ".join(B)])),
    "a table, its rows moved": (table(ROWS), table(shuffled(ROWS))),
    "a table, its doses changed": (table(ROWS), table([(name, f"9{dose}", why) for name, dose, why in ROWS])),
    "the same item again and again": (items(["x"] * 10_000), items(["y"] * 10_000)),
    "few words in any order": tuple(page([" ".join(random.Random(n).choices("ab", k=20_000))]) for n in (1, 2)),
    "few items in any order": tuple(items(random.Random(n).choices("abcd", k=10_000)) for n in (1, 2)),
    "numbers without end": (page(["1.1" * 20_000 + "a"]), page(["1 1" * 20_000 + "b"])),
    "lists in lists": ("<ul><li>a b c" * 300 + "</li></ul>" * 300, "<ul><li>a b d" * 300 + "</li></ul>" * 300),
    "emphasis at every word": (page(["<strong>a</strong> " * 20_000]), page(["<em>a</em> " * 20_000])),
}


@pytest.mark.parametrize("case", LONG)
def test_a_long_page_takes_no_time(case):
    old, new = LONG[case]
    started = time.process_time()

    comparison = compare(Reading((), old), Reading((), new))
    show(comparison)

    assert time.process_time() - started < 4  # measured: 0.1 to 1.7 s
    assert old_text(comparison) == visible(old)
    assert new_text(comparison) == visible(new)
