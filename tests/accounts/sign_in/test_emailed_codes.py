import re
from datetime import timedelta
from html import unescape

import pytest
import time_machine
from allauth.account.models import EmailAddress
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.conf import settings
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts.allauth_private import totp
from accounts.models import User
from tests.accounts.steps import ADDRESS, NEW_PHRASE, SIGN_UP, confirmed, emailed_code
from tests.conftest import ONCE_ONLY, PASSWORD

WANTED = "/pages/a-page/"
NEXT = "?next=/pages/a-page/"
CODE = "/account/login/code/confirm/"
RESET_CODE = "/account/password/reset/confirm/"
NEW_PASSWORD = "/account/password/reset/complete/"
CONFIRM = "/account/confirm-email/"


def text(response) -> str:
    return response.content.decode()


def said(client: Client, path: str) -> str:
    """What the page at the end of the redirects from `path` says."""
    return text(client.get(path, follow=True))


def ask_to_sign_in(client: Client) -> str:
    return client.post("/account/login/code/", {"email": ADDRESS, "next": WANTED}).url


def ask_to_reset(client: Client) -> str:
    return client.post("/account/password/reset/", {"email": ADDRESS, "next": WANTED}).url


def sign_up(client: Client) -> str:
    return client.post("/sign-up", SIGN_UP | {"next": WANTED}).url


ways = pytest.mark.parametrize("ask", [ask_to_sign_in, ask_to_reset, sign_up])


@pytest.fixture
def visitor(client, people):
    return client


def test_a_code_signs_in_and_leads_back_to_the_wanted_page(visitor, people):
    url = ask_to_sign_in(visitor)
    assert url == f"{CODE}?next=%2Fpages%2Fa-page%2F"

    response = visitor.post(url, {"code": emailed_code(), "next": WANTED})

    assert response.url == WANTED
    assert int(visitor.session["_auth_user_id"]) == people.reader.pk


def test_a_password_reset_by_code_leads_back_to_the_wanted_page(visitor, people):
    response = visitor.post(ask_to_reset(visitor), {"code": emailed_code()})
    assert response.url == f"{NEW_PASSWORD}?next=%2Fpages%2Fa-page%2F"

    response = visitor.post(response.url, {"password1": NEW_PHRASE})

    assert response.url == WANTED
    people.reader.refresh_from_db()
    assert people.reader.check_password(NEW_PHRASE)


def test_a_password_reset_with_a_second_factor_leads_back_to_the_wanted_page(visitor, people):
    secret = totp.generate_totp_secret()
    Authenticator.objects.create(
        user=people.reader, type=Authenticator.Type.TOTP, data={"secret": get_adapter().encrypt(secret)}
    )
    step = visitor.post(ask_to_reset(visitor), {"code": emailed_code()}).url
    step = visitor.post(step, {"password1": NEW_PHRASE}).url
    assert step.startswith("/account/2fa/authenticate/")
    counter = next(iter(totp.yield_hotp_counters_from_time()))

    response = visitor.post(
        "/account/2fa/authenticate/", {"code": totp.format_hotp_value(totp.hotp_value(secret, counter))}
    )

    assert response.url == WANTED


@ways
@pytest.mark.parametrize("change", [("-", ""), ("-", " "), ("-", " - ")])
def test_a_code_may_be_typed_with_spaces_or_without_its_dash(visitor, ask, change):
    url = ask(visitor)

    response = visitor.post(url, {"code": f" {emailed_code().replace(*change)} "})

    assert response.status_code == 302
    assert response.url.startswith((WANTED, NEW_PASSWORD))


@ways
def test_the_page_says_where_the_code_went_how_long_it_lasts_and_from_whom_it_comes(visitor, ask):
    page = text(visitor.get(ask(visitor)))

    assert mail.outbox[-1].to[0] in page
    assert "You can use the code once, within 15 minutes." in page
    assert settings.DEFAULT_FROM_EMAIL in page
    assert "junk" in page


@ways
def test_a_wrong_code_can_be_corrected(visitor, ask):
    url = ask(visitor)

    page = text(visitor.post(url, {"code": "1", "next": WANTED}))

    assert "That code is not correct." in page
    assert "<title>Error: " in page
    assert visitor.post(url, {"code": emailed_code()}).status_code == 302


