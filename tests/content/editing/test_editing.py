import html
import re

import pytest

from content import publishing
from content.models import Draft, Page, Review, Version
from tests.reading import words

ADD = "/admin/content/draft/add/"


def fields(draft: Draft, **changes) -> dict[str, str]:
    return {
        "title": draft.title,
        "summary": draft.summary,
        "body": draft.body,
        "change_note": draft.change_note,
        "shown_revision": str(draft.revision),
    } | changes


def decision(shown: str, action: str, **typed) -> dict[str, str]:
    """What the reviewer's form sends for the draft as it was shown."""
    names = ("revision", "sha256")
    carried = {name: re.search(rf'name="{name}" value="(\w+)"', shown)[1] for name in names}
    fields = html.unescape(re.search(r'<textarea name="shown" hidden>\s(.*?)</textarea>', shown)[1])
    return carried | {"shown": fields, "action": action} | typed


def said(response) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def test_an_editor_writes_previews_submits_and_a_reviewer_publishes(publish, people, signed_in, client):
    page = publish(body="Give 5 mg.\n").page
    editor, reviewer = signed_in(people.editor), signed_in(people.reviewer)

    form = said(editor.get(f"{ADD}?page={page.pk}"))
    assert "Give 5 mg." in form
    posted = {
        "page": page.pk, "title": "T", "summary": "S", "body": "Give 50 mg.", "change_note": "Dose raised.",
        "began_from": "1", "shown_revision": "1",
    }  # fmt: skip
    preview = editor.post(f"/admin/content/draft/preview/?page={page.pk}", posted)
    assert "<p>Give 50 mg.</p>" in said(preview)
    assert not Draft.objects.exists()

    editor.post(ADD, posted | {"_submit": ""})
    draft = Draft.objects.get()
    assert (draft.is_in_review, draft.started_from, draft.saved_by) == (True, 1, people.editor)

    shown = said(reviewer.get(f"/admin/content/draft/{draft.pk}/review/"))
    assert "<p>Give 50 mg.</p>" in shown
    assert "Approve and publish" in shown
    response = reviewer.post(f"/admin/content/draft/{draft.pk}/review/", decision(shown, "publish"))

    assert response.url == "/pages/a-page/"
    assert "Give 50 mg." in said(client.get("/pages/a-page/"))
    assert "Give 5 mg." in said(client.get("/pages/a-page/history/1/"))


def test_saving_keeps_the_draft_and_its_state(draft, edit, people, signed_in):
    signed_in(people.editor).post(edit, fields(draft, body="Give 20 mg.", _save=""))

    draft.refresh_from_db()
    assert (draft.body, draft.revision, draft.state) == ("Give 20 mg.\n", 2, Draft.State.WRITING)


def test_a_text_is_saved_with_the_line_ends_of_a_file(draft, edit, people, signed_in):
    signed_in(people.editor).post(edit, fields(draft, body="One.\r\n\r\nTwo.", _save=""))

    assert Draft.objects.get().body == "One.\n\nTwo.\n"


def test_problems_are_shown_beside_the_text_and_in_the_preview(draft, edit, people, signed_in):
    editor = signed_in(people.editor)
    body = "Cited.[^x]\n\n[gone](/pages/gone/) [live](/pages/a-page/) <b>5 mg</b>"
    posted = fields(draft, body=body, _save="")
    editor.post(edit, posted)

    for response in (editor.get(edit), editor.post("/admin/content/draft/preview/", posted)):
        html = said(response)
        assert html.count("data-line=") == 4
        assert "This page has no key points." in html
        assert '<span data-line="1">Line 1</span>: The reference [^x] is cited but not defined.' in html
        assert "There is no live page “gone”" in html
        assert html.index("Fix before publishing:") < html.index("Line 1") < html.index("Check:")


def test_a_page_may_link_to_itself_before_it_is_live(people, signed_in):
    page = Page.objects.create(slug="new")
    text = publishing.Text("T", "S", "[itself](/pages/new/#h-a)", "N")
    draft = publishing.start_draft(page=page, text=text, by=people.editor, started_from=0)

    html = said(signed_in(people.editor).get(f"/admin/content/draft/{draft.pk}/change/"))
    assert "There is no live page" not in html


