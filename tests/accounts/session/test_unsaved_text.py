"""What somebody had typed and not saved when they were signed out is kept, for them alone."""

import json
import logging
from datetime import timedelta
from html.parser import HTMLParser

import pytest
from django.core import mail, signing
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts.models import LONGEST_KEPT, UnsavedText, User
from accounts.seal import SALT, TYPED, Seal
from content import publishing
from tests.conftest import PASSWORD
from tests.site_addresses import addresses

PAGE = "/pages/a-page/"


@pytest.fixture
def half_an_hour_later(time_machine):
    now = timezone.now()
    time_machine.move_to(now)
    return lambda: time_machine.move_to(now + timedelta(minutes=31))


@pytest.fixture
def reader(people, publish):
    publish()
    client = Client()
    sign_in(client, people.reader)
    client.get(PAGE)
    return client


def sign_in(client: Client, user: User) -> None:
    client.post("/sign-in", {"login": user.email, "password": PASSWORD})


def hand_over(client: Client, user: User, *texts: dict, seal: str = "", address: str = PAGE):
    """What an open page's script sends."""
    sent = {"seal": seal or user.seal, "address": address, "texts": texts}
    return client.post("/account/unsaved/keep/", json.dumps(sent), content_type="application/json")


NOTE = {"name": "text", "label": "New annotation", "text": "bleep 4417"}


def kept(user: User) -> list[tuple[str, str, str]]:
    return list(user.unsaved_texts.values_list("address", "label", "text"))


def test_an_address_of_any_length_may_redirect(client, db):
    assert client.get(f"/code/atc/none/?{'x' * 20_000}").url == "/search/?q=none"


# Without script: the form that is sent after the end


def test_a_form_sent_after_the_end_is_kept_for_its_owner_and_not_shown(reader, people, half_an_hour_later):
    half_an_hour_later()
    response = reader.post(
        f"{PAGE}annotations/", {"text": "bleep 4417"}, headers={"Referer": f"http://testserver{PAGE}?a=1#annotations"}
    )

    html = response.content.decode()
    assert response.status_code == 403
    assert kept(people.reader) == [(f"{PAGE}?a=1#annotations", "Text", "bleep 4417")]
    assert "We have kept what you typed: sign in to see it." in html
    assert "4417" not in html
    assert not people.reader.annotations.exists()
    assert response.headers["Clear-Site-Data"] == '"cache"'
    assert "no-store" in response.headers["Cache-Control"]


def test_the_owner_is_told_after_signing_in_and_finds_it(reader, people, half_an_hour_later):
    half_an_hour_later()
    reader.post(f"{PAGE}annotations/", {"text": "bleep 4417"}, headers={"Referer": f"http://testserver{PAGE}"})
    sign_in(reader, people.reader)
    html = reader.get(PAGE).content.decode()
    assert "You have unsaved text from your last session." in html
    assert '<a href="/account/unsaved/">View it</a>' in html
    assert "View it" not in reader.get(PAGE).content.decode()

    html = reader.get("/account/unsaved/").content.decode()

    assert "bleep 4417</textarea>" in html
    assert f'<a href="{PAGE}">' in html


def test_another_person_who_signs_in_there_is_neither_told_nor_shown(reader, people, half_an_hour_later):
    half_an_hour_later()
    reader.post(f"{PAGE}annotations/", {"text": "bleep 4417"})
    sign_in(reader, people.other)

    for path in (PAGE, "/account/unsaved/"):
        html = reader.get(path).content.decode()
        assert "The other" in html
        assert "4417" not in html
        assert "You have unsaved text" not in html


def test_what_was_never_typed_in_a_session_is_shown_to_copy_as_ever(client, publish):
    publish()
    response = client.post(f"{PAGE}annotations/", {"text": "bleep 4417"})

    assert response.status_code == 403
    assert "bleep 4417</textarea>" in response.content.decode()
    assert not UnsavedText.objects.exists()


@pytest.mark.parametrize(
    "form",
    [
        {"password": "a secret"},
        {"oldpassword": "a secret", "password1": "a secret", "password2": "a secret"},
        {"code": "a secret"},
        {"csrfmiddlewaretoken": "a secret", "action": "delete"},
        {"text": "  "},
    ],
)
def test_no_secret_is_kept(reader, half_an_hour_later, form):
    half_an_hour_later()
    reader.post("/account/password/change/", form)

    assert not UnsavedText.objects.exists()


