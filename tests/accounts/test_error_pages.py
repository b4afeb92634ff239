import pytest
from django.test import Client

from tests.accounts.steps import DECLARATION
from tests.conftest import PASSWORD, seal_on


def test_a_page_that_an_account_may_not_open_says_so(people, signed_in):
    response = signed_in(people.editor).get("/admin/accounts/user/add/")

    assert response.status_code == 403
    said = response.content.decode()
    assert "Your account does not have permission to open it. If it should, write to <a href=" in said
    assert said.count('<a href="mailto:contact@guidance.example">contact@guidance.example</a>') == 2  # and in the foot


def test_a_form_that_an_account_may_not_send_gives_the_typed_text_back(people, signed_in):
    response = signed_in(people.editor).post("/admin/accounts/user/add/", {"name": "Ann Nurse", "password1": PASSWORD})
    text = response.content.decode()

    assert response.status_code == 403
    assert "Your account cannot do this, so nothing was saved." in text
    assert "Ann Nurse</textarea>" in text
    assert PASSWORD not in text


@pytest.mark.parametrize(("form", "heading"), [({}, "Try again"), ({"name": "Ann Nurse"}, "Your text was not saved")])
def test_a_form_without_the_secret_of_this_browser_says_what_to_do(db, form, heading):
    response = Client(enforce_csrf_checks=True).post("/sign-up", form)

    assert response.status_code == 403
    assert f"<h1>{heading}</h1>" in response.content.decode()
    assert all(f"{typed}</textarea>" in response.content.decode() for typed in form.values())


def test_over_the_limit_of_an_address_the_typed_text_is_still_there_and_the_secrets_are_not(settings, db):
    settings.ACCOUNT_RATE_LIMITS = settings.ACCOUNT_RATE_LIMITS | {"signup": "3/m/ip"}
    form = DECLARATION | {"name": "Ann Nurse", "email": "ann"}
    for _ in range(3):
        assert Client().post("/sign-up", form).status_code == 200

    response = Client().post("/sign-up", form)
    text = response.content.decode()

    assert response.status_code == 429
    assert response["Retry-After"] == "60"
    assert "Wait a few minutes, then try again" in text
    assert "Ann Nurse" in text
    assert PASSWORD not in text


def test_over_the_limit_of_new_passwords_other_ways_are_offered(person, client):
    person("reader")
    form = {"email": "reader@clinic.example", "seal": seal_on(client, "/account/password/reset/")}
    answers = [client.post("/account/password/reset/", form) for _ in range(6)]

    assert [answer.status_code for answer in answers] == [302] * 5 + [429]
    assert ">Sign in with a code</a>" in answers[-1].content.decode()
    assert "reader@clinic.example" in answers[-1].content.decode()
