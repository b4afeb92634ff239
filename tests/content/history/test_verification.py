"""Whatever is altered behind the site's back is named; each test alters the database as somebody at it could."""

import json
from datetime import datetime, timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from content import publishing
from content.history import redaction, triggers, verification
from content.models import Page, Rendering, Version

WORDS = "its text, people, time or address was altered"
ALL = "its text, people, time, address or sha256 was altered"


@pytest.fixture
def history(publish):
    """A page of four versions beside another page."""
    publish("other")
    return [publish("dose", body=f"Give {number} mg.\n") for number in range(1, 5)]


def alter(sql: str, *params) -> None:
    """Change what the triggers protect, and put them back, as somebody who hides it would."""
    triggers.remove(connection)
    with connection.cursor() as cursor:
        cursor.execute(sql, params)
    if connection.vendor == "postgresql":
        connection.check_constraints()
    triggers.install(connection)


def found(heads=None) -> list[str]:
    return [str(finding) for page in verification.check_pages(heads) for finding in page.findings]


def heads() -> dict[str, verification.Head]:
    return {page.slug: page.head for page in verification.check_pages()}


def rehash(number: int, body: str) -> None:
    """Forge a version so well that it fits itself."""
    version = Version.objects.get(page__slug="dose", number=number)
    before = Version.objects.filter(page__slug="dose", number=number - 1).first()
    version.body = body
    sha256 = version.compute_sha256(before.sha256 if before else "")
    alter("UPDATE content_version SET body = %s, sha256 = %s WHERE id = %s", body, sha256, version.pk)


def test_what_nobody_altered_is_found_whole(history):
    assert found() == []


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("title", "Dose of aspirin"), ("summary", "x"), ("body", "Give 50 mg.\n"), ("change_note", "x"),
        ("credits", '[{"name": "A. Nother"}]'), ("kind", "withdrawal', reason = 'x"), ("reason", "x"),
        ("replacement", "x"), ("author_name", "x"), ("approver_name", "x"), ("published_at", "2020-01-01 00:00:00+00"),
        ("author_id", "99"), ("approver_id", "99"),
    ],
)  # fmt: skip
def test_an_altered_word_person_or_time_is_named(history, column, value):
    alter(f"UPDATE content_version SET {column} = '{value}' WHERE id = {history[0].pk}")

    assert found() == [f"dose, version 1: {WORDS}"]


def test_later_versions_name_the_only_other_explanation(history):
    alter("UPDATE content_version SET body = 'x' WHERE id = %s", history[2].pk)
    assert found() == [f"dose, version 3: {WORDS}, or version 2 was replaced together with its sha256"]

    alter("UPDATE content_version SET body = 'x' WHERE id = %s", history[3].pk)
    assert len(found()) == 2


def test_the_newest_version_may_have_an_altered_text_or_sha256(history):
    alter("UPDATE content_version SET body = 'x' WHERE id = %s", history[3].pk)

    assert found() == [f"dose, version 4: {ALL}, or version 3 was replaced together with its sha256"]


def test_an_altered_sha256_is_told_from_an_altered_text(history):
    alter("UPDATE content_version SET sha256 = %s WHERE id = %s", "0" * 64, history[1].pk)

    assert found() == ["dose, version 2: its sha256 was altered; what it says was not"]


def test_a_version_replaced_together_with_its_sha256_breaks_the_chain(history):
    rehash(2, "Give 50 mg.\n")

    assert found() == [f"dose, version 3: {WORDS}, or version 2 was replaced together with its sha256"]


@pytest.mark.parametrize(
    ("gone", "which"),
    [
        ([1], "version 1 is missing, so the sha256 of version 2"),
        ([3], "version 3 is missing, so the sha256 of version 4"),
        ([2, 3], "versions 2 to 3 are missing, so the sha256 of version 4"),
    ],
)
def test_a_gap_in_the_numbers_is_named(history, gone, which):
    for number in gone:
        alter("DELETE FROM content_rendering WHERE version_id = %s", history[number - 1].pk)
        alter("DELETE FROM content_version WHERE id = %s", history[number - 1].pk)

    assert found() == [f"dose: {which} could not be checked"]


def test_times_that_do_not_rise_are_named(history):
    alter("UPDATE content_version SET published_at = %s WHERE id = %s", history[0].published_at, history[1].pk)

    assert found() == [
        "dose, version 2: its time is not after that of version 1",
        f"dose, version 2: {WORDS}, or version 1 was replaced together with its sha256",
    ]


def test_a_version_put_in_afterwards_is_out_of_order(history):
    alter("DELETE FROM content_rendering WHERE version_id = %s", history[1].pk)
    alter("UPDATE content_version SET id = id + 100 WHERE id = %s", history[1].pk)

    assert found() == ["dose, version 3: was inserted before version 2: the order is not that of publication"]


