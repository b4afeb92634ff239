import re
from datetime import timedelta
from html import escape, unescape

import pytest
from django.test import Client
from django.utils import timezone

from annotations.models import LONGEST
from content import publishing
from tests.conftest import seal_on
from tests.site_addresses import VALUES, addresses

NOTE = "MS nurse 020 7946 0018, bleep 4417"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def guidance(publish):
    return publish().page


@pytest.fixture
def reader(people, signed_in, guidance) -> Client:
    return signed_in(people.reader)


def add(client: Client, text: str = NOTE, **options):
    return client.post("/pages/a-page/annotations/", {"text": text}, **options)


def shown(client: Client, path: str = "/pages/a-page/") -> str:
    return client.get(path).content.decode()


def test_what_a_reader_adds_is_on_the_page_on_every_visit(reader):
    assert add(reader).url == "/pages/a-page/#annotations"

    for _ in range(2):
        html = shown(reader)
        assert "bleep 4417" in html
        assert 'href="tel:+442079460018"' in html
        assert html.index("bleep 4417") < html.index("Give 5 mg.")


def test_it_is_on_every_version_of_the_page(reader, publish):
    add(reader)
    publish(body="Give 10 mg.\n")

    assert "bleep 4417" in shown(reader)
    assert "bleep 4417" in shown(reader, "/pages/a-page/history/1/")


def test_an_annotation_is_edited_and_keeps_its_place(reader, people):
    add(reader)
    add(reader, "second")
    annotation = people.reader.annotations.first()

    reader.post(annotation.get_absolute_url(), {"text": "bleep 5521", "revision": "1"})

    html = shown(reader)
    assert html.index("bleep 5521") < html.index("second")
    assert "bleep 4417" not in html


def test_a_deleted_annotation_can_be_brought_back(reader, people):
    add(reader)
    path = people.reader.annotations.get().get_absolute_url()

    undo_page = reader.post(path, {"action": "delete"}, follow=True).content.decode()
    assert "bleep 4417" not in shown(reader)
    assert "Annotation deleted" in undo_page

    reader.post(path, {"action": "undo"})
    assert "bleep 4417" in shown(reader)


@pytest.fixture
def note(reader, people):
    add(reader)
    return people.reader.annotations.get()


def test_delete_on_the_page_of_its_own_keeps_what_was_typed_and_not_saved(reader, people, note):
    path = note.get_absolute_url()
    html = shown(reader, path)
    button = re.search(r'<button[^>]* form="(.*?)" name="action" value="delete">', html)
    assert f'<form class="annotation-form" id="{button[1]}"' in html

    said = reader.post(path, {"action": "delete", "text": "first\r\nbleep 5521"}, follow=True).content.decode()

    kept = people.reader.unsaved_texts.get()
    assert (kept.label, kept.text, kept.address) == ("Annotation", "first\nbleep 5521", path)
    assert "Annotation deleted" in said
    assert '<a href="/account/unsaved/">View it</a>' in said


@pytest.mark.parametrize("said", [{}, {"text": NOTE}, {"text": f"{NOTE}\r\n"}, {"text": " "}])
def test_delete_keeps_no_second_copy_of_what_was_not_changed(reader, people, note, said):
    reader.post(note.get_absolute_url(), {"action": "delete"} | said)

    assert not people.reader.unsaved_texts.exists()


LIST = "http://testserver/annotations/?q=bleep&label=phone"


@pytest.mark.parametrize("steps", [["save"], ["refused", "save"], ["delete", "undo"], ["refused", "delete", "undo"]])
def test_whatever_is_done_without_script_leads_back_to_the_list_as_it_was_searched(reader, note, steps):
    posts = {
        "save": {"text": "bleep 5521", "revision": "1"},
        "refused": {"text": "x" * (LONGEST + 1), "revision": "1"},
        "delete": {"action": "delete"},
        "undo": {"action": "undo"},
    }
    path = note.get_absolute_url()
    response = reader.get(path, headers={"Referer": LIST})

    for step in steps:
        html = response.content.decode()
        assert f'<p><a class="back" href="{escape(LIST)}">My annotations</a>' in html
        back = unescape(re.search(r'name="back" value="(.*?)"', html)[1])
        own = {"Referer": f"http://testserver{path}"}
        response = reader.post(path, posts[step] | {"back": back}, headers=own)
        if step == "delete":
            response = reader.get(response.url, headers=own)

    assert response.url == LIST


def test_from_the_page_the_way_back_has_its_name(reader, note):
    html = reader.get(note.get_absolute_url(), headers={"Referer": "http://testserver/pages/a-page/"}).content.decode()

    assert '<p><a class="back" href="/pages/a-page/">About a-page</a></p>' in html