@ways
def test_an_empty_field_is_no_try(visitor, ask):
    url = ask(visitor)

    for _ in range(10):
        assert "Enter the code from our email." in text(visitor.post(url, {"code": " "}))

    assert visitor.post(url, {"code": emailed_code()}).status_code == 302


@ways
def test_after_five_wrong_codes_the_right_one_no_longer_works_and_the_way_to_a_new_one_is_said(visitor, ask):
    url = ask(visitor)
    right = emailed_code()
    for _ in range(4):
        assert visitor.post(url, {"code": "1", "next": WANTED}).status_code == 200

    response = visitor.post(url, {"code": "1", "next": WANTED})

    assert response.url.endswith("?next=%2Fpages%2Fa-page%2F")
    assert "You entered a wrong code 5 times, so the code no longer works." in said(visitor, response.url)
    visitor.post(url, {"code": right})
    assert "_auth_user_id" not in visitor.session


@ways
def test_a_code_works_for_as_long_as_is_said_and_then_the_way_to_a_new_one_is_said(visitor, ask):
    minutes = timedelta(minutes=settings.CODE_MINUTES)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        url = ask(visitor)
        clock.shift(minutes)
        assert visitor.get(url).status_code == 200
        clock.shift(timedelta(seconds=1))

        response = visitor.post(url, {"code": emailed_code(), "next": WANTED})

    assert response.url.endswith("?next=%2Fpages%2Fa-page%2F")
    assert "A code works once, within 15 minutes, in the browser you asked from." in said(visitor, response.url)
    assert "_auth_user_id" not in visitor.session


@ways
def test_a_new_code_lasts_as_long_as_the_first_and_replaces_it(visitor, ask):
    with time_machine.travel(timezone.now(), tick=False) as clock:
        url = ask(visitor)
        old = emailed_code()
        clock.shift(timedelta(minutes=14))
        form = {"action": "resend", "email": ADDRESS, "next": WANTED}
        to = "/account/password/reset/" if ask is ask_to_reset else url
        url = visitor.post(to, form).url
        clock.shift(timedelta(minutes=14))

        assert "That code is not correct." in text(visitor.post(url, {"code": old}))
        response = visitor.post(url, {"code": emailed_code()})

    assert response.url.startswith((WANTED, NEW_PASSWORD))


def test_asking_for_another_code_at_once_says_to_wait_and_the_first_still_works(visitor):
    url = sign_up(visitor)

    response = visitor.post(url, {"action": "resend", "next": WANTED})

    assert "Wait 10 seconds before you ask for another." in said(visitor, response.url)
    assert len(mail.outbox) == 1
    assert visitor.post(url, {"code": emailed_code()}).url == WANTED


def test_a_new_code_to_sign_in_can_be_asked_for_three_times(visitor):
    url = ask_to_sign_in(visitor)

    for _ in range(3):
        assert "Send a new code" in text(visitor.get(url))
        page = said(visitor, visitor.post(url, {"action": "resend"}).url)
        assert "We have sent you a new code." in page

    assert "Send a new code" not in page
    assert len(mail.outbox) == 4


@ways
@pytest.mark.parametrize("button", ["Cancel", "Use a different address"])
def test_nobody_is_kept_on_the_page_for_the_code(visitor, ask, button):
    page = text(visitor.get(ask(visitor)))
    onwards = re.search(rf'name="next" value="([^"]+)">{button}<', page)[1]

    response = visitor.post("/sign-out", {"next": onwards})

    assert response.url == onwards
    assert onwards.endswith(("?next=%2Fpages%2Fa-page%2F", "?next=/pages/a-page/"))
    assert visitor.get(onwards).status_code == 200
    assert visitor.get("/sign-in").status_code == 200


def test_cancelling_without_a_wanted_page_leads_to_sign_in_alone(visitor):
    visitor.post("/account/login/code/", {"email": ADDRESS})

    assert visitor.post("/sign-out", {"next": "/sign-in"}).url == "/sign-in"