def test_the_second_of_two_editors_keeps_their_text_and_sees_the_other(draft, edit, people, signed_in):
    signed_in(people.editor).post(edit, fields(draft, body="Give 20 mg, said Ann.", _save=""))
    second = signed_in(people.reviewer)

    response = second.post(edit, fields(draft, body="Give 40 mg, said Bob.", _save=""))

    html = said(response)
    assert "The editor saved this draft at" in html
    assert html.count("Give 40 mg, said Bob.") == 1
    assert html.count("Give 20 mg, said Ann.") == 1
    assert Draft.objects.get().body == "Give 20 mg, said Ann.\n"
    # Having seen the other text, saving again replaces it knowingly.
    shown = re.search(r'name="shown_revision" value="(\d+)"', html)[1]
    second.post(edit, fields(draft, body="Give 40 mg, said Bob.", shown_revision=shown, _save=""))
    assert Draft.objects.get().body == "Give 40 mg, said Bob.\n"


def test_a_draft_published_meanwhile_gives_the_typed_text_back(draft, edit, people, signed_in):
    submitted = publishing.submit(draft=draft, by=people.editor, revision=1)
    publishing.publish(draft=submitted, by=people.reviewer, revision=2, sha256=submitted.shown_sha256)

    response = signed_in(people.editor).post(edit, fields(draft, body="Half an hour of work."))

    assert response.status_code == 403
    assert "Half an hour of work." in said(response)
    assert "published while you were writing" in said(response)


@pytest.mark.parametrize("change", [{"title": ""}, {"body": "A\x00B"}, {"title": "x" * 201}])
def test_a_refused_save_keeps_the_text(draft, edit, people, signed_in, change):
    response = signed_in(people.editor).post(edit, fields(draft, summary="A long typed summary.") | change)

    assert response.status_code == 200
    assert "A long typed summary." in said(response)
    assert Draft.objects.get().revision == 1


def test_a_form_posted_after_the_session_ended_gives_the_text_back(draft, edit, client):
    response = client.post(edit, fields(draft, body="Half an hour of work."), headers={"Sec-Fetch-Site": "same-origin"})

    assert response.status_code == 403
    assert "Half an hour of work." in said(response)
    assert "/sign-in?next=" in said(response)
    assert Draft.objects.get().body == "Give 10 mg.\n"


def test_submitting_without_a_change_note_saves_and_says_what_to_do(draft, edit, people, signed_in):
    editor = signed_in(people.editor)
    response = editor.post(edit, fields(draft, body="Give 20 mg.", change_note="", _submit=""), follow=True)

    assert "Saved, but not submitted. Say in the change note what changed and why" in said(response)
    assert Draft.objects.get().body == "Give 20 mg.\n"


def test_a_draft_changed_after_it_was_read_is_not_published(draft, review, people, signed_in):
    draft = publishing.submit(draft=draft, by=people.editor, revision=1)
    reviewer = signed_in(people.reviewer)
    shown = said(reviewer.get(review))
    text = publishing.Text("T", "S", "Give 50 mg.\n", "N")
    changed = publishing.save_draft(draft=draft, text=text, by=people.editor, revision=2)
    publishing.submit(draft=changed, by=people.editor, revision=3)

    response = reviewer.post(review, decision(shown, "publish"))

    assert "Nothing was done. Read the draft again." in said(response)
    assert "What has changed since you saw it" in said(response)
    assert Page.objects.get().live_version.number == 1


def test_the_slug_of_a_published_page_never_changes(draft, people, signed_in):
    page = draft.page
    posted = {"shown_revision": "1", "slug": "moved", "kind": "about", "review_interval_months": "12"}
    lists = ("contributors", "codes", "search_terms")
    posted |= {f"{name}-{part}_FORMS": "0" for name in lists for part in ("TOTAL", "INITIAL")}

    response = signed_in(people.editor).post(f"/admin/content/page/{page.pk}/change/", posted)

    assert response.status_code == 302
    page.refresh_from_db()
    assert (page.slug, page.kind) == ("a-page", "guidance")


# Who may do what: person by person, action by action

