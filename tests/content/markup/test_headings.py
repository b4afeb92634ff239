import re

import pytest

from content.markup.rendering import render


@pytest.mark.parametrize(
    ("levels", "shown"),
    [
        ([2, 3, 4], [2, 3, 4]),
        ([2, 4], [2, 3]),
        ([2, 4, 4, 3, 2], [2, 3, 3, 3, 2]),
        ([2, 6, 5, 4, 3], [2, 3, 3, 3, 3]),
        ([2, 4, 6, 3], [2, 3, 4, 3]),
        ([4, 3, 2], [2, 2, 2]),
        ([3, 3, 4], [2, 2, 3]),
        ([1, 3], [2, 3]),
    ],
)
def test_a_level_that_the_writer_skips_is_closed_for_readers(levels, shown):
    html = render("\n\n".join(f"{'#' * level} H{number}" for number, level in enumerate(levels))).html

    assert re.findall(r'<h(\d) id="h-h\d">H\d</h\d>', html) == [str(level) for level in shown]


def test_headings_in_boxes_quotations_and_html_are_in_order_too():
    html = render("## A\n\n> #### B\n\n!!! note\n    ##### C\n\n<h6>D</h6>\n\n## E").html

    assert re.findall(r"<h(\d)[^>]*>(.)</h\1>", html) == [("2", "A"), ("3", "B"), ("4", "C"), ("5", "D"), ("2", "E")]


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("## Dose in *adults* & more[^1]\n\n[^1]: A", ["h-dose-in-adults-more", "h-references"]),
        ("## Dose\n\n## Dose\n\n### Dose", ["h-dose", "h-dose_1", "h-dose_2"]),
        ("## Dose\n\n## Dose_1\n\n## Dose", ["h-dose", "h-dose_1", "h-dose_2"]),
        ("## Dose_1\n\n## Dose_1\n\n## Dose\n\n## Dose", ["h-dose_1", "h-dose_2", "h-dose", "h-dose_3"]),
        ("## ≥\n\n## ≤", ["h-section", "h-section_1"]),
        ('<h2 id="h-own">A</h2>\n\n<h3>B <b>c</b></h3>\n\n## Own', ["h-own", "h-b-c", "h-own_1"]),
        (f"## A_{'9' * 5000}\n\n## A_{'9' * 5000}", [f"h-a_{'9' * 5000}", f"h-a_{'9' * 5000}_1"]),
    ],
)
def test_each_heading_has_an_id_of_its_own_made_of_its_words(text, ids):
    assert re.findall(r'<h\d id="([^"]+)"', render(text).html) == ids
