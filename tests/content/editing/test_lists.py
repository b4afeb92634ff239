"""Lists of the admin show 50 rows, read what they show, and find rows by words in any of their fields."""

import re

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from accounts import lists
from content import publishing
from content.models import Page, Review

FIND = "/admin/autocomplete/?app_label=content&model_name={}&field_name=page&term={}"


@pytest.fixture
def desk(people, signed_in):
    return signed_in(people.editor)


def slugs(response) -> set[str]:
    return {page.slug for page in response.context["cl"].result_list}


def test_a_list_shows_fifty_rows_and_leads_to_the_others(desk):
    Page.objects.bulk_create(Page(slug=f"page-{number:02}") for number in range(51))
    first = desk.get("/admin/content/page/")

    assert len(slugs(first)) == 50
    assert '?p=2"' in first.content.decode()
    assert slugs(desk.get("/admin/content/page/?p=2")) == {"page-50"}


@pytest.mark.parametrize("name", ["version", "draft", "review"])
def test_a_list_reads_no_text_that_it_does_not_show(desk, publish, people, name):
    version = publish()
    Review.objects.create(version=version, reviewer_name="Dr R", outcome="current")
    text = publishing.Text("Next", "S", "Give 7 mg.\n")
    publishing.start_draft(page=version.page, text=text, by=people.editor, started_from=1)
    with CaptureQueriesContext(connection) as asked:
        response = desk.get(f"/admin/content/{name}/")

    assert len(response.context["cl"].result_list) == 1
    assert not [
        each["sql"] for each in asked.captured_queries if re.search(r'"(body|note|writers)"(?!\.)', each["sql"])
    ]


@pytest.mark.parametrize("most", [500, 1])
@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("first", {"one"}),
        ("FIRST", {"one"}),
        ("o", {"one", "two"}),
        ("dose", {"one", "two"}),
        ("dose first", {"one"}),
        ('"dose first"', set()),
        ('"first dose"', {"one"}),
        ("%", set()),
        ("nothing", set()),
    ],
)
def test_a_search_finds_words_and_phrases_in_any_field(desk, publish, monkeypatch, asked, found, most):
    monkeypatch.setattr(lists, "MOST_FOUND", most)
    publish("one", title="The first dose")
    publish("one", title="The first dose", body="Give 7 mg.\n")
    publish("two", title="Another dose")

    assert slugs(desk.get("/admin/content/page/", {"q": asked})) == found
    versions = desk.get("/admin/content/version/", {"q": asked}).context["cl"].result_list
    assert {version.page.slug for version in versions} == found


def test_reviews_are_found_by_the_page_two_steps_away(desk, publish):
    for slug in ("one", "two"):
        Review.objects.create(version=publish(slug), reviewer_name="Dr R", outcome="current")
    found = desk.get("/admin/content/review/?q=two").context["cl"].result_list

    assert [review.version.page.slug for review in found] == ["two"]


def test_a_page_is_chosen_by_searching_for_it(desk, publish):
    publish("one", title="The first dose")
    pages = [publish("two", title="Another dose").page]
    form = desk.get("/admin/content/draft/add/").content.decode()
    found = desk.get(FIND.format("draft", "another")).json()

    assert "admin-autocomplete" in form
    assert not re.search(r"<option value=\"\d", form)
    assert [each["text"] for each in found["results"]] == ["two"]
    chosen = desk.get(f"/admin/content/draft/add/?page={pages[0].pk}").content.decode()
    assert re.findall(r"<option value=\"(\d+)\"", chosen) == [str(pages[0].pk)]


def test_pages_that_were_never_reviewed_are_found(desk, publish):
    Review.objects.create(version=publish("one"), reviewer_name="Dr R", outcome="current")
    publish("two")
    publish("two", body="Give 7 mg.\n")
    Page.objects.create(slug="unpublished")

    assert slugs(desk.get("/admin/content/page/?review=never")) == {"two"}
