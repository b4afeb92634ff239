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
        ("REQUIRE_SECOND_REVIEWER", "flase"),
        ("REQUIRE_SECOND_REVIEWER", '"true"'),
        ("BEHIND_PROXY", "maybe"),
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
    ("word", "expected"), [("", "True"), ("true", "True"), ("Yes", "True"), ("off", "False"), ("0", "False")]
)
def test_a_second_reviewer_is_required_unless_somebody_says_no(tmp_path, word, expected):
    environment = {"PATH": os.environ["PATH"], "VAR": str(tmp_path), "DJANGO_SETTINGS_MODULE": "config.settings"}
    code = "from django.conf import settings; print(settings.REQUIRE_SECOND_REVIEWER)"
    done = subprocess.run(
        [sys.executable, "-c", code],
        env=environment | {"REQUIRE_SECOND_REVIEWER": word},
        capture_output=True,
        text=True,
        check=True,
    )

    assert done.stdout.strip() == expected