@pytest.mark.parametrize("back", ["https://elsewhere.example/annotations/", "javascript:alert(1)", "https://[/"])
def test_a_way_back_in_the_address_leads_nowhere_else(reader, note, back):
    html = reader.get(note.get_absolute_url(), {"back": back}).content.decode()

    assert back not in html


def test_a_save_of_a_note_that_was_purged_meanwhile_gives_the_text_back(reader, note):
    path = note.get_absolute_url()
    note.delete()

    posted = {"text": "bleep 5521", "revision": "1", "back": "/pages/a-page/"}
    response = reader.post(path, posted, headers={"Referer": f"http://testserver{path}"})

    html = response.content.decode()
    assert response.status_code == 404
    assert "bleep 5521</textarea>" in html
    assert '<a href="/pages/a-page/">go back to the page</a>' in html
    assert response.headers["Cache-Control"] == "no-store, private"


def test_it_is_plain_text(reader):
    add(reader, "<script>alert(1)</script> *not bold*")

    assert "&lt;script&gt;alert(1)&lt;/script&gt; *not bold*" in shown(reader)


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "Write the annotation, then save it."),
        ("  \n ", "Write the annotation, then save it."),
        ("x" * (LONGEST + 1), "An annotation can have up to 4000 characters. This one has 4001."),
        ("bleep\x004417", "The text contains a character that cannot be stored (NUL). Remove it, then save."),
    ],
)
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_text_that_cannot_be_kept_stays_in_the_form_with_the_reason(reader, people, text, message, headers):
    response = add(reader, text, headers=headers)

    assert response.status_code == 422
    html = response.content.decode()
    assert message in html
    typed = re.search(r"<textarea[^>]*>\n(.*?)</textarea>", html, re.DOTALL)[1]
    assert typed == text
    assert not people.reader.annotations.exists()


def test_a_bad_edit_keeps_both_the_typed_and_the_stored_text(reader, people):
    add(reader)
    annotation = people.reader.annotations.get()

    response = reader.post(annotation.get_absolute_url(), {"text": "y" * (LONGEST + 1)})

    assert response.status_code == 422
    assert "y" * (LONGEST + 1) in response.content.decode()
    annotation.refresh_from_db()
    assert annotation.text == NOTE


def test_the_longest_annotation_is_kept_whole(reader, people):
    add(reader, "é" * LONGEST)

    assert people.reader.annotations.get().text == "é" * LONGEST


def test_with_htmx_only_the_place_that_changed_comes_back(reader, people):
    html = add(reader, headers=HTMX).content.decode()

    assert "bleep 4417" in html
    assert "<html" not in html
    path = people.reader.annotations.get().get_absolute_url()
    assert "Edit annotation" in reader.get(path, headers=HTMX).content.decode()
    assert "Edit annotation" not in reader.get(f"{path}?shown", headers=HTMX).content.decode()
    deleted = reader.post(path, {"action": "delete"}, headers=HTMX).content.decode()
    assert "bleep 4417" not in deleted
    assert "Undo" in deleted


def test_after_an_edit_is_cancelled_the_focus_is_where_it_began(reader, note):
    html = reader.get(f"{note.get_absolute_url()}?shown", headers=HTMX).content.decode()

    focused = r"<a [^>]*\bautofocus\b[^>]*>Edit</a>"
    assert re.search(focused, html)
    assert not re.search(focused, shown(reader))


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_of_two_tabs_the_second_is_shown_both_texts(reader, people, headers):
    add(reader)
    annotation = people.reader.annotations.get()
    path = annotation.get_absolute_url()
    reader.post(path, {"text": "first tab", "revision": "1"})

    second = reader.post(path, {"text": "second tab", "revision": "1"}, headers=headers)

    assert second.status_code == 422
    html = second.content.decode()
    assert "first tab" in html
    assert "second tab" in html
    annotation.refresh_from_db()
    assert annotation.text == "first tab"
    revision = re.search(r'name="revision" value="(\d+)"', html)[1]
    reader.post(path, {"text": "both tabs", "revision": revision})
    annotation.refresh_from_db()
    assert annotation.text == "both tabs"


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_both_texts_stay_in_sight_until_they_are_put_together(reader, people, headers):
    add(reader)
    path = people.reader.annotations.get().get_absolute_url()
    reader.post(path, {"text": "first tab", "revision": "1"})
    assert 'name="overtaken"' in reader.post(path, {"text": "second tab", "revision": "1"}).content.decode()

    refused = {"text": "x" * (LONGEST + 1), "revision": "2", "overtaken": "yes"}
    html = reader.post(path, refused, headers=headers).content.decode()

    assert "first tab" in html
    assert 'name="overtaken"' in html


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_refused_edit_of_an_annotation_deleted_in_another_tab_keeps_the_text(reader, people, headers):
    add(reader)
    path = people.reader.annotations.get().get_absolute_url()
    reader.post(path, {"action": "delete"})

    response = reader.post(path, {"text": "pt 943 476 5919", "revision": "1"}, headers=headers)

    assert response.status_code == 422
    assert "pt 943 476 5919</textarea>" in response.content.decode()


