import json
import os
import re
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from types import SimpleNamespace

import hypothesis
import pytest
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.models import Group
from django.core import mail
from django.db import connection
from django.test import Client, TransactionTestCase
from django.utils import timezone

from accounts.allauth_private import record_authentication, totp
from accounts.models import Profession, User
from accounts.session.timeout import RECORD, SessionLifetime
from accounts.single_sign_on.providers import read_providers, social_account_providers
from content import publishing
from content.files import importing
from content.history import triggers
from content.models import Page, Version
from tests.kept import once
from tests.openid_provider import OpenIDProvider, running
from tests.served import Served, serving

pytest_plugins = ["tests.stores"]

LIBRARY = Path(__file__).parent.parent / "content" / "library"
PASSWORD = "correct horse battery"
APP_KEY = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"  # the key in the authenticator app of everyone who edits

_flush = TransactionTestCase._fixture_teardown


def _flush_without_triggers(self):
    """Empty the database after a test, when alone versions may be deleted. post_migrate creates the triggers again."""
    triggers.remove(connection)
    _flush(self)


TransactionTestCase._fixture_teardown = _flush_without_triggers


# A busy machine is not a failure.
hypothesis.settings.register_profile(
    "site", deadline=None, suppress_health_check=[hypothesis.HealthCheck.too_slow], derandomize="CI" in os.environ
)
hypothesis.settings.load_profile("site")


