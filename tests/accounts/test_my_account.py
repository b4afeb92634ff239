import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from django.core.management import call_command
from django.test import Client
from django.urls import reverse

from tests.conftest import PASSWORD

CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1 Version/18.1 Mobile Safari/604.1"


def sign_in(person, user_agent: str = CHROME) -> Client:
    """Sign in by the form, as a browser of its own."""
    client = Client(headers={"user-agent": user_agent})
    assert client.post("/sign-in", {"login": person.email, "password": PASSWORD}).status_code == 302
    return client


def session_of(client: Client) -> UserSession:
    return UserSession.objects.get(session_key=client.session.session_key)


def is_signed_in(client: Client) -> bool:
    return client.get("/account/").status_code == 200


# The overview


def test_my_account_shows_who_i_am_and_leads_to_everything(people):
    page = sign_in(people.reader).get("/account/").content.decode()

    for text in ("The reader", "Nurse", "reader@clinic.example", "1 device", "None yet"):
        assert text in page
    for name in (
        "account_email", "account_change_password", "mfa_index", "usersessions_list", "account-download",
        "account-delete", "account-profile", "account_logout",
    ):  # fmt: skip
        assert reverse(name) in page


def test_my_account_counts_the_annotations_that_are_shown(people, publish):
    publish()
    reader = sign_in(people.reader)
    for text in ("one", "two", "three"):
        reader.post("/pages/a-page/annotations/", {"text": text})
    people.reader.annotations.first().delete_softly()

    page = reader.get("/account/").content.decode()

    assert "<dt>Annotations</dt>\n<dd>2</dd>" in page


def test_my_account_names_the_second_factors(people):
    Authenticator.objects.create(user=people.reader, type="totp", data={"secret": "s"})
    for _ in range(2):
        Authenticator.objects.create(user=people.reader, type="webauthn", data={})
    reader = Client()
    reader.force_login(people.reader)

    page = reader.get("/account/").content.decode()

    assert "Authenticator app" in page
    assert "2 passkeys" in page
    assert "Recovery codes" not in page


def test_somebody_without_a_password_may_set_one(people, signed_in):
    people.reader.set_unusable_password()
    people.reader.save()

    page = signed_in(people.reader).get("/account/").content.decode()

    assert reverse("account_set_password") in page
    assert reverse("account_change_password") not in page


@pytest.mark.parametrize("name", ["account-overview", "account-download", "account-delete", "usersessions_list"])
def test_a_visitor_is_asked_to_sign_in(client, db, name):
    assert client.get(reverse(name)).url == f"/sign-in?next={reverse(name)}"


def test_my_account_takes_few_queries_and_three_for_each_device(people, django_assert_max_num_queries):
    reader = sign_in(people.reader)

    with django_assert_max_num_queries(11):
        reader.get("/account/")
    for _ in range(2):
        sign_in(people.reader, SAFARI)
    with django_assert_max_num_queries(17):
        reader.get("/account/")


@pytest.mark.parametrize(
    "name",
    ["account_email", "account_change_password", "account-profile", "mfa_index", "usersessions_list", "account_logout"],
)
def test_every_page_under_my_account_leads_back_to_it(people, name):
    page = sign_in(people.reader).get(reverse(name)).content.decode()

    assert '<a class="back" href="/account/">My account</a>' in page


# Where I am signed in


@pytest.mark.parametrize("name", ["account-profile", "account-unsaved"])
def test_a_page_answers_when_only_its_head_is_asked_for(people, signed_in, name):
    assert signed_in(people.reader).head(reverse(name)).status_code == 200


def test_each_device_is_listed_with_its_name_and_which_is_this(people):
    here = sign_in(people.reader, CHROME)
    sign_in(people.reader, SAFARI)
    sign_in(people.other, SAFARI)

    page = here.get("/account/sessions/").content.decode()

    assert page.count("<h2>Chrome on Windows") == 1
    assert page.count("<h2>Safari on iPhone") == 1
    assert page.count("This device") == 1
    assert page.index("Chrome on Windows") < page.index("This device") < page.index("Safari on iPhone")
    assert "127.0.0.1" in page


def test_one_other_device_is_signed_out_at_once_and_the_rest_stay(people):
    here, lost, third = (sign_in(people.reader) for _ in range(3))

    response = here.post(reverse("session-end", args=[session_of(lost).pk]))

    assert response.url == "/account/sessions/"
    assert "That device has been signed out." in here.get(response.url).content.decode()
    assert not is_signed_in(lost)
    assert is_signed_in(here)
    assert is_signed_in(third)


def test_all_other_devices_are_signed_out_at_once(people):
    here, lost, third = (sign_in(people.reader) for _ in range(3))

    page = here.post("/account/sessions/", follow=True).content.decode()

    assert "All your other devices have been signed out." in page
    assert [is_signed_in(client) for client in (here, lost, third)] == [True, False, False]


def test_of_a_device_that_is_signed_out_nothing_is_kept(people):
    here, elsewhere = sign_in(people.reader), sign_in(people.reader)
    kept = session_of(here)
    elsewhere.post("/sign-out")

    call_command("forget_ended")

    assert [*UserSession.objects.all()] == [kept]


def test_nobody_signs_another_persons_device_out(people, signed_in):
    for intruder in (people.other, people.editor, people.administrator):
        mine = sign_in(people.reader)

        response = signed_in(intruder).post(reverse("session-end", args=[session_of(mine).pk]))

        assert response.status_code == 404
        assert is_signed_in(mine)


def test_this_device_is_signed_out_only_by_signing_out(people):
    here = sign_in(people.reader)

    assert here.post(reverse("session-end", args=[session_of(here).pk])).status_code == 404
    assert is_signed_in(here)


def test_following_a_link_signs_nothing_out(people):
    here, other = sign_in(people.reader), sign_in(people.reader)

    assert here.get(reverse("session-end", args=[session_of(other).pk])).status_code == 405
    assert is_signed_in(other)


def test_the_menu_is_short_and_editing_is_for_staff(people, signed_in):
    for person, leads_to_editing in ((people.reader, False), (people.editor, True)):
        page = signed_in(person).get("/account/").content.decode()
        menu = page[page.index('class="account-menu"') : page.index("</details>")]

        assert ("/admin/" in menu) is leads_to_editing
        assert "/account/email/" not in menu
        assert 'href="/account/"' in menu


def test_an_address_still_to_be_confirmed_is_not_shown_as_mine(people, signed_in):
    EmailAddress.objects.create(user=people.reader, email="new@clinic.example", verified=False, primary=False)

    assert "new@clinic.example" not in signed_in(people.reader).get("/account/").content.decode()
