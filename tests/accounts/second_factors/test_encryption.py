import json

import pytest
from allauth.mfa.adapter import get_adapter
from allauth.mfa.models import Authenticator
from django.core.management import CommandError, call_command

from accounts.second_factors import encryption
from tests.accounts.steps import recovery_codes
from tests.conftest import APP_KEY, PASSWORD

OLD, NEW = "old" * 20, "new" * 20


@pytest.fixture
def editor(settings, person):
    """Somebody whose authenticator app and recovery codes were set up under the old key."""
    settings.SECRET_KEY = OLD
    made = person("editor")
    recovery_codes(made)
    return made


def sign_in(client, editor, code: str):
    url = client.post("/sign-in", {"login": editor.email, "password": PASSWORD}).url
    return client.post(url, {"code": code})


def test_what_is_encrypted_can_be_read_and_differs_each_time():
    first, second = encryption.encrypt("secret"), encryption.encrypt("secret")

    assert first != second
    assert encryption.decrypt(first) == encryption.decrypt(second) == "secret"


def test_the_database_holds_no_secret(editor):
    kept = json.dumps([*Authenticator.objects.values_list("data", flat=True)])

    assert APP_KEY not in kept
    app = Authenticator.objects.get(type="totp")
    assert encryption.decrypt(app.data["secret"]) == APP_KEY


def test_a_changed_key_beside_the_old_one_still_signs_in(editor, settings, client, code_from_app):
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, [OLD]

    assert sign_in(client, editor, code_from_app()).url == "/"


def test_a_changed_key_without_the_old_one_refuses_every_code_in_words(editor, settings, client, code_from_app, caplog):
    codes = recovery_codes(editor)
    settings.SECRET_KEY = NEW

    for code in (code_from_app(), codes[0]):
        assert "That code is not correct." in sign_in(client, editor, code).content.decode()
    assert "SECRET_KEY_FALLBACKS" in caplog.text
    kept = Authenticator.objects.get(type="totp").data["secret"]
    assert get_adapter().decrypt(kept) != get_adapter().decrypt(kept)  # nobody can know what takes its place


def test_sessions_and_the_meter_outlive_a_changed_key_beside_the_old_one(settings, people, signed_in, client, publish):
    settings.SECRET_KEY = OLD
    publish()
    editing = signed_in(people.editor)
    client.get("/pages/a-page/")
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, [OLD]

    assert editing.get("/admin/").status_code == 200
    assert client.get("/").wsgi_request.meter.opened == ["a-page"]


def test_encrypted_anew_the_old_key_is_no_longer_needed(editor, settings, client, code_from_app):
    codes = recovery_codes(editor)
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = NEW, [OLD]
    call_command("encrypt_anew")
    settings.SECRET_KEY_FALLBACKS = []

    assert sign_in(client, editor, code_from_app()).url == "/"
    client.post("/sign-out")
    assert sign_in(client, editor, codes[0]).url == "/"


def test_what_cannot_be_encrypted_anew_is_named_and_kept(editor, settings):
    before = [*Authenticator.objects.values_list("data", flat=True)]
    settings.SECRET_KEY = NEW

    with pytest.raises(CommandError, match=rf"accounts \[{editor.pk}\]"):
        call_command("encrypt_anew")
    assert [*Authenticator.objects.values_list("data", flat=True)] == before