def test_going_to_sign_in_while_a_code_waits_leads_to_it_with_the_page_now_wanted(visitor):
    ask_to_sign_in(visitor)

    page = text(visitor.get("/sign-in?next=/about/terms/"))

    url = unescape(re.search(r'<a href="([^"]+)">Enter your code</a>', page)[1])
    assert url == f"{CODE}?next=%2Fabout%2Fterms%2F"
    assert visitor.post(url, {"code": emailed_code()}).url == "/about/terms/"


# Whoever comes to this computer next


@ways
def test_a_code_that_somebody_before_waits_for_keeps_nobody_from_signing_in(visitor, people, ask):
    ask(visitor)
    ours = {"login": people.other.email, "password": PASSWORD}

    for path in ("/sign-in", "/account/login/code/", "/account/password/reset/"):
        page = text(visitor.get(path))
        assert "clinic.example" not in page, path
    assert visitor.post("/sign-in", ours).url == "/"

    assert int(visitor.session["_auth_user_id"]) == people.other.pk
    for path in ("/account/email/", CODE, RESET_CODE, NEW_PASSWORD, CONFIRM):
        page = said(visitor, path)
        assert "ann@clinic.example" not in page, path
        assert ADDRESS not in page, path


def test_asking_for_a_code_of_ones_own_replaces_the_one_that_waits(visitor, people):
    sign_up(visitor)

    url = visitor.post("/account/login/code/", {"email": people.other.email}).url

    assert mail.outbox[-1].to == [people.other.email]
    assert visitor.post(url, {"code": emailed_code()}).url == "/"
    assert int(visitor.session["_auth_user_id"]) == people.other.pk


# What changes while a code waits


def move_to(user: User, address: str) -> None:
    """The owner changes their address, and confirms the new one."""
    EmailAddress.objects.filter(user=user).delete()
    EmailAddress.objects.create(user=user, email=address, verified=True, primary=True)
    User.objects.filter(pk=user.pk).update(email=address)


@pytest.mark.parametrize("ask", [ask_to_sign_in, ask_to_reset])
def test_a_code_sent_to_an_address_that_the_account_has_left_opens_nothing(visitor, people, ask):
    url = ask(visitor)
    sent = emailed_code()
    move_to(people.reader, "new@elsewhere.example")
    emails = len(mail.outbox)

    page = text(visitor.post(url, {"code": sent}, follow=True))

    assert "This code has expired or has been used." in page
    assert "_auth_user_id" not in visitor.session
    assert len(mail.outbox) == emails
    assert text(visitor.get(url, follow=True)).count("<h1") == 1
    people.reader.refresh_from_db()
    assert people.reader.email == "new@elsewhere.example"
    assert [*EmailAddress.objects.filter(user=people.reader).values_list("email", flat=True)] == [people.reader.email]


def test_nobody_confirms_an_address_for_an_account_that_has_another(visitor, people):
    EmailAddress.objects.filter(user=people.reader).update(verified=False)
    visitor.post("/sign-in", {"login": ADDRESS, "password": PASSWORD})
    sent = emailed_code()
    move_to(people.reader, "new@elsewhere.example")

    visitor.post(CONFIRM, {"code": sent})

    assert "_auth_user_id" not in visitor.session
    people.reader.refresh_from_db()
    assert people.reader.email == "new@elsewhere.example"


def change_address(user: User) -> None:
    move_to(user, "new@elsewhere.example")


def change_password(user: User) -> None:
    user.set_password("chosen by its owner")
    user.save()


def close(user: User) -> None:
    User.objects.filter(pk=user.pk).update(is_active=False)


@pytest.mark.parametrize("meanwhile", [change_address, change_password, close])
def test_a_new_password_is_set_only_on_the_account_as_it_was_when_the_code_was_right(visitor, people, meanwhile):
    step = visitor.post(ask_to_reset(visitor), {"code": emailed_code()}).url
    meanwhile(people.reader)

    page = text(visitor.post(step, {"password1": NEW_PHRASE}, follow=True))

    assert "This code has expired or has been used." in page
    people.reader.refresh_from_db()
    assert not people.reader.check_password(NEW_PHRASE)
    assert "_auth_user_id" not in visitor.session


def test_a_sign_in_that_waits_for_the_second_step_ends_with_the_password(visitor, people, code_from_app):
    visitor.post("/sign-in", {"login": people.editor.email, "password": PASSWORD})
    change_password(people.editor)

    response = visitor.post("/account/2fa/authenticate/", {"code": code_from_app()}, follow=True)

    assert "This account’s password has changed. Sign in again." in text(response)
    assert "_auth_user_id" not in visitor.session


