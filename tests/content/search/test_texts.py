import re

import pytest

from content.markup import tree
from content.markup.rendering import render
from content.search.texts import beside_the_text, key_points_of, on_another_page, sections_of
from content.search.words import every_word


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Before.\n\n## Dose\n\nGive *5 mg*.[^a]\nThen 10 mg.\n\n[^a]: Source.", [
            ("", "", ["Before."]), ("h-dose", "Dose", ["Give 5 mg. Then 10 mg."]),
        ]),
        ("## A[^a]\n\n- One\n    - Two\n\n      Three\n- Four\n\n[^a]: Source.", [
            ("h-a", "A", ["One", "Two", "Three", "Four"]),
        ]),
        ("## A\n\n| | IV | SC |\n|-|-|-|\n| Dose | 300 mg | 2 × 150 mg[^a] |\n| Other | | x |\n\n[^a]: S", [
            ("h-a", "A", ["Dose – IV: 300 mg; SC: 2 × 150 mg", "Other – SC: x"]),
        ]),
        ('!!! note "Stop"\n    Now.\n\n> Quoted.\n\n```\ncode\n```', [("", "", ["Stop", "Now.", "Quoted.", "code"])]),
        ("Line\\\nbreak", [("", "", ["Line break"])]),
        ("## Related pages\n\n- [Dose](/pages/dose/)", []),
        ("", []),
    ],
)  # fmt: skip
def test_what_stands_under_each_heading(text, expected):
    assert [(each.anchor, each.heading, each.lines) for each in sections_of(tree.parse(render(text).html))] == expected


POINTS = "## In brief\n\n{}\n\n## Dose and *checks*\n\nText.\n\n## Eyes\n\nText.\n\n[^a]: Source."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        (POINTS.format("- **[Dose](#h-dose-and-checks):** 5 mg.[^a]"), [("Dose:", "Dose and checks", "Dose: 5 mg.")]),
        (POINTS.format("- **Dose:** 5 mg.\n- **[Eyes](https://x.example)**"), [
            ("Dose:", "", "Dose: 5 mg."), ("Eyes", "", "Eyes"),
        ]),
        (POINTS.format("- **[Dose](#h-dose-and-checks):** mind the [eyes](#h-eyes) and [this](https://x.example)."), [
            ("Dose:; eyes", "Dose and checks", "Dose: mind the eyes and this."),
        ]),
        (POINTS.format("- Give **5 mg** with [eyes](#h-eyes)."), [("; eyes", "", "Give 5 mg with eyes.")]),
        ("Before.\n\n" + POINTS.format("- **Dose:** 5 mg."), []),
        ('!!! note "Dose"\n    - **Dose:** 5 mg.', []),
        ("", []),
    ],
)  # fmt: skip
def test_what_each_key_point_is_on_and_says(text, expected):
    found = key_points_of(tree.parse(render(text).html))

    assert [(each.lead, each.heading, each.text) for each in found] == expected


def test_a_key_point_is_quoted_without_ids_and_with_whole_addresses():
    text = POINTS.format("- **[Dose](#h-eyes):** 5 mg [there](/about/b/).[^a]")
    [found] = key_points_of(tree.parse(render(text).html))

    quoted = on_another_page(found.html, "/pages/a/")

    assert ' id="' not in quoted
    assert re.findall(r'href="([^"]*)"', quoted) == ["/pages/a/#h-eyes", "/about/b/", "/pages/a/#fn:a"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Text.[^a]\n\n[^a]: A source.", {"source"}),
        ("## Related pages\n\n- [Dose](/pages/dose/)\n\n## A\n\nText.", {"related", "pages", "dose"}),
        ("![A graph](/static/icon.svg)", {"a", "graph"}),
        ("The MRI.\n\n*[MRI]: Magnetic imaging", {"magnetic", "imaging"}),
        ("## Dose\n\n- 5 mg", set()),
    ],
)
def test_what_a_page_says_beside_its_text(text, said):
    words = set(every_word(beside_the_text(tree.parse(render(text).html))))

    assert words >= said
    assert bool(words) is bool(said)
    assert not {"text", "mg"} & words
