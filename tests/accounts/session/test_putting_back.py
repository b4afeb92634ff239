"""Kept text goes back into the form that it came from, for its owner alone, and is kept until that form is saved."""

import json
import re
from datetime import timedelta
from html import unescape

import pytest
from django.test import Client
from django.utils import timezone

from annotations.models import LONGEST, write
from content import publishing
from content.models import Page

PAGE = "/pages/a-page/"
REPORT = f"{PAGE}history/1/report/"
HTMX = {"HX-Request": "true"}


@pytest.fixture
def reader(people, publish, signed_in) -> Client:
    publish()
    return signed_in(people.reader)


@pytest.fixture
def note(reader, people):
    return write(by=people.reader, page=Page.objects.get(), on_version=1, text="bleep 4417")


def hand_over(user, form: str, *texts: tuple[str, str], address: str = PAGE) -> None:
    """Send what an open page's script sends."""
    sent = [{"name": name, "label": "A label", "text": text, "form": form} for name, text in texts]
    body = json.dumps({"seal": user.seal, "address": address, "texts": sent})
    assert Client().post("/account/unsaved/keep/", body, content_type="application/json").status_code == 204


def links(client: Client) -> list[str]:
    """Where "Save to the page" leads, for each text that is kept."""
    html = client.get("/account/unsaved/").content.decode()
    return [unescape(each) for each in re.findall(r'<a class="button" href="([^"]+)"[^>]*>Save to the page</a>', html)]


def filled(html: str) -> dict[str, str]:
    """What a form that has kept text in it sends: its fields with text, and the numbers of what is kept."""
    [form] = [each for each in re.findall(r"<form.*?</form>", html, re.DOTALL) if 'name="unsaved"' in each]
    inputs = re.findall(r"<input[^>]*>", form)
    named = [(re.search(r'name="([^"]*)"', each), re.search(r'value="([^"]*)"', each)) for each in inputs]
    sent = {name[1]: unescape(value[1]) for name, value in named if name and value}
    areas = re.findall(r'<textarea[^>]*name="([^"]*)"[^>]*>\n?(.*?)</textarea>', form, re.DOTALL)
    return sent | {name: unescape(text) for name, text in areas}


def kept(user) -> set[str]:
    return {each.text for each in user.unsaved_texts.all()}


def test_a_new_note_is_put_back_on_its_page_and_kept_until_it_is_saved(reader, people):
    hand_over(people.reader, f"{PAGE}annotations/", ("text", "bleep 5521\n& <b>"), ("check_on", "2027-01-01"))

    answer = reader.get(links(reader)[0], follow=True)
    html = answer.content.decode()

    assert answer.redirect_chain[-1][0].partition("?")[0] == PAGE
    form = filled(html)
    assert (form["text"], form["check_on"]) == ("bleep 5521\n& <b>", "2027-01-01")
    assert '<details class="add" open>' in html
    assert len(kept(people.reader)) == 2

    assert reader.post(f"{PAGE}annotations/", form | {"text": ""}, headers=HTMX).status_code == 422
    assert len(kept(people.reader)) == 2
    assert reader.post(f"{PAGE}annotations/", form | {"unsaved": list(numbers(people.reader))}).status_code == 302
    assert people.reader.annotations.get().text == "bleep 5521\n& <b>"
    assert kept(people.reader) == set()


def numbers(user) -> set[str]:
    return {str(each.pk) for each in user.unsaved_texts.all()}


@pytest.mark.parametrize("headers", [{}, HTMX])
def test_what_is_refused_once_is_kept_until_it_is_saved_at_last(reader, people, headers):
    hand_over(people.reader, f"{PAGE}annotations/", ("text", "x" * (LONGEST + 1)))
    form = filled(reader.get(links(reader)[0], follow=True).content.decode())

    refused = reader.post(f"{PAGE}annotations/", form, headers=headers)

    assert refused.status_code == 422
    assert len(kept(people.reader)) == 1
    form = filled(refused.content.decode())
    reader.post(f"{PAGE}annotations/", form | {"text": "short"}, headers=headers)
    assert people.reader.annotations.get().text == "short"
    assert kept(people.reader) == set()


