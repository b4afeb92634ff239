"""What is kept of an import is what the import leaves."""

from datetime import timedelta

import pytest
import time_machine
from django.core import serializers
from django.db import connection
from django.utils import timezone

from content.files import importing
from content.history import triggers, verification
from content.models import ContentChange, Page
from tests import kept
from tests.conftest import LIBRARY


@pytest.fixture
def calls(db, monkeypatch) -> list[int]:
    """How many pages each import of this test found."""
    monkeypatch.setattr(kept, "KEPT", {})
    return []


@pytest.fixture
def bring_in(calls):
    def bring_in() -> None:
        calls.append(Page.objects.count())
        list(importing.import_files([LIBRARY / "ocrelizumab-ms.md", LIBRARY / "privacy.md"]))

    return bring_in


def written() -> str:
    return serializers.serialize("jsonl", kept.rows_of_content())


def remove_all() -> None:
    triggers.remove(connection)
    for row in reversed(kept.rows_of_content()):
        type(row)._base_manager.filter(pk=row.pk).delete()
    connection.check_constraints()  # now, and not at the end: PostgreSQL alters no table that still waits for it
    triggers.install(connection)
    assert not kept.rows_of_content()


def test_the_second_test_gets_each_row_as_the_import_left_it(calls, bring_in):
    kept.once("two", bring_in)
    imported = written()
    stamp = ContentChange.objects.get().stamp
    remove_all()

    kept.once("two", bring_in)

    assert calls == [0]
    assert written() == imported
    assert imported.count("\n") > 10
    assert ContentChange.objects.get().stamp != stamp
    assert not [finding for page in verification.check_pages(html=True) for finding in page.findings]
    newest = Page.objects.order_by("pk").last()
    assert Page.objects.create(slug="another").pk > newest.pk


def test_a_page_that_is_there_already_is_met_by_the_import(calls, bring_in):
    kept.once("two", bring_in)

    kept.once("two", bring_in)

    assert calls == [0, 2]


@pytest.mark.parametrize("away", [timedelta(hours=2), timedelta(minutes=-1)])
def test_at_another_time_the_pages_are_imported_as_of_that_time(calls, bring_in, away):
    kept.once("two", bring_in)
    remove_all()

    with time_machine.travel(timezone.now() + away):
        kept.once("two", bring_in)

        assert calls == [0, 0]
        assert Page.objects.live().count() == 2
