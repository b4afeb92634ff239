"""The steps beside writing and publishing: returning, scheduling, cancelling, restoring, withdrawing, reviewing."""

from datetime import UTC, date, datetime, timedelta
from threading import Barrier, Thread

import pytest
from django.db import connection
from django.test import Client
from django.utils import timezone

from content import error_reports, publishing
from content.models import Draft, ErrorReport, MissingPage, Page, Rendering, Review, Version, add_months

WORDS = {"title": "Dose", "summary": "What to give.", "body": "Give 10 mg.\n", "change_note": "Dose raised."}


@pytest.fixture
def guidance(publish) -> Page:
    """A live page that says 5 mg."""
    return publish("dose").page


@pytest.fixture
def in_review(guidance, people) -> Draft:
    """A draft of that page's next text, submitted."""
    draft = publishing.start_draft(page=guidance, text=publishing.Text(**WORDS), by=people.editor, started_from=1)
    return publishing.submit(draft=draft, by=people.editor, revision=draft.revision)


def approve(draft: Draft, by, **options) -> Version:
    return publishing.publish(draft=draft, by=by, revision=draft.revision, sha256=draft.shown_sha256, **options)


def withdraw(page: Page, people, **words) -> Version:
    text = publishing.Text("Dose", "What to give.", reason="Out of date.", **words)
    started_from = page.live_version.number
    draft = publishing.start_draft(
        page=page, text=text, by=people.editor, started_from=started_from, kind=Version.Kind.WITHDRAWAL
    )
    return approve(publishing.submit(draft=draft, by=people.editor, revision=1), people.reviewer)


# Returning


def test_a_returned_draft_says_who_returned_it_and_why(in_review, people):
    draft = publishing.return_draft(draft=in_review, by=people.reviewer, revision=2, comment="Which dose?")

    assert (draft.state, draft.comment, draft.returned_by) == (Draft.State.RETURNED, "Which dose?", people.reviewer)


def test_a_returned_draft_stays_returned_while_it_is_written_and_is_clean_once_submitted(in_review, people):
    draft = publishing.return_draft(draft=in_review, by=people.reviewer, revision=2, comment="Which dose?")
    draft = publishing.save_draft(draft=draft, text=publishing.Text(**WORDS), by=people.editor, revision=3)
    assert draft.state == Draft.State.RETURNED

    draft = publishing.submit(draft=draft, by=people.editor, revision=4)
    assert (draft.state, draft.comment, draft.returned_by) == (Draft.State.IN_REVIEW, "", None)


def test_returning_needs_a_comment_and_a_draft_in_review(in_review, people):
    with pytest.raises(publishing.NotAllowed, match="Say what should change in the comment"):
        publishing.return_draft(draft=in_review, by=people.reviewer, revision=2, comment=" ")
    draft = publishing.return_draft(draft=in_review, by=people.reviewer, revision=2, comment="Why?")
    with pytest.raises(publishing.NotAllowed, match="not in review"):
        publishing.return_draft(draft=draft, by=people.reviewer, revision=3, comment="Why?")
    assert Draft.objects.get().revision == 3


# Approving exactly what was shown


def test_a_text_other_than_the_one_shown_is_not_published(in_review, people):
    with pytest.raises(publishing.EditConflict):
        publishing.publish(draft=in_review, by=people.reviewer, revision=2, sha256="0" * 64)
    assert Version.objects.count() == 1


@pytest.mark.parametrize("word", ["title", "summary", "body", "change_note", "reason", "replacement"])
def test_every_word_shown_is_in_the_hash_that_travels(in_review, word):
    before = in_review.shown_sha256
    setattr(in_review, word, "other")

    assert in_review.shown_sha256 != before


def test_credits_that_changed_after_they_were_shown_are_not_published(in_review, people):
    shown = in_review.shown_sha256
    in_review.page.contributors.create(name="Somebody new", role="Lead author")

    with pytest.raises(publishing.EditConflict):
        publishing.publish(draft=in_review, by=people.reviewer, revision=2, sha256=shown)


# Scheduling


def test_a_scheduled_version_waits_and_then_is_live_by_itself(in_review, guidance, people, time_machine):
    at = timezone.now() + timedelta(hours=3)
    version = approve(in_review, people.reviewer, at=at)

    assert (version.published_at, version.is_scheduled, guidance.live_version.number) == (at, True, 1)
    time_machine.move_to(at)
    assert guidance.live_version == version