def test_an_edit_is_put_back_over_the_saved_text_which_is_shown_below(reader, people, note):
    hand_over(people.reader, note.get_absolute_url(), ("text", "bleep 5521"))

    html = reader.get(links(reader)[0]).content.decode()

    assert filled(html)["text"] == "bleep 5521"
    assert "<strong>Saved text:</strong> bleep 4417" in html
    reader.post(note.get_absolute_url(), filled(html))
    note.refresh_from_db()
    assert note.text == "bleep 5521"
    assert kept(people.reader) == set()


def test_what_was_typed_into_a_note_that_was_deleted_is_put_back_into_it(reader, people, note):
    reader.post(note.get_absolute_url(), {"action": "delete", "text": "bleep 5521"})

    form = filled(reader.get(links(reader)[0]).content.decode())
    reader.post(note.get_absolute_url(), form)

    assert [each.text for each in people.reader.annotations.active()] == ["bleep 5521"]
    assert kept(people.reader) == set()


def test_what_is_put_back_and_not_saved_but_deleted_with_its_note_is_kept_on(reader, people, note):
    hand_over(people.reader, note.get_absolute_url(), ("text", "bleep 5521"), address=note.get_absolute_url())
    form = filled(reader.get(links(reader)[0]).content.decode())

    reader.post(note.get_absolute_url(), form | {"action": "delete"})

    assert kept(people.reader) == {"bleep 5521"}


@pytest.mark.parametrize(
    ("form", "fields"),
    [
        (REPORT, {"text": "It is 50 mg.", "email": "ann@clinic.example"}),
        ("/search/tell/?q=dose", {"asked": "dose of it", "expected": "How much?"}),
        ("/account/profile/", {"name": "Ann Other"}),
    ],
)
def test_all_that_was_typed_into_a_form_is_put_back_together(reader, people, form, fields):
    hand_over(people.reader, form, *fields.items(), address=form)

    led = links(reader)
    found = filled(reader.get(led[0]).content.decode())

    assert len(led) == len(fields)
    assert found.items() >= fields.items()
    sent = {name: value for name, value in found.items() if name != "unsaved"}
    sent |= {"profession": "nurse", "country": "GB", "unsaved": [*numbers(people.reader)]}
    assert reader.post(form, sent).status_code == 302
    assert kept(people.reader) == set()


def test_a_form_that_was_sent_without_script_after_the_end_is_put_back_too(reader, people, signed_in, time_machine):
    now = timezone.now()
    time_machine.move_to(now)
    late = signed_in(people.reader)
    time_machine.move_to(now + timedelta(minutes=31))
    late.post(REPORT, {"text": "It is 50 mg."}, headers={"Referer": f"http://testserver{REPORT}"})
    back = signed_in(people.reader)

    assert filled(back.get(links(back)[0]).content.decode())["text"] == "It is 50 mg."


def test_what_is_put_back_and_lost_again_is_kept_once(reader, people, signed_in, time_machine):
    now = timezone.now()
    time_machine.move_to(now)
    hand_over(people.reader, REPORT, ("text", "It is 50 mg."), address=REPORT)
    late = signed_in(people.reader)
    address = links(late)[0]
    form = filled(late.get(address).content.decode())
    time_machine.move_to(now + timedelta(minutes=31))

    late.post(address, form, headers={"Referer": f"http://testserver{address}"})

    [again] = people.reader.unsaved_texts.all()
    assert (again.address, again.form, again.text) == (REPORT, REPORT, "It is 50 mg.")
    assert again.saved_at > now


@pytest.mark.parametrize("role", ["other", "editor", "administrator", ""])
def test_nobody_else_is_shown_a_kept_text_or_can_end_it(reader, people, signed_in, role):
    hand_over(people.reader, REPORT, ("text", "It is 50 mg."))
    address = links(reader)[0]
    them = signed_in(getattr(people, role)) if role else Client()

    html = them.get(address).content.decode()
    them.post(REPORT, {"text": "Other words", "unsaved": [*numbers(people.reader)]})

    assert "50 mg" not in html
    assert 'name="unsaved"' not in html
    assert kept(people.reader) == {"It is 50 mg."}


