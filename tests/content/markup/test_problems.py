import re
import time

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from content.markup.problems import ERROR, WARNING, find, linked_slugs
from content.markup.rendering import render
from tests.pace import check_pace

UNDEFINED = "The reference [^{}] is cited but not defined."
UNCITED = "[^{}] is not cited, so readers do not see it. Cite it or remove it."
HIDDEN = (
    "[^{}] is cited where no citation can be shown: in the words or the address of a link, the description of a "
    "picture, the meaning of an abbreviation, or a tag. Cite it in the text."
)
BAD_KEY = "The key of [^{}] may contain only letters, digits, hyphens, dots and underscores."
NO_HEADER = "This table has no header. Say in its first row what each column contains."
NO_DESCRIPTION = "This image has no description. Say between its [ and ] what it shows."
NO_ALT = "This image has no description. Say in alt what it shows."
INDENTED = "Text that is indented by four spaces is shown as code. Remove the spaces."
UNDERLINED = "This line is a heading, because of the hyphens below it. Begin it with ##, or leave an empty line."
FIRST_LEVEL = "The title is the page's only first-level heading. Begin this one with ##."
FRONT_MATTER = "The text starts with ---. Front matter belongs in files: remove it, with both its lines."
ORDER_MARK = "Character 1 is ZERO WIDTH NO-BREAK SPACE (U+FEFF), which nobody can see. Delete it."
COMMENT = "This comment would not be shown. Remove it before publication."


def skips(marks: str) -> str:
    return f"This heading skips a level. Begin it with {marks}."


def twice(key: str, line: int) -> str:
    return f"[^{key}] is already defined on line {line}. Give one of them another key."


def tag(shown: str) -> str:
    return f"“{shown}” reads as a tag and would not be shown. Write &lt; for <."


def unused(label: str) -> str:
    return f"“[{label}]:” begins the address of a link, and would not be shown. Reword the line."


