"""The pieces of a result page that are drawn from plain facts."""

from datetime import UTC, datetime
from types import SimpleNamespace

import pytest
from django.template.loader import render_to_string
from django.utils.safestring import mark_safe

from tests.reading import words_of_html

DAY = datetime(2026, 11, 26, 12, tzinfo=UTC)


def review(outcome: str, number: int) -> SimpleNamespace:
    return SimpleNamespace(outcome=outcome, version=SimpleNamespace(number=number), reviewed_at=DAY)


def piece(name: str, **context) -> str:
    return render_to_string(f"content/_{name}.html", context)


@pytest.mark.parametrize(
    ("found", "expected"),
    [
        (None, "not yet clinically reviewed"),
        (review("current", 2), "last reviewed 26 Nov 2026"),
        (review("current", 1), "last reviewed 26 Nov 2026 (version 1; edited since)"),
        (review("unsafe", 2), "clinical review on 26 Nov 2026: this page needs to be changed"),
        (
            review("unsafe", 1),
            "clinical review on 26 Nov 2026 (version 1; edited since): this page needs to be changed",
        ),
    ],
)
def test_a_key_point_is_quoted_with_where_it_stands(found, expected):
    page = {"title": "A & B", "slug": "dose", "number": 2, "published_at": DAY}

    html = piece("key_point", answer={"html": mark_safe("<b>Dose:</b> 5 mg."), "hit": page, "review": found})

    assert "<b>Dose:</b> 5 mg." in html
    assert '<a href="/pages/dose/">A &amp; B</a>' in html
    said = words_of_html(html).strip()
    assert said.endswith(f"Key point of A &amp; B · version 2 · last edited 26 Nov 2026 · {expected}")


def test_a_key_point_that_is_not_marked_safe_is_escaped():
    page = {"title": "t", "slug": "s", "number": 1, "published_at": DAY}
    html = piece("key_point", answer={"html": "<b>x", "hit": page})

    assert "&lt;b&gt;x" in html


def test_only_meanings_that_the_site_has_are_links():
    meanings = [
        {"words": "Multiple sclerosis", "query": "Multiple sclerosis dose", "pages": 13},
        {"words": "C & A", "query": "C & A", "pages": 1},
        {"words": "Mitral <i>", "query": "Mitral <i>", "pages": 0},
    ]

    html = piece("meanings", results={"meanings": meanings})

    assert '<a href="/search/?q=Multiple%20sclerosis%20dose">Multiple sclerosis</a> <span>13 pages</span>' in html
    assert '<a href="/search/?q=C%20%26%20A">C &amp; A</a> <span>1 page</span>' in html
    assert "<b>Mitral &lt;i&gt;</b> <span>Nothing on this site</span>" in html
    assert html.count("<a ") == 2


def test_what_is_not_found_is_said_with_what_is_near():
    nearest = [{"slug": "vaccination", "title": "Vaccination"}]

    html = piece("nothing_found", asked="<wegovy>", topics=["A", "B"], nearest=nearest)

    assert "<h1>Nothing on this site about “&lt;wegovy&gt;”</h1>" in html
    assert "This site covers: A, B. Check the spelling" in words_of_html(html)
    assert '<a href="/pages/vaccination/">Vaccination</a>' in html
    assert '<a class="button quiet" href="/search/tell/?q=%3Cwegovy%3E">Tell the editors</a>' in html


def test_what_there_is_nothing_of_is_left_out():
    html = piece("nothing_found", asked="x", topics=[], home={"by_problem": [{"slug": "a", "label": "Relapse"}]})

    for part in ("This site covers", "Nearest topics"):
        assert part not in html
    assert "<h2>By problem</h2>" in html
    assert '<a href="/pages/a/">Relapse</a>' in html
    assert "By problem" not in piece("nothing_found", asked="x", topics=[])
