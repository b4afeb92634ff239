"""What the forms for guidance do to words: they refuse what nobody can see, clean what was pasted, and lose nothing."""

import html
import re

import pytest

from content import publishing
from content.length import LONGEST
from content.models import Code, Contributor, Draft, Page, Review, Topic

from .test_editing import ADD, decision, fields, said

OVERRIDE = "RIGHT-TO-LEFT OVERRIDE (U+202E), which can show 05 as 50. Delete it."
PREVIEW = "/admin/content/draft/preview/"


def typed_in(response, name: str) -> str:
    """What the form of an answer has in its text area `name`."""
    found = re.search(rf'<textarea[^>]* name="{name}"[^>]*>\s?(.*?)</textarea>', response.content.decode(), re.DOTALL)
    return html.unescape(found[1])


def facts_of(page: Page, **changes) -> dict[str, str]:
    """The posted form of a page with one contributor and one code."""
    forms = {f"{name}-{part}_FORMS": "0" for name in ("contributors", "codes", "search_terms") for part in ("INITIAL",)}
    forms |= {"contributors-TOTAL_FORMS": "1", "codes-TOTAL_FORMS": "1", "search_terms-TOTAL_FORMS": "0"}
    person = {"name": "Ann", "role": "Author", "credentials": "RN", "interests": "None declared", "position": "0"}
    code = {"system": "ICD-10", "code": "G35", "term": "Multiple sclerosis"}
    page_facts = {"slug": page.slug, "kind": page.kind, "review_interval_months": "12", "shown_revision": "1"}
    rows = {f"contributors-0-{name}": said for name, said in person.items()}
    return page_facts | forms | rows | {f"codes-0-{name}": said for name, said in code.items()} | changes


# What nobody can see


@pytest.mark.parametrize("field", ["title", "summary", "body", "change_note"])
@pytest.mark.parametrize("button", ["_save", "_submit"])
def test_an_unseen_character_is_refused_by_its_place_and_all_is_still_there(
    draft, edit, people, signed_in, field, button
):
    typed = {"title": "T", "summary": "A long summary.", "body": "Half an hour of work.", "change_note": "Why."}
    typed[field] = "Give \u202e05 mg"

    response = signed_in(people.editor).post(edit, fields(draft, **typed) | {button: ""})

    assert response.status_code == 200
    assert said(response).count(f"Line 1, character 6: {OVERRIDE}") == 2  # above the form, and beside the field
    assert html.escape(typed[field]) in response.content.decode()
    assert typed_in(response, "body") == typed["body"]
    assert Draft.objects.get().revision == 1


def test_the_line_is_that_of_the_typed_text(draft, edit, people, signed_in):
    typed = "\r\n\r\n    Code.\r\n\r\nGive 5\u2060 mg."

    response = signed_in(people.editor).post(edit, fields(draft, body=typed))

    assert "Line 5, character 7: WORD JOINER (U+2060), which nobody can see. Delete it." in said(response)


def test_a_withdrawal_needs_a_reason_that_can_be_seen(publish, people, signed_in):
    page = publish().page
    posted = {"page": page.pk, "reason": "Un\u200dsafe.", "replacement": "", "began_from": "1", "shown_revision": "0"}

    response = signed_in(people.editor).post(f"{ADD}?page={page.pk}&kind=withdrawal", posted)

    assert "Line 1, character 3: ZERO WIDTH JOINER (U+200D), which nobody can see. Delete it." in said(response)
    assert typed_in(response, "reason") == posted["reason"]
    assert not Draft.objects.exists()


@pytest.mark.parametrize(
    ("row", "name"),
    [
        ("contributors-0-", "name"), ("contributors-0-", "role"), ("contributors-0-", "credentials"),
        ("contributors-0-", "interests"), ("codes-0-", "code"), ("codes-0-", "term"),
    ],
)  # fmt: skip
def test_the_facts_of_a_page_are_refused_in_the_same_way(publish, people, signed_in, row, name):
    page = publish().page
    posted = facts_of(page, **{f"{row}{name}": "A\u202eb"})

    response = signed_in(people.editor).post(f"/admin/content/page/{page.pk}/change/", posted)

    assert said(response).count(f"Line 1, character 2: {OVERRIDE}") == 2
    assert "A\u202eb" in response.content.decode()
    assert not Contributor.objects.exists()
    assert not Code.objects.exists()


def test_the_name_of_a_topic_is_refused_in_the_same_way(people, signed_in):
    response = signed_in(people.editor).post("/admin/content/topic/add/", {"name": "MS\u202e", "slug": "ms"})

    assert f"Line 1, character 3: {OVERRIDE}" in said(response)
    assert not Topic.objects.exists()


