import re
import time

import pytest

from content.markup.rendering import render

MEANINGS = (
    "\n\n*[PML]: Long name\n*[MS]: Multiple sclerosis\n*[MS DMT]: A drug\n*[R&D]: Research & “more”\n*[Ca++]: Ions"
)


def shown(text: str) -> str:
    """What the text shows, with each abbreviation as [its words|its meaning|its place in the order of the Tab key]."""
    html = render(text + MEANINGS).html
    html = re.sub(r'<abbr title="([^"]*)"(?: tabindex="([^"]*)")?>(.*?)</abbr>', r"[\3|\1|\2]", html)
    return re.sub(r"</?p>", "", html)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("PML", "[PML|Long name|0]"),
        ("PML, MS, PML.", "[PML|Long name|0], [MS|Multiple sclerosis|0], [PML|Long name|-1]."),
        ("PMLs, xPML, pml", "PMLs, xPML, pml"),
        ("PML-MS", "[PML|Long name|0]-[MS|Multiple sclerosis|0]"),
        ("MS DMT and MS", "[MS DMT|A drug|0] and [MS|Multiple sclerosis|0]"),
        ("R&D", "[R&amp;D|Research &amp; “more”|0]"),
        ("Ca++ rises", "[Ca++|Ions|0] rises"),
        ("**PML**", "<strong>[PML|Long name|0]</strong>"),
        ("`PML`", "<code>PML</code>"),
        ("https://a.example/PML", '<a href="https://a.example/PML">https://a.example/PML</a>'),
        ("<https://a.example/PML>", '<a href="https://a.example/PML">https://a.example/PML</a>'),
        ("[PML](/a/) PML", '<a href="/a/">PML</a> [PML|Long name|0]'),
        ("[PML](/a/) [PML](/b/)", '<a href="/a/">[PML|Long name|]</a> <a href="/b/">PML</a>'),
        ('<abbr title="By hand">XY</abbr> XY', "[XY|By hand|0] XY"),
    ],
)
def test_an_abbreviation_is_explained_where_a_finger_or_the_tab_key_gets_to_it(text, expected):
    assert shown(text) == expected


def test_many_abbreviations_take_no_more_time_than_other_words():
    defined = "".join(f"*[A{'b' * (number % 90)} {number}]: x\n" for number in range(4000))
    began = time.process_time()
    html = render(f"{'A A1 Ab ' * 10_000}\n\n{defined}").html

    assert time.process_time() - began < 2
    assert "<abbr" not in html
