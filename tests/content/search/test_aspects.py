import pytest

from content.models import Code, SearchTerm, Synonym
from content.search import aspects
from content.search.index import Index, Unavailable

BODY = """## In brief

- **[Amount](#h-how-it-is-given):** 5 mg.[^a]
- **[Eyes; ears](#h-eyes):** look, and [listen](#h-ears).[^a]
- **Driving:** not on the first day.[^a]

## How it is given

By mouth.

## Dose

5 mg.

## First dose

In hospital.

## Eyes

Look.

## Ears

Listen.

## Pregnancy, contraception and breast-feeding

Stop.

## Blood tests

Weekly.

## Blood tests

Monthly.

[^a]: A.
"""


@pytest.fixture
def zirconium(publish):
    Synonym.objects.create(words="posology", meaning="dose")
    Synonym.objects.create(words="monitoring", meaning="tests")
    Synonym.objects.create(words="ZR", meaning="zirconium")
    Synonym.objects.create(words="TWO", meaning="zirconium")
    Synonym.objects.create(words="TWO", meaning="vanadium")
    version = publish("zirconium", title="Zirconium: driving and harms", body=BODY)
    SearchTerm.objects.create(page=version.page, words="Zircon 5")
    Code.objects.create(page=version.page, system="ATC", code="Z01", term="Zirconium")
    return version.page_id


@pytest.mark.parametrize(
    ("name", "is_called"),
    [
        ("Zirconium: driving and harms", True),
        ("zirconium", True),
        ("ZIRCONIUMS", True),
        ("zircon 5", True),
        ("ZR", True),
        ("zirconium tablets", False),
        ("driving", False),
        ("TWO", False),  # which of them?
        ("Z01", False),  # a code is no name: another terminology may have the same
        ("zirconiun", False),
        ("", False),
        ("–", False),
    ],
)
def test_a_name_counts_in_full_and_as_it_is_written(zirconium, name, is_called):
    assert aspects.called(name) == ([zirconium] if is_called else [])


def test_a_whole_title_names_one_page_and_its_first_part_all_that_begin_so(zirconium, publish):
    other = publish("other", title="Zirconium: amounts").page_id
    SearchTerm.objects.create(page_id=zirconium, words="zirconium amounts")

    assert aspects.called("Zirconium") == [other, zirconium]
    assert aspects.called("Zirconium: amounts") == [other]


@pytest.mark.parametrize(
    ("aspect", "anchors"),
    [
        ("Dose", ["h-dose"]),
        ("dosing", ["h-dose"]),
        ("posology", ["h-dose"]),
        ("first dose", ["h-first-dose"]),
        ("amount", ["h-how-it-is-given"]),  # the first words of the key point that leads there
        ("pregnancy", ["h-pregnancy-contraception-and-breast-feeding"]),
        ("pregnancy and eyes", ["h-eyes", "h-pregnancy-contraception-and-breast-feeding"]),
        ("tests", ["h-blood-tests", "h-blood-tests_1"]),
        ("monitoring", ["h-blood-tests", "h-blood-tests_1"]),
        ("blood", ["h-blood-tests", "h-blood-tests_1"]),
        ("listen", []),  # where else a key point leads
        ("harms", [""]),  # the title says it: the page itself
        ("driving", ["h-in-brief"]),  # a key point without a section says nothing else, and so more than the title
        ("in brief", []),
        ("blood dose", []),
        ("not known here", []),
        ("the", []),
        ("", []),
    ],
)
def test_an_aspect_is_where_all_of_it_is_said(zirconium, aspect, anchors):
    assert [place.anchor for place in aspects.places_on([zirconium], [aspect])] == anchors


def test_pages_come_in_the_order_in_which_they_are_given_and_aspects_add_up(zirconium, publish):
    other = publish("other", title="Vanadium", body="## Dose\n\n1 mg.\n").page_id
    asked = [other, zirconium, 10**9]

    found = [(place.page_id, place.heading) for place in aspects.places_on(asked, ["dose", "eyes", "gout"])]

    assert found == [(other, "Dose"), (zirconium, "Dose"), (zirconium, "Eyes")]
    assert aspects.places_on([], ["dose"]) == []
    assert aspects.places_on(asked, []) == []


def test_without_an_index_it_says_so(tmp_path, db):
    (tmp_path / "file").write_text("")
    nowhere = Index(tmp_path / "file" / "index.sqlite3")

    with pytest.raises(Unavailable):
        aspects.called("zirconium", nowhere)
    with pytest.raises(Unavailable):
        aspects.places_on([1], ["dose"], nowhere)