def test_a_time_that_has_passed_is_refused(in_review, people):
    with pytest.raises(publishing.NotAllowed, match="That time has passed"):
        approve(in_review, people.reviewer, at=timezone.now() - timedelta(seconds=1))


def test_while_one_waits_nothing_else_is_written_or_published(in_review, guidance, people):
    approve(in_review, people.reviewer, at=timezone.now() + timedelta(hours=3))

    for kind in Version.Kind.values:
        with pytest.raises(publishing.NotAllowed, match="Version 2 of this page goes live at"):
            publishing.start_draft(
                page=guidance, text=publishing.Text(**WORDS), by=people.editor, started_from=1, kind=kind
            )


def test_a_withdrawal_drafted_before_waits_too(guidance, in_review, people):
    text = publishing.Text("Dose", "S", reason="Wrong.")
    draft = publishing.start_draft(page=guidance, text=text, by=people.editor, started_from=1, kind="withdrawal")
    draft = publishing.submit(draft=draft, by=people.editor, revision=1)
    approve(in_review, people.reviewer, at=timezone.now() + timedelta(hours=3))

    with pytest.raises(publishing.NotAllowed, match="Version 2 of this page goes live at"):
        approve(draft, people.reviewer)


def test_cancelling_puts_the_text_back_as_the_draft(in_review, guidance, people):
    version = approve(in_review, people.reviewer, at=timezone.now() + timedelta(hours=3))

    draft = publishing.cancel(version=version)

    assert publishing.words_of(draft) == publishing.Text(**WORDS)
    assert (draft.state, draft.started_from, list(draft.writers.all())) == (Draft.State.WRITING, 1, [people.editor])
    assert [v.number for v in Version.objects.all()] == [1]
    assert Rendering.objects.count() == 1


def test_what_is_live_cannot_be_cancelled(in_review, people, time_machine):
    version = approve(in_review, people.reviewer, at=timezone.now() + timedelta(hours=3))
    time_machine.move_to(version.published_at)

    with pytest.raises(publishing.NotAllowed, match="Version 2 is already live"):
        publishing.cancel(version=version)
    assert Version.objects.count() == 2


def test_what_the_database_knows_to_be_live_cannot_be_cancelled(guidance, time_machine):
    """This process's clock is behind the database's."""
    version = guidance.live_version
    time_machine.move_to(version.published_at - timedelta(days=1))

    with pytest.raises(publishing.NotAllowed, match="Version 1 is already live"):
        publishing.cancel(version=version)
    assert not Draft.objects.exists()


def test_times_rise_with_numbers_even_when_the_clock_goes_back(guidance, publish, time_machine):
    first = guidance.live_version
    time_machine.move_to(first.published_at - timedelta(hours=1))
    second = publishing.add_version(page=guidance, text=publishing.Text(**WORDS))

    assert second.published_at == first.published_at + timedelta(microseconds=1)


def test_cancelling_keeps_everyone_who_wrote(guidance, people, person):
    colleague = person("reviewer", name="Colleague", email="colleague@clinic.example")
    draft = publishing.start_draft(page=guidance, text=publishing.Text(**WORDS), by=colleague, started_from=1)
    draft = publishing.save_draft(draft=draft, text=publishing.Text(**WORDS), by=people.editor, revision=1)
    draft = publishing.submit(draft=draft, by=people.editor, revision=2)
    version = approve(draft, people.reviewer, at=timezone.now() + timedelta(hours=3))

    draft = publishing.submit(draft=publishing.cancel(version=version), by=people.editor, revision=1)

    with pytest.raises(publishing.NotAllowed, match="another reviewer must approve"):
        approve(draft, colleague)


def test_a_version_names_everyone_who_wrote_in_it(guidance, people, person, client):
    colleague = person("reviewer", name="Colleague", email="colleague@clinic.example")
    draft = publishing.start_draft(page=guidance, text=publishing.Text(**WORDS), by=colleague, started_from=1)
    draft = publishing.submit(draft=draft, by=people.editor, revision=1)
    version = approve(draft, people.reviewer)

    assert version.writer_names == ["The editor", "Colleague"]
    assert b"The editor, Colleague" in client.get("/pages/dose/history/").content
    before = version.page.versions.get(number=1).sha256
    version.writers = []
    assert version.compute_sha256(before) != version.sha256


# Restoring


