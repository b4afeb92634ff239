"""A large site asks its database as often as a small one, and by its indexes: so it takes as long."""

import re
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from content.models import HomeEntry, Page, Version
from tests.bench import flat, many

LISTS = [("visitor", "all pages"), ("visitor", "changes"), ("reader", "my annotations")]
LISTS += [
    ("administrator", name) for name in ("pages", "drafts", "versions", "reviews", "reports", "home entries", "people")
]


class Undo(Exception):
    """Takes a made-up site back."""


@contextmanager
def made_up(**sizes: int) -> Iterator[flat.Asker]:
    """Someone who asks a site of these sizes, which is there for as long."""
    try:
        with transaction.atomic():
            many.make(**sizes, is_quiet=True)
            yield flat.Asker()
            raise Undo
    except Undo:
        pass


def queries(asker: flat.Asker, who: str, name: str) -> list[str]:
    """What is asked of the database at an address that was asked for before."""
    request = asker.add if (who, name) == flat.ADDING else asker.get(who, name)
    request()
    with CaptureQueriesContext(connection) as asked:
        assert request().status_code in (200, 302, 404), name
    return [each["sql"] for each in asked.captured_queries]


def count(pages: int) -> dict[tuple[str, str], int]:
    """How many queries each list takes on a site with this many pages."""
    with made_up(pages=pages, versions=2, readers=pages, notes=pages) as asker:
        return {(who, name): len(queries(asker, who, name)) for who, name in LISTS}


def test_a_list_takes_as_many_queries_with_sixty_rows_as_with_one(db):
    assert count(60) == count(1)


# A step of a plan that goes through every row; what a list that ends after so many rows does is none.
WHOLE = re.compile(r"SCAN (\w+)|SEARCH ([A-Z]\d+) USING (?:COVERING )?INDEX versions_by_time \(published_at<\?\)")


def scans(sql: str) -> list[str]:
    """Which steps of the plan for a query read every version."""
    aliases = {table: {*re.findall(rf'"{table}" (\w\d+)', sql)} for table in re.findall(r'"(\w+)" \w\d+', sql)}
    names = {"content_version", *aliases.pop("content_version", ())}.difference(*aliases.values())
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN QUERY PLAN {sql}")
        steps = [(row[-1], WHOLE.fullmatch(row[-1])) for row in cursor.fetchall()]
    return [step for step, found in steps if found and (found[1] in names or found[2])]


def test_nothing_reads_every_version_of_a_large_site(db):
    addresses = [(who, name) for who, named in flat.ADDRESSES.items() for name in named]
    pages = 2_000 if connection.vendor == "sqlite" else 200  # only SQLite is asked for its plans
    with made_up(pages=pages, versions=2, readers=500, notes=1_000) as asker:
        for who, name in [*addresses, flat.ADDING]:
            if name == "references":  # every one of them, each once
                continue
            asked = queries(asker, who, name)

            assert len(asked) <= 25, name
            if connection.vendor == "sqlite":
                found = {sql: scans(sql) for sql in asked if '"content_version"' in sql and sql.startswith("SELECT")}
                assert not any(found.values()), (name, found)
        assert Page.objects.count() > 2 * HomeEntry.objects.count()
        assert Version.objects.count() == 2 * pages
