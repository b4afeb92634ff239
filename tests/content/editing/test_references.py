import re

import pytest
from django.core.management import call_command

from content.models import Draft
from tests.content.references.test_retractions import FILE, read_file
from tests.reading import words

LIST = "/admin/content/page/references/"
OLD = "One.[^a]\n\n[^a]: Author A. doi:10.9999/trial.a\n"
OTHER = "Two.[^b]\n\n[^b]: A. Author 2018, <https://doi.org/10.9999/TRIAL.A>\n"
NEW = "Author A and B, 2019. doi:10.9999/trial.a"


@pytest.fixture
def editor(publish, people, signed_in):
    publish("one", OLD)
    publish("two", OTHER)
    publish("book", "Three.[^c]\n\n[^c]: A book\n")
    return signed_in(people.editor)


def form_of(client) -> str:
    """The address of the form that corrects the paper."""
    listed = client.get(f"{LIST}?q=10.9999").content.decode()
    return re.search(r'href="(/admin/content/page/references/\w+/)"', listed)[1]


def choices_of(client, address: str) -> list[str]:
    return re.findall(r'name="places" value="([^"]+)"', client.get(address).content.decode())


def test_a_source_is_listed_once_with_its_pages_its_links_and_its_other_words(editor):
    html = editor.get(LIST).content.decode()
    said = words(editor.get(LIST))

    assert html.count('<li class="source">') == 2
    assert "Cited on About one · About two" in said
    assert '<a href="https://doi.org/10.9999/trial.a">doi:10.9999/trial.a</a>' in html
    assert 'href="/pages/one/#fn:a"' in html
    assert "Its words differ: 2" in said
    assert "About two, line 3: A. Author 2018, https://doi.org/10.9999/TRIAL.A" in said
    assert "All 2" in said
    assert "No identifier or address 1" in said


def test_a_retracted_paper_comes_first_and_says_so(editor):
    read_file()

    said = words(editor.get(LIST))

    assert said.index("Retracted 21 Feb 2023") < said.index("A book")
    assert "Retracted or doubted 1" in said
    assert "About one, line 1: One." in said


@pytest.mark.parametrize(
    ("query", "shown"),
    [("q=trial.A", 1), ("q=A%20BOOK", 1), ("q=about%20two", 1), ("q=nothing", 0), ("show=differs", 1),
     ("show=unidentified", 1), ("show=retracted", 0), ("show=shape", 0), ("show=x&page=99", 2)],
)  # fmt: skip
def test_the_list_can_be_searched_and_narrowed(editor, query, shown):
    assert editor.get(f"{LIST}?{query}").content.decode().count('<li class="source">') == shown


def test_the_list_costs_no_query_for_each_page(editor, publish, django_assert_max_num_queries):
    for number in range(5):
        publish(f"page-{number}", OLD)

    with django_assert_max_num_queries(10):
        editor.get(LIST)


def test_all_places_of_one_paper_are_ticked_and_of_a_guideline_only_those_with_the_same_words(editor, publish):
    for slug in ("ta-1", "ta-2"):
        publish(slug, "T.[^t]\n\n[^t]: NICE TA127, section 1\n")
    publish("ta-3", "T.[^t]\n\n[^t]: NICE TA127, section 2\n")
    paper = editor.get(form_of(editor)).content.decode()
    listed = editor.get(f"{LIST}?q=TA127").content.decode()
    guideline = editor.get(re.search(rf'href="({LIST}\w+/)"', listed)[1]).content.decode()

    assert len(re.findall(r'name="places"[^>]* checked', paper)) == 2
    assert len(re.findall(r'name="places"', guideline)) == 3
    assert len(re.findall(r'name="places"[^>]* checked', guideline)) == 2
    assert "Tick those that your words fit." in guideline
    assert "Tick those" not in paper


def test_a_correction_starts_a_draft_for_each_chosen_page_and_says_so(editor):
    address = form_of(editor)
    choices = choices_of(editor, address)

    done = editor.post(address, {"typed": NEW, "change_note": "Author added.", "places": choices})

    assert len(choices) == 2
    assert words(done).count("A draft was started.") == 2
    assert [draft.body for draft in Draft.objects.order_by("page__slug")] == [
        f"One.[^a]\n\n[^a]: {NEW}\n", f"Two.[^b]\n\n[^b]: {NEW}\n",
    ]  # fmt: skip