def test_an_annotation_deleted_in_one_tab_and_saved_in_another_is_shown_again(reader, people):
    add(reader)
    path = people.reader.annotations.get().get_absolute_url()
    reader.post(path, {"action": "delete"})

    reader.post(path, {"text": "still needed", "revision": "1"})

    assert "still needed" in shown(reader)


def test_notes_are_kept_on_a_page_that_is_withdrawn_while_they_are_written(reader, people, guidance):
    add(reader)
    words = publishing.Text("T", "S", reason="Out of date.")
    draft = publishing.start_draft(page=guidance, text=words, by=people.editor, started_from=1, kind="withdrawal")
    draft = publishing.submit(draft=draft, by=people.editor, revision=1)
    publishing.publish(draft=draft, by=people.reviewer, revision=2, sha256=draft.shown_sha256)

    add(reader, "written too late")

    html = shown(reader)
    assert "Out of date." in html
    assert "bleep 4417" in html
    assert "written too late" in html


def test_line_breaks_count_as_one_character_each(reader, people):
    add(reader, "a\r\n" * (LONGEST // 2 - 1))

    assert people.reader.annotations.exists()


def test_signing_in_after_an_empty_form_leads_to_the_page(guidance, client):
    assert client.post("/pages/a-page/annotations/").url == "/sign-in?next=/pages/a-page/annotations/"


def test_that_address_leads_on_to_the_page(reader):
    assert reader.get("/pages/a-page/annotations/").url == "/pages/a-page/"


# Private: the whole ladder of people


WHO = ["visitor", "other", "editor", "reviewer", "administrator"]


@pytest.fixture
def browsers(people, signed_in):
    return {who: Client() if who == "visitor" else signed_in(getattr(people, who)) for who in WHO}


@pytest.mark.parametrize("who", WHO)
def test_nobody_else_ever_sees_it(reader, people, browsers, who):
    add(reader)
    annotation = people.reader.annotations.get()
    draft = publishing.start_draft(
        page=annotation.page, text=publishing.Text("T", "S", "B", "N"), by=people.editor, started_from=1
    )

    for path in (
        "/", "/pages/a-page/", "/pages/a-page/history/", "/pages/a-page/history/1/", "/admin/",
        "/admin/content/page/", f"/admin/content/page/{annotation.page_id}/change/", "/admin/content/draft/",
        f"/admin/content/draft/{draft.pk}/change/", f"/admin/content/draft/{draft.pk}/review/",
        f"/admin/accounts/user/{people.reader.pk}/change/", f"/admin/accounts/user/{people.reader.pk}/delete/",
        annotation.get_absolute_url(),
    ):  # fmt: skip
        assert "4417" not in browsers[who].get(path, follow=True).content.decode(), path


@pytest.mark.parametrize("who", WHO)
def test_at_no_address_of_the_site_does_anybody_else_see_it(reader, people, browsers, who, monkeypatch, caplog):
    add(reader, "secret 4417")
    add(reader, "deleted 4417")
    annotation, deleted = people.reader.annotations.all()
    reader.post(deleted.get_absolute_url(), {"action": "delete"})
    draft = publishing.start_draft(
        page=annotation.page, text=publishing.Text("T", "S", "B", "N"), by=people.editor, started_from=1
    )
    found = set()
    for number in {annotation.pk, deleted.pk, people.reader.pk, annotation.page_id, draft.pk}:
        for kind in ("int", "path", "str"):
            monkeypatch.setitem(VALUES, kind, number)
        found.update(addresses())
    assert len(found) > 100

    for address in sorted(found):
        for answer in (
            browsers[who].get(address),
            browsers[who].get(address, {"q": "4417", "owner": people.reader.pk}, headers=HTMX),
        ):
            shown_there = b"".join(answer) if answer.streaming else answer.content
            assert b"secret 4417" not in shown_there, address
            assert b"deleted 4417" not in shown_there, address
    assert "secret 4417" not in caplog.text


@pytest.mark.parametrize("who", WHO)
@pytest.mark.parametrize("posted", [{"text": "mine now"}, {"action": "delete"}, {"action": "undo"}])
def test_nobody_else_changes_it(reader, people, browsers, who, posted):
    add(reader)
    annotation = people.reader.annotations.get()

    for headers in ({}, HTMX):
        response = browsers[who].post(annotation.get_absolute_url(), posted, headers=headers)
        assert response.status_code in ((302, 401, 403) if who == "visitor" else (404,))
    annotation.refresh_from_db()
    assert (annotation.text, annotation.deleted_at) == (NOTE, None)


def test_a_wrong_id_and_anothers_id_are_the_same_404(people, signed_in, reader, time_machine):
    time_machine.move_to(timezone.now(), tick=False)  # the page is sealed with the second it was made in
    add(reader)
    other = signed_in(people.other)
    theirs = other.get(people.reader.annotations.get().get_absolute_url())
    missing = other.get("/annotations/999999/")

    assert theirs.status_code == missing.status_code == 404
    token = r'name="csrfmiddlewaretoken" value="\w+"'
    assert re.sub(token, "", theirs.content.decode()) == re.sub(token, "", missing.content.decode())


def test_annotations_are_not_in_the_admin():
    from django.contrib import admin

    assert "annotations" not in {model._meta.app_label for model in admin.site._registry}


def test_deleting_the_account_deletes_them(reader, people):
    add(reader)
    annotation = people.reader.annotations.get()

    people.reader.delete()

    assert not type(annotation).objects.exists()


def test_a_page_with_private_notes_is_kept_by_no_cache(reader):
    add(reader)

    assert reader.get("/pages/a-page/").headers["Cache-Control"] == "no-store, private"


def test_a_note_posted_after_the_session_ended_is_shown_to_copy(guidance, client):
    response = add(client, headers={"Referer": "http://testserver/pages/a-page/"})

    html = response.content.decode()
    assert response.status_code == 403
    assert NOTE in html
    assert 'href="/sign-in?next=http%3A%2F%2Ftestserver%2Fpages%2Fa-page%2F"' in html


def test_a_form_from_before_another_sign_in_gives_the_text_back(guidance, people):
    client = Client(enforce_csrf_checks=True)
    client.force_login(people.reader)

    response = add(client)

    assert response.status_code == 403
    assert NOTE in response.content.decode()


def test_what_is_shown_to_copy_is_kept_by_no_cache(guidance, client):
    assert add(client).headers["Cache-Control"] == "no-store"


@pytest.mark.parametrize("who", ["visitor", "other"])
@pytest.mark.parametrize("headers", [{}, HTMX])
def test_a_form_that_was_left_by_somebody_is_kept_for_them_and_not_shown(guidance, people, signed_in, who, headers):
    seal = seal_on(signed_in(people.reader), "/pages/a-page/")
    client = Client(enforce_csrf_checks=True)
    if who == "other":
        client.force_login(people.other)

    response = client.post("/pages/a-page/annotations/", {"text": NOTE, "seal": seal}, headers=headers)

    assert response.status_code == (401 if headers else 403)
    assert NOTE not in response.content.decode()
    assert response.headers.get("HX-Trigger") == ("session-ended" if headers else None)
    assert people.reader.unsaved_texts.get().text == NOTE
    assert not people.other.unsaved_texts.exists()
    assert not people.other.annotations.exists()


@pytest.mark.parametrize("posted", [None, {"text": "new"}, {"action": "delete"}, {"action": "up"}, {"action": "right"}])
def test_htmx_is_told_that_nobody_is_signed_in_and_swaps_nothing(reader, people, client, posted):
    add(reader)
    address = people.reader.annotations.get().get_absolute_url()

    response = client.get(address, headers=HTMX) if posted is None else client.post(address, posted, headers=HTMX)

    assert (response.status_code, response.headers["HX-Trigger"], response.content) == (401, "session-ended", b"")


def test_htmx_is_told_that_a_form_is_of_an_older_session_and_nothing_is_swapped(guidance, people):
    client = Client(enforce_csrf_checks=True)
    client.force_login(people.reader)

    response = add(client, headers=HTMX)

    assert (response.status_code, response.content) == (403, b"")
    assert "HX-Trigger" not in response.headers


def test_another_sites_words_are_not_shown_as_ones_own(guidance, client):
    response = add(client, "Call 0900", headers={"Sec-Fetch-Site": "cross-site"})

    assert "Call 0900" not in response.content.decode()


@pytest.mark.parametrize("path", ["/pages/none/annotations/", "/pages/about-us/annotations/"])
def test_only_published_guidance_is_annotated(reader, publish, path):
    publish("about-us", kind="about")

    assert reader.post(path, {"text": NOTE}).status_code == 404


def test_a_date_that_has_come_does_not_keep_the_browser_from_saving_the_text(reader, people):
    add(reader)
    today = timezone.localdate()
    annotation = people.reader.annotations.get()

    for check_on, earliest in ((9, 1), (-3, -3)):
        day = today + timedelta(days=check_on)
        people.reader.annotations.update(check_on=day, checked_on=day - timedelta(days=30))
        html = shown(reader, annotation.get_absolute_url())
        assert f'min="{today + timedelta(days=earliest)}"' in html