def dead(slug: str) -> str:
    return f"There is no live page “{slug}”. Check the link's address."


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        # References
        ("Fine.[^a]\n\n[^a]: A", []),
        ("One.\n\nTwo.[^a]", [(3, ERROR, UNDEFINED.format("a"))]),
        ("Two.[^a] and [^b].\r\n\r\nThree.[^a]", [
            (1, ERROR, UNDEFINED.format("a")), (1, ERROR, UNDEFINED.format("b")), (3, ERROR, UNDEFINED.format("a")),
        ]),
        ("Dose[^a]: 5 mg\n\n[^a]: A", []),
        ("Dose[^a]: 5 mg", [(1, ERROR, UNDEFINED.format("a"))]),
        ("Space.[^a b]\n\n[^a b]: A", [(1, ERROR, BAD_KEY.format("a b"))]),
        ("Text.\n\n[^a]: A", [(3, WARNING, UNCITED.format("a"))]),
        ("Text.[^a]\n\n[^a]: A\n[^b]: As A.[^a]", [(4, WARNING, UNCITED.format("b"))]),
        ("Text.\n\n[^a]: A[^b]\n[^b]: B", [(3, WARNING, UNCITED.format("a")), (4, WARNING, UNCITED.format("b"))]),
        ("Text.\n\n[^a]: See this one.[^a]", [(3, WARNING, UNCITED.format("a"))]),
        ("[Words[^a]](/pages/dose/)\n\n[^a]: A", [(1, ERROR, HIDDEN.format("a"))]),
        ("AB[^a]\n\n*[AB]: Meaning[^b]\n\n[^a]: A\n[^b]: B", [(3, ERROR, HIDDEN.format("b"))]),
        ('!!! note "Title[^a]"\n    Text\n\n[^a]: A', []),
        ("Stop![^a]", [(1, ERROR, UNDEFINED.format("a"))]),
        ("Text.[^a]\n\n[^a]: A\n[^a]: B", [(4, ERROR, twice("a", 3))]),
        ("- Item.[^a]\n\n    [^a]: A", []),
        ("> Quoted.[^a]\n>\n> [^a]: A", []),
        ("](<a b>)", [(1, ERROR, "“<a b>” reads as a tag and would not be shown. Write &lt; for <.")]),
        ("Line&#10;break", []),
        ("Text <!--\n[a]: /pages/dose/\n-->", [(1, WARNING, COMMENT)]),
        ("Write `[^key]` to cite.", []),
        ("Write ``[^key]\n` here`` to cite.", []),
        ("```\n[^key]\n<tag>\n```", []),
        ("Literal \\[^a].", []),
        ("Text:\n\n    [^a] in a block of code <tag>\n\n    # still code\n\nText.", [(3, WARNING, INDENTED)]),
        ("- Item\n\n    Still the item.[^a]", [(3, ERROR, UNDEFINED.format("a"))]),
        ("!!! note\n    In a box.[^a]\n\n    - And a list.[^b]", [
            (2, ERROR, UNDEFINED.format("a")), (4, ERROR, UNDEFINED.format("b")),
        ]),
        ("A ` alone and [^a].", [(1, ERROR, UNDEFINED.format("a"))]),
        ("\\`[^a]\\`", [(1, ERROR, UNDEFINED.format("a"))]),
        # Links
        ("[x](/pages/dose/) [y](/pages/gone/#h-a)", [(1, WARNING, dead("gone"))]),
        ("[x][1]\n\n[1]: /pages/gone/", [(3, WARNING, dead("gone"))]),
        ('<a href="/pages/gone/history/">x</a>', [(1, WARNING, dead("gone"))]),
        ("`[x](/pages/gone/)` [y](/about/us/) /pages/gone/ [z](https://a.example/pages/gone/)", []),
        ("Text.\n\n[Note]: urgent\n\nMore.", [(3, ERROR, unused("Note"))]),
        ("[Note]: give 5 mg\n\n[The site][] and [b][SITE].\n\n[the  site]: /a/\n[site]: /b/", []),
        # Headings
        ("## A\n\n### B\n\n#### C\n\n## D", []),
        ("# A\n\n## B\n\n### C", [(1, WARNING, FIRST_LEVEL)]),
        ("# A\n\n### B", [(1, WARNING, FIRST_LEVEL)]),
        (
            "A\n===\n\nB\n---\n\n#### C",
            [(1, WARNING, FIRST_LEVEL), (4, WARNING, UNDERLINED), (7, WARNING, skips("###"))],
        ),
        ("### A", [(1, WARNING, skips("##"))]),
        ("## A\n#### B\n##### C", [(2, WARNING, skips("###"))]),
        ("## A\n\n<h4>B</h4>", [(3, WARNING, skips("###"))]),
        ("!!! note\n    #### A", [(2, WARNING, skips("##"))]),
        ("    # code\n\n`#`", [(1, WARNING, INDENTED)]),
        # Tables
        ("| a | b |\n| --- | --- |\n| 1 | 2 |", []),
        ("Text\n\n|  |  |\n|---|---|\n| 1 | 2 |", [(3, WARNING, NO_HEADER)]),
        ("| | b |\n|---|---|\n| 1 | 2 |", []),
        ("| `a` |\n| --- |\n| 1 |", []),
        ("<table>\n<tr><th>a</th></tr>\n</table>", []),
        ("x\n\n<table><tr><td>a</td></tr></table>\n\n<table><tr><th>a</th></tr></table>", [(3, WARNING, NO_HEADER)]),
        ("<TABLE>\n<tr><td>a</td></tr>", [(1, WARNING, NO_HEADER)]),
        # Images
        ("![A plan](/static/icon.svg)", []),
        ("Text\n![](/static/icon.svg)", [(2, ERROR, NO_DESCRIPTION)]),
        ("![ ][plan]\n\n[plan]: /static/icon.svg", [(1, ERROR, NO_DESCRIPTION)]),
        ('<img src="/static/icon.svg" alt="A plan">', []),
        ('<img src="/static/icon.svg">', [(1, ERROR, NO_ALT)]),
        ('x\n<img src="/static/icon.svg"\nalt="  ">', [(2, ERROR, NO_ALT)]),
        ("`![](a.png)`", []),
        # Front matter
        ("---\ntitle: Dose\n---\n\nText.", [(1, ERROR, FRONT_MATTER), (2, WARNING, UNDERLINED)]),
        ("\ufeff\n---\ntitle: [unreadable\n\nText.", [(1, ERROR, ORDER_MARK), (2, ERROR, FRONT_MATTER)]),
        ("Text.\n\n---\n\nMore.", []),
        ("---- is a long dash", []),
        # What would vanish
        ("Give <patient name> 5 mg.", [(1, ERROR, tag("<patient name>"))]),
        ("Give\n<patient\nname> 5 mg.", [(2, ERROR, tag("<patient name>"))]),
        ("In <a few weeks>.", [(1, ERROR, tag("<a few weeks>"))]),
        ("If x<y and z>w.", [(1, ERROR, tag("<y and z>"))]),
        ("<b>Bold</b>", [(1, WARNING, tag("<b>"))]),
        ("A \\<br> b", [(1, ERROR, "“\\<br>” reads as a tag, with a backslash before it. Write &lt; for <.")]),
        ("Bold</b>", [(1, WARNING, tag("</b>"))]),
        ("<b 5 mg>", [(1, ERROR, tag("<b 5 mg>"))]),
        ("Stop if K<Na and Na>130.", [(1, ERROR, tag("<Na and Na>"))]),
        (f"<{'x' * 60}>", [(1, ERROR, tag(f"<{'x' * 37}…>"))]),
        ("Platelets <50 and >20, H<sub>2</sub>O, <br/><br />", []),
        ("`<patient name>` and &lt;patient name&gt;", []),
        ("<https://a.example/> <a.b@c.example> <mailto:a@b.example>", []),
        ('<td colspan="2" align=left>x</td> <abbr title=\'a b\'>', []),
        ("Text.\n\n<!-- check\nthis [^a] <x> -->", [(3, WARNING, COMMENT)]),
        ("<!-- not closed", []),
        ("<?php x ?> y", [(1, WARNING, COMMENT)]),
        ("", []),
    ],
)  # fmt: skip
def test_each_problem_is_named_with_its_line(text, expected):
    found = find(text, live={"dose"})

    assert [(problem.line, problem.level, problem.message) for problem in found] == expected


