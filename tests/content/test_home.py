"""Home: each page once or twice, as editors arranged it, and nothing that can be read out of reach."""

import re
from datetime import UTC, datetime
from html import unescape
from types import SimpleNamespace

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone

from content import home, publishing
from content.home import Place
from content.models import HomeEntry, Page
from content.search import query
from tests.reading import words


def entry(slug: str, label: str = "", section: str = "drug", **facts):
    """An entry of the page `slug`, as `arrange` takes it."""
    stated = {"section": section, "label": label or slug.title(), "note": "", "position": 0, "below": ""}
    return slug, SimpleNamespace(**(stated | facts))


def listed(html: str, name: str) -> str:
    """The list of home with this heading."""
    return re.search(rf'<section class="{name}.*?</section>', html, re.DOTALL)[0]


def links(html: str) -> list[str]:
    return re.findall(r'href="(/pages/[^"]*)"', html)


# The rules


@pytest.mark.parametrize(
    ("entries", "drugs"),
    [
        ([], []),
        ([entry("b"), entry("a")], ["B", "A"][::-1]),
        ([entry("a", "Zinc"), entry("b", "aspirin")], ["aspirin", "Zinc"]),
        ([entry("a", position=2), entry("b", position=1)], ["B", "A"]),
        ([entry("b", below="a"), entry("a")], [("A", "B")]),
        ([entry("c", below="a"), entry("b", below="a", position=1), entry("a")], [("A", "C", "B")]),
        ([entry("b", below="gone")], ["B"]),
        ([entry("b", below="a"), entry("a", section="problem")], ["B"]),
        ([entry("a"), entry("b", below="a"), entry("c", below="b")], [("A", "B"), "C"]),
        ([entry("a", below="b"), entry("b", below="a")], ["A", "B"]),
    ],
    ids=[
        "nothing", "by label", "whatever its capitals", "by position first", "below", "in order below", "below nothing",
        "below one in another section", "below one that is below", "in a circle",
    ],
)  # fmt: skip
def test_entries_stand_in_order_and_below_others(entries, drugs):
    placed = home.arrange(entries)["drug"]

    assert [(each.label, *(other.label for other in each.below)) for each in placed] == [
        each if isinstance(each, tuple) else (each,) for each in drugs
    ]


def test_no_entry_is_lost_whatever_it_is_below():
    slugs = "abcd"
    entries = [entry(slug, below=below) for slug, below in zip(slugs, ["b", "c", "d", "b"], strict=True)]
    placed = home.arrange(entries)["drug"]

    assert sorted(each.slug for top in placed for each in (top, *top.below)) == list(slugs)


@pytest.mark.parametrize(
    ("note", "said"),
    [
        ("", ""),
        ("First version on this site.", "First version on this site"),
        ("Dose corrected. It was too high.", "Dose corrected"),
        ("Dose: 5 mg a day", "Dose: 5 mg a day"),
        ("Names more, e.g. this one", "Names more, e.g. this one"),
        ("Dose corrected. 5 mg, not 50 mg.", "Dose corrected"),
        ("  Two\nlines; more", "Two lines"),
        ("Vitamin B12 1.5 mg added", "Vitamin B12 1.5 mg added"),
        ("word " * 20, "word " * 11 + "word …"),
        ("word " * 10 + "there, and more", "word " * 10 + "there …"),
        ("x" * 60, "x" * 60),
        ("x" * 70, "x" * 60 + " …"),
    ],
)
def test_of_a_change_note_the_first_words_are_shown(note, said):
    assert home.first_words(note) == said


@pytest.mark.parametrize(
    ("drugs", "problems", "headings", "found"),
    [
        ([], [], {}, []),
        (["Aspirin"], ["MS relapse"], {}, ["aspirin", "MS relapse"]),
        (["Aspirin"], [], {"Aspirin": ["In brief", "Stopping and its rebound", "Dose in children"]},
         ["aspirin dose in children", "aspirin"]),
        (["A1", "B1"], [], {"A1": ["Dose"], "B1": ["Dose", "NICE advice"]}, ["A1 dose", "B1 NICE advice", "A1"]),
        (["Aa", "Bb", "Cc", "Dd"], [], {name: [f"{name} dose"] for name in ("Aa", "Bb", "Cc", "Dd")},
         ["aa aa dose", "bb bb dose", "cc cc dose"]),
        (["Aspirin"], [], {"Aspirin": ["Related pages", "References", "2 mg"]}, ["aspirin"]),
    ],
)  # fmt: skip
def test_examples_are_drugs_with_a_section_of_their_page(drugs, problems, headings, found):
    places = ([Place(name, name) for name in names] for names in (drugs, problems))

    assert list(home.examples(*places, headings)) == found


# The page


@pytest.fixture
def arranged(publish):
    """Publish a page and give it a place: `arranged("dose", section="problem")`."""

    def arrange(slug: str, section: str = "drug", label: str = "", **facts) -> Page:
        page = publish(slug).page
        HomeEntry.objects.create(page=page, section=section, label=label or slug.title(), **facts)
        return page

    return arrange


def test_a_page_is_listed_by_drug_and_by_problem_and_others_where_nobody_arranged_them(client, arranged, publish):
    page = arranged("aspirin", label="Acetylsalicylic acid", note="Brand")
    HomeEntry.objects.create(page=page, section="problem", label="Headache")
    arranged("dose", label="Dose of it", below="aspirin")
    publish("free", title="Nobody arranged it")
    publish("about-us", kind="about", title="About us")
    html = client.get("/").content.decode()

    assert links(listed(html, "by-drug")) == ["/pages/aspirin/", "/pages/dose/"]
    assert links(listed(html, "by-problem")) == ["/pages/aspirin/"]
    assert links(listed(html, "others")) == ["/pages/free/"]
    assert "3 guidance pages, with sources." in html
    assert "about-us" not in html
    for said in (">Acetylsalicylic acid</a>", "<p>Brand</p>", ">Dose of it</a>"):
        assert said in listed(html, "by-drug")
    assert ">Nobody arranged it</a>" in listed(html, "others")
    assert html.count('role="search"') == 1


