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
