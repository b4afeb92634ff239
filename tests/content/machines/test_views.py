"""A page's Markdown, where to report a weakness, and where to change a password."""

import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.test import Client
from django.utils import timezone

from content import publishing
from content.files import importing
from content.files.format import read
from content.history import redaction
from content.models import Code, Contributor, Page, Topic
from tests.reading import words

SOURCE = "/pages/a-page/source.md"
BODY = "## Dose\n\nGive **5 mg**, never 50.[^a]\n\n[^a]: Source\n"


def file_of(response, folder: Path):
    """The answer as a content file, as an import reads it."""
    path = folder / "source.md"
    path.write_bytes(response.content)
    return read(path)


# The Markdown


def test_the_markdown_of_a_page_is_its_live_text_below_what_it_states(client, publish, tmp_path):
    page = Page.objects.create(slug="a-page")
    page.topics.add(Topic.objects.create(name="Pain", slug="pain"))
    Code.objects.create(page=page, system=Code.System.ATC, code="N02", term="Analgesics")
    Contributor.objects.create(page=page, name="Ann", role="Author", credentials="RN", interests="None declared")
    publish(body="Old.\n")
    version = publish(body=BODY)

    response = client.get(SOURCE)

    assert response["Content-Type"] == "text/markdown; charset=utf-8"
    assert response["Content-Disposition"] == 'inline; filename="a-page.md"'
    file = file_of(response, tmp_path)
    assert file.body == BODY
    assert file.slug == "a-page"
    assert file.facts == {
        "slug": "a-page",
        "title": "About a-page",
        "summary": "What a-page says.",
        "change_note": "Because it changed.",
        "version": 2,
        "topics": ["Pain"],
        "codes": [{"system": "ATC", "code": "N02", "term": "Analgesics"}],
        "contributors": version.credits,
        "author": "The editor",
        "approver": "The reviewer",
        "published_at": version.published_at.astimezone(UTC).isoformat(timespec="microseconds"),
        "sha256": version.sha256,
    }


def test_an_import_reads_it_back(client, publish, tmp_path):
    publish(body=BODY)
    (tmp_path / "a-page.md").write_bytes(client.get(SOURCE).content)

    (outcome,) = importing.import_files([tmp_path / "a-page.md"])

    assert outcome.result == "unchanged"
    edited = (tmp_path / "a-page.md").read_text().replace("5 mg", "6 mg").replace("Because it changed", "Why")
    (tmp_path / "a-page.md").write_text(edited)
    (outcome,) = importing.import_files([tmp_path / "a-page.md"])
    assert outcome.result == "changed"
    assert "6 mg" in Page.objects.get().drafts.get().body


def test_it_states_nothing_that_is_not_published(client, publish, people, tmp_path):
    page = Page.objects.create(slug="a-page")
    Contributor.objects.create(page=page, name="Ann", role="Author")
    publish(body=BODY)
    page.contributors.update(name="Somebody else")
    text = publishing.Text("Draft title", "S", "Draft text.\n", "Draft note.")
    publishing.start_draft(page=page, text=text, by=people.editor, started_from=1)
    later = publishing.Text("Later title", "S", "Later text.\n", "Later note.")
    publishing.add_version(page=page, text=later, published_at=timezone.now() + timedelta(hours=1))

    response = client.get(SOURCE)

    assert file_of(response, tmp_path).facts["contributors"][0]["name"] == "Ann"
    said = response.content.decode()
    for word in ("Somebody", "Draft", "Later", "@", f"id: {people.editor.pk}"):
        assert word not in said, word


def test_it_has_no_word_and_no_hash_of_what_was_redacted(client, publish, people):
    version = publish(title="Mr Jones of Leeds", body="Mr Jones takes 5 mg.\n")
    redaction.redact(version=version, by=people.administrator, reason="A name.")

    said = client.get(SOURCE).content.decode()

    assert "Redacted" in said
    for word in ("Jones", "5 mg", "sha256", version.sha256):
        assert word not in said


def test_it_counts_as_the_page_and_is_refused_as_the_page(client, publish, settings):
    settings.FREE_PAGES = 1
    publish(body=BODY)
    publish("b-page")
    assert client.get(SOURCE).status_code == 200
    assert client.get("/pages/a-page/").status_code == 200

    refused = client.get("/pages/b-page/source.md")

    assert refused.status_code == 403
    assert "Give 5 mg" not in refused.content.decode()
    assert "Sign in to read this page" in words(refused)
    assert "private" in client.get(SOURCE)["Cache-Control"]


