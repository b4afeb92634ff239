"""As many annotations as a reader who uses the site for years may have: 5,000 on 25 pages, 200 on each."""

import re
import time
from datetime import timedelta

import pytest
from django.utils import timezone

from annotations.models import MOST_ON_A_PAGE, Annotation
from annotations.views import MOST_TO_CHECK

PAGES = 25
EXPORTS = ("md", "csv", "jsonld")
WRITTEN = "Clinic secretary 020 7946 0018, ÉCOLE 3, https://pathways.example/ms, ask for the form\nNot on Fridays."


@pytest.fixture
def reader(people, signed_in, publish):
    today = timezone.localdate()
    for number in range(PAGES):
        page = publish(f"page-{number}", title=f"Page {number}").page
        Annotation.objects.bulk_create(
            Annotation(
                owner=people.reader,
                page=page,
                text=f"{WRITTEN} note {number}-{place}",
                label="phone" if place % 2 else "",
                heading="Dose\nChildren" if place % 3 else "",
                check_on=today + timedelta(days=30),
                checked_on=today,
                edited_at=timezone.now(),
                position=place,
                written_on_version=1,
            )
            for place in range(MOST_ON_A_PAGE)
        )
    return signed_in(people.reader)


@pytest.fixture
def read(reader, django_assert_max_num_queries):
    """Read an address with at most so many queries, in at most so many seconds of the processor's time.

    Not of the clock's: a machine that is busy is not a failure.
    """

    def read(address: str, queries: int, seconds: float) -> str:
        started = time.thread_time()
        with django_assert_max_num_queries(queries):
            content = reader.get(address).content.decode()
        assert time.thread_time() - started < seconds, address
        return content

    return read


def test_five_thousand_are_listed_searched_and_filtered_with_few_queries_and_soon(read):
    for query, pages in (
        ("", 100),
        ("?q=école+NOTE", 100),
        ("?q=note+7-", 8),
        ("?label=phone", 50),
        ("?page=100", 100),
    ):
        html = read(f"/annotations/{query}", queries=8, seconds=1)

        assert html.count('-text">Clinic') == 50, query
        assert re.search(rf"Page \d+ of {pages}<", html), query


def test_of_five_thousand_to_check_the_list_shows_the_first_and_counts_the_others(read, people, publish):
    for number in range(PAGES):
        publish(f"page-{number}", title=f"Page {number}", body="Nothing is left.\n")
    html = read("/annotations/", queries=14, seconds=2)
    to_check, everything = html.split("<h2>All</h2>")
    on_headings = people.reader.annotations.exclude(heading="").count()

    assert to_check.count('-text">Clinic') == MOST_TO_CHECK
    assert f"<h2>To check <small>{on_headings}</small></h2>" in to_check
    assert f"{on_headings - MOST_TO_CHECK} more to check" in to_check
    assert everything.count('-text">Clinic') == 50


def test_five_thousand_are_exported_with_few_queries_and_soon(read):
    for form in EXPORTS:
        exported = read(f"/annotations/export.{form}", queries=5, seconds=3)

        assert exported.count("Clinic secretary") == PAGES * MOST_ON_A_PAGE, form
