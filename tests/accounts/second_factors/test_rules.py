import re
import time
from urllib.parse import urlencode

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from django.core import mail
from django.test import Client
from django.urls import URLPattern, get_resolver

from accounts.allauth_private import totp
from tests.accounts.steps import SIGN_UP, recovery_codes
from tests.conftest import APP_KEY, PASSWORD

AUTHENTICATE = "/account/2fa/authenticate/"
REAUTHENTICATE = "/account/2fa/reauthenticate/"
ACTIVATE = "/account/2fa/totp/activate/"


# The provider on loopback that single sign-on is tried with warns of itself.
pytestmark = pytest.mark.filterwarnings("ignore:get_jwt_config:DeprecationWarning")


def text(response) -> str:
    return re.sub(r"\s+", " ", response.content.decode())


def emailed_code() -> str:
    return re.search(r"^\s*(\d{4}-\d{4})\s*$", mail.outbox[-1].body, re.MULTILINE)[1]


def by_password(client, user, *_):
    return client.post("/sign-in", {"login": user.email, "password": PASSWORD})


@pytest.fixture
def editor(person):
    return person("editor")


@pytest.fixture
def without(person):
    """Somebody who may edit, and has set up nothing yet."""
    made = person("editor")
    made.authenticator_set.all().delete()
    return made


@pytest.fixture
def set_up(transactional_db, code_from_app):
    """Set up an authenticator app by its pages, and say which key it has."""

    def set_up(client, is_asked: bool = True) -> str:
        if is_asked:
            client.post("/account/reauthenticate/", {"password": PASSWORD})
        page = text(client.get(ACTIVATE))
        key = re.search(r'id="secret">([A-Z2-7 ]+)<', page)[1].replace(" ", "")
        assert client.post(ACTIVATE, {"code": code_from_app(key)}).url == "/account/2fa/recovery-codes/"
        return key

    return set_up


# Every way in passes the second step


def by_emailed_code(client, user, *_):
    url = client.post("/account/login/code/", {"email": user.email}).url
    return client.post(url, {"code": emailed_code()})


def by_password_reset(client, user, *_):
    url = client.post("/account/password/reset/", {"email": user.email}).url
    url = client.post(url, {"code": emailed_code()}).url
    return client.post(url, {"password1": "another good one", "password2": "another good one"})


def by_confirming_the_address(client, user, *_):
    EmailAddress.objects.filter(user=user).update(verified=False)
    url = by_password(client, user).url
    assert url.startswith("/account/confirm-email/")
    return client.post(url, {"code": emailed_code()})


def by_single_sign_on(client, user, provider):
    SocialAccount.objects.create(user=user, provider="nhs", uid=provider.person("ann", name="Ann"))
    return provider.sign_in(client, "ann")


WAYS = [by_password, by_emailed_code, by_password_reset, by_confirming_the_address, by_single_sign_on]


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_every_way_in_asks_for_the_second_step_and_opens_editing_after_it(
    editor, client, openid_provider, code_from_app, way
):
    response = way(client, editor, openid_provider)

    assert response.url.partition("?")[0] == AUTHENTICATE
    assert "_auth_user_id" not in client.session
    assert client.get("/account/2fa/").url.startswith("/sign-in")
    asked = client.get("/admin/", follow=True).content.decode()
    assert f'<a href="{AUTHENTICATE}?next=%2Fadmin%2F">Enter your code</a>' in asked

    client.post(AUTHENTICATE, {"code": code_from_app()})
    assert client.get("/admin/").status_code == 200


@pytest.mark.parametrize("way", WAYS, ids=lambda way: way.__name__)
def test_without_a_second_factor_the_same_ways_sign_in(person, client, openid_provider, way):
    way(client, person("reader"), openid_provider)

    assert client.session["_auth_user_id"]