WHO = ["visitor", "reader", "editor", "reviewer", "administrator"]


@pytest.mark.parametrize(
    ("method", "path", "expected"),
    [
        ("get", "/admin/", [302, 403, 200, 200, 200]),
        ("get", "/admin/content/page/", [302, 403, 200, 200, 200]),
        ("get", "/admin/content/page/add/", [302, 403, 200, 200, 200]),
        ("get", "/admin/content/draft/", [302, 403, 200, 200, 200]),
        ("get", "{edit}", [302, 403, 200, 200, 200]),
        ("post", "/admin/content/draft/preview/", [302, 403, 200, 200, 200]),
        ("get", "/admin/content/draft/preview/", [302, 403, 405, 405, 405]),
        ("get", "{review}", [302, 403, 200, 200, 200]),
        ("post", "{review}", [302, 403, 403, 200, 200]),
        ("post", "/admin/content/version/{version}/restore/", [302, 403, 302, 302, 302]),
        ("post", "/admin/content/version/{version}/cancel/", [302, 403, 403, 302, 302]),
        ("get", "/admin/content/errorreport/", [302, 403, 200, 200, 200]),
        ("get", "/admin/content/missingpage/", [302, 403, 200, 200, 200]),
        ("get", "/admin/content/page/unfound/", [302, 403, 200, 200, 200]),
        ("get", "/admin/content/draft/add/?page={page}&kind=withdrawal", [302, 403, 200, 200, 200]),
        ("get", "/admin/content/version/", [302, 403, 200, 200, 200]),
        ("get", "/admin/content/version/add/", [302, 403, 403, 403, 403]),
        ("post", "/admin/content/version/{version}/change/", [302, 403, 403, 403, 403]),
        ("post", "/admin/content/version/{version}/delete/", [302, 403, 403, 403, 403]),
        ("get", "/admin/content/review/add/", [302, 403, 403, 200, 200]),
        ("post", "/admin/content/draft/{draft}/delete/", [302, 403, 403, 403, 403]),
        ("get", "/admin/accounts/user/", [302, 403, 403, 403, 200]),
        ("get", "/admin/annotations/", [302, 403, 404, 404, 404]),
    ],
)
def test_who_may_do_what(draft, edit, review, people, signed_in, client, method, path, expected):
    path = path.format(edit=edit, review=review, version=Version.objects.get().pk, draft=draft.pk, page=draft.page_id)
    clients = [client, *(signed_in(getattr(people, who)) for who in WHO[1:])]

    statuses = [getattr(each, method)(path).status_code for each in clients]
    # The admin turns a reader away at its own door.
    statuses[1] = clients[1].get("/admin/login/").status_code if statuses[1] == 302 else statuses[1]

    assert dict(zip(WHO, statuses, strict=True)) == dict(zip(WHO, expected, strict=True))


def test_a_reader_never_sees_a_draft(draft, people, signed_in, client):
    for browser in (client, signed_in(people.reader)):
        for path in ("/", "/pages/a-page/", "/pages/a-page/history/"):
            assert "Give 10 mg." not in said(browser.get(path))


def test_a_clinical_review_is_recorded_under_the_reviewers_name(publish, people, signed_in, client):
    version = publish()
    reviewer = signed_in(people.reviewer)
    reviewer.post("/admin/content/review/add/", {"version": version.pk, "outcome": "current", "note": "Checked."})

    assert Review.objects.get().reviewer_name == "The reviewer"
    assert "Last reviewed" in said(client.get("/pages/a-page/"))


@pytest.mark.parametrize("name", ["page", "draft", "version", "review"])
def test_a_list_costs_no_query_for_each_row(publish, people, signed_in, django_assert_max_num_queries, name):
    for number in range(12):
        page = publish(f"page-{number}").page
        text = publishing.Text("T", "S", "B", "N")
        publishing.start_draft(page=page, text=text, by=people.editor, started_from=1)
    client = signed_in(people.administrator)
    client.get("/admin/")  # the first page of the admin that a session opens is written down

    with django_assert_max_num_queries(11):
        assert client.get(f"/admin/content/{name}/").status_code == 200


# What a reviewer is shown, and what they typed


