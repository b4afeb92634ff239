"""Which version is live, and which clinical review is shown with a version."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db.models import Model

from content import clock, publishing
from content.history import redaction
from content.models import Page, Review, Version

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)


@pytest.fixture
def at_noon(time_machine) -> None:
    time_machine.move_to(NOON, tick=False)


def live_versions(page: Page) -> list[Version | None]:
    """The live version of `page` by every way to ask for it."""
    titled = Page.objects.titled().get(pk=page.pk)
    by_title = page.versions.filter(number=titled.live_number).first()
    return [page.live_version, Version.objects.live().filter(page=page).first(), by_title]


@pytest.mark.parametrize(
    ("minutes", "live"),  # when each version is published, from noon; the number that is live at noon
    [
        ([], None),
        ([0], 1),
        ([1], None),
        ([-2, -1], 2),
        ([-2, 0], 2),
        ([-2, 1], 1),
        ([-3, -2, 1], 2),
    ],
)
def test_the_highest_number_whose_time_has_come_is_live(db, time_machine, minutes, live):
    page = Page.objects.create(slug="dose")
    for place, minute in enumerate(minutes):
        time_machine.move_to(NOON - timedelta(hours=1), tick=False)
        text = publishing.Text("Dose", "S", f"Version {place + 1}.\n")
        publishing.add_version(page=page, text=text, published_at=NOON + timedelta(minutes=minute))
    time_machine.move_to(NOON, tick=False)

    assert [version and version.number for version in live_versions(page)] == [live] * 3
    scheduled = [number for number, minute in enumerate(minutes, 1) if minute > 0]
    assert [version.number for version in page.versions.scheduled()] == scheduled
    assert [version.number for version in page.versions.order_by("number") if version.is_scheduled] == scheduled
    assert page.versions.published().count() == len(minutes) - len(scheduled)


def test_live_goes_by_the_clock_of_content(db, monkeypatch):
    page = Page.objects.create(slug="dose")
    publishing.add_version(page=page, text=publishing.Text("Dose", "S", "Give 5 mg.\n"))
    yesterday = clock.now() - timedelta(days=1)

    monkeypatch.setattr(clock, "now", lambda: yesterday)

    assert live_versions(page) == [None] * 3
    assert not Page.objects.live().exists()


@pytest.mark.parametrize(
    ("reviewed", "redacted", "shown", "review_of"),
    [
        # versions reviewed in this order, those redacted since, the version shown, whose review is shown with it
        ([], [], 1, None),
        ([1], [], 1, 1),
        ([1], [], 2, 1),
        ([2], [], 1, None),  # a later version's review says nothing of this one
        ([1, 2], [], 1, 1),
        ([1, 2], [], 2, 2),
        ([1, 2], [], 3, 2),
        ([1, 1], [], 1, 1),
        ([1], [1], 1, None),  # what was reviewed cannot be read any more
        ([1], [1], 2, None),
        ([1, 2], [2], 2, 1),
        ([1, 2], [2], 3, 1),
        ([1, 2], [1], 2, 2),
    ],
)
def test_the_review_that_is_shown_with_a_version(publish, people, time_machine, reviewed, redacted, shown, review_of):
    versions: dict[int, Model] = {}
    for number in (1, 2, 3):
        time_machine.move_to(NOON + timedelta(hours=number), tick=False)
        versions[number] = publish("dose", body=f"Give {number} mg.\n")
        for place, of in enumerate(reviewed):
            if of == number:
                time_machine.move_to(NOON + timedelta(hours=number, minutes=place), tick=False)
                publishing.record_review(version=versions[of], by=people.reviewer, outcome="current")
    for number in redacted:
        redaction.redact(version=versions[number], by=people.administrator, reason="A name.", keep_title=False)

    review = Version.objects.get(number=shown).last_review

    assert (review.version.number if review else None) == review_of
    if review:
        newest = Review.objects.filter(version__number=review_of).order_by("-reviewed_at").first()
        assert review == newest


def test_a_page_shows_the_review_of_its_version_and_no_later_one(publish, people, client):
    publish("dose", body="Give 5 mg.\n")
    second = publish("dose", body="Give 10 mg.\n")
    publishing.record_review(version=second, by=people.reviewer, outcome="current")

    assert "Last reviewed" in client.get("/pages/dose/").content.decode()
    assert "Not yet clinically reviewed" in client.get("/pages/dose/history/1/").content.decode()
