import os
from collections.abc import Callable
from pathlib import Path
from types import SimpleNamespace

import hypothesis
import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.models import Group
from django.core.cache import cache
from django.db import connection
from django.test import Client, TransactionTestCase
from django.utils import timezone

from accounts.models import Profession, User
from content import immutability, library, publishing
from content.models import Page, Version

LIBRARY = Path(__file__).parent.parent / "content" / "library"
PASSWORD = "correct horse battery"

_flush = TransactionTestCase._fixture_teardown


def _flush_without_triggers(self):
    """Emptying the database after a test is the one time when versions may go; post_migrate makes the triggers anew."""
    immutability.remove(connection)
    _flush(self)


TransactionTestCase._fixture_teardown = _flush_without_triggers


# A machine that is busy is not a failure.
hypothesis.settings.register_profile(
    "site", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow], derandomize="CI" in os.environ
)
hypothesis.settings.load_profile("site")


def pytest_configure() -> None:
    """Static files from their sources and a quick password hash; before the live server starts, so not a fixture."""
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
    settings.WHITENOISE_AUTOREFRESH = True
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.CONTACT_EMAIL = "editors@guidance.example"


@pytest.fixture(autouse=True)
def nothing_remembered() -> None:
    """No rate limit and no code from another test."""
    cache.clear()


@pytest.fixture
def person(db) -> Callable[..., User]:
    """Make a person as sign-up does: `person("reader")`, `person("editor", name="Ann")`."""

    def make(role: str, name: str = "", email: str = "") -> User:
        made = User.objects.create_user(
            email or f"{role}@clinic.example",
            PASSWORD,
            name=name or f"The {role}",
            profession=Profession.NURSE,
            declared_at=timezone.now(),
            is_staff=role in ("editor", "reviewer", "administrator"),
            is_superuser=role == "administrator",
        )
        made.groups.set(Group.objects.filter(name=role.capitalize()))
        EmailAddress.objects.create(user=made, email=made.email, verified=True, primary=True)
        return made

    return make


@pytest.fixture
def people(person) -> SimpleNamespace:
    """One of each: reader, other (another reader), editor, reviewer, administrator."""
    roles = ("reader", "other", "editor", "reviewer", "administrator")
    return SimpleNamespace(**{role: person(role) for role in roles})


@pytest.fixture
def signed_in() -> Callable[[User], Client]:
    """A browser in which this person is signed in."""

    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user, "django.contrib.auth.backends.ModelBackend")
        return client

    return sign_in


@pytest.fixture
def publish(people) -> Callable[..., Version]:
    """Publish a text through the real steps: written by the editor, approved by the reviewer."""

    def publish(slug: str = "a-page", body: str = "Give 5 mg.\n", title: str = "", **facts) -> Version:
        page, _ = Page.objects.get_or_create(slug=slug, defaults=facts)
        live = page.live_version
        text = publishing.Text(title or f"About {slug}", f"What {slug} says.", body, "Because it changed.")
        draft = publishing.start_draft(page=page, text=text, by=people.editor, started_from=live.number if live else 0)
        draft = publishing.submit(draft=draft, by=people.editor, revision=draft.revision)
        return publishing.publish(draft=draft, by=people.reviewer, revision=draft.revision, sha256=draft.shown_sha256)

    return publish


@pytest.fixture
def shipped_library(db) -> None:
    """The pages that ship with the site."""
    assert {outcome.result for outcome in library.import_files(library.files_in(LIBRARY))} == {"new"}