def test_the_note_of_a_clinical_review_is_refused_in_the_same_way(publish, people, signed_in):
    version = publish()
    posted = {"version": version.pk, "outcome": "current", "note": "Read.\nFi\u202ene"}

    response = signed_in(people.reviewer).post("/admin/content/review/add/", posted)

    assert f"Line 2, character 3: {OVERRIDE}" in said(response)
    assert typed_in(response, "note") == posted["note"]
    assert not Review.objects.exists()


def test_the_preview_names_what_nobody_can_see_in_every_field(draft, people, signed_in):
    words = {"title": "T\u202e", "summary": "\u2060S", "body": "One.\n\nTw\u202eo.", "change_note": "N\u200e"}

    shown = said(signed_in(people.editor).post(f"{PREVIEW}?page={draft.page_id}", fields(draft, **words)))

    assert f"Title, line 1, character 2: {OVERRIDE}" in shown
    assert "Summary, line 1, character 1: WORD JOINER (U+2060)" in shown
    assert "Change note, line 1, character 2: LEFT-TO-RIGHT MARK (U+200E)" in shown
    assert f'<span data-line="3">Line 3</span>: Character 3 is {OVERRIDE}' in shown


@pytest.mark.parametrize(
    "words", [{"title": "T\u202e"}, {"summary": "S\u202e"}, {"body": "B\u202e"}, {"change_note": "N\u202e"}]
)
def test_a_draft_from_before_is_neither_submitted_nor_published(draft, review, people, signed_in, words):
    Draft.objects.update(**words)
    draft.refresh_from_db()
    with pytest.raises(publishing.NotAllowed, match="RIGHT-TO-LEFT OVERRIDE"):
        publishing.submit(draft=draft, by=people.editor, revision=1)
    Draft.objects.update(state=Draft.State.IN_REVIEW)
    reviewer = signed_in(people.reviewer)
    shown = said(reviewer.get(review))
    assert OVERRIDE in shown

    response = reviewer.post(review, decision(shown, "publish"))

    assert "Nothing was done." in said(response)
    assert draft.page.versions.count() == 1


def test_a_credit_from_before_is_named_and_stops_the_next_version(draft, people):
    Contributor.objects.create(page=draft.page, name="A. Author", role="Au\u202ethor")

    with pytest.raises(publishing.NotAllowed) as refusal:
        publishing.submit(draft=draft, by=people.editor, revision=1)

    assert str(refusal.value) == f"Contributor 1, role, line 1, character 3: {OVERRIDE}"


def test_a_page_whose_old_title_nobody_would_accept_today_can_be_withdrawn(draft, people):
    page = draft.page
    Contributor.objects.create(page=page, name="A. Author", role="Au\u202ethor")
    text = publishing.Text("T\u202e", "S", reason="Unsafe.")
    withdrawal = publishing.start_draft(page=page, text=text, by=people.editor, started_from=1, kind="withdrawal")

    assert publishing.submit(draft=withdrawal, by=people.editor, revision=1).is_in_review


def test_a_reviewers_comment_is_refused_in_the_same_way(draft, review, people, signed_in):
    publishing.submit(draft=draft, by=people.editor, revision=1)
    reviewer = signed_in(people.reviewer)
    posted = decision(said(reviewer.get(review)), "return", comment="Change\nth\u202eis")

    response = reviewer.post(review, posted)

    assert said(response).count(f"Comment, line 2, character 3: {OVERRIDE}") == 2
    assert typed_in(response, "comment") == posted["comment"]
    assert Draft.objects.get().is_in_review


def test_old_versions_are_shown_as_they_are(publish, client):
    page = publish().page
    text = publishing.Text("Old", "Summary.", "Was \u202e05\u202c mg.\n", "N")
    publishing.add_version(page=page, text=text)

    assert "Was \u202e05\u202c mg." in client.get("/pages/a-page/").content.decode()


# What pasting leaves


def test_what_was_pasted_is_cleaned_and_its_writer_is_told(draft, edit, people, signed_in, publish):
    publish("dose", title="Dose [A]")
    words = {
        "title": "Multi\u00adple",
        "summary": "S",
        "body": "hyper\u00adten\u00adsion\r\n\r\n5\u200b\u00a0mg, see [](/pages/dose/).",
        "change_note": "N",
    }

    response = signed_in(people.editor).post(edit, fields(draft, **words, _save=""), follow=True)

    saved = Draft.objects.get()
    assert (saved.title, saved.body) == ("Multiple", "hypertension\n\n5\u00a0mg, see [Dose \\[A\\]](/pages/dose/).\n")
    shown = html.unescape(said(response))
    assert "Title, line 1: we removed 1 soft hyphen, which nobody can see." in shown
    assert "Line 1: we removed 2 soft hyphens, which nobody can see." in shown
    assert "Line 3: we removed 1 zero-width space, which nobody can see." in shown
    assert "Line 3: the link to /pages/dose/ now has the page's title, “Dose [A]”." in shown


