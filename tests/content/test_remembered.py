"""What is remembered is never older than what readers see."""

from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction

from content import publishing
from content.models import ContentChange, HomeEntry, Page
from content.remembered import MOST, until_changed


@pytest.fixture
def live():
    """The slugs of live pages, remembered; `live.times` says how often they were looked up."""

    def find() -> list[str]:
        look.times += 1
        return [page.slug for page in Page.objects.live()]

    look = until_changed(find)
    look.times = 0
    return look


def test_it_is_looked_up_once_while_nothing_changes_in_one_query(publish, live, django_assert_num_queries):
    publish("one")
    assert live() == ["one"]

    with django_assert_num_queries(1):
        assert live() == ["one"]
    assert live.times == 1


def test_it_is_looked_up_again_after_each_change(publish, withdraw, live):
    page = publish("one").page
    assert live() == ["one"]
    publish("two")
    assert live() == ["one", "two"]
    withdraw(page)
    assert live() == ["two"]
    HomeEntry.objects.create(page=page, section="drug", label="One")
    live()
    assert live.times == 4


def test_it_is_looked_up_again_when_a_change_is_undone(publish, live):
    publish("one")
    assert live() == ["one"]
    with transaction.atomic():
        publish("two")
        assert live() == ["one", "two"]
        transaction.set_rollback(True)

    assert live() == ["one"]


def test_a_scheduled_version_is_there_when_its_time_comes(publish, live, time_machine):
    time_machine.move_to(datetime(2026, 5, 3, 12, tzinfo=UTC), tick=False)
    publish("one", title="A")
    page = Page.objects.create(slug="soon")
    at = datetime(2026, 5, 4, 6, tzinfo=UTC)
    publishing.add_version(page=page, text=publishing.Text("B", "S", "Give 5 mg.\n"), published_at=at)
    assert live() == ["one"]

    time_machine.move_to(at - timedelta(microseconds=1), tick=False)
    assert live() == ["one"]
    assert live.times == 1
    time_machine.move_to(at, tick=False)
    assert live() == ["one", "soon"]


def test_nothing_is_remembered_if_nothing_notices_changes(publish, live):
    publish("one")
    ContentChange.objects.all().delete()
    live()
    live()

    assert live.times == 2


def test_no_more_is_remembered_than_fits(db):
    asked = []
    look = until_changed(lambda number: asked.append(number))
    for number in [*range(MOST), 0, MOST, 0, 1]:
        look(number)

    assert asked == [*range(MOST), MOST, 1]