def test_an_old_version_is_restored_as_a_draft(guidance, publish, people):
    publish("dose", body="Give 10 mg.\n")

    draft = publishing.restore(version=guidance.versions.get(number=1), by=people.editor)

    assert (draft.body, draft.started_from) == ("Give 5 mg.\n", 2)
    assert draft.change_note == "Restores the text of version 1."
    version = approve(publishing.submit(draft=draft, by=people.editor, revision=1), people.reviewer)
    assert (version.number, version.body) == (3, "Give 5 mg.\n")


def test_restoring_never_writes_over_a_draft(in_review, guidance, people):
    with pytest.raises(publishing.EditConflict):
        publishing.restore(version=guidance.live_version, by=people.editor)
    assert Draft.objects.get().body == "Give 10 mg.\n"


# Withdrawing


def test_a_withdrawal_is_a_version_and_bringing_back_is_another(guidance, people, publish, client):
    publish("other")
    version = withdraw(guidance, people, replacement="other")

    assert (version.number, version.kind, version.author_name, version.approver_name) == (
        2, "withdrawal", "The editor", "The reviewer",
    )  # fmt: skip
    response = client.get("/pages/dose/")
    assert response.status_code == 410
    assert b"Out of date." in response.content
    assert b'href="/pages/other/"' in response.content

    publish("dose", body="Give 5 mg again.\n")
    assert client.get("/pages/dose/").status_code == 200
    assert [v.kind for v in guidance.versions.order_by("number")] == ["text", "withdrawal", "text"]


def test_the_history_gives_the_reason_of_a_withdrawal_and_misses_no_change_note(guidance, people, client):
    withdraw(guidance, people)
    history = client.get("/pages/dose/history/").content.decode()

    assert "<strong>Withdrawn:</strong> Out of date." in history
    assert "No change note was given." not in history


def test_annotations_stay_when_their_page_is_withdrawn_and_brought_back(guidance, people, publish, signed_in):
    reader = signed_in(people.reader)
    reader.post("/pages/dose/annotations/", {"text": "bleep 4417"})
    withdraw(guidance, people)
    publish("dose", body="Give 5 mg again.\n")

    assert b"bleep 4417" in reader.get("/pages/dose/").content


def test_nobody_withdraws_a_page_alone(guidance, people):
    text = publishing.Text("Dose", "S", reason="Wrong.")
    draft = publishing.start_draft(page=guidance, text=text, by=people.reviewer, started_from=1, kind="withdrawal")
    draft = publishing.submit(draft=draft, by=people.reviewer, revision=1)

    with pytest.raises(publishing.NotAllowed, match="another reviewer must approve"):
        approve(draft, people.reviewer)


def test_a_page_without_a_live_text_is_not_withdrawn(guidance, people):
    text = publishing.Text("T", "S", reason="Wrong.")
    early = publishing.start_draft(page=guidance, text=text, by=people.editor, started_from=1, kind="withdrawal")
    publishing.add_version(page=guidance, text=text, kind="withdrawal")  # by a file of its history
    new = Page.objects.create(slug="new")

    with pytest.raises(publishing.NotAllowed, match="no live text to withdraw"):
        publishing.submit(draft=early, by=people.editor, revision=1)
    for page, started_from in ((guidance, 2), (new, 0)):
        with pytest.raises(publishing.NotAllowed, match="no live text to withdraw"):
            publishing.refuse_start(page=page, kind="withdrawal", started_from=started_from)


@pytest.mark.parametrize(
    ("versions", "started_from", "said"),
    [
        (0, 0, None),
        (1, 1, None),
        (2, 2, None),
        (1, 0, "Version 1 of this page is live, but this text started from nothing."),
        (2, 1, "Version 2 of this page is live, but this text started from version 1."),
        (0, 1, "Version 0 of this page is live, but this text started from version 1."),
    ],
)
def test_a_draft_starts_from_the_live_version(publish, people, versions, started_from, said):
    page = Page.objects.create(slug="dose")
    for _ in range(versions):
        publish("dose")

    def start() -> Draft:
        text = publishing.Text(**WORDS)
        return publishing.start_draft(page=page, text=text, by=people.editor, started_from=started_from)

    if said is None:
        assert start().started_from == started_from
        return
    with pytest.raises(publishing.NotFromLive, match=said) as refusal:
        start()
    assert refusal.value.live == versions
    assert not Draft.objects.exists()


