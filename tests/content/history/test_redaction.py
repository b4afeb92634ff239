"""One version's text goes for good, with a tombstone in its place, and nothing else changes."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction
from django.utils import timezone

from content import publishing
from content.history import redaction, triggers, verification
from content.models import Redaction, Version

REASON = "A patient was named."


@pytest.fixture
def history(publish):
    return [
        publish("dose", title="Dose for Mr Smith", body="Give Mr Smith 5 mg.\n\nAt noon.\n"),
        publish("dose", body="Give 5 mg.\n\nAt noon.\n"),
    ]


def redact(version: Version, people: SimpleNamespace, **options) -> Version:
    redaction.redact(version=version, by=people.administrator, reason=REASON, **options)
    return Version.objects.select_related("page", "redaction", "rendering").get(pk=version.pk)


def test_a_tombstone_says_who_when_and_why(history, people):
    version = redact(history[0], people)

    at = f"{version.redaction.redacted_at:%-d %B %Y at %H:%M} UTC"
    assert (version.title, version.summary) == ("Redacted", "The text of this version was taken away.")
    assert (version.change_note, version.reason) == ("Redacted.", "")
    assert version.body == f"This version was redacted by The administrator on {at}: {REASON}\n"
    assert "Smith" not in version.rendering.html
    assert REASON in version.rendering.html


def test_people_credits_time_and_sha256_stay(history, people):
    names = ("number", "kind", "credits", "author_name", "author_id", "approver_name", "published_at", "sha256")
    before = Version.objects.values(*names).get(pk=history[0].pk)
    version = redact(history[0], people)

    assert {name: getattr(version, name) for name in names} == before
    assert version.redaction.sha256 == version.compute_sha256("") != version.sha256


def test_the_title_may_be_kept(history, people):
    assert redact(history[0], people, keep_title=True).title == "Dose for Mr Smith"
    assert [finding for page in verification.check_pages() for finding in page.findings] == []


def test_other_versions_are_as_they_were(history, people):
    before = list(Version.objects.exclude(pk=history[0].pk).values())
    redact(history[0], people)

    assert list(Version.objects.exclude(pk=history[0].pk).values()) == before


def test_the_triggers_are_there_again_afterwards(history, people):
    version = redact(history[0], people)

    assert triggers.is_in_place(connection)
    for sql in (
        "UPDATE content_version SET body = 'x'",
        "DELETE FROM content_version",
        "UPDATE content_redaction SET reason = 'x'",
        "DELETE FROM content_redaction",
        "INSERT INTO content_redaction SELECT * FROM content_redaction",
    ):
        with pytest.raises(DatabaseError, match="never changes"), transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(sql)
    assert Redaction.objects.get() == version.redaction


@pytest.mark.django_db(transaction=True)
def test_if_anything_fails_all_is_as_before(history, people, monkeypatch):
    """The triggers too, in a real transaction; what fails is the very last step."""
    before = list(Version.objects.order_by("pk").values())
    monkeypatch.setattr("content.markup.rendering.REVISION", None)

    with pytest.raises(DatabaseError, match=r"NOT NULL|not-null"):
        redact(history[0], people)

    assert list(Version.objects.order_by("pk").values()) == before
    assert not Redaction.objects.exists()
    assert triggers.is_in_place(connection)


@pytest.mark.django_db(transaction=True)
def test_it_holds_in_a_transaction_of_its_own(history, people):
    version = redact(history[1], people)

    assert version.title == "Redacted"
    assert triggers.is_in_place(connection)


@pytest.mark.parametrize("role", ["reader", "editor", "reviewer", "administrator"])
def test_only_an_active_administrator_redacts(history, people, role):
    person = getattr(people, role)
    person.is_active = role != "administrator"

    with pytest.raises(redaction.Refused, match="is not an active administrator"):
        redaction.redact(version=history[0], by=person, reason=REASON)
    assert not Redaction.objects.exists()


def test_a_reason_is_needed(history, people):
    with pytest.raises(redaction.Refused, match="Give the reason"):
        redaction.redact(version=history[0], by=people.administrator, reason=" ")


def test_a_reason_that_nobody_can_see_as_it_is_typed_is_refused(history, people):
    with pytest.raises(redaction.Refused, match="Reason, line 1, character 4: RIGHT-TO-LEFT OVERRIDE"):
        redaction.redact(version=history[0], by=people.administrator, reason="On \u202e05 May")


def test_a_version_is_redacted_once(history, people):
    first = redact(history[0], people)

    with pytest.raises(redaction.Refused, match=f"already redacted by The administrator .*: {REASON}"):
        redact(history[0], people)
    assert redaction.is_tombstone(first)


def test_a_version_that_waits_is_cancelled_instead(history, people):
    text = publishing.Text("Dose", "What to give.", "Give 7 mg.\n")
    later = publishing.add_version(page=history[0].page, text=text, published_at=timezone.now() + timedelta(days=1))

    with pytest.raises(redaction.Refused, match="not published yet"):
        redact(later, people)


def test_the_reason_of_a_withdrawal_is_typed_too(history, people):
    page, last = history[1].page, Version.objects.get(pk=history[1].pk)
    version = Version(page=page, number=3, kind="withdrawal", title="Dose", summary="S", reason="Mr Smith complained.",
                      replacement="other", published_at=timezone.now())  # fmt: skip
    version.sha256 = version.compute_sha256(last.sha256)
    version.save()

    redacted = redact(version, people)

    assert redacted.reason == f"This reason was {redaction.describe(redacted.redaction)}"
    assert (redacted.body, redacted.replacement) == ("", "other")
    assert [finding for found in verification.check_pages() for finding in found.findings] == []


# The command


def test_the_command_says_what_it_did_and_what_it_cannot_reach(history, people, capsys):
    page = history[0].page
    text = publishing.Text("Dose", "What to give.", "Give Mr Smith 5 mg.\n\nAt noon.\n")
    publishing.start_draft(page=page, text=text, by=people.editor, started_from=2)

    call_command("redact_version", "dose", "1", by="ADMINISTRATOR@clinic.example", reason=REASON, yes=True)

    said = capsys.readouterr().out
    assert "dose, version 1 is redacted by The administrator on " in said
    assert "check each: version 2 (3 lines), the draft (2 lines)." in said
    assert "backups of the database" in said
    assert "the live version" not in said


def test_the_command_says_when_readers_now_see_the_tombstone(history, people, capsys):
    call_command("redact_version", "dose", "2", by=people.administrator.email, reason=REASON, yes=True)

    assert "It is the live version: readers now see the tombstone." in capsys.readouterr().out


@pytest.mark.parametrize(
    ("slug", "number", "by", "message"),
    [
        ("dose", 9, "administrator", "There is no version 9 of dose"),
        ("none", 1, "administrator", "There is no version 1 of none"),
        ("dose", 1, "nobody", "There is no account nobody@clinic.example"),
        ("dose", 1, "reviewer", "Nothing was changed. reviewer@clinic.example is not an active administrator"),
    ],
)
def test_the_command_refuses_in_words(history, people, slug, number, by, message):
    with pytest.raises(CommandError, match=message):
        call_command("redact_version", slug, number, by=f"{by}@clinic.example", reason=REASON, yes=True)
    assert not Redaction.objects.exists()


def test_without_a_terminal_it_does_not_go_on_unasked(history, people):
    with pytest.raises(CommandError, match="add --yes"):
        call_command("redact_version", "dose", 1, by=people.administrator.email, reason=REASON)
    assert not Redaction.objects.exists()


def test_at_a_terminal_it_asks(history, people, monkeypatch):
    monkeypatch.setattr("sys.stdin", SimpleNamespace(isatty=lambda: True))
    answers = iter(["", "y", "yes"])
    monkeypatch.setattr("builtins.input", lambda question: next(answers))

    for _ in ("", "y"):
        with pytest.raises(CommandError, match="Nothing was changed"):
            call_command("redact_version", "dose", 1, by=people.administrator.email, reason=REASON)
        assert not Redaction.objects.exists()
    call_command("redact_version", "dose", 1, by=people.administrator.email, reason=REASON)

    assert Redaction.objects.count() == 1