def test_a_form_from_another_site_is_not_kept(reader, half_an_hour_later):
    half_an_hour_later()
    reader.post(f"{PAGE}annotations/", {"text": "planted words"}, headers={"Sec-Fetch-Site": "cross-site"})

    assert not UnsavedText.objects.exists()


def test_a_form_without_the_secret_of_the_session_is_not_kept(people, half_an_hour_later, publish):
    publish()
    client = Client(enforce_csrf_checks=True)
    client.force_login(people.reader, "django.contrib.auth.backends.ModelBackend")
    client.get(PAGE)
    half_an_hour_later()

    assert client.post("/sign-in", {"login": "some words", "password": "x"}).status_code == 403
    assert not UnsavedText.objects.exists()


def test_a_form_that_htmx_sends_after_the_end_is_kept_and_hands_over_to_the_script(reader, people, half_an_hour_later):
    half_an_hour_later()
    response = reader.post(f"{PAGE}annotations/", {"text": "bleep 4417"}, headers={"HX-Request": "true"})

    assert (response.status_code, response.content) == (401, b"")
    assert response.headers["HX-Trigger"] == "session-ended"
    assert [text for _, _, text in kept(people.reader)] == ["bleep 4417"]


def test_a_piece_that_htmx_asks_for_after_the_end_hands_over_to_the_script(reader, people, half_an_hour_later):
    annotation = people.reader.annotations
    reader.post(f"{PAGE}annotations/", {"text": "bleep 4417"})
    half_an_hour_later()
    response = reader.get(f"/annotations/{annotation.get().pk}/", headers={"HX-Request": "true"})

    assert (response.status_code, response.content) == (401, b"")
    assert "You were signed out after" in reader.get(PAGE).content.decode()


# With script: what the page hands over


def test_a_page_carries_the_seal_of_the_person_it_was_made_for(reader, people):
    html = reader.get(PAGE).content.decode()
    seal = html.partition('data-seal="')[2].partition('"')[0]

    assert User.objects.from_seal(seal) == people.reader


@pytest.mark.parametrize("who", ["owner", "nobody", "another"])
def test_what_a_page_hands_over_goes_to_its_person_whoever_is_signed_in_by_now(people, publish, who):
    client = Client(enforce_csrf_checks=True)
    if who != "nobody":
        client.force_login(
            people.other if who == "owner" else people.reader, "django.contrib.auth.backends.ModelBackend"
        )

    assert hand_over(client, people.other, NOTE).status_code == 204

    assert kept(people.other) == [(PAGE, "New annotation", "bleep 4417")]
    assert kept(people.reader) == []


def test_the_same_text_is_kept_once_and_another_beside_it(client, people):
    hand_over(client, people.reader, NOTE)
    hand_over(client, people.reader, NOTE, NOTE | {"text": "bleep 5521"})

    assert [text for _, _, text in kept(people.reader)] == ["bleep 5521", "bleep 4417"]


@pytest.mark.parametrize("seal", ["", "x", "1:2:3", "{pk}"])
def test_without_a_true_seal_nothing_is_kept(client, people, seal):
    response = hand_over(client, people.reader, NOTE, seal=seal.format(pk=people.reader.pk) or "-")

    assert response.status_code == 400
    assert not UnsavedText.objects.exists()


def test_a_page_that_was_open_for_longer_than_texts_are_kept_hands_nothing_over(client, people, time_machine):
    seal = people.reader.seal
    time_machine.move_to(timezone.now() + timedelta(days=30, minutes=1))

    assert hand_over(client, people.reader, NOTE, seal=seal).status_code == 400

    assert not UnsavedText.objects.exists()


@pytest.mark.parametrize(
    "sent",
    [
        *("", "no json", "[]", "1", '"text"', "{}", "[" * 100_000),
        *('{"seal": 1}', '{"seal": [":"]}', '{"seal": "%s", "texts": [1], "address": ""}'),
    ],
)
def test_what_makes_no_sense_is_refused(client, people, sent):
    sent = sent.replace("%s", people.reader.seal)

    response = client.post("/account/unsaved/keep/", sent, content_type="application/json")

    assert response.status_code == 400


def test_a_name_that_is_no_text_is_no_failure(client, people):
    assert hand_over(client, people.reader, NOTE | {"name": 5}).status_code == 204


