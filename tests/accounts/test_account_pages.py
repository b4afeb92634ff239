"""What holds for every page under /account/, whatever allauth adds to them."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import allauth
import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib.sessions.models import Session
from django.core import mail
from django.template.loader import get_template
from django.test import Client
from django.test.signals import template_rendered
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.models import User
from tests.conftest import PASSWORD

THEIRS = Path(allauth.__file__).parent / "templates"
# Only the frame of a page, without a word.
FRAMES = {
    "account/base_entrance.html",
    "account/base_manage.html",
    "account/base_manage_email.html",
    "account/base_manage_password.html",
    "allauth/layouts/entrance.html",
    "allauth/layouts/manage.html",
    "mfa/base_entrance.html",
    "mfa/base_manage.html",
    "socialaccount/base_entrance.html",
    "socialaccount/base_manage.html",
    "usersessions/base_manage.html",
}
# Never sent or shown here: links instead of codes, and phone numbers.
NEVER = re.compile(r"password_reset_key|email_confirm_(message|subject)|messages/phone_")
ARGUMENTS = {"<int:pk>": "1", "(?P<provider_id>[^/]+)": "hospital", "<provider_id>": "hospital"}
SCRATCH = {"mfa.totp.secret", "mfa.webauthn.state"}  # what a page needs to show its own form


def addresses(patterns: list[URLPattern | URLResolver], before: str = "/") -> Iterator[str]:
    """Every address that the resolver knows, with an argument where it takes one."""
    for each in patterns:
        path = before + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from addresses(each.url_patterns, path)
        elif path.startswith(("/account/", "/sign-")):
            for name, value in ARGUMENTS.items():
                path = path.replace(name, value)
            yield re.sub(r"[\^$]|\\Z", "", path)


ADDRESSES = list(dict.fromkeys(addresses(get_resolver().url_patterns)))
LINKS = [
    "/account/confirm-email/abc:def/",
    "/account/password/reset/key/1-abc/",
    "/account/password/reset/key/1-set-password/",
]
PEOPLE = [
    "visitor",
    "visitor with a code",
    "reader",
    "reader who has just shown that it is them",
    "reader who is sent a code",
]


@pytest.fixture(params=PEOPLE)
def opens(request, people, signed_in) -> Client:
    """Everyone who may come to these pages, at their browser."""
    if request.param.startswith("visitor"):
        client = Client()
        if "code" in request.param:
            client.post("/account/password/reset/", {"email": people.reader.email})
            client.post("/account/login/code/", {"email": people.reader.email})
        return client
    if "sent a code" in request.param:
        people.reader.set_unusable_password()
        people.reader.save()
    client = signed_in(people.reader)
    if "sent a code" in request.param:
        client.post("/account/reauthenticate/code/")
    if "shown" in request.param:
        client.post("/account/reauthenticate/", {"password": PASSWORD})
        client.post("/account/email/", {"email": "new@clinic.example", "action_add": ""})
    return client


def everything() -> list:
    """All that these pages can change."""
    sessions = {each.session_key: each.get_decoded() for each in Session.objects.all()}
    return [
        *(list(model.objects.order_by("pk").values()) for model in (User, EmailAddress, Authenticator)),
        list(UserSession.objects.values_list("pk", "session_key")),
        {key: {name: value for name, value in data.items() if name not in SCRATCH} for key, data in sessions.items()},
        [message.body for message in mail.outbox],
    ]


@dataclass
class Shown:
    """What someone is shown at an address: HTML or nothing, and which of allauth's own templates made it."""

    html: str
    theirs: set[str]


WALKED: dict[str, dict[str, Shown]] = {}


@pytest.fixture
def shown(request, opens) -> dict[str, Shown]:
    """What this person is shown at each address; it is walked once, and each test looks at something else in it."""
    who = request.node.callspec.params["opens"]
    if who not in WALKED:
        WALKED[who] = {address: follow(opens, address) for address in ADDRESSES}
    return WALKED[who]


def follow(client: Client, address: str) -> Shown:
    used = set()

    def note(template, **kwargs):
        path = Path(template.origin.name)
        if path.is_relative_to(THEIRS):
            used.add(path.relative_to(THEIRS).as_posix())

    template_rendered.connect(note)
    try:
        response = client.get(address, follow=True)
    finally:
        template_rendered.disconnect(note)
    is_page = response.content and "text/html" in response.headers["Content-Type"]
    return Shown(response.content.decode() if is_page else "", used)


def test_opening_the_form_to_create_an_account_ends_a_half_sign_in_and_nothing_else(people):
    client = Client()
    client.post("/account/login/code/", {"email": people.reader.email})
    *before, sessions, outbox = everything()

    client.get("/sign-up")

    assert everything()[:-2] == before
    assert everything()[-1] == outbox
    assert "account_login" in sessions[client.session.session_key]
    assert "account_login" not in client.session