def test_the_reviewer_sees_every_field_that_changes(draft, review, people, signed_in):
    text = publishing.Text("Give 50 mg", "What a-page says.", "Give 5 mg.\n", "Dose raised.")
    draft = publishing.save_draft(draft=draft, text=text, by=people.editor, revision=1)
    publishing.submit(draft=draft, by=people.editor, revision=2)

    shown = words(signed_in(people.reviewer).get(review))

    assert "In ten seconds Numbers 1 added Added: 50 mg, in Title" in shown
    assert "Title [removed: About a-page] [added: Give 50 mg]" in shown
    assert "Compare the Markdown" in shown


def test_the_reviewer_sees_a_changed_dose_first_and_in_its_table(draft, review, people, signed_in):
    table = "## Dose\n\n| Who | Dose |\n| --- | --- |\n| Child | {} mg |\n| Adult | 5 mg |\n"
    for dose in ("0.5", "5"):
        text = publishing.Text("About a-page", "What a-page says.", table.format(dose), "Dose raised.")
        draft = publishing.save_draft(draft=draft, text=text, by=people.editor, revision=draft.revision)
        draft = publishing.submit(draft=draft, by=people.editor, revision=draft.revision)
        if dose == "0.5":
            version = publishing.publish(
                draft=draft, by=people.reviewer, revision=draft.revision, sha256=draft.shown_sha256
            )
            draft = publishing.start_draft(page=version.page, text=text, by=people.editor, started_from=version.number)

    shown = words(signed_in(people.reviewer).get(f"/admin/content/draft/{draft.pk}/review/"))

    assert "Numbers 1 changed 0.5 → 5 mg, in Dose, row Child, column Dose" in shown
    assert shown.index("0.5 → 5 mg") < shown.index("[removed: 0.5 mg] [added: 5 mg]")


def test_a_title_changed_after_it_was_shown_is_shown_as_changed(draft, review, people, signed_in):
    draft = publishing.submit(draft=draft, by=people.editor, revision=1)
    reviewer = signed_in(people.reviewer)
    shown = said(reviewer.get(review))
    text = publishing.Text("Give 50 mg", "What a-page says.", "Give 10 mg.\n", "Dose raised.")
    changed = publishing.save_draft(draft=draft, text=text, by=people.editor, revision=2)
    publishing.submit(draft=changed, by=people.editor, revision=3)

    since = words(reviewer.post(review, decision(shown, "publish"))).partition("What has changed since you saw it")[2]

    assert since.startswith(" In ten seconds Numbers 1 added Added: 50 mg, in Title")


def test_a_comment_typed_for_a_draft_that_is_gone_is_given_back(draft, review, people, signed_in):
    draft = publishing.submit(draft=draft, by=people.editor, revision=1)
    reviewer = signed_in(people.reviewer)
    shown = said(reviewer.get(review))
    publishing.publish(draft=draft, by=people.reviewer, revision=2, sha256=draft.shown_sha256)

    response = reviewer.post(review, decision(shown, "return", comment="A long comment."))

    assert response.status_code == 403
    assert "A long comment." in said(response)


def test_a_comment_typed_for_a_draft_returned_meanwhile_is_still_there(draft, review, people, signed_in):
    draft = publishing.submit(draft=draft, by=people.editor, revision=1)
    reviewer = signed_in(people.reviewer)
    shown = said(reviewer.get(review))
    publishing.return_draft(draft=draft, by=people.administrator, revision=2, comment="First.")

    assert "A long comment." in said(reviewer.post(review, decision(shown, "return", comment="A long comment.")))


@pytest.mark.parametrize(
    "at", ["", "soon", "2026-13-45T06:00", "9999-12-31T23:59", "2027-03-28T01:30", "2020-01-01T06:00"]
)
def test_a_time_that_cannot_be_is_refused_in_words(draft, review, people, signed_in, at, time_machine):
    publishing.submit(draft=draft, by=people.editor, revision=1)
    reviewer = signed_in(people.reviewer)
    shown = said(reviewer.get(review))

    response = reviewer.post(review, decision(shown, "schedule", at=at, comment="Kept."))

    assert response.status_code == 200
    assert "Nothing was done." in said(response)
    assert "Kept." in said(response)


