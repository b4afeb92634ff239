import json
import os
import subprocess
import sys

import pytest

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


def start(tmp_path, **variables) -> subprocess.CompletedProcess:
    """Start Django anew with exactly these variables set."""
    environment = {"PATH": os.environ["PATH"], "VAR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "config.settings"}
    names = "ALLOWED_HOSTS", "SESSION_COOKIE_SECURE", "SECURE_SSL_REDIRECT", "SECURE_HSTS_SECONDS", "PRODUCTION"
    code = f"from django.conf import settings as s; print(*(getattr(s, name) for name in {names}))"
    return subprocess.run(
        [sys.executable, "-c", code], env=environment | variables, capture_output=True, text=True, check=False
    )


def test_every_setting_has_a_default_that_works_on_this_machine(tmp_path):
    done = start(tmp_path)

    assert done.returncode == 0, done.stderr
    assert done.stdout.split()[-4:] == ["False", "False", "0", "False"]
    key = tmp_path / "secret_key"
    assert len(key.read_text()) >= 50
    assert key.stat().st_mode & 0o077 == 0


def test_the_local_key_is_kept(tmp_path):
    start(tmp_path)
    key = (tmp_path / "secret_key").read_text()
    start(tmp_path)

    assert (tmp_path / "secret_key").read_text() == key


def test_a_safe_production_starts_and_is_strict(tmp_path):
    done = start(tmp_path, **SAFE)

    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["['guidance.example']", "True", "True", "31536000", "True"]
    assert not (tmp_path / "secret_key").exists()


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
        ("FREE_PAGES", "21"),
        ("FREE_PAGES_DAYS", "0"),
        ("FREE_PAGES_DAYS", "10000000"),
        ("IDLE_MINUTES", "0"),
        ("IDLE_MINUTES", "481"),
        ("KEEP_SIGNED_IN_DAYS", "0"),
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
def test_an_unsafe_value_refuses_to_start_and_names_the_variable(tmp_path, variable, value):
    done = start(tmp_path, **SAFE | {variable: value})

    assert done.returncode != 0
    last = done.stderr.strip().splitlines()[-1]
    assert last.startswith(f"django.core.exceptions.ImproperlyConfigured: {variable}")


@pytest.mark.parametrize("url", ["http://localhost:8123", "http://127.0.0.1:9000", "http://[::1]:8000"])
def test_loopback_is_not_production(tmp_path, url):
    assert start(tmp_path, SITE_URL=url).stdout.split()[-1] == "False"


@pytest.mark.parametrize(
    ("variable", "word", "expected"),
    [
        ("REQUIRE_SECOND_REVIEWER", "", "True"),
        ("REQUIRE_SECOND_REVIEWER", "true", "True"),
        ("REQUIRE_SECOND_REVIEWER", "Yes", "True"),
        ("REQUIRE_SECOND_REVIEWER", "off", "False"),
        ("REQUIRE_SECOND_REVIEWER", "0", "False"),
        ("REQUIRE_VERIFIED_REGISTRATION", "", "False"),
        ("REQUIRE_VERIFIED_REGISTRATION", "on", "True"),
    ],
)
def test_a_second_reviewer_is_required_and_a_verified_registration_is_not_unless_somebody_says_so(
    tmp_path, variable, word, expected
):
    environment = {"PATH": os.environ["PATH"], "VAR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "config.settings"}
    code = f"from django.conf import settings; print(settings.{variable})"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment | {variable: word},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.strip() == expected


def setting(tmp_path, name: str, **variables: str) -> str:
    """What a setting is with exactly these variables set."""
    environment = {"PATH": os.environ["PATH"], "VAR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "config.settings"}
    code = f"from django.conf import settings; print(repr(settings.{name}))"
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment | variables, capture_output=True, text=True, check=False
    )
    return done.stdout.strip() or done.stderr.strip().splitlines()[-1]


@pytest.mark.parametrize(
    ("variables", "proxies"),
    [
        ({}, "0"),
        ({"BEHIND_PROXY": "false"}, "0"),
        ({"BEHIND_PROXY": "true"}, "1"),
        ({"TRUSTED_PROXIES": "2"}, "2"),
        ({"TRUSTED_PROXIES": "2", "BEHIND_PROXY": "true"}, "2"),
        ({"TRUSTED_PROXIES": "0", "BEHIND_PROXY": "false"}, "0"),
    ],
)
def test_the_number_of_proxies_is_stated(tmp_path, variables, proxies):
    assert setting(tmp_path, "TRUSTED_PROXIES", **variables) == proxies
    header = "None" if proxies == "0" else "('HTTP_X_FORWARDED_PROTO', 'https')"
    assert setting(tmp_path, "SECURE_PROXY_SSL_HEADER", **variables) == header


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
def test_a_number_of_proxies_that_cannot_be_meant_refuses_to_start(tmp_path, variables):
    assert "ImproperlyConfigured: TRUSTED_PROXIES" in setting(tmp_path, "TRUSTED_PROXIES", **variables)


def test_redis_is_used_with_a_memory_to_fall_back_to(tmp_path):
    used = setting(tmp_path, "CACHES", CACHE_URL="redis://127.0.0.1:6379/3")

    assert "'config.cache.FallbackCache'" in used
    assert "redis://127.0.0.1:6379/3" in used
    assert "50000" in setting(tmp_path, "CACHES")


def test_no_log_handler_mails_requests_to_anybody(tmp_path):
    code = (
        "import django, logging; django.setup();"
        "print([each for name in ('', 'django', 'django.request') for each in logging.getLogger(name).handlers])"
    )
    environment = {"PATH": os.environ["PATH"], "VAR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "config.settings"}
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment | SAFE, capture_output=True, text=True, check=True
    )

    assert done.stdout.strip() == "[<StreamHandler <stderr> (NOTSET)>]"


def test_sign_in_providers_are_read_from_a_file_and_the_content_policy_lets_the_form_lead_there(tmp_path):
    file = tmp_path / "providers.json"
    file.write_text(json.dumps([PROVIDER]) + "\n")
    environment = {"PATH": os.environ["PATH"], "VAR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "config.settings"}
    code = (
        "from django.conf import settings as s; from allauth.socialaccount import app_settings;"
        "print(app_settings.PROVIDERS['openid_connect']['APPS'][0]['provider_id'],"
        "*s.CONTENT_SECURITY_POLICY['DIRECTIVES']['form-action'])"
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment | SAFE | {"SIGN_IN_PROVIDERS_FILE": str(file)},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.split() == ["nhs", "'self'", "https://identity.example"]