def test_a_page_at_another_address_does_not_fit(history):
    Page.objects.filter(slug="dose").update(slug="doses")

    assert f"doses, version 1: {ALL}" in found()


def test_a_cut_off_end_is_seen_by_the_saved_heads_only(history):
    saved = heads()
    for version in history[2:]:
        alter("DELETE FROM content_rendering WHERE version_id = %s", version.pk)
        alter("DELETE FROM content_version WHERE id = %s", version.pk)

    assert found() == []
    assert found(saved) == ["dose: its end was cut off: version 4 was there, and version 2 is now the last"]


def test_a_history_written_anew_is_seen_by_the_saved_heads_only(history):
    saved = heads()
    for number in range(1, 5):
        rehash(number, f"Give {number}0 mg.\n")

    assert found() == []
    assert found(saved) == [
        "dose, version 4: is not the version whose sha256 was saved: the history up to it was rewritten"
    ]


def test_a_page_that_is_gone_is_seen_by_the_saved_heads_only(history):
    saved = heads()
    alter("DELETE FROM content_rendering WHERE version_id IN (SELECT id FROM content_version WHERE page_id = %s)",
          history[0].page_id)  # fmt: skip
    alter("DELETE FROM content_version WHERE page_id = %s", history[0].page_id)

    assert found(saved) == ["dose: its whole history is gone; version 4 was there"]
    Page.objects.filter(slug="dose").delete()
    assert found(saved) == ["dose: the page is gone with its history; version 4 was there"]


def test_new_versions_since_the_heads_were_saved_are_no_finding(history, publish):
    saved = heads()
    publish("dose", body="Give 5 mg.\n")

    assert found(saved) == []


def test_cancelling_a_scheduled_version_is_no_alteration(history):
    text = publishing.Text("Dose", "What to give.", "Give 7 mg.\n", "Later.")
    with_later = publishing.add_version(
        page=history[0].page, text=text, published_at=timezone.now() + timedelta(days=1)
    )
    saved = heads()
    with_later.delete()

    assert saved["dose"].number == 4
    assert found(saved) == []


# Redactions


def test_a_redaction_is_reported_and_the_chain_goes_on(history, people):
    redaction.redact(version=history[1], by=people.administrator, reason="A patient was named.")
    [page] = [page for page in verification.check_pages() if page.slug == "dose"]

    assert page.findings == []
    assert len(page.redacted) == 1
    assert page.redacted[0].startswith("dose, version 2: redacted by The administrator on ")
    assert page.redacted[0].endswith(" UTC: A patient was named.")


def test_an_altered_tombstone_is_named(history, people):
    redaction.redact(version=history[1], by=people.administrator, reason="A patient was named.")
    alter("UPDATE content_version SET author_name = 'x' WHERE id = %s", history[1].pk)
    assert found() == ["dose, version 2: its tombstone, people, time or address was altered after it was redacted"]


@pytest.mark.parametrize("body", [None, "Give 50 mg.\n"])
def test_a_redaction_that_the_site_did_not_make_is_named(history, body):
    """Not even one whose hash was made to fit can pass an altered text off as redacted."""
    version = Version.objects.get(pk=history[1].pk)
    if body:
        alter("UPDATE content_version SET body = %s WHERE id = %s", body, version.pk)
        version.refresh_from_db()
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO content_redaction (version_id, reason, redacted_by_name, redacted_at, sha256) "
            "VALUES (%s, 'x', 'x', %s, %s)",
            [version.pk, timezone.now(), version.compute_sha256(history[0].sha256)],
        )

    assert found() == [
        "dose, version 2: a redaction is recorded, but the text is not the tombstone that a redaction leaves"
    ]


# The command


def test_the_command_says_what_it_checked_and_what_it_cannot_see(history, capsys):
    call_command("verify_history")

    assert capsys.readouterr().out.splitlines() == [
        "5 versions of 2 pages are as they were published.",
        "Without --heads FILE, this cannot show whether newest versions or whole pages were removed.",
    ]


def test_the_command_names_what_was_altered_and_fails(history, capsys, tmp_path):
    alter("UPDATE content_version SET body = 'x' WHERE id = %s", history[0].pk)

    with pytest.raises(CommandError, match="1 findings in 5 versions of 2 pages"):
        call_command("verify_history", save_heads=tmp_path / "heads.jsonl")

    assert capsys.readouterr().err.splitlines() == [f"dose, version 1: {WORDS}"]
    assert list(tmp_path.iterdir()) == []


def test_missing_triggers_are_named(history, capsys):
    triggers.remove(connection)

    with pytest.raises(CommandError, match="9 findings"):
        call_command("verify_history")

    assert "The trigger version_update is missing. Run migrate to make it again." in capsys.readouterr().err