def test_links_are_not_checked_where_nobody_knows_the_pages():
    assert find("[x](/pages/gone/)") == []
    assert len(find("[x](/pages/gone/)", live=())) == 1


def test_the_pages_that_a_text_links_to_are_known_before_they_are_looked_up():
    assert linked_slugs("[x](/pages/a/) `[y](/pages/b/)`\n\n[z]: /pages/c/#h-d") == {"a", "c"}


@pytest.mark.parametrize(
    ("line", "is_named"),
    [
        ("!!! note", False),
        ('!!! warning "Stop at once"', False),
        ("!!! patient name", True),
        ("!!!patient", True),
        ('!!! warning urgent "Stop"', True),
        ("Stop!!! Now", False),
    ],
)
def test_a_box_whose_words_would_not_be_shown_is_named(line, is_named):
    found = find(f"Text.\n\n{line}\n    Inside.\n")

    assert [(problem.line, problem.is_error) for problem in found] == ([(3, True)] if is_named else [])


def test_a_tag_that_nothing_ends_is_named_where_it_takes_words_along():
    assert [(each.line, each.is_error) for each in find("<p>If\nplatelets <b\n100, stop</p>")] == [(2, True)]
    assert find("If platelets <b 100, stop") == []


def test_what_stops_publication_is_told_from_what_does_not():
    assert [problem.is_error for problem in find("# Title\n\nCited.[^a]")] == [False, True]


PIECES = [
    "<", ">", "/", "[^a]", "[^a]: ", "[", "]", "(", ")", ":", "!", "#", "=", "-", "|", "`", "\\", "\n", "\n\n", "    ",
    "\t", "- ", "> ", "&lt;", '"', "<!--", "-->", "<?", "<![CDATA[", "<table>", "<th>", "<img alt=", "/pages/a/", "a ",
    "patient", "!!! note\n", "---\n", "&#10;", "&#13;", "[a]: /b\n", "*[a]: b\n", "1. ", "> [!NOTE]\n", "<div>\n",
    "\x00", "\r", "\u2028", "\x1a",
]  # fmt: skip


