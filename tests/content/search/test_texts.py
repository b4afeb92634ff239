import pytest

from content.markup import tree
from content.markup.rendering import render
from content.search.texts import sections_of


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
