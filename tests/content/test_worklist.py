from datetime import timedelta

import pytest
from django.utils import timezone

from content import publishing
from content.models import Draft, Page, Rendering, Version
from content.worklist import Worklist, find_pages_with_problems

TEXT = publishing.Text("Title", "Summary", "Give 10 mg.\n", "Why.")
POINT = "- **[Dose](#h-dose):** 5 mg.[^a]\n"
WITH_KEY_POINTS = f"## In brief\n\n{POINT * 3}\n## Dose\n\n5 mg.\n\n[^a]: A.\n"


@pytest.fixture
def draft(publish, people) -> Draft:
    return publishing.start_draft(page=publish().page, text=TEXT, by=people.editor, started_from=1)


def home_html(client) -> str:
    return client.get("/admin/").content.decode()


def test_a_draft_waits_for_every_reviewer_but_its_writers(draft, people):
    publishing.submit(draft=draft, by=people.editor, revision=1)

    assert list(Worklist(people.reviewer).waiting) == [draft]
    assert list(Worklist(people.administrator).waiting) == [draft]
    assert not Worklist(people.editor).waiting


def test_a_draft_does_not_wait_for_somebody_who_changed_its_credits(draft, people):
    publishing.submit(draft=draft, by=people.editor, revision=1)

    publishing.record_page_change(page=draft.page, by=people.administrator, credits_changed=False)
    assert list(Worklist(people.administrator).waiting) == [draft]

    publishing.record_page_change(page=draft.page, by=people.administrator, credits_changed=True)
    assert not Worklist(people.administrator).waiting
    assert list(Worklist(people.reviewer).waiting) == [draft]


def test_an_imported_draft_waits_too(publish, people):
    draft = publishing.start_draft(page=publish().page, text=TEXT, by=None, started_from=1)
    Draft.objects.filter(pk=draft.pk).update(state=Draft.State.IN_REVIEW)

    assert list(Worklist(people.reviewer).waiting) == [draft]
    assert not Worklist(people.editor).waiting


@pytest.mark.parametrize(("state", "group"), [("writing", "writing"), ("returned", "returned")])
def test_a_draft_from_a_file_is_on_every_editors_list_until_someone_saves_it(publish, people, signed_in, state, group):
    draft = publishing.start_draft(page=publish().page, text=TEXT, by=None, started_from=1)
    Draft.objects.filter(pk=draft.pk).update(state=state)

    for person in (people.editor, people.reviewer, people.administrator):
        assert list(getattr(Worklist(person), group)) == [draft]
        assert "imported from a file" in home_html(signed_in(person))

    publishing.save_draft(draft=draft, text=TEXT, by=people.editor, revision=1)
    assert list(getattr(Worklist(people.editor), group)) == [draft]
    assert not getattr(Worklist(people.reviewer), group)


def test_a_returned_draft_is_with_its_writers(draft, people):
    draft = publishing.submit(draft=draft, by=people.editor, revision=1)
    publishing.return_draft(draft=draft, by=people.reviewer, revision=2, comment="Which dose?")

    assert list(Worklist(people.editor).returned) == [draft]
    assert not Worklist(people.reviewer).returned


def test_what_waits_for_its_time_is_listed(draft, people):
    draft = publishing.submit(draft=draft, by=people.editor, revision=1)
    at = timezone.now() + timedelta(days=1)
    version = publishing.publish(draft=draft, by=people.reviewer, revision=2, sha256=draft.shown_sha256, at=at)

    assert list(Worklist(people.editor).scheduled) == [version]


@pytest.mark.parametrize(("days", "overdue", "soon"), [(-1, 1, 0), (0, 0, 1), (60, 0, 1), (61, 0, 0)])
def test_reviews_are_overdue_or_due_soon(publish, people, days, overdue, soon):
    page = publish().page
    Page.objects.filter(pk=page.pk).update(review_due_on=timezone.localdate() + timedelta(days=days))
    worklist = Worklist(people.editor)

    assert (worklist.overdue.count(), worklist.due_soon.count()) == (overdue, soon)


def test_a_withdrawn_page_and_one_about_the_site_are_not_due(publish, people):
    publish("about-us", kind="about")
    page = publish("gone").page
    publishing.add_version(page=page, text=publishing.Text("T", "S", reason="Wrong."), kind=Version.Kind.WITHDRAWAL)
    Page.objects.update(review_due_on=timezone.localdate() - timedelta(days=1))

    assert not Worklist(people.editor).overdue


def test_a_page_has_problems_when_its_text_has_or_a_page_it_links_to_is_gone(publish, people):
    other = publish("other", body=WITH_KEY_POINTS).page
    linking = publish("linking", body=WITH_KEY_POINTS + "\nSee [other](/pages/other/).\n").page
    odd = publish("odd", body=WITH_KEY_POINTS + "\n#### Too deep\n\nText.\n").page
    assert {*find_pages_with_problems()} == {odd.pk}

    publishing.add_version(page=other, text=publishing.Text("T", "S", reason="Wrong."), kind=Version.Kind.WITHDRAWAL)

    assert {*find_pages_with_problems()} == {odd.pk, linking.pk}


def test_the_desk_shows_counts_and_leads_to_the_lists(draft, people, signed_in):
    publishing.submit(draft=draft, by=people.editor, revision=1)
    html = home_html(signed_in(people.reviewer))

    assert f'href="/admin/content/draft/{draft.pk}/review/"' in html
    assert "Waiting for your review" in html


def test_the_desk_costs_no_query_for_each_row(publish, people, signed_in, django_assert_max_num_queries):
    for number in range(8):
        page = publish(f"page-{number}").page
        draft = publishing.start_draft(page=page, text=TEXT, by=people.editor, started_from=1)
        publishing.submit(draft=draft, by=people.editor, revision=1)
    client = signed_in(people.reviewer)

    with django_assert_max_num_queries(30):
        assert "See all 8" in home_html(client)


@pytest.mark.parametrize(
    "query",
    ["review=overdue", "review=soon", "review=never", "draft=in_review", "draft=none", "problems=yes", "q=page", "o=4"],
)
def test_the_list_of_pages_filters_searches_and_sorts(publish, people, signed_in, query):
    publish("page-one")

    assert signed_in(people.editor).get(f"/admin/content/page/?{query}").status_code == 200


def test_guidance_without_key_points_is_listed_and_a_page_about_the_site_is_not(publish):
    without, _ = publish("without"), publish("about-us", kind=Page.Kind.ABOUT)
    publish("with", body=WITH_KEY_POINTS)

    assert {*find_pages_with_problems()} == {without.page.pk}


def test_every_rendering_of_the_shipped_library_is_without_problems(shipped_library):
    assert not find_pages_with_problems()
    assert Rendering.objects.exists()