@pytest.mark.parametrize(("days", "is_taken"), [(-1, False), (0, False), (1, True), (732, True), (733, False)])
def test_a_version_is_scheduled_at_most_two_years_ahead(in_review, people, time_machine, days, is_taken):
    now = timezone.now()
    time_machine.move_to(now, tick=False)
    at = now + timedelta(days=days)

    if is_taken:
        assert approve(in_review, people.reviewer, at=at).published_at == at
        return
    with pytest.raises(publishing.NotAllowed, match=r"That time has passed|more than two years ahead"):
        approve(in_review, people.reviewer, at=at)


def test_a_page_about_the_site_can_be_withdrawn_and_replaces_nothing(guidance, people, publish, client):
    about = publish("help", kind="about").page
    text = publishing.Text("T", "S", reason="Wrong.", replacement="help")
    draft = publishing.start_draft(page=guidance, text=text, by=people.editor, started_from=1, kind="withdrawal")
    with pytest.raises(publishing.NotAllowed, match="No other live page has the slug help"):
        publishing.submit(draft=draft, by=people.editor, revision=1)

    withdraw(about, people)

    response = client.get("/about/help/")
    assert response.status_code == 410
    assert b"Out of date." in response.content


def test_a_withdrawal_carries_the_title_of_the_page_it_takes_down(guidance, people, publish):
    text = publishing.Text("Old title", "S", reason="Wrong.")
    draft = publishing.start_draft(page=guidance, text=text, by=people.editor, started_from=1, kind="withdrawal")
    publish("dose", title="New title", body="Give 7 mg.\n")

    draft = publishing.rebase(draft=draft, by=people.editor, revision=1, live=2)

    assert draft.title == "New title"


@pytest.mark.parametrize(
    ("words", "reason"),
    [
        ({"reason": ""}, "Give the reason"),
        ({"reason": "Wrong.", "replacement": "nowhere"}, "No other live page has the slug nowhere"),
        ({"reason": "Wrong.", "replacement": "dose"}, "No other live page has the slug dose"),
    ],
)
def test_a_withdrawal_gives_its_reason_and_a_replacement_that_is_live(guidance, people, words, reason):
    text = publishing.Text("Dose", "S", **words)
    draft = publishing.start_draft(page=guidance, text=text, by=people.editor, started_from=1, kind="withdrawal")

    with pytest.raises(publishing.NotAllowed, match=reason):
        publishing.submit(draft=draft, by=people.editor, revision=1)


def test_a_draft_left_behind_goes_on_once_its_writer_has_seen_what_is_live(in_review, guidance, people):
    withdraw(guidance, people)
    with pytest.raises(publishing.NotAllowed, match="started from version 1, but version 2 is live"):
        approve(in_review, people.reviewer)

    draft = publishing.rebase(draft=in_review, by=people.editor, revision=2, live=2)

    assert approve(draft, people.reviewer).number == 3


def test_going_on_from_a_version_that_is_not_live_any_more_is_refused(in_review, people):
    with pytest.raises(publishing.NotAllowed, match="Version 1 is live now"):
        publishing.rebase(draft=in_review, by=people.editor, revision=2, live=2)


# Clinical review


def test_the_next_review_is_due_counted_from_the_last(guidance, people, time_machine):
    time_machine.move_to(datetime(2030, 1, 31, 12, tzinfo=UTC))
    publishing.record_review(version=guidance.live_version, by=people.reviewer, outcome=Review.Outcome.CURRENT)
    guidance.refresh_from_db()
    assert guidance.review_due_on == date(2031, 1, 31)

    guidance.review_interval_months = 1
    guidance.save()
    assert guidance.review_due_on == date(2030, 2, 28)


def test_publishing_leaves_alone_what_changed_on_the_page_meanwhile(in_review, guidance, people):
    assert in_review.page.review_interval_months == 12  # as it was read
    Page.objects.filter(pk=guidance.pk).update(review_interval_months=3, revision=7)

    version = approve(in_review, people.reviewer)
    publishing.record_review(version=version, by=people.reviewer, outcome=Review.Outcome.CURRENT)

    guidance.refresh_from_db()
    assert (guidance.review_interval_months, guidance.revision) == (3, 7)
    assert guidance.review_due_on == add_months(timezone.localdate(), 3)