def test_the_second_of_two_withdrawals_sees_the_other_reason(draft, people, signed_in):
    text = publishing.Text("About a-page", "S", reason="Reason of the first.")
    made = publishing.start_draft(
        page=draft.page, text=text, by=people.editor, started_from=1, kind=Version.Kind.WITHDRAWAL
    )
    publishing.save_draft(draft=made, text=text, by=people.editor, revision=1)
    posted = {"reason": "Reason of the second.", "replacement": "", "shown_revision": "1", "_save": ""}

    html = said(signed_in(people.reviewer).post(f"/admin/content/draft/{made.pk}/change/", posted))

    assert "Reason of the first." in html
    assert "Reason of the second." in html


def test_a_draft_begun_from_a_version_that_is_not_live_any_more_keeps_its_text(publish, people, signed_in):
    page = publish(body="Give 5 mg.\n").page
    publish(body="Give 10 mg.\n")
    posted = {
        "page": page.pk, "title": "T", "summary": "S", "body": "Typed for an hour.", "change_note": "N",
        "began_from": "1", "shown_revision": "0",
    }  # fmt: skip

    html = said(signed_in(people.editor).post(f"{ADD}?page={page.pk}", posted))

    assert "Version 2 of this page is live" in html
    assert "Typed for an hour." in html
    assert not Draft.objects.exists()


@pytest.mark.parametrize("is_before", [True, False])
def test_whoever_changed_the_credits_cannot_approve_them(publish, people, signed_in, is_before):
    page = publish().page
    reviewer = signed_in(people.reviewer)

    def change_credits():
        posted = {"shown_revision": "1", "review_interval_months": "12", "codes-TOTAL_FORMS": "0"}
        posted |= {"search_terms-TOTAL_FORMS": "0", "search_terms-INITIAL_FORMS": "0"}
        posted |= {"codes-INITIAL_FORMS": "0", "contributors-TOTAL_FORMS": "1", "contributors-INITIAL_FORMS": "0"}
        posted |= {"contributors-0-name": "R", "contributors-0-role": "Lead author", "contributors-0-position": "0"}
        assert reviewer.post(f"/admin/content/page/{page.pk}/change/", posted).status_code == 302

    if is_before:
        change_credits()
    text = publishing.Text("T", "S", "Give 10 mg.\n", "N")
    draft = publishing.start_draft(page=page, text=text, by=people.editor, started_from=1)
    draft = publishing.submit(draft=draft, by=people.editor, revision=1)
    if not is_before:
        change_credits()

    with pytest.raises(publishing.NotAllowed, match="another reviewer must approve"):
        publishing.publish(draft=draft, by=people.reviewer, revision=2, sha256=draft.shown_sha256)
    draft.refresh_from_db()
    version = publishing.publish(
        draft=draft, by=people.administrator, revision=draft.revision, sha256=draft.shown_sha256
    )
    assert version.writer_names == ["The editor", "The reviewer"]
    assert not page.credited_by.exists()


def test_the_screens_say_that_a_draft_came_from_a_file(publish, people, signed_in):
    draft = publishing.start_draft(
        page=publish().page, text=publishing.Text("T", "S", "Give 10 mg.\n", "N"), by=None, started_from=1
    )
    Draft.objects.filter(pk=draft.pk).update(imported_from="a-page.md")
    editor, reviewer = signed_in(people.editor), signed_in(people.reviewer)
    edit, review = f"/admin/content/draft/{draft.pk}/change/", f"/admin/content/draft/{draft.pk}/review/"

    assert "Imported from a file, a-page.md, at " in said(editor.get(edit))
    assert "Imported from a file" in said(editor.get("/admin/content/draft/"))

    editor.post(edit, fields(draft, _submit=""))
    assert "Its first text was imported from a file, a-page.md." in said(editor.get(edit))
    shown = said(reviewer.get(review))
    assert "<dt>Imported from a file</dt><dd>a-page.md</dd>" in shown
    assert "<dt>Submitted by</dt><dd>The editor</dd>" in shown
    assert reviewer.post(review, decision(shown, "publish")).url == "/pages/a-page/"
