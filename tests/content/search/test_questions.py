"""Questions to the library that ships with the site, in many people's words. None is answered by half a key point.

In `questions/`: what is typed and the page that comes first (find), or the page and the first words of the key point
that is quoted (answered), or what is typed alone (unanswered: no key point says it).
"""

import re
from pathlib import Path

from content.search import query

QUESTIONS = Path(__file__).parent / "questions"


def lines(name: str) -> list[list[str]]:
    rows = (QUESTIONS / f"{name}.txt").read_text(encoding="utf-8").splitlines()
    return [[part.strip() for part in row.split("|")] for row in rows]


def quoted(typed: str) -> list[str]:
    """The page and the first words of the key point that answers, or nothing."""
    answer = query.search(typed).answer
    return [answer.page.slug, re.sub("<[^>]+>", "", answer.html).split(":")[0]] if answer else []


def test_whatever_people_type_the_right_page_comes_first(shipped_library):
    asked = lines("find")
    found = {typed: [hit.slug for hit in query.search(typed).hits[:1]] for typed, _slugs in asked}

    assert len(asked) >= 150
    assert not [(typed, found[typed]) for typed, slugs in asked if not set(found[typed]) & set(slugs.split(", "))]


def test_a_question_that_a_key_point_answers_is_answered_by_it(shipped_library):
    asked = lines("answered")

    assert len(asked) >= 60
    assert not [(typed, got) for typed, *wanted in asked if (got := quoted(typed)) != wanted]


def test_a_question_that_no_key_point_answers_is_not_answered(shipped_library):
    asked = lines("unanswered")

    assert len(asked) >= 60
    assert not [(typed, got) for [typed] in asked if (got := quoted(typed))]