@ways
def test_a_code_is_tried_five_times_also_when_the_tries_arrive_at_once(visitor, ask):
    url = ask(visitor)
    sent = emailed_code()
    session = visitor.session
    before = dict(session.items())

    for _ in range(5):
        assert "That code is not correct" in text(visitor.post(url, {"code": "0000-0000"}, follow=True))
        session.clear()
        session.update(before)  # as a request finds it that began before the others had ended
        session.save()

    assert "You entered a wrong code 5 times" in text(visitor.post(url, {"code": sent}, follow=True))
    assert "_auth_user_id" not in visitor.session


@pytest.mark.parametrize("address", ["https://evil.example/", "//evil.example/"])
def test_a_code_leads_only_within_the_site(visitor, address):
    url = visitor.post("/account/login/code/", {"email": ADDRESS, "next": address}).url
    assert url == CODE

    assert visitor.post(url, {"code": emailed_code(), "next": address}).url == "/"


@pytest.mark.parametrize("ask", ["/account/login/code/", "/account/password/reset/"])
def test_the_page_does_not_tell_whether_there_is_an_account(visitor, ask):
    other = Client()
    pages = []
    for client, email in ((visitor, ADDRESS), (other, "nobody@clinic.example")):
        url = client.post(ask, {"email": email}).url
        pages.append([text(client.get(url)), text(client.post(url, {"code": "1"}))])

    mine, others = ([re.sub(ONCE_ONLY, "", page) for page in each] for each in pages)
    assert [page.replace(ADDRESS, "nobody@clinic.example") for page in mine] == others


def test_signing_up_with_an_address_that_has_an_account_looks_the_same(visitor):
    other = Client()
    mine = text(visitor.get(visitor.post("/sign-up", SIGN_UP).url))
    taken = text(other.get(other.post("/sign-up", SIGN_UP | {"email": ADDRESS}).url))

    assert re.sub(ONCE_ONLY, "", mine.replace("ann@clinic.example", ADDRESS)) == re.sub(ONCE_ONLY, "", taken)
    assert User.objects.filter(email=ADDRESS).count() == 1


def test_a_changed_email_address_is_confirmed_by_code(people, signed_in):
    client = confirmed(signed_in(people.reader))
    url = client.post("/account/email/", {"email": "New@clinic.example", "action_add": ""}).url
    people.reader.refresh_from_db()
    assert (people.reader.email, mail.outbox[-1].to) == (ADDRESS, ["new@clinic.example"])
    assert "Nothing will change until you enter it." in text(client.get("/account/email/"))

    response = client.post(url, {"code": emailed_code()})

    assert "You have confirmed your email address new@clinic.example." in said(client, response.url)
    people.reader.refresh_from_db()
    assert people.reader.email == "new@clinic.example"
    assert [each.email for each in people.reader.emailaddress_set.all()] == ["new@clinic.example"]


def test_cancelling_a_change_of_address_does_not_sign_out(people, signed_in):
    client = confirmed(signed_in(people.reader))
    url = client.post("/account/email/", {"email": "new@clinic.example", "action_add": ""}).url

    page = text(client.get(url))

    assert '<a class="button quiet" href="/account/email/">Cancel</a>' in page
    assert "/sign-out" not in page.split("<main")[1].split("</main>")[0]


def test_a_change_of_address_whose_code_was_wrong_too_often_can_be_asked_for_again(people, signed_in):
    client = confirmed(signed_in(people.reader))
    url = client.post("/account/email/", {"email": "new@clinic.example", "action_add": ""}).url
    for _ in range(4):
        client.post(url, {"code": "1"})

    response = client.post(url, {"code": "1"})

    assert response.url == "/account/email/"
    assert "Start the change again to get a new one." in said(client, response.url)


def test_nobody_takes_the_address_of_another_account(people, signed_in):
    client = confirmed(signed_in(people.reader))
    url = client.post("/account/email/", {"email": "other@clinic.example", "action_add": ""}).url

    page = text(client.post(url, {"code": emailed_code()}))

    assert "That email address belongs to another account here." in page
    people.reader.refresh_from_db()
    assert people.reader.email == ADDRESS