def test_whoever_has_a_page_of_somebody_cannot_fill_the_database(client, people, monkeypatch):
    monkeypatch.setattr("accounts.models.MOST_KEPT", 3)
    hand_over(client, people.reader, *(NOTE | {"text": f"long ago {number}"} for number in range(9)))
    hand_over(client, people.reader, NOTE)

    assert len(kept(people.reader)) == 3
    assert kept(people.reader)[0][2] == NOTE["text"]


def test_nothing_is_kept_for_an_account_that_was_closed(client, people):
    seal = people.reader.seal
    people.reader.is_active = False
    people.reader.save()

    assert hand_over(client, people.reader, NOTE, seal=seal).status_code == 400
    assert not UnsavedText.objects.exists()


def test_of_what_is_handed_over_with_a_forms_own_seal_only_its_text_is_kept(client, people):
    seal = Seal(people.reader.pk, frozenset({"text"})).sign()

    hand_over(client, people.reader, NOTE, NOTE | {"name": "pin", "text": "a secret"}, seal=seal)

    assert [text for _, _, text in kept(people.reader)] == ["bleep 4417"]


def test_secrets_that_a_page_hands_over_are_not_kept(client, people):
    hand_over(client, people.reader, NOTE | {"name": "code"}, NOTE | {"name": "password1"}, NOTE | {"text": " "})

    assert not UnsavedText.objects.exists()


@pytest.mark.parametrize(
    ("address", "link"),
    [
        ("/a/?b=c", "/a/?b=c"),
        ("https://evil.example/a/", "/a/"),
        ("//evil.example/a/", "/a/"),
        ("javascript:alert(1)", "/alert(1)"),
        ("///evil.example/", "/evil.example/"),
        ("/\\evil.example/", "/evil.example/"),
        ("", "/"),
    ],
)
def test_a_kept_text_leads_only_within_the_site(client, people, address, link):
    hand_over(client, people.reader, NOTE, address=address)

    assert kept(people.reader)[0][0] == link


def test_whatever_is_typed_can_be_stored_and_is_shown_as_it_is(client, people, signed_in):
    text = "line\r\n<script>alert(1)</script>\0 é 🩺"
    hand_over(client, people.reader, {"name": "body", "label": "L" * 500, "text": text})

    html = signed_in(people.reader).get("/account/unsaved/").content.decode()
    assert "line\n&lt;script&gt;alert(1)&lt;/script&gt; é 🩺</textarea>" in html


def test_half_a_character_does_not_keep_the_rest_from_being_kept(client, people):
    half = {"name": "text", "label": "New annotation", "text": "bleep 4417 \ud83d"}

    assert hand_over(client, people.reader, half, address=f"{PAGE}?\ud83d").status_code == 204

    assert people.reader.unsaved_texts.get().text == "bleep 4417 ?"


# The page of what is kept


@pytest.mark.parametrize("role", ["reader", "other", "editor", "reviewer", "administrator"])
def test_only_the_owner_sees_and_deletes_what_is_kept(client, people, signed_in, role):
    hand_over(client, people.reader, NOTE)
    kept_text = people.reader.unsaved_texts.get()
    them = signed_in(getattr(people, role))
    delete = f"/account/unsaved/{kept_text.pk}/delete/"

    assert ("bleep 4417" in them.get("/account/unsaved/").content.decode()) == (role == "reader")
    assert them.get(delete).status_code == 405
    assert them.post(delete).status_code == (302 if role == "reader" else 404)
    assert UnsavedText.objects.exists() == (role != "reader")


def test_a_visitor_is_asked_to_sign_in(client, people):
    assert client.get("/account/unsaved/").url == "/sign-in?next=/account/unsaved/"
    assert client.post("/account/unsaved/1/delete/").status_code == 302


def test_after_30_days_it_is_no_longer_shown_and_the_daily_command_deletes_it(
    client, people, signed_in, time_machine, capsys
):
    now = timezone.now()
    time_machine.move_to(now)
    hand_over(client, people.reader, NOTE)
    time_machine.move_to(now + timedelta(days=20))
    hand_over(client, people.reader, NOTE | {"text": "bleep 5521"})
    time_machine.move_to(now + timedelta(days=30, minutes=1))

    html = signed_in(people.reader).get("/account/unsaved/").content.decode()
    assert "4417" not in html
    assert "5521" in html
    assert "We delete each text after 30 days" in html
    call_command("forget_ended")

    assert "Deleted 1 unsaved texts." in capsys.readouterr().out
    assert [text for _, _, text in kept(people.reader)] == ["bleep 5521"]