def test_an_overdue_page_says_so_to_readers(guidance, client, time_machine):
    assert b"Review was due" not in client.get("/pages/dose/").content

    time_machine.move_to(timezone.now() + timedelta(days=800))

    due = guidance.review_due_on or Page.objects.get().review_due_on
    assert f"Review was due on {due:%-d %b %Y}" in client.get("/pages/dose/").content.decode()


def test_a_page_found_to_need_changing_is_due_at_once_and_says_so(guidance, people, client):
    publishing.record_review(version=guidance.live_version, by=people.reviewer, outcome=Review.Outcome.UNSAFE)

    assert Page.objects.get(slug="dose").review_due_on == timezone.localdate()
    html = client.get("/pages/dose/").content.decode()
    assert "this page needs to be changed" in html
    assert "Last reviewed" not in html


def test_only_the_live_text_is_reviewed(guidance, publish, people):
    old = guidance.live_version
    publish("dose", body="Give 10 mg.\n")

    with pytest.raises(publishing.NotAllowed, match="You can only review the live text"):
        publishing.record_review(version=old, by=people.reviewer, outcome=Review.Outcome.CURRENT)


@pytest.mark.parametrize(
    ("day", "months", "expected"),
    [
        (date(2026, 11, 22), 12, date(2027, 11, 22)),
        (date(2024, 2, 29), 12, date(2025, 2, 28)),
        (date(2026, 12, 31), 2, date(2027, 2, 28)),
        (date(2026, 1, 1), 0, date(2026, 1, 1)),
    ],
)
def test_months_are_added_to_the_last_day_a_month_has(day, months, expected):
    assert add_months(day, months) == expected


# Between any two steps


@pytest.mark.parametrize("step", ["version", "rendering", "page", "draft"])
def test_killed_between_two_steps_the_page_is_as_before(in_review, guidance, people, monkeypatch, step):
    """The process dies where `step` was to be written."""

    def die(*args, **kwargs):
        raise KeyboardInterrupt

    owner, name = {
        "version": (Version, "save"),
        "rendering": (Rendering, "save"),
        "page": (Page, "renew_review_due"),
        "draft": (Draft, "delete"),
    }[step]
    monkeypatch.setattr(owner, name, die)
    with pytest.raises(KeyboardInterrupt):
        approve(in_review, people.reviewer)
    monkeypatch.undo()

    assert (Version.objects.count(), Rendering.objects.count(), guidance.live_version.number) == (1, 1, 1)
    assert approve(Draft.objects.get(), people.reviewer).number == 2


@pytest.mark.django_db(transaction=True)
def test_of_reviewers_who_publish_at_the_same_instant_one_does(in_review, person):
    """Real threads with connections of their own."""
    reviewers = [person("reviewer", name=f"Reviewer {n}", email=f"r{n}@clinic.example") for n in range(4)]
    start, results = Barrier(4), []

    def publish(by) -> None:
        start.wait()
        try:
            results.append(approve(Draft.objects.get(pk=in_review.pk), by).number)
        except (publishing.NotAllowed, Draft.DoesNotExist):
            results.append(None)
        finally:
            connection.close()

    threads = [Thread(target=publish, args=[by]) for by in reviewers]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(results, key=str) == [2, None, None, None]
    assert Version.objects.count() == 2


# Reporting an error


@pytest.fixture
def report(guidance):
    """Send a report from a browser."""

    def send(client, **words):
        return client.post("/pages/dose/history/1/report/", {"text": "It is 50 mg.", "email": ""} | words)

    return send


def test_a_report_is_kept_and_reaches_the_editors(report, client, mailoutbox, guidance):
    response = report(client, email="ann@clinic.example")

    kept = ErrorReport.objects.get()
    assert (kept.page, kept.version_number, kept.text) == (guidance, 1, "It is 50 mg.")
    [mail] = mailoutbox
    assert mail.to == ["contact@guidance.example"]
    assert mail.reply_to == ["ann@clinic.example"]
    assert "/pages/dose/history/1/" in mail.body
    assert "It is 50 mg." in mail.body
    assert response.url == "/pages/dose/"


def test_a_report_is_kept_when_no_mail_can_be_sent(report, client, settings, caplog):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 9

    assert report(client).status_code == 302
    assert ErrorReport.objects.count() == 1
    assert "It is 50 mg." not in caplog.text