def test_heads_are_saved_and_compared(history, tmp_path, capsys):
    path = tmp_path / "heads.jsonl"
    call_command("verify_history", save_heads=path)
    call_command("verify_history", heads=path, save_heads=path)

    history[3].refresh_from_db()
    head = json.loads(path.read_text().splitlines()[1])
    assert datetime.fromisoformat(head.pop("saved_at")) <= timezone.now()
    assert head == {
        "slug": "dose", "number": 4, "sha256": history[3].sha256, "kind": "guidance", "redactions": {},
    }  # fmt: skip
    assert "this cannot show" not in capsys.readouterr().out.split("heads saved")[1]


@pytest.mark.parametrize(
    "content", ["not json\n", '{"slug": "dose"}\n', "[]\n", '{"slug": 1, "number": 1, "sha256": ""}\n']
)
def test_a_bad_file_of_heads_is_named_with_its_line(db, tmp_path, content):
    path = tmp_path / "heads.jsonl"
    head = verification.Head("a", 1, "x", "guidance", "2026-11-22T00:00:00+00:00", {})
    path.write_text(f"{head.to_json()}\n" + content)

    with pytest.raises(CommandError, match=r"heads.jsonl, line 2: is not a head"):
        call_command("verify_history", heads=path)


def test_a_missing_file_of_heads_is_named(db, tmp_path):
    with pytest.raises(CommandError, match=r"none.jsonl cannot be read"):
        call_command("verify_history", heads=tmp_path / "none.jsonl")


@pytest.mark.parametrize("count", [3, 30])
def test_the_number_of_queries_does_not_grow(publish, django_assert_num_queries, count):
    for number in range(count):
        publish(f"page-{number}")

    with django_assert_num_queries(1):
        assert found() == []


# Against heads saved elsewhere: what only looks as if it had been there


def backdate(page: Page, after: Version, body: str) -> Version:
    """Put in a version that is dated in the past, chained as it should be; no trigger is in the way."""
    version = Version(
        page=page,
        number=after.number + 1,
        title="Dose",
        summary="S",
        body=body,
        published_at=after.published_at + timedelta(microseconds=1),
    )
    version.sha256 = version.compute_sha256(after.sha256)
    version.save(force_insert=True)
    return version


def test_a_version_put_in_under_an_older_date_is_named(history):
    saved = heads()
    backdate(history[3].page, history[3], "Give 50 mg.\n")

    assert found() == []
    assert found(saved) == ["dose, version 5: is dated before the heads were saved, and was not there then"]


def test_a_version_published_after_the_heads_were_saved_is_none_the_worse(history, publish):
    saved = heads()
    publish("dose", body="Give 5 mg again.\n")

    assert found(saved) == []


def test_a_page_put_in_under_an_older_date_is_named(history):
    saved = heads()
    version = Version(
        page=Page.objects.create(slug="forged"),
        number=1,
        title="T",
        summary="S",
        body="B",
        published_at=history[0].published_at,
    )
    version.sha256 = version.compute_sha256("")
    version.save(force_insert=True)

    assert found(saved) == [
        "forged, version 1: is dated before the heads were saved, and the page was not among them",
    ]


def test_a_redaction_altered_after_the_heads_were_saved_is_named(history, people):
    redacted = history[1]
    redaction.redact(version=redacted, by=people.administrator, reason="A patient was named.")
    saved = heads()
    redacted = Version.objects.get(pk=redacted.pk)
    redacted.approver_name = "Dr Forged"
    forged = redacted.compute_sha256(history[0].sha256)
    alter("UPDATE content_version SET approver_name = 'Dr Forged' WHERE id = %s", redacted.pk)
    alter("UPDATE content_redaction SET sha256 = %s", forged)

    assert found() == []
    assert found(saved) == ["dose, version 2: its redaction is not the one that was there when the heads were saved"]


def test_a_page_moved_to_another_address_is_named(history):
    saved = heads()
    Page.objects.filter(slug="dose").update(kind="about")

    assert found(saved) == ["dose: was guidance when the heads were saved, and is about now: its address moved"]


def test_html_that_is_not_what_the_text_makes_is_named(history):
    Rendering.objects.filter(version=history[2]).update(html="<p>Give 500 mg.</p>")

    pages = verification.check_pages(html=True)

    assert [str(finding) for page in pages for finding in page.findings] == [
        "dose, version 3: its HTML is not what its text makes; to fix that, run render_pages --all. "
        "What would change: Give [-500-] {+3+} mg."
    ]


def test_html_of_the_shipped_library_is_what_its_text_makes(shipped_library):
    assert not [finding for page in verification.check_pages(html=True) for finding in page.findings]
