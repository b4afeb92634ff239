"""Signs of other dialects are shown as they are typed, and their writer is told; ordinary text is left in peace."""

import pytest

from content.markup.problems import ERROR, WARNING, find


@pytest.mark.parametrize(
    ("text", "line", "begins"),
    [
        ("## Doses {#doses}", 1, "The attributes in {…}"),
        ("Give {{ dose }}.", 1, "{{ and {%"),
        ("$H_{2}O$ deficit", 1, "Formulas"),
        ("Deficit $= 0.6 \\times W$", 1, "Formulas"),
        ("Raise \\uparrow it", 1, "Formulas"),
        ("Text ^[a note].", 1, "^[ is shown"),
        ("As said [@smith2020].", 1, "[@…] is shown"),
        ("See [[Sepsis]].", 1, "[[…]] makes no link"),
        ("~~Old dose~~", 1, "~~ strikes"),
        ("==Stop==", 1, "== marks"),
        ("H~2~O", 1, "~ is shown"),
        ("10^9^/L", 1, "^ is shown"),
        ("Stop :warning: now", 1, "A name between colons"),
        ("foo*bar* baz", 1, "An * in a word"),
        ("Text.\n\n::: warning\nStop\n:::", 3, "::: makes no box"),
        ('??? note "T"', 1, "??? makes no box"),
        ('=== "Adults"', 1, "=== makes no tabs"),
        ("- [ ] Consent", 1, "[ ] makes no box"),
        ("[TOC]", 1, "This line is shown"),
        ("+------+------+\n| Drug | Dose |\n+======+======+", 1, "This table is shown as running text"),
        ("Drug   Dose\n-----  -----\nA      5 mg", 2, "This table is shown as running text"),
        ("Text.\n\n| Drug | Dose |\n| A | 5 mg |", 3, "This line is in no table"),
        ("```\nnever ended", 1, "Nothing ends the code"),
        ("Text.\n\n> 90 mL/min: no change", 3, "This > is shown"),
        ("Text.\n\n    pasted with four spaces", 3, "Text that is indented"),
        ("Doses\n---\nText.", 1, "This line is a heading"),
        ("The steps are\n2. Call", 2, "This line goes on"),
        ("Text.\n\n*[DMT]: Therapy", 3, "The abbreviation DMT"),
    ],
)
def test_a_sign_of_another_dialect_has_a_warning_on_its_line(text, line, begins):
    [warning] = [problem for problem in find(text) if problem.message.startswith(begins) and problem.line == line]

    assert warning.level == WARNING
    assert not [problem for problem in find(text) if problem.is_error]


@pytest.mark.parametrize(
    "text",
    [
        "Costs £5 to $10 and $20.", "At 10:30:15 or 5:1.", "2*3*4 and *word* and **word**", "~5 mg, 10^9/L",
        "a == b, a != b", "Text.\n\n- - -\n\nText.\n\n-----",
        "[@name](https://a.example/)", "```\n$x_1$ {#a} [[b]]\n```", "`:warning:`", "{ a } and {b}",
        "- 5 mg\n- 10 mg", "PRISM-IV(TR)",
        "Take **one**.\n\n| A | B |\n|---|---|\n| 1 | 2 |", "The DMT.\n\n*[DMT]: Therapy",
        "1. One\n2. Two\n\n    More.",
    ],
)  # fmt: skip
def test_ordinary_text_has_none(text):
    assert find(text) == []


@pytest.mark.parametrize(
    ("text", "line"),
    [("!!! warning\n\nNot indented.", 1), ("Text.\n\n!!! note", 3), ("> [!NOTE]", 1), ("!!! note\n## Heading", 1)],
)
def test_an_empty_box_is_an_error(text, line):
    assert [(problem.line, problem.level) for problem in find(text) if "box is empty" in problem.message] == [
        (line, ERROR)
    ]


def test_a_box_with_a_list_or_a_table_is_full():
    for inside in ("    - a", "  text", "text", "    | A | B |\n    |---|---|\n    | 1 | 2 |"):
        assert find(f"!!! note\n{inside}") == []
