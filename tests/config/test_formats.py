import re
from datetime import datetime

import pytest
from django.contrib import admin
from django.db.models import DateTimeField
from django.forms import DateField
from django.test import Client
from django.urls import reverse
from django.utils.formats import date_format, time_format

from content import publishing
from content.models import Review

# A time as in "2:07 p.m.", not some letters of a random token, or Django's picker of such times.
TWELVE_HOUR = re.compile(
    r"(?<![\w/+=-])\d{1,2}(?::\d\d)? ?(?:[ap]\.?m|[AP]\.?M)\b|\b[Nn]oon\b|\b[Mm]idnight\b|vTimeField"
)
TEXT = publishing.Text("Title", "Summary", "Give 10 mg.\n", "Why.")


def test_times_are_written_by_the_24_hour_clock_where_django_writes_them_too():
    at = datetime(2026, 11, 22, 17, 2)

    assert date_format(at, "DATETIME_FORMAT") == "22 Nov 2026, 17:02"
    assert date_format(at, "SHORT_DATETIME_FORMAT") == "22/11/2026 17:02"
    assert date_format(at, "DATE_FORMAT") == "22 Nov 2026"
    assert time_format(at.time()) == "17:02"


def test_a_day_is_still_read_as_in_britain():
    assert DateField().clean("22/11/2026") == datetime(2026, 11, 22).date()


@pytest.fixture
def afternoon(time_machine, people, publish, signed_in) -> Client:
    """An administrator's browser, after everything that the admin lists was done at 14:07."""
    time_machine.move_to("2026-11-22 14:07Z", tick=False)
    page = publish().page
    publishing.start_draft(page=page, text=TEXT, by=people.editor, started_from=1)
    Review.objects.create(version=page.live_version, reviewer_name="Ann", outcome=Review.Outcome.CURRENT)
    Client().post("/pages/a-page/history/1/report/", {"text": "It is 50 mg.", "email": ""})
    Client().post("/search/tell/", {"asked": "wegovy", "expected": "", "email": ""})
    return signed_in(people.administrator)


@pytest.mark.parametrize("model", admin.site._registry, ids=lambda model: model._meta.label)
def test_the_admin_writes_times_by_the_24_hour_clock(afternoon, model):
    columns = [field.name for field in model._meta.fields if isinstance(field, DateTimeField)]
    shows_time = set(columns) & set(admin.site._registry[model].list_display)
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}"

    rows = afternoon.get(reverse(f"{name}_changelist"))
    pages = [
        afternoon.get(reverse(f"{name}_{page}", args=[row.pk]))
        for row in rows.context["cl"].result_list
        for page in ("change", "history")
    ]

    assert {page.status_code for page in (rows, *pages)} == {200}
    assert ("14:07" in rows.content.decode()) is bool(shows_time)
    assert [found[0] for page in (rows, *pages) if (found := TWELVE_HOUR.search(page.content.decode()))] == []