@given(st.one_of(st.text(), st.lists(st.sampled_from(PIECES)).map("".join)))
def test_no_text_makes_the_search_fail_and_every_line_is_one_of_the_texts(text):
    lines = text.replace("\r\n", "\n").replace("\r", "\n").count("\n") + 1

    assert all(1 <= problem.line <= lines for problem in find(text, live=()))


@example(["!!!", "patient"])
@example(["<", "?", "patient", ">"])
@example(["<", "p ", "patient", ">"])
@example(["<", "p ", ">", "<", "patient"])
@example(["<", "p ", "<", ">", "<", "patient"])
@example(["<", "p ", ">", "<", "a", "\n", "patient", "</", "p ", ">"])
@given(
    st.lists(st.sampled_from(["<", "</", ">", "patient", " ", "a", "p ", "s", "?", "!", "-->", "\n", "\n\n", "`", "@"]))
)
def test_no_typed_word_vanishes_in_silence(pieces):
    text = "".join(pieces)

    shown = render(text).html
    if shown.count("patient") < text.count("patient"):
        assert find(text)


@pytest.mark.parametrize(
    "piece",
    [
        *PIECES, "<a", "[^a", "](", "](/pages/a", "[a]: b\n", "| |\n|-|\n", "a=", "href=", '<a b="', "`` ", "\\`", "| ",
        "- a\n    ", "<a a ", "![", "*[a]: ", " ", "a",
    ],
)  # fmt: skip
def test_hostile_text_is_searched_as_quickly_as_any(piece):
    for wrap in ("{}", "<a{}", "<a {}x"):
        check_pace(lambda long, wrap=wrap: find(wrap.format(long), live=()), piece, length=10_000, seconds=1)


SECTION = """## Part

Give **5 mg** a day, [see](/pages/dose/), not <b>10 mg</b>.[^r{0}]

| a | b |
| --- | --- |
| `1` | 2 |

"""


def test_comments_that_are_never_closed_are_looked_for_once():
    began = time.process_time()
    find("<!--" * 50_000)

    assert time.process_time() - began < 2


def test_twenty_thousand_words_are_searched_in_a_moment():
    text = "".join(SECTION.format(n) for n in range(1200)) + "".join(f"[^r{n}]: Source {n}\n" for n in range(1200))
    assert len(re.findall(r"\S+", text)) > 20_000

    began = time.process_time()
    find(text, live=())

    assert time.process_time() - began < 3


LOST = "This row has more cells than the table's header, so “{}” would not be shown."


@pytest.mark.parametrize(
    ("text", "line", "lost"),
    [
        ("| Drug | Dose |\n|---|---|\n| Co-amoxiclav | 625 mg | 3 times a day |", 3, "3 times a day"),
        ("Weight | Dose\n--- | ---\n10 kg | 5 mg | max 4 doses", 3, "max 4 doses"),
        ("|Item|Path|\n|-|-|\n|A|B|\n|Reference(A | B)|Request|", 4, "Request"),
        ("| A | B |\n|---|---|\n| 1 | 2 | 3 | 4 |", 3, "3 | 4"),
        ("Text.\n\n> | A | B |\n> |---|---|\n> | 1 | 2 | 3 |", 5, "3"),
        ("1. Give:\n\n    | A | B |\n    |---|---|\n    | 1 | 2 | 3 |", 5, "3"),
        ("!!! warning\n    | A | B |\n    |---|---|\n    | 1 | 2 | 3 |", 4, "3"),
        ("| A | B |\n|---|---|\n| 1 | 2 | `3 mg` |", 3, "……………"),
        ("A | B\n--|--\n| 1 | 2 |", 3, "2"),
        ("A | B\n--|--\n- | 5 | 6", 3, "6"),
        (
            r"""| A | B |
|---|---|
| 1 \\\\| 2 | 3 |""",
            3,
            "3",
        ),
        ("## Doses\n| A | B |\n|---|---|\n| 1 | 2 | 3 |", 4, "3"),
        ("| A |\n|---|\n| 1 | 2 |", 3, "2"),
        ("| A |\n|---|\n1 | 2", 3, "2"),
        ("Text first\nA | B\n--|--\n1 | 2 | 3", 4, "3"),
        ("| A | B |\n\n|---|---|\n\n| 1 | 2 | 3 |", 5, "3"),
    ],
)
def test_a_cell_beyond_the_header_is_named_because_it_would_not_be_shown(text, line, lost):
    [problem] = [problem for problem in find(text) if "cells" in problem.message]

    assert (problem.line, problem.level) == (line, ERROR)
    assert problem.message.startswith(LOST.format(lost) if "`" not in text else "This row has more cells")