def test_all_reports_of_a_browser_are_kept_and_five_a_day_emailed(report, client, mailoutbox, time_machine):
    now = timezone.now()
    time_machine.move_to(now, tick=False)
    for n in range(8):
        assert report(client, text=f"Report {n}.").status_code == 302

    assert ErrorReport.objects.count() == 8
    assert len(mailoutbox) == error_reports.EMAILED_FROM_ONE == 5

    time_machine.move_to(now + timedelta(days=1, seconds=1), tick=False)
    assert report(client).status_code == 302
    assert len(mailoutbox) == 6


def test_a_flood_stops_emails_for_an_hour_and_no_report(report, guidance, mailoutbox, time_machine):
    now = timezone.now()
    time_machine.move_to(now, tick=False)
    MissingPage.objects.create(asked="ozempic")
    old = now - timedelta(minutes=2)
    ErrorReport.objects.bulk_create(
        ErrorReport(page=guidance, version_number=1, text="Wrong.", reported_at=old) for _ in range(300)
    )
    ErrorReport.objects.filter(pk__lte=ErrorReport.objects.order_by("-pk")[error_reports.EMAILED - 2].pk).update(
        reported_at=now - timedelta(hours=2)
    )

    for _ in range(3):
        assert report(Client(), text="It is still wrong.").status_code == 302

    assert ErrorReport.objects.filter(text="It is still wrong.").count() == 3
    [mail] = mailoutbox
    assert "You will get no email about those that follow" in mail.body

    time_machine.move_to(now + timedelta(hours=1, seconds=1), tick=False)
    report(Client())
    assert "no email" not in mailoutbox[-1].body
    assert len(mailoutbox) == 2


def test_visitors_share_so_many_a_minute_and_the_text_stays(report, guidance, people, signed_in, time_machine):
    now = timezone.now()
    time_machine.move_to(now, tick=False)
    reader = signed_in(people.reader)
    ErrorReport.objects.bulk_create(
        ErrorReport(page=guidance, version_number=1, text="Wrong.") for _ in range(error_reports.KEPT - 1)
    )
    assert report(Client()).status_code == 302

    refused = report(Client(), text="A long report.")

    assert refused.status_code == 503
    assert "A long report." in refused.content.decode()
    assert "send it again in a minute" in refused.content.decode()
    assert report(reader).status_code == 302
    time_machine.move_to(now + timedelta(minutes=1, seconds=1), tick=False)
    assert report(Client()).status_code == 302


def test_a_report_is_resolved_once_and_says_by_whom(guidance, people):
    ErrorReport.objects.create(page=guidance, version_number=1, text="Wrong.")

    assert error_reports.resolve(ErrorReport.objects.all(), by=people.reviewer) == 1
    assert error_reports.resolve(ErrorReport.objects.all(), by=people.editor) == 0
    assert ErrorReport.objects.get().resolved_by_name == people.reviewer.name


@pytest.mark.parametrize("words", [{"text": " "}, {"text": "x" * 4001}, {"email": "not an address"}])
def test_a_report_that_cannot_be_sent_stays_in_the_form(report, client, words):
    response = report(client, **words)

    assert response.status_code == 422
    assert next(iter(words.values())).strip() in response.content.decode()
    assert not ErrorReport.objects.exists()


def test_an_address_that_breaks_an_email_is_refused(report, client, settings, tmp_path):
    settings.EMAIL_BACKEND, settings.EMAIL_FILE_PATH = "django.core.mail.backends.filebased.EmailBackend", tmp_path

    response = report(client, email='"\x0cBcc:x@y.example"@clinic.example')

    assert response.status_code == 422
    assert not ErrorReport.objects.exists()


def test_pages_about_the_site_are_reported_on_too(publish, client):
    publish("help", kind="about")

    assert 'href="/pages/help/history/1/report/"' in client.get("/about/help/").content.decode()
    assert client.get("/pages/help/history/1/report/").status_code == 200


def test_a_cancelled_version_does_not_take_the_place_of_a_draft(guidance, people):
    text = publishing.Text(**WORDS)
    draft = publishing.start_draft(page=guidance, text=text, by=people.editor, started_from=1)
    at = timezone.now() + timedelta(days=1)
    version = publishing.add_version(page=guidance, text=text, published_at=at)  # by a file of its history

    with pytest.raises(publishing.EditConflict, match="saved this draft"):
        publishing.cancel(version=version)

    assert Draft.objects.get() == draft
    assert Version.objects.count() == 2