@pytest.mark.parametrize(
    "form",
    [
        "",
        "/",
        PAGE,
        "/no/such/page/",
        "/account/unsaved/",
        "/admin/content/draft/1/review/",
        "https://evil.example/x/",
        "//",
    ],
)
def test_a_text_whose_form_takes_none_back_has_no_such_button(reader, people, form):
    hand_over(people.reader, form, ("text", "bleep 5521"))

    assert links(reader) == []
    assert "bleep 5521</textarea>" in reader.get("/account/unsaved/").content.decode()


def test_a_form_on_another_site_is_never_led_to(reader, people):
    hand_over(people.reader, f"https://evil.example{REPORT}", ("text", "bleep 5521"))

    assert links(reader) == [f"{REPORT}?unsaved={numbers(people.reader).pop()}"]


@pytest.mark.parametrize("number", ["", "x", "-1", "1' OR 1", "9" * 30, "\u0661", "0"])
def test_an_address_that_asks_for_no_text_shows_the_form_as_ever(reader, people, number):
    hand_over(people.reader, REPORT, ("text", "It is 50 mg."))

    html = reader.get(REPORT, {"unsaved": number}).content.decode()

    assert "50 mg" not in html
    assert 'name="unsaved"' not in html


def test_a_text_is_put_back_only_into_its_own_form_and_field(reader, people, note):
    hand_over(people.reader, REPORT, ("text", "It is 50 mg."))
    hand_over(people.reader, note.get_absolute_url(), ("revision", "99"))

    for number in numbers(people.reader):
        assert "50 mg" not in reader.get(note.get_absolute_url(), {"unsaved": number}).content.decode()
        assert 'value="99"' not in reader.get(note.get_absolute_url(), {"unsaved": number}).content.decode()


def test_a_form_that_was_not_filled_with_a_kept_text_does_not_end_it(reader, people, note):
    hand_over(people.reader, REPORT, ("text", "It is 50 mg."))
    saves = {"text": "bleep 5521", "revision": "1", "unsaved": [*numbers(people.reader)]}

    assert reader.post(note.get_absolute_url(), saves).status_code == 302
    assert kept(people.reader) == {"It is 50 mg."}


def test_a_text_that_is_too_old_is_not_put_back(reader, people, signed_in, time_machine):
    now = timezone.now()
    time_machine.move_to(now)
    hand_over(people.reader, REPORT, ("text", "It is 50 mg."))
    address = links(signed_in(people.reader))[0]
    time_machine.move_to(now + timedelta(days=30, minutes=1))

    assert "50 mg" not in signed_in(people.reader).get(address).content.decode()


def test_a_draft_that_was_saved_since_is_not_overwritten_unseen(people, publish, signed_in):
    page = publish().page
    text = publishing.Text("T", "S", "Give 5 mg.\n", "N")
    draft = publishing.start_draft(page=page, text=text, by=people.editor, started_from=1)
    address = f"/admin/content/draft/{draft.pk}/change/"
    editor = signed_in(people.editor)
    hand_over(people.editor, address, ("body", "Give 7 mg.\n"), address=address)
    saved = publishing.Text("T", "S", "Give 6 mg.\n", "N")
    publishing.save_draft(draft=draft, text=saved, by=people.reviewer, revision=1)

    form = filled(editor.get(links(editor)[0]).content.decode())
    assert form["body"] == "Give 7 mg.\n"
    refused = editor.post(address, form)

    draft.refresh_from_db()
    assert draft.body == "Give 6 mg.\n"
    assert kept(people.editor) == {"Give 7 mg.\n"}
    editor.post(address, filled(refused.content.decode()))
    draft.refresh_from_db()
    assert draft.body.strip() == "Give 7 mg."
    assert kept(people.editor) == set()
