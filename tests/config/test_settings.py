import json
import os
import runpy
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

import config

SAFE = {
    "SITE_URL": "https://guidance.example",
    "SECRET_KEY": "k3yq0Vw8Zr1Xn5Tb7Lm2Pc9Hd4Gf6Js0QaWeRtYuIoPzXcVbNm",
    "EMAIL_URL": "smtp+tls://user:password@mail.example:587",
    "CONTACT_EMAIL": "editors@guidance.example",
}
PROVIDER = {
    "id": "nhs",
    "name": "NHS Care Identity",
    "server_url": "https://identity.example",
    "client_id": "site",
    "secret": "a-secret",
}


SETTINGS = Path(config.__file__).parent / "settings.py"


@pytest.fixture
def start(tmp_path, monkeypatch) -> Callable[..., dict]:
    """Read the settings anew with exactly these variables set."""

    def start(**variables: str) -> dict:
        for name in os.environ:
            monkeypatch.delenv(name)
        for name, value in ({"VAR": str(tmp_path)} | variables).items():
            monkeypatch.setenv(name, value)
        try:
            return runpy.run_path(str(SETTINGS))
        finally:
            monkeypatch.undo()

    return start


def run(code: str, tmp_path: Path, **variables: str) -> subprocess.CompletedProcess:
    """Start Django anew in a process of its own with exactly these variables set."""
    environment = {"PATH": os.environ["PATH"], "VAR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "config.settings"}
    return subprocess.run(
        [sys.executable, "-c", code], env=environment | variables, capture_output=True, text=True, check=False
    )


def test_every_setting_has_a_default_that_works_on_this_machine(start, tmp_path):
    settings = start()

    strict = "SESSION_COOKIE_SECURE", "SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS", "PRODUCTION"
    assert [settings[name] for name in strict] == [False, False, 0, False]
    key = tmp_path / "secret_key"
    assert len(key.read_text()) >= 50
    assert key.stat().st_mode & 0o077 == 0


def test_the_rights_that_are_not_set_are_the_publishers(start):
    settings = start(PUBLISHER="A trust")

    assert settings["COPYRIGHT"] == "Copyright A trust."
    assert settings["RIGHTS_STATEMENT"].startswith("All rights reserved. ")
    assert start(RIGHTS_STATEMENT="")["RIGHTS_STATEMENT"] == ""


def test_the_local_key_is_kept(start):
    assert start()["SECRET_KEY"] == start()["SECRET_KEY"]


def test_a_safe_production_starts_and_is_strict(tmp_path):
    names = "ALLOWED_HOSTS", "SESSION_COOKIE_SECURE", "SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS", "PRODUCTION"
    code = f"from django.conf import settings as s; print(*(getattr(s, name) for name in {names}))"
    done = run(code, tmp_path, **SAFE)

    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["['guidance.example']", "True", "True", "31536000", "True"]
    assert not (tmp_path / "secret_key").exists()


def test_a_refusal_ends_the_process_in_words(tmp_path):
    done = run("from django.conf import settings; settings.DEBUG", tmp_path, **SAFE | {"DEBUG": "true"})

    assert done.returncode != 0
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith("django.core.exceptions.ImproperlyConfigured: DEBUG")


@pytest.mark.parametrize(
    ("variable", "value"),
    [
        ("SITE_URL", "http://guidance.example"),
        ("SITE_URL", "guidance.example"),
        ("SITE_URL", "https://guidance.example/path"),
        ("SECRET_KEY", ""),
        ("SECRET_KEY", "a" * 60),
        ("SECRET_KEY", "short"),
        ("DEBUG", "true"),
        ("EMAIL_URL", "consolemail://"),
        ("CONTACT_EMAIL", ""),
        ("EMAIL_URL", "ConsoleMail://"),
        ("EMAIL_URL", " consolemail://"),
        ("EMAIL_URL", "filemail:///tmp"),
        ("EMAIL_URL", "nonsense"),
        ("EMAIL_URL", "smtp://mail.example:x"),
        ("DATABASE_URL", "nonsense"),
        ("DATABASE_URL", "mysql://localhost/site"),
        ("CACHE_URL", "nonsense"),
        ("FREE_PAGES", "21"),
        ("FREE_PAGES", "-1"),
        ("FREE_PAGES", "five"),
        ("FREE_PAGES_DAYS", "0"),
        ("FREE_PAGES_DAYS", "10000000"),
        ("IDLE_MINUTES", "0"),
        ("IDLE_MINUTES", "thirty"),
        ("IDLE_MINUTES", "481"),
        ("IDLE_MINUTES", "0000000030999"),
        ("KEEP_SIGNED_IN_DAYS", "0"),
        ("KEEP_SIGNED_IN_DAYS", "30d"),
        ("KEEP_SIGNED_IN_DAYS", "91"),
        ("REQUIRE_SECOND_REVIEWER", "flase"),
        ("REQUIRE_SECOND_REVIEWER", '"true"'),
        ("REQUIRE_VERIFIED_REGISTRATION", "ja"),
        ("BEHIND_PROXY", "maybe"),
        ("SIGN_IN_PROVIDERS", "nhs"),
        ("SIGN_IN_PROVIDERS", '[{"id": "nhs"}]'),
        ("SIGN_IN_PROVIDERS", json.dumps([PROVIDER | {"server_url": "http://identity.example"}])),
    ],
)
def test_an_unsafe_value_refuses_to_start_and_names_the_variable(start, variable, value):
    with pytest.raises(ImproperlyConfigured, match=f"^{variable}"):
        start(**SAFE | {variable: value})


def test_an_address_that_is_refused_is_not_shown_because_it_may_hold_a_password(start):
    with pytest.raises(ImproperlyConfigured) as refused:
        start(DATABASE_URL="postgress://user:hidden@host/name")

    assert "hidden" not in str(refused.value)


@pytest.mark.parametrize(
    ("variable", "default"),
    [("FREE_PAGES", 5), ("FREE_PAGES_DAYS", 30), ("IDLE_MINUTES", 30), ("KEEP_SIGNED_IN_DAYS", 30)],
)
def test_an_empty_number_is_the_default(start, variable, default):
    assert start(**{variable: ""})[variable] == default


@pytest.mark.parametrize("url", ["http://localhost:8123", "http://127.0.0.1:9000", "http://[::1]:8000"])
def test_loopback_is_not_production(start, url):
    assert start(SITE_URL=url)["PRODUCTION"] is False


@pytest.mark.parametrize(
    ("variable", "word", "expected"),
    [
        ("REQUIRE_SECOND_REVIEWER", "", True),
        ("REQUIRE_SECOND_REVIEWER", "true", True),
        ("REQUIRE_SECOND_REVIEWER", "Yes", True),
        ("REQUIRE_SECOND_REVIEWER", "off", False),
        ("REQUIRE_SECOND_REVIEWER", "0", False),
        ("REQUIRE_VERIFIED_REGISTRATION", "", False),
        ("REQUIRE_VERIFIED_REGISTRATION", "on", True),
    ],
)
def test_a_second_reviewer_is_required_and_a_verified_registration_is_not_unless_somebody_says_so(
    start, variable, word, expected
):
    assert start(**{variable: word})[variable] is expected


@pytest.mark.parametrize(
    ("variables", "proxies"),
    [
        ({}, 0),
        ({"BEHIND_PROXY": "false"}, 0),
        ({"BEHIND_PROXY": "true"}, 1),
        ({"TRUSTED_PROXIES": "2"}, 2),
        ({"TRUSTED_PROXIES": "2", "BEHIND_PROXY": "true"}, 2),
        ({"TRUSTED_PROXIES": "0", "BEHIND_PROXY": "false"}, 0),
    ],
)
def test_the_number_of_proxies_is_stated(start, variables, proxies):
    settings = start(**variables)

    assert settings["TRUSTED_PROXIES"] == proxies
    assert settings["SECURE_PROXY_SSL_HEADER"] == (("HTTP_X_FORWARDED_PROTO", "https") if proxies else None)


@pytest.mark.parametrize(
    "variables",
    [
        {"TRUSTED_PROXIES": "-1"},
        {"TRUSTED_PROXIES": "one"},
        {"TRUSTED_PROXIES": "1.5"},
        {"TRUSTED_PROXIES": "999"},
        {"TRUSTED_PROXIES": "0", "BEHIND_PROXY": "true"},
        {"TRUSTED_PROXIES": "1", "BEHIND_PROXY": "false"},
    ],
)
def test_a_number_of_proxies_that_cannot_be_meant_refuses_to_start(start, variables):
    with pytest.raises(ImproperlyConfigured, match=r"^TRUSTED_PROXIES"):
        start(**variables)


def test_redis_is_used_with_a_memory_to_fall_back_to(start):
    where = "redis://127.0.0.1:6379/3"
    used = start(CACHE_URL=where)["CACHES"]["default"]

    assert (used["BACKEND"], used["LOCATION"]) == ("config.cache.FallbackCache", where)
    assert start()["CACHES"]["default"]["OPTIONS"] == {"MAX_ENTRIES": 50_000}


def test_no_log_handler_mails_requests_to_anybody(tmp_path):
    code = (
        "import django, logging; django.setup();"
        "print([each for name in ('', 'django', 'django.request') for each in logging.getLogger(name).handlers])"
    )
    done = run(code, tmp_path, **SAFE)

    assert done.stdout.strip() == "[<StreamHandler <stderr> (NOTSET)>]"


def test_sign_in_providers_are_read_from_a_file_and_the_content_policy_lets_the_form_lead_there(tmp_path):
    file = tmp_path / "providers.json"
    file.write_text(json.dumps([PROVIDER]) + "\n")
    code = (
        "from django.conf import settings as s; from allauth.socialaccount import app_settings;"
        "print(app_settings.PROVIDERS['openid_connect']['APPS'][0]['provider_id'],"
        "*s.CONTENT_SECURITY_POLICY['DIRECTIVES']['form-action'])"
    )
    done = run(code, tmp_path, **SAFE | {"SIGN_IN_PROVIDERS_FILE": str(file)})

    assert done.stdout.split() == ["nhs", "'self'", "https://identity.example"]


@pytest.mark.parametrize("contact", ["security", "http://guidance.example", "a@b c", "https://a.example\nContact: b"])
def test_an_address_for_weaknesses_that_is_none_is_refused(start, contact):
    with pytest.raises(ImproperlyConfigured, match="SECURITY_CONTACT"):
        start(SECURITY_CONTACT=contact)


@pytest.mark.parametrize("contact", ["", "security@guidance.example", "https://guidance.example/report"])
def test_an_address_for_weaknesses_is_an_email_or_https_address(start, contact):
    assert start(SECURITY_CONTACT=contact)["SECURITY_CONTACT"] == contact