def test_signing_up_with_an_address_that_has_an_account_signs_nobody_in(editor, client):
    client.post("/sign-up", SIGN_UP | {"email": editor.email})

    assert mail.outbox[-1].to == [editor.email]
    assert "_auth_user_id" not in client.session
    assert not re.search(r"\d{4}-\d{4}", mail.outbox[-1].body)


# The code


def test_the_second_step_leads_to_where_one_was_going(editor, client, code_from_app):
    client.post("/sign-in", {"login": editor.email, "password": PASSWORD, "next": "/about/privacy/"})

    assert client.post(AUTHENTICATE, {"code": code_from_app()}).url == "/about/privacy/"


def test_a_code_signs_in_once_and_never_again_while_it_would_fit(editor, client, code_from_app, time_machine):
    time_machine.move_to("2026-11-22T12:00:01Z", tick=False)
    code = code_from_app()
    by_password(client, editor)
    assert client.post(AUTHENTICATE, {"code": code}).url == "/"

    other = Client()
    by_password(other, editor)
    for seconds in (0, 20, 20, 15):
        time_machine.shift(seconds)
        other.post(AUTHENTICATE, {"code": code})
        assert "_auth_user_id" not in other.session


def test_the_code_that_set_up_the_app_signs_nobody_in(without, client, time_machine, set_up):
    time_machine.move_to("2026-11-22T12:00:01Z", tick=False)
    by_password(client, without)
    key = set_up(client)
    other = Client()
    by_password(other, without)

    other.post(AUTHENTICATE, {"code": totp.format_hotp_value(totp.hotp_value(key, int(time.time()) // 30))})

    assert "_auth_user_id" not in other.session


@pytest.mark.parametrize("code", ["000000", "", "123", "no", "٠٠٠٠٠٠", "9" * 500])
def test_a_wrong_code_signs_nobody_in_and_says_what_to_do(editor, client, code):
    by_password(client, editor)
    response = client.post(AUTHENTICATE, {"code": code})

    assert "That code is not correct." in text(response) or "Enter the code." in text(response)
    assert "_auth_user_id" not in client.session


def test_guessing_codes_is_stopped(editor, client, code_from_app):
    by_password(client, editor)
    for _ in range(10):
        client.post(AUTHENTICATE, {"code": "000000"})

    assert "Too many attempts." in text(client.post(AUTHENTICATE, {"code": code_from_app()}))


def test_a_recovery_code_signs_in_once(editor, client):
    code = recovery_codes(editor)[0]
    by_password(client, editor)
    assert client.post(AUTHENTICATE, {"code": f"{code[:4]} {code[4:]}"}).url == "/"
    assert client.get("/admin/").status_code == 200

    other = Client()
    by_password(other, editor)
    other.post(AUTHENTICATE, {"code": code})
    assert "_auth_user_id" not in other.session


@pytest.mark.parametrize(
    "answer", ["", "{", "{}", "[]", "1", '"x"', '{"id": 1}', '{"rawId": "a", "response": {}}', '{"response": []}',
               '{"rawId": "AAAA", "response": {"clientDataJSON": "e30", "authenticatorData": "AAAA"}}'],
)  # fmt: skip
@pytest.mark.parametrize("path", [AUTHENTICATE, "/account/2fa/webauthn/login/", "/account/2fa/webauthn/add/"])
def test_a_passkey_answer_that_is_none_is_refused_in_words(without, client, path, answer):
    if path == AUTHENTICATE:
        totp.TOTP.activate(without, APP_KEY)
    by_password(client, without)
    if path == "/account/2fa/webauthn/add/":
        client.post("/account/reauthenticate/", {"password": PASSWORD})
    elif path != AUTHENTICATE:
        client.logout()
    client.get(path)
    response = client.post(path, {"credential": answer})

    assert response.status_code in (200, 302)
    assert not Authenticator.objects.filter(type="webauthn").exists()
    if path != "/account/2fa/webauthn/add/":
        assert "_auth_user_id" not in client.session


# Recovery codes are shown once


def test_recovery_codes_are_shown_once_and_can_be_saved_from_that_page(without, client, set_up):
    by_password(client, without)
    set_up(client)
    shown = text(client.get("/account/2fa/recovery-codes/"))
    codes = recovery_codes(without)

    for code in codes:
        assert f"{code[:4]} {code[4:]}" in shown
    saved = re.search(r'download="recovery-codes.txt" href="data:text/plain;charset=utf-8,([^"]+)"', shown)[1]
    assert saved.split("%0A")[1:] == [*codes, ""]

    again = text(client.get("/account/2fa/recovery-codes/"))
    assert "cannot show them again" in again
    assert not any(code[:4] in again for code in codes)
    assert client.get("/account/2fa/recovery-codes/download/").status_code == 403


# Confirming that it is still the same person


def test_who_has_a_second_factor_confirms_nothing_by_the_password_alone(editor, signed_in):
    client = signed_in(editor)

    assert client.get("/account/2fa/totp/deactivate/").url.startswith(REAUTHENTICATE)
    assert client.post("/account/reauthenticate/", {"password": PASSWORD}).url.startswith(REAUTHENTICATE)
    client.post("/account/2fa/totp/deactivate/")
    assert editor.authenticator_set.count() == 1


def test_the_first_second_factor_signs_out_everywhere_else(without, client, set_up):
    other = Client()
    by_password(other, without)
    by_password(client, without)
    set_up(client)

    assert client.get("/account/2fa/").status_code == 200
    assert other.get("/account/2fa/").url.startswith("/sign-in")


# Editing


def test_whoever_may_edit_is_led_to_set_up_a_second_factor_and_on_to_where_they_were_going(without, client, set_up):
    by_password(client, without)
    response = client.get("/admin/content/page/?q=dose", follow=True)
    assert response.redirect_chain[-1][0] == "/account/2fa/"
    assert "Editing needs two-step sign-in." in text(response)

    set_up(client)
    shown = text(client.get("/account/2fa/recovery-codes/"))
    onwards = re.search(r'<a class="button" href="([^"]+)">I have saved them, continue to editing', shown)[1]
    response = client.get(onwards, follow=True)

    assert response.redirect_chain[-1][0] == "/admin/content/page/?q=dose"
    assert response.status_code == 200
    assert "Continue to editing" not in text(client.get("/account/2fa/"))


@pytest.mark.parametrize("address", ["https://evil.example/", "//evil.example/", "javascript:alert(1)"])
def test_setting_up_leads_only_within_the_site(without, client, set_up, address):
    by_password(client, without)
    client.get(f"/admin/login/?{urlencode({'next': address})}")
    set_up(client)

    assert client.get("/admin/login/").url == "/admin/"


def test_a_session_that_has_not_shown_the_second_factor_is_asked_for_it(without, client, code_from_app):
    by_password(client, without)
    totp.TOTP.activate(without, APP_KEY)

    response = client.get("/admin/content/page/", follow=True)
    assert response.redirect_chain[-1][0] == f"{REAUTHENTICATE}?next=/admin/content/page/"
    response = client.post(REAUTHENTICATE, {"code": code_from_app(), "next": "/admin/content/page/"})

    assert response.url == "/admin/content/page/"
    assert client.get("/admin/content/page/").status_code == 200


def test_recovery_codes_alone_are_no_second_factor(without, signed_in):
    recovery_codes(without)

    assert signed_in(without).get("/admin/", follow=True).redirect_chain[-1][0] == "/account/2fa/"


def test_removing_the_last_second_factor_closes_editing_at_once(editor, client, code_from_app):
    by_password(client, editor)
    client.post(AUTHENTICATE, {"code": code_from_app()})
    client.post(REAUTHENTICATE, {"code": code_from_app()})
    assert client.get("/admin/").status_code == 200

    client.post("/account/2fa/totp/deactivate/")

    assert not editor.authenticator_set.exists()
    assert client.get("/admin/", follow=True).redirect_chain[-1][0] == "/account/2fa/"


def admin_paths() -> list[str]:
    """An address for every view of the admin."""
    found = []

    def walk(patterns, before: str) -> None:
        for each in patterns:
            route = before + str(each.pattern)
            walk([], route) if isinstance(each, URLPattern) else walk(each.url_patterns, route)
            if isinstance(each, URLPattern) and route.startswith("admin/"):
                filled = re.sub(r"<(?:\w+:)?\w+>|\(\?P<\w+>[^)]*\)", "1", route)
                found.append("/" + filled.replace("^", "").replace("$", "").replace("\\", ""))

    walk(get_resolver().url_patterns, "")
    return [path for path in found if path not in ("/admin/logout/", "/admin/login/")]


@pytest.mark.parametrize("path", admin_paths())
def test_nothing_in_the_admin_opens_without_a_second_factor(without, person, signed_in, path):
    administrator = person("administrator")
    administrator.authenticator_set.all().delete()
    for user in (without, administrator):
        for method in ("get", "post"):
            response = getattr(signed_in(user), method)(path)
            assert (response.status_code, response.url.partition("?")[0]) == (302, "/admin/login/")


def test_the_admin_paths_are_there():
    paths = admin_paths()

    assert len(paths) > 40
    assert {"/admin/content/draft/preview/", "/admin/content/draft/1/review/", "/admin/jsi18n/"} <= {*paths}


def test_what_was_typed_is_not_lost_when_editing_closes(without, signed_in):
    response = signed_in(without).post("/admin/content/draft/add/", {"body": "Give 5 mg."})

    assert response.status_code == 403
    assert "Editing needs your second sign-in step again" in text(response)
    assert "Give 5 mg." in text(response)


def test_the_check_costs_one_query_in_the_admin_and_none_on_a_page(
    people, signed_in, publish, django_assert_max_num_queries
):
    publish()
    client = signed_in(people.editor)
    asked = []
    for path in ("/admin/", "/pages/a-page/"):
        with django_assert_max_num_queries(100) as queries:
            assert client.get(path).status_code == 200
        asked.append(sum("mfa_authenticator" in query["sql"] for query in queries.captured_queries))

    assert asked == [1, 0]


def test_new_recovery_codes_are_announced_once(client, people, set_up):
    client.force_login(people.reader)
    set_up(client)

    page = text(client.get("/account/2fa/recovery-codes/"))

    assert re.findall(r'class="message[^>]*>([^<]+)', page) == ["Your authenticator app has been added."]
    assert "we show them only once" in page


@pytest.mark.parametrize("page", ["totp/deactivate/", "recovery-codes/", "recovery-codes/generate/", "webauthn/add/"])
def test_a_page_of_two_step_sign_in_leads_back_there_and_nowhere_else(client, people, set_up, page):
    client.force_login(people.reader)
    set_up(client)
    client.get("/account/2fa/recovery-codes/")  # where the codes are shown

    html = text(client.get(f"/account/2fa/{page}"))

    assert re.findall(r'class="back" href="([^"]+)"', html) == ["/account/2fa/"]


@pytest.mark.django_db(transaction=True)
def test_two_recovery_codes_are_enough_to_put_a_new_phone_in_place_of_a_lost_one(editor, client, set_up):
    first, second, *_ = recovery_codes(editor)
    by_password(client, editor)
    assert client.post(AUTHENTICATE, {"code": first}).url == "/"

    asked = client.get("/account/2fa/totp/deactivate/").url
    assert client.post(asked, {"code": second}).url == "/account/2fa/totp/deactivate/"
    client.post("/account/2fa/totp/deactivate/")
    assert not editor.authenticator_set.exists()
    set_up(client, is_asked=False)

    assert {*editor.authenticator_set.values_list("type", flat=True)} == {"totp", "recovery_codes"}
    assert client.get("/admin/").status_code == 200