@pytest.mark.parametrize(
    "text",
    [
        "| A | B |\n|---|---|\n| 1 | 2 |\n| 3 |",
        "| A | B |\n|---|---|\n| a \\| b | `x|y` |",
        "| A | B |\n|---|---|\n| 1 | 2 | |",
        "| A | B |\n|---|---|\n| 1 | 2 |\n\nText | with | many | pipes",
        "Text | with | pipes\n\nand | more | of | them",
        "| A |\n|---|\n| 1 |",
        "Dose | route\n---\nx | y | z",
        "P(A|B)\n-----\nP(A|B|C) x",
    ],
)
def test_a_table_that_loses_nothing_has_no_such_problem(text):
    assert not [problem for problem in find(text) if "cells" in problem.message]


@pytest.mark.parametrize(
    ("typed", "is_heading"),
    [("## Dose", True), ("#NOF: call", False), ("#1 fracture", False), ("##", False), ("###### Six", True)],
)
def test_a_heading_has_a_space_after_its_marks(typed, is_heading):
    assert ("<h" in render(typed).html) is is_heading
    assert bool(find(f"## One\n\n{typed}".replace("## One", "x"))) is (is_heading and typed.startswith("######"))


@pytest.mark.parametrize(
    ("text", "is_error"),
    [
        ("H<sub>2</sub>O and ALT <ULN here.", False),
        ("See <https://a.example/x>.\n\nStop if ALT <ULN here.", False),
        ("<div>\nALT <ULN here, stop\n</div>", True),
    ],
)
def test_a_tag_that_nothing_ends_is_an_error_only_where_words_vanish(text, is_error):
    assert [problem.is_error for problem in find(text) if "nothing ends" in problem.message] == [is_error]


def test_a_box_is_known_in_any_capitals():
    assert find('!!! Note "T"\n    Inside.\n') == []


@given(
    st.lists(
        st.lists(st.sampled_from(["1", "5 mg", "a", r"x \| y", "- ", "", "`k|l`"]), min_size=1, max_size=4),
        min_size=2,
        max_size=5,
    ),
    st.booleans(),
)
def test_where_the_renderer_leaves_out_a_cell_its_line_has_an_error(rows, has_border):
    """Every cell that is not shown is on a line with an error, and no line has one whose cells are all shown."""
    edge = "|" if has_border else ""
    lines = [edge + "|".join(f" {cell} " for cell in row) + edge for row in rows]
    rule = edge + "|".join("---" for _ in rows[0]) + edge
    text = "\n".join(["Text.", "", lines[0], rule, *lines[1:]])
    html = render(text).html
    if "<table>" not in html or not all("|" in line.replace("\\|", "").replace("`k|l`", "") for line in lines):
        return  # a line without a | is no row
    if "---" in html:
        assert any(problem.is_error for problem in find(text))  # the line of hyphens is the header by its looks
        return
    shown = re.findall(r"<tr>(.*?)</tr>", html, re.DOTALL)[1:]
    flagged = {problem.line for problem in find(text) if "cells" in problem.message}
    for number, (row, made) in enumerate(zip(rows[1:], shown, strict=True), start=5):
        words = re.findall(r"[a-z0-9-]+", " ".join(row))
        seen = re.findall(r"[a-z0-9-]+", re.sub(r"</?(td|th|code)[^>]*>", " ", made))
        assert (number in flagged) == (words != seen), (text, number)
