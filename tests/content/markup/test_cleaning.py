import html
import re
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.characters import find_unseen
from content.length import LONGEST, describe_excess
from content.markup import cleaning
from content.markup.problems import ERROR, find
from content.markup.rendering import render

TITLES = {"dose": "Dose of A", "signs": "HLA-B*57:01 [A|B] <5 & *1/*3"}


@pytest.mark.parametrize(
    ("typed", "saved", "notices"),
    [
        ("Nothing to do.\r\n", "Nothing to do.\r\n", []),
        ("hyper\u00adten\u00adsion\n\n5\u200b mg\n\nan\u00adother", "hypertension\n\n5 mg\n\nanother", [
            "lines 1 and 5: we removed 3 soft hyphens, which nobody can see.",
            "line 3: we removed 1 zero-width space, which nobody can see.",
        ]),
        # What stays as typed
        ("5\u00a0mg\u202f\u2009− µ μ ² ½ ﬁ Å", "5\u00a0mg\u202f\u2009− µ μ ² ½ ﬁ Å", []),
        ("می\u200cخواهم \u202e05", "می\u200cخواهم \u202e05", []),  # refused, and not removed unseen
        # Links
        ("One.\n\nSee [](/pages/dose/).", "One.\n\nSee [Dose of A](/pages/dose/).", [
            "line 3: the link to /pages/dose/ now has the page's title, “Dose of A”.",
        ]),
        ("[](/pages/dose/#h-b) [ ](</pages/dose>) [](/pages/dose/ \"x\")",
         "[Dose of A](/pages/dose/#h-b) [Dose of A](</pages/dose>) [Dose of A](/pages/dose/ \"x\")",
         ["line 1: the link to /pages/dose/ now has the page's title, “Dose of A”."] * 3),
        ("[](/pages/signs/)", r"[HLA-B\*57:01 \[A\|B\] &lt;5 & \*1/\*3](/pages/signs/)", [
            "line 1: the link to /pages/signs/ now has the page's title, “HLA-B*57:01 [A|B] <5 & *1/*3”.",
        ]),
        ("[\u200b](/pages/dose/)", "[Dose of A](/pages/dose/)", [
            "line 1: we removed 1 zero-width space, which nobody can see.",
            "line 1: the link to /pages/dose/ now has the page's title, “Dose of A”.",
        ]),
        ("a\tb\r\n- \t[\t](/pages/dose/)\tc", "a\tb\n- \t[Dose of A](/pages/dose/)\tc", [
            "line 2: the link to /pages/dose/ now has the page's title, “Dose of A”.",
        ]),
        ("[its text](/pages/dose/) [](/pages/gone/) [](/about/us/) [](https://a.example/pages/dose/)", None, []),
        ("`[](/pages/dose/)`\n\n    [](/pages/dose/)\n\n\\[](/pages/dose/) ![](/pages/dose/) <!-- [](/pages/dose/) -->",
         None, []),
    ],
)  # fmt: skip
def test_what_saving_changes_in_a_text_and_what_its_writer_is_told(typed, saved, notices):
    cleaned, told = cleaning.clean(typed, TITLES)

    assert cleaned == (typed if saved is None else saved)
    assert [notice.describe() for notice in told] == notices
    assert cleaning.clean(cleaned, TITLES) == (cleaned, [])


def test_a_notice_counts_the_lines_of_a_file():
    [notice] = cleaning.clean("a\n\n[](/pages/dose/)", TITLES)[1]

    assert notice.describe(10).startswith("line 13: ")


def test_only_the_titles_of_links_without_text_are_asked_for():
    assert cleaning.slugs_to_fill("[](/pages/a/) [b](/pages/b/) `[](/pages/c/)` [](/pages/d/#h-x)") == {"a", "d"}


SIGNS = [*"*_`[]()<>&\\|!#~^=:-+.0a '\"", "**", "[^1]", "&lt;", "&#0", "www.a.b", "<b>", "](/pages/b/)", "*1/*3", "\\a"]


@given(
    (st.text() | st.lists(st.sampled_from(SIGNS)).map("".join)).filter(
        lambda title: title.strip() and not find_unseen(title)
    )
)
def test_whatever_a_title_says_its_link_shows_it(title):
    text, _ = cleaning.clean("See [](/pages/a/) for 5 mg.", {"a": title})

    shown = re.search(r"<p>See <a[^>]*>(.*)</a> for 5 mg.</p>", render(text).html, re.DOTALL)
    assert shown
    assert html.unescape(re.sub("<[^>]+>", "", shown[1])).split() == title.split()


def test_a_title_with_a_character_that_nobody_can_see_fills_no_link():
    assert cleaning.clean("[](/pages/a/)", {"a": "05\u202e mg"}) == ("[](/pages/a/)", [])


PIECES = [
    "[](/pages/a/)",
    "[](/pages/b/#h-x)",
    "[x](/pages/a/)",
    "`",
    "\\",
    "a ",
    "\n\n",
    "\u00ad",
    "\u200b",
    "!",
    "    ",
]
TITLE = st.text("ab*[]()|\\`&;<_", min_size=1, max_size=8).filter(lambda title: title.strip())


@given(st.lists(st.sampled_from(PIECES)).map("".join), TITLE, TITLE)
def test_a_text_is_known_again_by_what_cleaning_made_of_it(typed, title, other):
    titles = {"a": title, "b": other}
    saved, _ = cleaning.clean(typed, titles)
    known = {slug: ["Another", name] for slug, name in titles.items()}

    assert saved.count("\t") == typed.count("\t")
    assert cleaning.is_made_from(saved, typed, known)
    assert cleaning.is_made_from(typed, typed, {})
    assert not cleaning.is_made_from(f"{saved}5 mg", typed, known)


def test_a_text_of_the_link_that_was_never_its_pages_title_is_another_text():
    titles = {"a": ["Dose of A"]}

    assert not cleaning.is_made_from("See [the dose](/pages/a/).", "See [](/pages/a/).", titles)
    assert not cleaning.is_made_from("See [Dose of A](/pages/a/), 5 mg.", "See [](/pages/a/), 50 mg.", titles)


@pytest.mark.parametrize("piece", ["[](/pages/a/)", "[](", "\u00ad", "[](/pages/a", "[ ", "[]", "`[](/pages/a/)"])
def test_a_long_text_is_cleaned_quickly(piece):
    long = piece * (LONGEST // len(piece))
    began = time.process_time()
    saved, _ = cleaning.clean(long, {"a": "Dose"})
    cleaning.is_made_from(saved, long, {"a": ["Dose"]})

    assert time.process_time() - began < 2


@pytest.mark.parametrize(
    ("text", "is_refused"),
    [
        ("a" * LONGEST, False),
        ("a" * LONGEST + "\n", False),
        ("a dose of\r\n" * (LONGEST // 10), False),  # browsers send each line break as two characters
        ("a" * (LONGEST + 1), True),
        ("€" * (LONGEST + 1), True),
        ("", False),
    ],
)
def test_a_text_has_a_limit(text, is_refused):
    assert bool(describe_excess(text)) is is_refused
    assert ["characters long" in problem.message for problem in find(text)] == [True] * is_refused


def test_the_refusal_of_a_long_text_says_how_long_it_is_and_what_to_do():
    [problem] = find("x" * 214_310)

    assert (problem.line, problem.level) == (1, ERROR)
    assert problem.message == ("The text is 214,310 characters long; a page may have 200,000. Split it into two pages.")