@pytest.mark.parametrize(
    ("method", "headers", "status", "counts"),
    [("get", {}, 200, True), ("head", {}, 200, False), ("get", {"Sec-Purpose": "prefetch"}, 503, False)],
)
def test_only_what_was_read_counts(client, publish, method, headers, status, counts):
    publish()

    assert getattr(client, method)(SOURCE, headers=headers).status_code == status
    assert ("meter" in client.cookies) is counts


def test_a_copy_that_is_still_the_same_counts_too(client, publish):
    publish()
    tag = client.get(SOURCE)["ETag"]
    other = Client()

    assert other.get(SOURCE, headers={"If-None-Match": tag}).status_code == 304
    assert "meter" in other.cookies


def test_a_page_that_cannot_be_read_has_no_markdown(client, publish, withdraw):
    publish("about-us", kind="about")
    withdraw(publish(body=BODY).page)
    Page.objects.create(slug="unpublished")

    for slug in ("about-us", "unpublished", "none"):
        assert client.get(f"/pages/{slug}/source.md").status_code == 404
    withdrawn = client.get(SOURCE)
    assert withdrawn.status_code == 410
    assert "It was out of date." in words(withdrawn)
    assert "5 mg" not in withdrawn.content.decode()


def test_the_markdown_costs_two_queries(client, publish, django_assert_num_queries):
    page = Page.objects.create(slug="a-page")
    for number in range(9):
        Code.objects.create(page=page, system=Code.System.ATC, code=str(number), term="A term")
    publish()

    with django_assert_num_queries(2):
        assert client.get(SOURCE).content.count(b"system: ATC") == 9


# Addresses under .well-known


def fields_of(response) -> dict[str, str]:
    """The fields of RFC 9116, none of which is stated twice here."""
    lines = [line.split(": ", 1) for line in response.content.decode().splitlines()]
    assert len({name for name, _ in lines}) == len(lines)
    return dict(lines)


@pytest.mark.parametrize(
    ("security", "contact", "stated"),
    [
        ("", "editors@guidance.example", "mailto:editors@guidance.example"),
        ("", "a+b%c@guidance.example", "mailto:a%2Bb%25c@guidance.example"),
        ("security@guidance.example", "editors@guidance.example", "mailto:security@guidance.example"),
        ("https://guidance.example/report?a=1&b=2", "", "https://guidance.example/report?a=1&b=2"),
    ],
)
def test_security_txt_says_where_to_report_a_weakness(client, settings, time_machine, security, contact, stated):
    time_machine.move_to(datetime(2026, 11, 27, 12, tzinfo=UTC))
    settings.SECURITY_CONTACT, settings.CONTACT_EMAIL = security, contact

    response = client.get("/.well-known/security.txt")

    assert response["Content-Type"] == "text/plain; charset=utf-8"
    assert fields_of(response) == {
        "Contact": stated, "Expires": "2027-05-26T00:00:00Z", "Preferred-Languages": "en",
    }  # fmt: skip


def test_security_txt_is_of_this_address_and_never_out_of_date(client, settings):
    settings.SITE_URL, settings.SECURE = "https://guidance.example", True
    fields = fields_of(client.get("/.well-known/security.txt"))

    assert fields["Canonical"] == "https://guidance.example/.well-known/security.txt"
    left = datetime.fromisoformat(fields["Expires"]) - timezone.now()
    assert timedelta(days=30) < left < timedelta(days=365)


def test_a_site_that_has_given_no_address_has_no_security_txt(client, settings, db):
    settings.SECURITY_CONTACT = settings.CONTACT_EMAIL = ""

    assert client.get("/.well-known/security.txt").status_code == 404


def test_a_password_manager_is_led_to_the_change_of_a_password(people, signed_in, db):
    visitor, reader = Client(), signed_in(people.reader)

    for client in (visitor, reader):
        assert client.get("/.well-known/change-password").url == "/account/password/change/"
    assert reader.get("/.well-known/change-password", follow=True).status_code == 200
    asked = visitor.get("/.well-known/change-password", follow=True)
    assert re.match(r"/sign-in\?next=/account/password/change/", asked.redirect_chain[-1][0])
    assert visitor.get("/.well-known/resource-that-should-not-exist").status_code == 404
