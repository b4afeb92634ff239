"""Every word, number and sign of a text is in what readers see, in its order and column, or its line has a problem."""

import re

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from content.markup.guard import find_differences
from content.markup.masking import Prose
from content.markup.problems import find
from content.markup.rendering import Rendered, render

CONSTRUCTS = [
    "Give {} mg a day.[^a]",
    "**Give {} mg** or *{} mg*.",
    "- Give {} mg\n- Stop at {}",
    "1. Give {} mg\n2. Wait {} hours",
    "- Adults:\n  - {} mg\n  - twice {}",
    "4. Step {}\n7. Step {}",
    "| Age | Dose |\n|---|---|\n| Child {} | {} mg |",
    "Text:\n| A | B | C |\n|---|---|---|\n| {} | | {} |",
    "## Dose {}",
    "Dose {}\n===",
    '!!! warning "At {}"\n    Stop {}.',
    "> [!NOTE]\n> From {} years",
    "> Quoted {}",
    "```\n{} mg  {}\n```",
    "Term {}\n: Meaning {}",
    "[see {}](/pages/a/) and {}",
    "![Picture {}](/a.png)",
    "CrCl <{} or >{}",
    "H<sub>{}</sub>O {}",
    "HLA-B*{}:01",
    "`{} mg` a day",
    "{} µg ± {} %",
    "<div>\n<p>{} mg</p>\n</div>",
    "See <https://a.example/{}> for {}.",
    "A {}\\\nB {}",
    "NICE {} says {}.",
    "[^{}0]",
    "1) {}\n2) {}",
    "<table><tr><th>A</th></tr><tr><td>{}</td></tr></table>",
    "• {}\n• {}",
    "*[NICE]: Institute",
]
DOCUMENTS = st.lists(
    st.tuples(st.sampled_from(CONSTRUCTS), st.integers(2, 99), st.integers(2, 99)), min_size=1, max_size=8
)


def document(parts):
    body = "\n\n".join(construct.format(first, second) for construct, first, second in parts if construct != "[^{}0]")
    return f"{body}\n\nEnd.[^a]\n\n[^a]: Source 2024, page 5."


@given(DOCUMENTS)
def test_documents_of_every_construct_pass(parts):
    text = document(parts)

    assert not list(find_differences(Prose(text), render(text).html))


@given(DOCUMENTS, st.data())
def test_a_changed_number_never_passes(parts, data):
    text = document(parts)
    shown = [
        match
        for match in re.finditer(r"(?<![\w:/])\d+(?![\w:]|[.)] |>)", text)
        if "[^" not in text[match.start() - 2 : match.start()]
    ]
    assume(shown)
    place = data.draw(st.sampled_from(shown))
    changed = f"{text[: place.start()]}{int(place[0]) + 100}{text[place.end() :]}"

    assert list(find_differences(Prose(text), render(changed).html))
    assert list(find_differences(Prose(changed), render(text).html))


def test_words_that_only_change_their_column_are_named(monkeypatch):
    text = "| A | B |\n|---|---|\n| | 5 mg |"
    moved = "<table><tr><th>A</th><th>B</th></tr><tr><td>5 mg</td></tr></table>"
    monkeypatch.setattr("content.markup.problems.render", lambda _: Rendered(moved, [], []))

    assert [problem.message[:53] for problem in find(text)] == ["Cells of this row would be shown under other columns."]


@pytest.mark.parametrize(
    "text", ["95%](a.md)", "\\[x](a.md)", "[`x`](/pages/a/) and [a `b` c](/pages/d/)", "f(x)[1](2)"]
)
def test_brackets_that_make_no_link_are_no_marks(text):
    assert not list(find_differences(Prose(text), render(text).html))


@pytest.mark.parametrize(
    ("text", "html", "line"),
    [
        ("Give 5 mg daily.", "<p>Give 5 mg.</p>", 1),
        ("Give 5 mg.\n\nStop.", "<p>Give 5 mg.</p>", 3),
        ("5*2*3 mg", "<p>523 mg</p>", 1),
        ("K <5", "<p>K 5</p>", 1),
        ("A.\n\nB.", "<p>B.</p><p>A.</p>", 1),
        (
            "| A | B |\n|---|---|\n| 1 | |",
            "<table><tr><th>A</th><th>B</th></tr><tr><td></td><td>1</td></tr></table>",
            3,
        ),
        ("1. a\n3. c", "<ol><li>a</li><li>c</li></ol>", 2),
        ("- 5 mg", "<ul><li>5 g</li></ul>", 1),
        (
            "A.[^a]\n\n[^a]: Page 5",
            '<p>A.</p><section class="references"><li id="fn:a"><p>Page 6</p></li></section>',
            3,
        ),
        ("Give 5 mg.", "<p>Give 5 mg daily.</p>", 1),
    ],
)
def test_what_differs_is_named_on_its_line(text, html, line):
    assert line in {found for found, _, _ in find_differences(Prose(text), html)}


def test_the_problem_says_what_would_be_shown():
    [problem] = [problem for problem in find("<p>A</p>B <nobr>*x*</nobr>") if problem.is_error]

    assert problem.line == 1
