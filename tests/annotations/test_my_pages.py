"""A reader's pages on home: theirs alone, and first those where something is to be done."""

import re
from datetime import date, timedelta

import pytest
from django.utils import timezone

from annotations.models import MOST_ON_A_PAGE, Annotation, write
from annotations.my_pages import MOST

BODY = "## Dose\n\nGive 5 mg.\n\n## Stopping\n\nStop slowly.\n"


def mine(client) -> str:
    """My pages on home, as words with its links."""
    html = re.search(r'<section class="mine".*?</section>', client.get("/").content.decode(), re.DOTALL)[0]
    return " ".join(re.sub(r"<(?!a )[^>]*>", " ", html).split())


def pages(client) -> list[str]:
    return re.findall(r'href="/pages/([^"]*)/"', mine(client))


def note(person, page, on_version: int = 1, heading: str = "", **facts):
    return write(by=person, page=page, on_version=on_version, text="bleep 4410", label="", heading=heading, **facts)


def test_a_reader_sees_their_pages_with_the_number_of_their_notes(publish, people, signed_in):
    page, other = publish("one", title="One").page, publish("two", title="Two").page
    for _ in range(2):
        note(people.reader, page)
    note(people.other, other)
    note(people.reader, other).delete_softly()
    said = mine(signed_in(people.reader))

    assert '<a href="/pages/one/">One 2 notes' in said
    assert "two" not in said
    assert "bleep" not in said
    assert "more page" not in said
    assert '<a href="/annotations/">All my annotations' in said
    assert mine(signed_in(people.other)).endswith("Two 1 note")
    without = mine(signed_in(people.editor))
    assert "Nothing here yet" in without
    assert "All my annotations" not in without


def test_a_visitor_has_no_pages_of_their_own(publish, people, client):
    note(people.reader, publish().page)
    html = client.get("/").content.decode()

    assert "My pages" not in html
    assert "note" not in html.split("<main")[1].split("</main>")[0]


def test_notes_to_check_are_counted_since_the_first_of_them(publish, people, signed_in, time_machine):
    time_machine.move_to("2026-05-01T12:00:00Z")
    page = publish().page
    for day in (date(2026, 5, 20), date(2026, 5, 10), date(2027, 1, 1)):
        note(people.reader, page, check_on=day)
    time_machine.move_to("2026-05-21T12:00:00Z")

    assert "3 notes · 2 to check since 10 May 2026" in mine(signed_in(people.reader))


def test_notes_on_sections_that_changed_are_counted(publish, people, signed_in):
    page = publish(body=BODY).page
    for heading in ("Dose", "Stopping", ""):
        note(people.reader, page, heading=heading)
    publish(body=BODY.replace("5 mg", "10 mg"))
    reader = signed_in(people.reader)
    assert "3 notes · 1 on a section that changed" in mine(reader)

    publish(body="Nothing is left.\n")
    assert "3 notes · 2 on sections that changed" in mine(reader)

    for each in people.reader.annotations.all():
        each.confirm(each.revision, on_version=3)
    assert "changed" not in mine(reader)


def test_what_asks_for_something_comes_first_then_what_was_written_last(publish, people, signed_in):
    for name in ("old", "changed", "due", "new"):
        page = publish(name, body=BODY).page
        note(people.reader, page, heading="Dose" if name == "changed" else "")
    publish("changed", body="Other.\n")
    today = timezone.localdate()
    people.reader.annotations.filter(page__slug="due").update(check_on=today, checked_on=today - timedelta(days=9))

    reader = signed_in(people.reader)
    assert pages(reader) == ["due", "changed", "new", "old"]

    people.reader.annotations.filter(page__slug="old").update(edited_at=timezone.now())
    assert pages(reader) == ["due", "changed", "old", "new"]
    note(people.reader, page)
    assert pages(reader) == ["due", "changed", "new", "old"]


def test_a_page_that_cannot_be_read_is_not_among_them_and_more_than_fit_are_counted(
    publish, withdraw, people, signed_in
):
    for number in range(MOST + 3):
        page = publish(f"page-{number}").page
        note(people.reader, page)
    withdraw(page)
    reader = signed_in(people.reader)

    assert len(pages(reader)) == MOST == 5
    assert "2 more pages with your notes" in mine(reader)
    withdraw(publish("page-0", body="Give 10 mg.\n").page)
    assert "1 more page with your notes" in mine(reader)


@pytest.mark.parametrize("many", [1, 12])
def test_it_takes_as_many_queries_whatever_the_number_of_notes(
    publish, people, signed_in, django_assert_max_num_queries, many
):
    for number in range(many):
        page = publish(f"page-{number}", body=BODY).page
        publish(f"page-{number}", body=BODY.replace("5", str(number + 10)))
        Annotation.objects.bulk_create(
            Annotation(owner=people.reader, page=page, text="A note", heading="Dose", written_on_version=1)
            for _ in range(MOST_ON_A_PAGE)
        )
    reader = signed_in(people.reader)
    with django_assert_max_num_queries(10):
        html = reader.get("/").content.decode()

    assert html.count(f"{MOST_ON_A_PAGE} on sections that changed") == min(many, MOST)