def test_the_walk_finds_the_pages():
    assert {"/sign-in", "/account/email/", "/account/password/reset/", "/account/login/code/confirm/"} <= set(ADDRESSES)
    assert not [address for address in ADDRESSES if re.search(r"[<>()?]", address)]


def test_opening_an_address_changes_nothing(opens):
    """But for the form to create an account, which ends the visitor's own half sign-in: it would lock them out."""
    changed = []
    before = everything()
    for address in ADDRESSES:
        assert opens.get(address).status_code < 500, address
        if (after := everything()) != before:
            changed.append(address)
            before = after

    assert set(changed) <= {"/sign-up"}


def test_there_are_no_addresses_that_act_by_being_opened(opens):
    assert [opens.get(address).status_code for address in LINKS] == [404] * len(LINKS)


def test_no_form_is_checked_by_the_browser(shown):
    """What is wrong is said by the site, in the same words and place for everyone."""
    checked = {}
    for address, page in shown.items():
        forms = re.findall(r"<form\b(.*?)>(.*?)</form>", page.html, re.DOTALL)
        checked[address] = [
            attributes for attributes, body in forms if " required" in body and "novalidate" not in attributes
        ]

    assert {address: forms for address, forms in checked.items() if forms} == {}


def test_my_account_calls_each_page_by_its_heading(people, signed_in, openid_provider):
    client = signed_in(people.reader)
    client.post("/account/reauthenticate/", {"password": PASSWORD})
    overview = client.get("/account/").content.decode()

    for address in ("/account/2fa/", "/account/3rdparty/", "/account/sessions/"):
        heading = re.search(r"<h1>(.*?)</h1>", client.get(address).content.decode())[1]
        row = re.search(rf"<dt>([^<]*)</dt>(?:(?!<dt>).)*?<a href=\"{address}\"", overview, re.DOTALL)
        assert row, address
        assert row[1] == heading


def test_no_page_is_in_allauths_words(shown):
    assert {address: theirs for address, page in shown.items() if (theirs := page.theirs - FRAMES)} == {}


def test_every_page_has_a_title_that_ends_with_the_site(shown):
    pages = {address: page.html for address, page in shown.items() if page.html}

    assert len(pages) > 20
    assert [address for address, html in pages.items() if f"– {settings.SITE_NAME}</title>" not in html] == []


def test_two_step_sign_in_has_one_name():
    other_names = re.compile(r"second[- ]factor|two-factor|multi-factor|\b2FA\b", re.IGNORECASE)
    files = [path for path in (settings.BASE_DIR / "templates").rglob("*") if path.suffix in (".html", ".txt")]
    words = {path.name: re.sub(r"{[{%#].*?[#%}]}|<[^>]+>", " ", path.read_text()) for path in files}

    assert len(words) > 50
    assert [name for name, text in words.items() if other_names.search(text)] == []


@pytest.mark.parametrize("kind", ["email", "messages"])
def test_no_email_or_message_is_in_allauths_words(kind):
    paths = [
        path for app in ("account", "mfa", "usersessions", "socialaccount") for path in THEIRS.glob(f"{app}/{kind}/*")
    ]
    names = [path.relative_to(THEIRS).as_posix() for path in paths]
    names = [name for name in names if not NEVER.search(name)]

    theirs = [name for name in names if Path(get_template(name).template.origin.name).is_relative_to(THEIRS)]

    assert len(names) > 10
    assert theirs == []


def test_no_page_shows_an_address_where_words_belong(shown):
    for address, page in shown.items():
        words = re.sub(r"<[^>]*>", " ", page.html)
        assert not re.search(r"(?<!\S)/(account|sign-in|sign-up)\S*", words), address


@pytest.mark.parametrize("path", ["/sign-in", "/sign-up", "/account/login/code/"])
def test_a_visitor_is_told_which_page_comes_after(client, publish, path):
    publish("dose", title="Dose of natalizumab in adults with multiple sclerosis")

    named = 'Dose of natalizumab <span class="rest">in adults with multiple sclerosis</span></strong>'
    assert named in client.get(f"{path}?next=/pages/dose/").content.decode()
    for other in (
        "/pages/none/",
        "/annotations/",
        "/nothing",
        "//evil.example/pages/dose/",
        "http://[",
        "",
        "/pages/d\0/",
    ):
        assert "<strong>" not in client.get(path, {"next": other}).content.decode(), other


def test_a_page_that_no_reader_sees_is_not_named(client, publish, withdraw, people):
    withdraw(publish("gone", title="Withdrawn guidance").page)

    assert "Withdrawn guidance" not in client.get("/sign-in?next=/pages/gone/").content.decode()


def test_what_is_wrong_stands_above_the_title_and_at_its_field(client):
    html = client.post("/account/password/reset/", {"email": "nobody"}).content.decode()
    summary, title, field = (html.index(part) for part in ("There is a problem", "<h1>", 'class="field wrong"'))

    assert summary < title < field
    assert html.count("There is a problem") == 1