def test_whoever_is_signed_in_can_reset_a_forgotten_password_and_stays_signed_in(people, signed_in):
    client = signed_in(people.reader)
    page = text(client.get("/account/reauthenticate/?next=/account/email/"))
    assert 'href="/account/password/reset/?next=/account/email/"' in page.replace("%2F", "/")
    url = client.post("/account/password/reset/", {"email": ADDRESS, "next": "/account/email/"}).url
    assert '<a class="button quiet" href="/account/password/change/">Cancel</a>' in text(client.get(url))

    url = client.post(url, {"code": emailed_code()}).url
    response = client.post(url, {"password1": NEW_PHRASE})

    assert response.url == "/account/email/"
    assert client.get("/account/email/").status_code == 200


def test_the_link_for_a_forgotten_password_carries_the_wanted_page(visitor):
    page = text(visitor.get(f"/sign-in{NEXT}"))

    assert 'href="/account/password/reset/?next=/pages/a-page/"' in page.replace("%2F", "/")


def test_changing_the_password_keeps_this_session_and_ends_the_others(people, signed_in):
    here, elsewhere = signed_in(people.reader), signed_in(people.reader)

    response = here.post("/account/password/change/", {"oldpassword": PASSWORD, "password1": NEW_PHRASE})

    assert "Your password has been changed." in said(here, response.url)
    assert elsewhere.get("/account/password/change/").status_code == 302


def test_a_page_asked_for_too_often_says_so_in_the_sites_words(visitor):
    for _ in range(5):
        visitor.post("/account/password/reset/", {"email": ADDRESS})

    response = visitor.post("/account/password/reset/", {"email": ADDRESS})

    assert response.status_code == 429
    assert "Too many attempts" in text(response)
    assert settings.SITE_NAME in text(response)


@ways
def test_no_page_on_the_way_is_kept_by_a_browser(visitor, ask):
    """Whoever comes to this computer next may press Back."""
    page = ask(visitor)

    for path in (page, "/account/password/reset/"):
        assert "no-store" in visitor.get(path)["Cache-Control"]
    page = visitor.post(page, {"code": emailed_code()}).url
    assert page != NEW_PASSWORD or "no-store" in visitor.get(page)["Cache-Control"]


def test_whoever_signs_in_next_does_not_choose_a_password_for_who_was_there_before(visitor):
    visitor.post(ask_to_reset(visitor), {"code": emailed_code()})
    visitor.post("/sign-in", {"login": "other@clinic.example", "password": PASSWORD})

    visitor.post(NEW_PASSWORD, {"password1": NEW_PHRASE})

    assert User.objects.get(email=ADDRESS).check_password(PASSWORD)


# An account made with somebody else's address


def come_by_code(browser: Client, action: str = "") -> str:
    browser.post("/account/login/code/", {"email": "ann@clinic.example"})
    return text(browser.post(CODE, {"code": emailed_code(), "action": action}, follow=True))


def come_by_reset(browser: Client) -> str:
    browser.post("/account/password/reset/", {"email": "ann@clinic.example"})
    return text(browser.post(RESET_CODE, {"code": emailed_code()}, follow=True))


@pytest.mark.parametrize(("come", "says"), [(come_by_code, "no longer works"), (come_by_reset, "New password")])
def test_whoever_made_an_account_with_anothers_address_is_out_once_that_person_comes(client, db, come, says):
    sign_up(Client())

    assert says in come(client)

    assert not User.objects.get().has_usable_password()
    somebody = Client()
    somebody.post("/sign-in", {"login": "ann@clinic.example", "password": PASSWORD})
    assert "_auth_user_id" not in somebody.session


def test_asking_for_another_code_takes_nothing_from_an_account_that_is_not_confirmed(client, db):
    sign_up(Client())
    come_by_code(client, action="resend")

    assert User.objects.get().check_password(PASSWORD)


def test_a_confirmed_account_keeps_its_password_when_a_code_is_used(visitor):
    visitor.post(ask_to_sign_in(visitor), {"code": emailed_code()})
    Client().post(ask_to_reset(visitor), {"code": emailed_code()})

    assert User.objects.get(email=ADDRESS).check_password(PASSWORD)
