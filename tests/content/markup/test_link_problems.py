import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.markup.link_problems import (
    HIDDEN_TITLE,
    LEADS_NOWHERE,
    NO_ADDRESS,
    NO_TEXT,
    NOT_OURS,
    LinkProblems,
)  # fmt: skip
from content.markup.masking import Prose
from content.markup.problems import ERROR, WARNING, find
from content.markup.rendering import render


def nowhere(typed: str) -> str:
    return LEADS_NOWHERE.format(typed)


def not_ours(typed: str) -> str:
    return NOT_OURS.format(typed, "/static/")


def no_heading(typed: str, advice: str) -> str:
    return f"There is no heading “{typed}” on this page. {advice}"


SOME_ID = "Write # and the id of a heading on this page."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # Addresses that lead nowhere
        ("Text\n[x](referrals.md)", [(2, ERROR, nowhere("referrals.md"))]),
        ("[x](../x)", [(1, ERROR, nowhere("../x"))]),
        ("[x](ftp://a.example)", [(1, ERROR, nowhere("ftp://a.example"))]),
        ("<ftp://a.example>", [(1, ERROR, nowhere("ftp://a.example"))]),
        ("[x](\\\\server\\a)", [(1, ERROR, nowhere("\\server\\a"))]),
        ("[Give](5 mg) daily", [(1, ERROR, nowhere("5 mg"))]),
        ("[x](<../x y>)", [(1, ERROR, nowhere("../x y"))]),
        ("[x]()", [(1, ERROR, NO_ADDRESS)]),
        ("Text [x][1]\n\n[1]: a.md", [(3, ERROR, nowhere("a.md"))]),
        ("[Note]: urgent\n\n[Note]", [(1, ERROR, nowhere("urgent"))]),
        ("[Note]: urgent", []),  # has a problem of another kind
        ('<a href="a.md">x</a>', [(1, ERROR, nowhere("a.md"))]),
        (f"[x]({'a' * 90})", [(1, ERROR, nowhere("a" * 58 + "…"))]),
        ("[x](https://a.example/a_(b)) [y](/pages/a/) [z](a@b.example) [w](www.nhs.uk) [v](tel:1)", []),
        ("`[x](a.md)` \\[x](a.md) [x]\\(a.md) [1] (a.md) 95%](a.md)", []),
        ("Dose[^a](see below)\n\n[^a]: b", []),
        ("[a [b](c.md) d](e.md)", [(1, ERROR, nowhere("c.md"))]),
        # Links without text
        ("[](/pages/a/)", [(1, ERROR, NO_TEXT.format("/pages/a/"))]),
        ("[ ](a@b.example)", [(1, ERROR, NO_TEXT.format("a@b.example"))]),
        ("[![Site](/static/icon.svg)](/a/) [`x`](/a/)", []),
        # Pictures
        ("![a](image-1.png)", [(1, ERROR, not_ours("image-1.png"))]),
        ("![a](/static/no.png)", [(1, ERROR, not_ours("/static/no.png"))]),
        ("![a](https://a.example/a.png)", [(1, ERROR, not_ours("https://a.example/a.png"))]),
        ('<img src="a.png" alt="x">', [(1, ERROR, not_ours("a.png"))]),
        ("[![a](b.png)](c.md)", [(1, ERROR, not_ours("b.png")), (1, ERROR, nowhere("c.md"))]),
        # Headings
        ("## Doses\n\n[x](#h-doses)", []),
        ("## The **dose** of x[^a]\n\n[x](#h-the-dose-of-x) [y](#fn:a)\n\n[^a]: b", []),
        ("## Doses\n\n## Doses\n\n[x](#h-doses_1)", []),
        ("[x](#doses)\n\n## Doses", [(1, ERROR, no_heading("#doses", "Did you mean #h-doses?"))]),
        ("[x](#h-dosage)\n\n## Doses\n\n## Dosages", [(1, ERROR, no_heading("#h-dosage", "Did you mean #h-dosages?"))]),
        ("[x](#h-children)", [(1, ERROR, no_heading("#h-children", SOME_ID))]),
        # What only a mouse finds
        ('[x](/a/ "Only in children")', [(1, WARNING, HIDDEN_TITLE)]),
    ],
)
def test_each_link_that_is_not_what_was_meant_is_named_with_its_line(text, expected):
    found = LinkProblems(Prose(text), render(text).html).find()

    assert sorted(found) == sorted(expected)


def test_they_are_among_the_problems_of_a_text():
    assert [(problem.line, problem.message) for problem in find("Text\n\n[x](a.md)")] == [(3, nowhere("a.md"))]


PIECES = ["[x]", "[", "]", "(", ")", "(a.md)", "(/a/)", "(<a b>)", " ", "!", "\\", "`", "[x]: a.md\n", "\n\n", "x "]


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_no_link_loses_its_address_in_silence(text):
    if "a.md" not in render(text).html and "a b" not in render(text).html and ("a.md" in text or "a b" in text):
        assert [problem for problem in find(text) if problem.is_error]


@pytest.mark.parametrize(
    "piece", ["[x](#a", "](#a ", "[](/a) ", "![a](/static/x) ", '<a href="', "[a]: b ", "[^a](b) "]
)
def test_links_in_a_long_text_are_searched_quickly(piece):
    prose = Prose(piece * (200_000 // len(piece)))

    began = time.process_time()
    list(LinkProblems(prose, "").find())

    assert time.process_time() - began < 1


def test_headings_are_suggested_quickly():
    prose = Prose("".join(f"[x](#h-heading-numbers-{number})\n\n" for number in range(3000)))
    html = "".join(f'<h2 id="h-heading-number-{number}"></h2>' for number in range(3000))

    began = time.process_time()
    found = list(LinkProblems(prose, html).find())

    assert time.process_time() - began < 2
    assert len(found) == 3000