def test_a_visitor_is_shown_examples_and_a_reader_none(client, arranged, people, signed_in):
    arranged("aspirin", label="Aspirin & co")

    assert '<a href="/search/?q=aspirin%20%26%20co">aspirin &amp; co</a>' in client.get("/").content.decode()
    assert "Try" not in words(signed_in(people.reader).get("/"))


def test_examples_name_sections_that_the_page_has_now_if_it_has_been_rendered(client, arranged, publish):
    sections = "".join(f"## {name}\n\nText.\n\n" for name in ("Dose", "Two", "Three", "Four"))
    page = arranged("aspirin", label="Aspirin")
    publish("aspirin", body=sections)
    publish("aspirin", body=sections.replace("Dose", "Stopping"))
    assert ">aspirin stopping</a>" in client.get("/").content.decode()

    page.live_version.rendering.delete()
    assert ">aspirin</a>" in client.get("/").content.decode()


def test_without_others_there_is_no_list_of_them(client, arranged):
    arranged("aspirin")

    assert "Other pages" not in client.get("/").content.decode()


def test_what_cannot_be_read_is_not_listed_and_what_stood_below_it_is(client, arranged, withdraw):
    gone, below = arranged("gone"), arranged("below", below="gone")
    unwritten = Page.objects.create(slug="unwritten")
    soon = Page.objects.create(slug="soon")
    for page in (unwritten, soon):
        HomeEntry.objects.create(page=page, section="drug", label="No")
    later = timezone.now() + timezone.timedelta(hours=1)
    publishing.add_version(page=soon, text=publishing.Text("Soon", "S", "B\n"), published_at=later)
    withdraw(gone)
    html = client.get("/").content.decode()

    assert links(html) == [below.get_absolute_url()] * 2  # by drug, and changed lately
    assert "1 guidance page, with sources." in html


def test_an_empty_site_says_so(client, db):
    said = words(client.get("/"))

    assert "No pages have been published yet." in said
    for heading in ("By drug", "By problem", "Other pages", "Changed lately", "Try"):
        assert heading not in said


def test_what_changed_lately_comes_newest_first_with_version_date_and_words(client, publish, time_machine):
    for day in range(1, 8):
        time_machine.move_to(datetime(2026, 5, day, 12, tzinfo=UTC))
        publish(f"page-{day}")
    time_machine.move_to(datetime(2026, 5, 8, 12, tzinfo=UTC))
    third = publishing.Text("The third", "S", "Give 10 mg.\n", "Dose corrected.")
    publishing.add_version(page=Page.objects.get(slug="page-3"), text=third)
    said = listed(client.get("/").content.decode(), "latest")

    assert links(said) == [f"/pages/page-{day}/" for day in (3, 7, 6, 5, 4)]
    assert ">The third</a>" in said
    assert 'href="/changes/"' in said
    assert "Version 2 · 8 May 2026 · Dose corrected" in said
    assert "Version 1 · 7 May 2026 · Because it changed" in said


def test_home_takes_as_many_queries_whatever_there_is(client, arranged, publish, django_assert_max_num_queries):
    for number in range(12):
        arranged(f"drug-{number}", label="A label of sixty characters, which is as long as they can be")
        publish(f"other-{number}")
    with django_assert_max_num_queries(6):
        html = client.get("/").content.decode()

    assert len(links(listed(html, "by-drug"))) == len(links(listed(html, "others"))) == 12


def test_a_page_has_one_place_in_a_section(arranged):
    page = arranged("aspirin")
    HomeEntry.objects.create(page=page, section="problem", label="Headache")
    again = HomeEntry(page=page, section="drug", label="Again", below="aspirin")

    with pytest.raises(ValidationError, match="already exists"):
        again.validate_constraints()
    with pytest.raises(ValidationError, match="cannot stand below itself"):
        again.clean()
    with pytest.raises(IntegrityError), transaction.atomic():
        again.save()


# The library


@pytest.mark.usefixtures("shipped_library")
def test_the_library_is_arranged_with_names_that_are_in_each_page(client):
    html = client.get("/").content.decode()

    assert "17 guidance pages, with sources." in html
    assert "Other pages" not in html
    assert len({*links(listed(html, "by-drug")), *links(listed(html, "by-problem"))}) == 17
    assert all(links(html).count(link) <= 3 for link in links(html))  # the third is in what changed lately
    for place in HomeEntry.objects.filter(section="drug").exclude(note=""):
        body = place.page.live_version.body.casefold()
        for name in place.note.casefold().split(", "):
            assert name in body, (place.page.slug, name)


@pytest.mark.usefixtures("shipped_library")
def test_each_example_finds_the_page_that_it_came_from(client):
    html = client.get("/").content.decode()
    asked = [unescape(text) for text in re.findall(r'<a href="/search/\?q=[^"]+">([^<]+)</a>', html)]
    drugs = {place.label: place.page.slug for place in HomeEntry.objects.filter(section="drug")}

    assert len(asked) == 3
    for text in asked:
        [slug] = [slug for label, slug in drugs.items() if text.startswith(label.lower())]
        assert query.search(text).hits[0].slug == slug, text