def test_nobody_is_told_of_what_is_too_old_to_be_shown(client, people, time_machine):
    now = timezone.now()
    time_machine.move_to(now)
    hand_over(client, people.reader, NOTE)
    time_machine.move_to(now + timedelta(days=30, minutes=1))
    sign_in(client, people.reader)

    assert "View it" not in client.get("/").content.decode()


def test_it_goes_with_the_account(client, people):
    hand_over(client, people.reader, NOTE)
    people.reader.delete()

    assert not UnsavedText.objects.exists()
    assert hand_over(client, people.other, NOTE, seal=people.reader.seal).status_code == 400


def test_it_is_neither_in_the_admin_nor_the_logs_nor_an_email(people, signed_in, client, caplog):
    admin = signed_in(people.administrator)
    with caplog.at_level(logging.DEBUG):
        hand_over(client, people.reader, NOTE)
        hand_over(client, people.reader, NOTE, seal="forged")

    assert admin.get("/admin/accounts/unsavedtext/").status_code == 404
    for path in ("change", "delete"):
        assert "4417" not in admin.get(f"/admin/accounts/user/{people.reader.pk}/{path}/").content.decode()
    assert "4417" not in caplog.text
    assert not mail.outbox
    assert "4417" not in repr(UnsavedText.objects.get())


def test_the_page_is_found_from_my_account_and_leads_back(reader):
    assert 'href="/account/unsaved/">Unsaved text' in reader.get("/account/").content.decode()
    assert 'class="back" href="/account/">My account' in reader.get("/account/unsaved/").content.decode()


# What counts as typed


