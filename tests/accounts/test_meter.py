from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from accounts.meter import EPOCH, Meter, counts, is_prefetch

TODAY = date(2026, 11, 22)
PAGES = [f"page-{number}" for number in range(9)]


def opened(*pages, today=TODAY):
    meter = Meter(today)
    for page in pages:
        meter = meter.open(page)
    return meter


@pytest.mark.parametrize(
    ("already", "page", "remaining", "is_served"),
    [
        ([], "a", 5, True),
        (["a"], "a", 5, True),
        (["a"], "b", 4, True),
        (["a", "b", "c", "d"], "e", 1, True),
        (["a", "b", "c", "d", "e"], "e", 1, True),
        (["a", "b", "c", "d", "e"], "a", 1, True),
        (["a", "b", "c", "d", "e"], "f", 0, False),
        (["a", "b", "c", "d", "e"], None, 0, None),
        (["a", "b"], None, 3, None),
    ],
)
def test_the_number_shown_and_the_decision_are_one_rule(already, page, remaining, is_served):
    meter = opened(*already)

    assert meter.remaining(page) == remaining
    assert page is None or meter.allows(page) is is_served


def test_a_page_counts_for_thirty_days_from_its_first_opening():
    meter = opened("a")

    assert Meter(TODAY + timedelta(days=29), meter.opened).remaining("b") == 4
    assert Meter(TODAY + timedelta(days=30), meter.opened).remaining("b") == 5


def test_opening_a_page_again_does_not_put_off_its_end():
    later = Meter(TODAY + timedelta(days=20), opened("a").opened).open("a")

    assert later.opened["a"] == TODAY


@pytest.mark.parametrize("record", [None, [], "x", 5, {"a": "x"}, {"a": None}, {"a": 10**12}, {"a": [1]}])
def test_a_record_that_makes_no_sense_is_a_new_visitor(record):
    assert Meter.from_record(record, TODAY).opened == {}


def test_the_record_kept_in_the_browser_comes_back_whole():
    meter = opened("a", "b")

    assert Meter.from_record(meter.to_record(), TODAY) == meter
    assert meter.to_record() == dict.fromkeys(("a", "b"), (TODAY - EPOCH).days)


@given(st.lists(st.tuples(st.sampled_from(PAGES), st.integers(0, 12), st.booleans()), max_size=80))
def test_never_more_than_five_pages_are_first_opened_within_any_thirty_days(visits):
    """Any order of pages, days and reloads, through the record that the browser keeps."""
    today, record, first_openings = TODAY, {}, []
    for page, days_later, reloads in visits:
        today += timedelta(days=days_later)
        meter = Meter.from_record(record, today)
        shown = meter.remaining(page)
        assert meter.allows(page) is (shown >= 1)
        if not meter.allows(page):
            assert len(meter.opened) >= 5
            assert page not in meter.opened
            continue
        if page not in meter.opened:
            first_openings.append((today, page))
        after = meter.open(page)
        assert after.remaining(page) == shown  # what was shown stays true after it was counted
        if reloads:
            again = Meter.from_record(after.to_record(), today)
            assert again.remaining(page) == shown
            assert again.open(page) == after
        record = after.to_record()
        since = today - timedelta(days=30)
        within = [opening for opening in first_openings if opening[0] > since]
        assert len(within) <= 5
        # The number is true: exactly that many further distinct pages would be served today.
        trial = after
        more = 0
        for other in (f"new-{number}" for number in range(9)):
            if trial.allows(other):
                trial, more = trial.open(other), more + 1
        assert more == shown - 1 if page not in meter.opened else more == after.remaining()


@pytest.mark.parametrize(
    ("headers", "prefetch"),
    [
        ({}, False),
        ({"Sec-Purpose": "prefetch"}, True),
        ({"Sec-Purpose": "prefetch;prerender"}, True),
        ({"Purpose": "Prefetch"}, True),
        ({"X-Moz": "prefetch"}, True),
        ({"Sec-Purpose": ""}, False),
        ({"Sec-Purpose": "prefetch;anonymous-client-ip"}, True),
        ({"Sec-Purpose": "something-else, prefetch"}, True),
        ({"Sec-Purpose": "prerender"}, True),
        ({"Sec-Purpose": "something-else"}, False),
        ({"Purpose": "prefetch"}, True),
        ({"Purpose": "preview"}, True),
        ({"Purpose": "browse"}, False),
        ({"X-Purpose": "preview"}, True),
        ({"X-Purpose": "Preview"}, True),
        ({"X-Purpose": "instant"}, True),
        ({"X-Purpose": "prefetch"}, True),
        ({"X-Purpose": ""}, False),
        ({"X-Moz": "Prefetch"}, True),
        ({"X-Moz": "microsummary"}, False),
        ({"Sec-Purpose": "", "X-Purpose": "preview"}, True),
        ({"Purpose": "no-prefetch"}, False),
        ({"X-Preview": "preview"}, False),
        ({"Accept": "prefetch"}, False),
    ],
)
def test_what_a_browser_fetches_ahead_of_a_click_is_a_prefetch(headers, prefetch):
    assert is_prefetch(headers) is prefetch


@pytest.mark.parametrize(
    ("method", "status", "counted"),
    [("GET", 200, True), ("GET", 304, True), ("HEAD", 200, False), ("POST", 200, False)]
    + [("GET", status, False) for status in (301, 302, 403, 404, 410, 500, 503)],
)
def test_only_a_page_that_was_shown_counts(method, status, counted):
    assert counts(method, status) is counted