def test_the_preview_shows_what_will_be_saved(draft, people, signed_in, publish):
    publish("dose", title="Dose [A]")

    shown = said(signed_in(people.editor).post(PREVIEW, fields(draft, body="5\u00ad0 mg, [](/pages/dose/)")))

    assert '<p>50 mg, <a href="/pages/dose/">Dose [A]</a></p>' in shown
    assert shown.count("data-line") == 1
    assert "This page has no key points." in shown


def test_facts_of_a_page_and_notes_are_cleaned_too(draft, review, people, signed_in):
    page, editor, reviewer = draft.page, signed_in(people.editor), signed_in(people.reviewer)
    posted = facts_of(page, **{"contributors-0-credentials": "Con\u00adsultant", "codes-0-term": "M\u200bS"})

    told = html.unescape(said(editor.post(f"/admin/content/page/{page.pk}/change/", posted, follow=True)))
    publishing.submit(draft=draft, by=people.editor, revision=1)
    comment = decision(said(reviewer.get(review)), "return", comment="Shor\u00adter.")
    returned = said(reviewer.post(review, comment, follow=True))

    assert (Contributor.objects.get().credentials, Code.objects.get().term) == ("Consultant", "MS")
    assert "Credentials, line 1: we removed 1 soft hyphen" in told
    assert "Term, line 1: we removed 1 zero-width space" in told
    assert Draft.objects.get().comment == "Shorter."
    assert "Comment, line 1: we removed 1 soft hyphen" in returned


# How long a text may be


@pytest.mark.parametrize("button", ["_save", "_submit"])
@pytest.mark.parametrize("body", ["a" * (LONGEST + 1), "😀" * 1_000_000], ids=["one too many", "a million emoji"])
def test_a_text_that_is_too_long_is_refused_and_still_there(draft, edit, people, signed_in, body, button):
    response = signed_in(people.editor).post(edit, fields(draft, body=body) | {button: ""})

    assert response.status_code == 200
    message = f"The text is {len(body):,} characters long; a page may have 200,000. Split it into two pages."
    assert f"</a>: {message}" in said(response)  # above the form
    assert f"<li>{message}</li>" in said(response)  # beside the field
    assert typed_in(response, "body") == body
    assert Draft.objects.get().revision == 1


def test_a_text_that_is_just_short_enough_is_saved(draft, edit, people, signed_in):
    response = signed_in(people.editor).post(edit, fields(draft, body="a" * LONGEST, _submit=""))

    assert response.status_code == 302
    assert Draft.objects.get().is_in_review


def test_the_preview_of_a_text_that_is_too_long_says_so_and_shows_it_unrendered(draft, people, signed_in):
    body = "**a**" * 40_001

    response = signed_in(people.editor).post(PREVIEW, fields(draft, body=body))

    assert "The text is 200,005 characters long; a page may have 200,000." in said(response)
    assert body in response.content.decode()


def test_a_draft_from_before_that_is_too_long_is_shown_to_its_reviewer_but_not_published(
    draft, review, people, signed_in
):
    Draft.objects.update(body="a" * (LONGEST + 1), state=Draft.State.IN_REVIEW)
    reviewer = signed_in(people.reviewer)
    shown = said(reviewer.get(review))

    response = reviewer.post(review, decision(shown, "publish"))

    assert "The text is 200,001 characters long" in said(response)
    assert draft.page.versions.count() == 1


def test_two_editors_and_a_text_that_is_too_long_lose_nothing(draft, edit, people, signed_in):
    signed_in(people.editor).post(edit, fields(draft, body="Ann's text.", _save=""))
    body = "b" * (LONGEST + 1)

    response = signed_in(people.reviewer).post(edit, fields(draft, body=body))

    assert typed_in(response, "body") == body
    assert "Ann&#x27;s text." in response.content.decode()


@pytest.mark.parametrize(("field", "longest"), [("title", 200), ("summary", 300), ("change_note", 500)])
def test_a_browser_cuts_nothing_and_a_long_field_is_refused(draft, edit, people, signed_in, field, longest):
    editor = signed_in(people.editor)
    assert "maxlength" not in said(editor.get(edit))

    response = editor.post(edit, fields(draft, **{field: "x" * (longest + 20)}))

    assert f"at most {longest} characters (it has {longest + 20})" in said(response)
    assert "x" * (longest + 20) in said(response)


def test_a_text_of_nothing_but_space_is_refused(draft, edit, people, signed_in):
    response = signed_in(people.editor).post(edit, fields(draft, body=" \r\n "))

    assert "This field is required." in said(response)
    assert Draft.objects.get().revision == 1


def test_what_is_too_much_for_any_form_is_answered_in_words(edit, people, signed_in, draft):
    client = signed_in(people.editor)
    client.raise_request_exception = False

    response = client.post(edit, fields(draft, body="a" * (17 * 1024 * 1024)))

    assert response.status_code == 400
    assert "go back in your browser" in said(response)
