import re

import pytest

from content.markup.rendering import render


def rows(text: str) -> list[list[str]]:
    """The cells of a text's table: c and r for headings of a column and a row, d for others, with their words."""
    kinds = {' scope="col"': "c", ' scope="row"': "r", "": "d"}
    return [
        [f"{kinds[re.sub(' align=.[a-z]+.', '', cell[1])]} {cell[2]}".strip() for cell in re.findall(CELL, row)]
        for row in re.findall(r"<tr>(.*?)</tr>", render(text).html, re.DOTALL)
    ]


CELL = r"<(th|td)([^>]*)>(.*?)</\1>"


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("| A | B |\n|---|--:|\n| 1 | 2 |", [["c A", "c B"], ["d 1", "d 2"]]),
        ("| | B |\n|---|--:|\n| 1 | 2 |\n| | 3 |", [["d", "c B"], ["r 1", "d 2"], ["d", "d 3"]]),
        ("| A | |\n|---|---|\n| 1 | 2 |", [["c A", "d"], ["d 1", "d 2"]]),
        ("| | |\n|---|---|\n| 1 | 2 |", [["d", "d"], ["r 1", "d 2"]]),
        ("<table><tr><th></th><th>B</th></tr><tr><td>1</td><td>2</td></tr></table>", [["d", "c B"], ["r 1", "d 2"]]),
        ('<table><tr><th>A</th></tr><tr><th scope="row">1</th></tr></table>', [["c A"], ["r 1"]]),
        ("<table><tr><td>1</td><td>2</td></tr></table>", [["d 1", "d 2"]]),
    ],
)
def test_headings_say_what_they_are_of(text, expected):
    assert rows(text) == expected


def test_joined_cells_make_no_row_headings():
    html = "<table><tr><td></td><th>B</th></tr><tr><td rowspan=2>1</td><td>2</td></tr><tr><td>3</td></tr></table>"

    assert 'scope="row"' not in render(html).html


def place(columns: int, word: str, before: str = "") -> str:
    """The class of the place of a table whose columns have `word` as their longest."""
    lines = (f"{each * columns}|" for each in ("| a ", "|---", f"| {word} and 5 mg "))
    text = "\n".join(f"{before}{line}" for line in lines)
    return re.search(r'<div class="(table-scroll[^"]*)"><table>', render(text).html)[1]


@pytest.mark.parametrize(
    ("columns", "word", "expected"),
    [
        (3, "Hydrocortisone", ""),
        (5, "Hydrocortisone", ""),
        (7, "Hydrocortisone", " wide"),
        (8, "Hydrocortisone", " wider"),
        (9, "Hydrocortisone", " widest"),
        (12, "Hydrocortisone", " crowded"),
        (12, "5–10", ""),
        (2, "Hydrocortisone" * 3, ""),
        (2, "Hydrocortisone" * 6, " crowded"),
        (2, "https://a.example/" + "x" * 99, ""),
    ],
)
def test_the_type_on_paper_fits_the_longest_words(columns, word, expected):
    assert place(columns, word) == f"table-scroll{expected}"


def test_the_type_on_paper_is_smaller_where_something_is_around_the_table():
    assert place(6, "Hydrocortisone") == "table-scroll"
    assert place(6, "Hydrocortisone", before="> ") == "table-scroll wide"