def test_only_chosen_pages_get_a_draft(editor):
    address = form_of(editor)
    editor.post(address, {"typed": NEW, "change_note": "N", "places": choices_of(editor, address)[:1]})

    assert [draft.page.slug for draft in Draft.objects.all()] == ["one"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"typed": " "}, "This field is required."),
        ({"change_note": ""}, "This field is required."),
        ({"places": []}, "Choose at least one page."),
        ({"typed": f"{NEW} \u202e"}, "RIGHT-TO-LEFT OVERRIDE"),
    ],
)
def test_a_form_that_is_not_whole_keeps_what_was_typed(editor, change, message):
    address = form_of(editor)
    posted = {"typed": NEW, "change_note": "Kept note", "places": choices_of(editor, address)} | change

    answer = editor.post(address, posted)

    assert answer.status_code == 422
    assert message in words(answer)
    assert "Kept note" in words(answer) or "change_note" in change
    assert not Draft.objects.exists()


def test_a_page_that_changed_since_the_form_was_opened_is_not_corrected(editor, publish):
    address = form_of(editor)
    choices = choices_of(editor, address)
    publish("two", OTHER.replace("2018", "2017"))

    answer = editor.post(address, {"typed": NEW, "change_note": "N", "places": choices})

    assert answer.status_code == 422
    assert "A page has changed since you opened this form." in words(answer)
    assert NEW in words(answer)
    assert not Draft.objects.exists()


def test_if_no_page_has_the_reference_any_more_the_typed_words_are_shown(editor, publish):
    address = form_of(editor)
    page = editor.get(address).content.decode()
    seal = re.search(r'name="seal" value="([^"]+)"', page)[1]
    publish("one", "Nothing.\n")
    publish("two", "Nothing.\n")

    answer = editor.post(address, {"typed": NEW, "change_note": "N", "places": ["x"], "seal": seal})

    assert answer.status_code == 403
    assert NEW in words(answer)
    assert editor.get(address).url == LIST


@pytest.mark.parametrize("role", ["reader", "editor", "reviewer", "administrator"])
def test_only_people_who_edit_see_and_correct_references(publish, people, signed_in, role):
    publish("one", OLD)
    address = form_of(signed_in(people.editor))
    client = signed_in(getattr(people, role))
    expected = 403 if role == "reader" else 200

    for path in (LIST, address):
        answer = client.get(path, follow=True)
        assert answer.status_code == expected


def test_staff_without_a_role_are_refused(editor, people):
    address = form_of(editor)
    people.editor.groups.clear()

    assert editor.get(LIST).status_code == 403
    assert editor.post(address, {"typed": NEW}).status_code == 403


def test_a_visitor_is_asked_to_sign_in(client, editor):
    assert client.get(LIST).status_code == 302
    assert client.post(form_of(editor), {"typed": NEW}).status_code in (302, 403)


def test_the_correction_needs_the_csrf_token(editor, people, signed_in):
    from django.test import Client

    address = form_of(editor)
    strict = Client(enforce_csrf_checks=True)
    strict.cookies = editor.cookies

    assert strict.post(address, {"typed": NEW, "change_note": "N"}).status_code == 403
    assert not Draft.objects.exists()


def test_the_reviewer_sees_first_what_a_second_source_quotes(draft, people, signed_in, review):
    draft.body = "Own.[^a] Quoted.[^b]\n\n- Also quoted[^b]\n\n[^a]: NICE TA127\n[^b]: NICE, as quoted by MIMS\n"
    draft.save()
    said = words(signed_in(people.reviewer).get(review))
    first = said.index("Check first: what a second source quotes")

    assert first < said.index("Preview: not published")
    assert "Line 1: Quoted. NICE, as quoted by MIMS" in said
    assert "Line 3: Also quoted" in said
    assert "Line 1: Own." not in said


def test_a_draft_without_second_sources_has_no_such_list(draft, people, signed_in, review):
    assert "Check first" not in words(signed_in(people.reviewer).get(review))


def test_the_editors_home_leads_to_the_references(editor):
    assert f'href="{LIST}"' in editor.get("/admin/").content.decode()


def test_the_shipped_library_is_listed(shipped_library, people, signed_in):
    call_command("check_references", str(FILE))
    said = words(signed_in(people.editor).get(f"{LIST}?q=TA127"))

    assert "NICE TA127" in said