def pytest_configure() -> None:
    """Use static files from their sources and a fast password hash. It is no fixture, to precede the live server.

    Each xdist worker empties a Redis database of its own: the one named, the one numbered below it, and so on.
    """
    settings.STORAGES = settings.STORAGES | {
        "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
    }
    settings.WHITENOISE_AUTOREFRESH = True
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    settings.CONTACT_EMAIL = "contact@guidance.example"  # no "edit" in it: journeys find links by part of a name
    worker, where = (
        int(os.environ.get("PYTEST_XDIST_WORKER", "gw0")[2:]),
        settings.CACHES["default"].get("LOCATION", ""),
    )
    if worker and re.search(r"/\d+$", where):
        server, _, number = where.rpartition("/")
        if worker > int(number):
            raise pytest.UsageError(f"Redis has no database for worker {worker + 1}: use at most -n {int(number) + 1}.")
        settings.CACHES["default"]["LOCATION"] = f"{server}/{int(number) - worker}"


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup, django_db_blocker) -> Iterator[None]:
    """At the end, close the connections of other threads, which keep PostgreSQL's test database in use.

    A thread of a live server may still be answering a browser.
    """
    yield
    if connection.vendor == "postgresql":
        with django_db_blocker.unblock(), connection.cursor() as cursor:
            others = "datname = current_database() AND pid <> pg_backend_pid()"
            cursor.execute(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE {others}")


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
        if made.is_staff:
            totp.TOTP.activate(made, APP_KEY)
        return made

    return make


@pytest.fixture
def people(person) -> SimpleNamespace:
    """One person of each kind: reader, other (another reader), editor, reviewer, administrator."""
    roles = ("reader", "other", "editor", "reviewer", "administrator")
    return SimpleNamespace(**{role: person(role) for role in roles})


@pytest.fixture
def signed_in() -> Callable[[User], Client]:
    """Return a client in which this person is signed in; anyone who edits has also used their authenticator app."""

    def sign_in(user: User) -> Client:
        client = Client()
        client.force_login(user)
        session = client.session
        session[RECORD] = SessionLifetime.begin(timezone.now(), settings.IDLE_TIME).to_record()
        if user.is_staff:
            record_authentication(SimpleNamespace(session=session), user, "mfa", type="totp")
        session.save()
        return client

    return sign_in


@pytest.fixture
def code_from_app() -> Callable[..., str]:
    """Return a code from a person's authenticator app, never the same one twice (three are valid at a time)."""
    given: set[tuple[str, int]] = set()

    def code(key: str = APP_KEY, of: str = "") -> str:
        period = int(time.time()) // 30
        fresh = next(each for each in (period, period + 1, period - 1) if (f"{key}{of}", each) not in given)
        given.add((f"{key}{of}", fresh))
        return totp.format_hotp_value(totp.hotp_value(key, fresh))

    return code


def reauthenticate_by_email(client: Client) -> None:
    """Confirm again who is signed in, as someone does who has neither a password nor a second factor."""
    path = "/account/reauthenticate/code/"
    client.post(path)
    code = re.search(r"^\d{4}-\d{4}$", mail.outbox[-1].body, re.MULTILINE)
    assert code
    client.post(f"{path}confirm/", {"code": code[0]})


# What differs each time in a page's hidden fields; what a seal says comes before its time and signature.
ONCE_ONLY = r'(?<=name="csrfmiddlewaretoken" value=")[^"]+|(?<=:)[\w-]+:[\w-]{43}(?=")'


def seal_on(client: Client, path: str) -> str:
    """What the form on a page says of itself."""
    seal = re.search(r'name="seal" value="([^"]+)"', client.get(path).content.decode())
    assert seal
    return seal[1]


@pytest.fixture
def publish(people) -> Callable[..., Version]:
    """Publish a text through the real steps: the editor writes it, the reviewer approves it."""

    def publish(slug: str = "a-page", body: str = "Give 5 mg.\n", title: str = "", **facts) -> Version:
        page, _ = Page.objects.get_or_create(slug=slug, defaults=facts)
        live = page.live_version
        text = publishing.Text(title or f"About {slug}", f"What {slug} says.", body, "Because it changed.")
        draft = publishing.start_draft(page=page, text=text, by=people.editor, started_from=live.number if live else 0)
        draft = publishing.submit(draft=draft, by=people.editor, revision=draft.revision)
        return publishing.publish(draft=draft, by=people.reviewer, revision=draft.revision, sha256=draft.shown_sha256)

    return publish


@pytest.fixture
def withdraw(people) -> Callable[[Page], Version]:
    """Withdraw a page through the real steps."""

    def withdraw(page: Page) -> Version:
        text = publishing.Text(f"About {page.slug}", f"What {page.slug} says.", reason="It was out of date.")
        live = page.live_version.number
        draft = publishing.start_draft(page=page, text=text, by=people.editor, started_from=live, kind="withdrawal")
        draft = publishing.submit(draft=draft, by=people.editor, revision=draft.revision)
        return publishing.publish(draft=draft, by=people.reviewer, revision=draft.revision, sha256=draft.shown_sha256)

    return withdraw


@pytest.fixture
def shipped_library(db) -> None:
    """The pages that ship with the site."""

    def bring_in() -> None:
        outcomes = list(importing.import_files(importing.files_in(LIBRARY)))
        importing.import_synonyms(LIBRARY)
        changed = [outcome.path.name for outcome in outcomes if outcome.result != "new"]
        assert changed == ["natalizumab-highly-active-rrms.md"]  # after its history

    once("library", bring_in)


@pytest.fixture
def natalizumab(db) -> None:
    """The first page alone, with the version before: the whole library is more than most tests look at."""

    def bring_in() -> None:
        files = [file for file in importing.files_in(LIBRARY) if "natalizumab-highly-active-rrms" in str(file)]
        assert [outcome.result for outcome in importing.import_files(files)] == ["new", "changed"]

    once("natalizumab", bring_in)


@pytest.fixture
def connect_providers(settings) -> Callable[..., None]:
    """Give the site these providers, as the variable SIGN_IN_PROVIDERS would."""

    def connect(*entries: dict) -> None:
        providers = read_providers(json.dumps(entries), https_only=False)
        settings.SOCIALACCOUNT_PROVIDERS = social_account_providers(providers)
        directives = settings.CONTENT_SECURITY_POLICY["DIRECTIVES"]
        origins = [origin for provider in providers for origin in provider.origins]
        settings.CONTENT_SECURITY_POLICY = {
            "DIRECTIVES": directives | {"form-action": [*directives["form-action"], *origins]}
        }

    return connect


@pytest.fixture(scope="session")
def openid_process() -> Iterator[OpenIDProvider]:
    """One process with a provider, for all tests."""
    with running() as provider:
        yield provider


@pytest.fixture
def openid_provider(openid_process, connect_providers) -> OpenIDProvider:
    """A running provider, which the site knows as `nhs`."""
    openid_process.bend()
    connect_providers(openid_process.entry())
    return openid_process


@pytest.fixture
def reauthenticated(signed_in, code_from_app) -> Callable[[User], Client]:
    """Return a client in which this person has just signed in and confirmed again who they are."""

    def prove(user: User) -> Client:
        client = signed_in(user)
        if user.has_second_factor:
            response = client.post("/account/2fa/reauthenticate/", {"code": code_from_app(), "next": "/account/"})
        else:
            response = client.post("/account/reauthenticate/", {"password": PASSWORD, "next": "/account/"})
        assert response.url == "/account/"
        return client

    return prove


@pytest.fixture(scope="module")
def site(tmp_path_factory) -> Iterator[Served]:
    """The site as `make run` serves it."""
    with serving(tmp_path_factory.mktemp("var")) as served:
        yield served


@pytest.fixture(autouse=True)
def search_index(settings, tmp_path_factory):
    """Give each test an index of its own: the changes of a test are taken back, and nothing tells the file so."""
    settings.SEARCH_INDEX = tmp_path_factory.mktemp("search") / "index.sqlite3"