class Forms(HTMLParser):
    """The forms of a page that are sent by POST: of each field what it holds as it stands, and its kind."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.found: list[dict[str, tuple[str, str]]] = []
        self.is_posted = False
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        attributes = dict(attrs)
        if tag == "form":
            self.is_posted = attributes.get("method", "get").lower() == "post"
            self.found += [{}] if self.is_posted else []
        elif tag in ("input", "select", "textarea", "button") and self.is_posted and attributes.get("name"):
            kind = attributes.get("type", "text") if tag == "input" else tag
            if "hidden" in attributes or attributes.get("class") == "hidden":
                kind = "hidden"
            if attributes.get("autocomplete") == "one-time-code":
                kind = "code"
            self.found[-1][attributes["name"]] = attributes.get("value") or "on", kind

    def handle_endtag(self, tag):
        self.is_posted = self.is_posted and tag != "form"


def forms_on(client: Client, *paths: str) -> list[dict[str, tuple[str, str]]]:
    """The forms of these pages, each once."""
    forms = {}
    for path in paths:
        answer = client.get(path, follow=True)
        for form in Forms("" if answer.streaming else answer.content.decode()).found:
            forms[tuple((name, kind) for name, (_, kind) in form.items())] = form
    return list(forms.values())


def filled_in(form: dict[str, tuple[str, str]]) -> dict[str, str]:
    """What a browser sends of `form` where words are typed into all that takes them, secrets too."""
    takes_words = TYPED | {"textarea", "password", "code"}
    return {name: f"words in {name}" if kind in takes_words else value for name, (value, kind) in form.items()}


@pytest.mark.parametrize("who", ["visitor", "reader", "administrator"])
def test_in_every_form_of_the_site_what_is_typed_counts_and_what_is_chosen_does_not(people, publish, signed_in, who):
    page = publish().page
    text = publishing.Text("T", "S", "B", "N")
    draft = publishing.start_draft(page=page, text=text, by=people.editor, started_from=1)
    publishing.submit(draft=draft, by=people.editor, revision=1)
    more = [
        f"/admin/content/draft/{draft.pk}/change/",
        f"/admin/content/draft/{draft.pk}/review/",
        f"/admin/content/page/{page.pk}/change/",
        f"/admin/accounts/user/{people.reader.pk}/change/",
        f"/admin/accounts/user/{people.reader.pk}/password/",
        f"{PAGE}history/1/report/",
    ]
    if who == "visitor":
        client = Client()
        client.post("/account/login/code/", {"email": people.reader.email})
    else:
        client = signed_in(getattr(people, who))
        client.post(f"{PAGE}annotations/", {"text": "bleep 4417"})
        more.append(getattr(people, who).annotations.get().get_absolute_url())

    forms = forms_on(client, *(path for path in [*addresses(), *more] if path != "/sign-out"))

    client.handler.enforce_csrf_checks = True  # what is refused is shown
    for form in forms:
        typed = {name for name, (_, kind) in form.items() if kind in TYPED | {"textarea"}}
        secret = {name for name, (_, kind) in form.items() if kind in ("password", "code")}
        answer = client.post("/", filled_in(form) | {"csrfmiddlewaretoken": ""})
        assert {text for _, text in answer.context.get("texts", [])} == {f"words in {name}" for name in typed}
        assert "seal" in form or not typed, form
        # and what the page's script hands over
        assert {name for name in typed | secret if Seal(1).is_text(name, "some words")} == typed
    assert any(kind == "textarea" for form in forms for _, kind in form.values())


@pytest.mark.parametrize("who", ["visitor", "other"])
@pytest.mark.parametrize(
    ("role", "path", "typed"),
    [
        ("reader", "/account/profile/", {"name": "Ann 4417", "registration_number": "4417"}),
        ("reader", f"{PAGE}history/1/report/", {"text": "It is 4417", "email": "a4417@clinic.example"}),
        ("reader", PAGE, {"text": "4417", "check_on": "2027-01-01"}),
        ("editor", "/admin/content/draft/add/", {"body": "4417", "change_note": "4417 it is"}),
        ("editor", "/admin/content/page/{page}/change/", {"contributors-3-name": "Ann 4417"}),
        ("reviewer", "/admin/content/review/add/", {"version": "4417", "note": "It is 4417"}),
        ("administrator", "/admin/accounts/user/add/", {"name": "4417", "email": "a4417@clinic.example"}),
    ],
)
def test_a_form_that_somebody_left_is_kept_for_them_and_not_shown(people, publish, signed_in, who, role, path, typed):
    page = publish().page
    owner = getattr(people, role)
    forms = Forms(signed_in(owner).get(path.format(page=page.pk)).content.decode()).found
    [form] = [form for form in forms if "seal" in form]
    left = {name: value for name, (value, kind) in form.items() if kind not in TYPED | {"textarea"}}
    client = Client(enforce_csrf_checks=True)
    if who == "other":
        client.force_login(people.other, "django.contrib.auth.backends.ModelBackend")

    response = client.post("/account/profile/", left | typed | {"password1": "secret 4417"})

    assert response.status_code == 403
    assert "4417" not in response.content.decode()
    assert {text for _, _, text in kept(owner)} == set(typed.values())
    assert UnsavedText.objects.count() == len(typed)


def test_a_form_that_was_open_during_an_update_is_kept_too(client, people):
    seal = signing.dumps(people.reader.pk, salt=SALT)

    client.post(f"{PAGE}annotations/", {"text": "4417", "seal": seal, "code": "4417", "password": "4417"})

    assert kept(people.reader) == [("/", "Text", "4417")]


@pytest.mark.parametrize("cut", [slice(0), slice(1, None), slice(-1)])
def test_a_form_whose_seal_is_forged_or_cut_is_shown_as_one_without(client, people, cut):
    seal = Seal(people.reader.pk, frozenset({"text", "password"})).sign()[cut]

    response = client.post("/account/profile/", {"text": "bleep 4417", "password": "a 5521", "seal": seal})

    assert [text for _, text in response.context["texts"]] == ["bleep 4417"]
    assert not UnsavedText.objects.exists()


def test_a_form_older_than_texts_are_kept_still_says_what_is_typed(client, people, time_machine):
    seal = Seal(people.reader.pk, frozenset({"text"})).sign()
    time_machine.move_to(timezone.now() + timedelta(days=30, minutes=1))

    response = client.post("/account/profile/", {"text": "4417", "label": "some words", "seal": seal})

    assert [text for _, text in response.context["texts"]] == ["4417"]
    assert not UnsavedText.objects.exists()


@pytest.mark.parametrize(
    "name", ["contributors-TOTAL_FORMS", "contributors-0-id", "password", "new_password2", "_save"]
)
@pytest.mark.parametrize("seal", [Seal(), Seal(1, frozenset({"contributors-__prefix__-name"}))])
def test_what_is_no_text_of_a_person_is_not_kept(seal, name):
    assert not seal.is_text(name, "1")


def test_a_text_is_kept_up_to_a_length_that_nobody_types(people):
    people.reader.keep_unsaved(PAGE, [("Text", "x" * (LONGEST_KEPT + 1))])

    assert len(people.reader.unsaved_texts.get().text) == LONGEST_KEPT
