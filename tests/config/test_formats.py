from datetime import datetime

from django.forms import DateField
from django.utils.formats import date_format, time_format


def test_times_are_written_by_the_24_hour_clock_where_django_writes_them_too():
    at = datetime(2026, 11, 22, 17, 2)

    assert date_format(at, "DATETIME_FORMAT") == "22 Nov 2026, 17:02"
    assert date_format(at, "SHORT_DATETIME_FORMAT") == "22/11/2026 17:02"
    assert date_format(at, "DATE_FORMAT") == "22 Nov 2026"
    assert time_format(at.time()) == "17:02"


def test_a_day_is_still_read_as_in_britain():
    assert DateField().clean("22/11/2026") == datetime(2026, 11, 22).date()
