"""A key point is quoted for a question that was understood whole, and for no other."""

import re

import pytest

from content.models import Synonym
from content.search import answers, query
from content.search.index import Index
from content.search.phrases import read
from tests.kept import once

BODY = """## In brief

- **[Dose](#h-dose-and-checks):** 5 mg of zirconium once daily; 7 mg of Zirtab.[^a]
- **[First dose](#h-first-dose):** watch the patient for 6 hours.[^a]
- **[Who must not have it](#h-contraindications):** people with a bad liver, or in pregnancy.[^a]
- **[Eyes and vaccines](#h-eyes):** examine the eyes, on zirconia too.[^a] No live vaccine during treatment.[^a]
- **[Stopping](#h-stopping-and-rebound):** rebound is possible; [see the dose](#h-dose-and-checks).[^a]
- **[Who](#h-who-can-have-it):** adults who need it.[^a]

## Dose and checks

Text.

## First dose

Text.

## Contraindications

Text.

## Eyes

Text.

## Stopping and rebound

Text.

## Who can have it

Text.

[^a]: A source.
"""
SYNONYMS = {
    "Zircon": ["zirconium"],
    "must not have": ["contraindications"],
    "how much": ["dose"],
    "can have": ["eligibility"],
    "ZR": ["zirconium", "zone of rest"],
    "jab": ["vaccine", "vaccines"],
    "vaccination": ["vaccines"],
}


@pytest.fixture
def zirconium(publish):
    once("zirconium", lambda: bring_in(publish))


def bring_in(publish):
    page = publish("zirconium", title="Zirconium in multiple sclerosis", body=BODY).page
    page.codes.create(system="ATC", code="Z01", term="Zirconium")
    for words in ("zirconia", "Zirtab"):
        page.search_terms.create(words=words)
    other = publish("vanadium", title="Vanadium: doses", body=BODY.replace("zirconium", "vanadium")).page
    for words in ("vanadium doses for others", "jab"):
        other.search_terms.create(words=words)
    for each in (page, other):
        each.codes.create(system="ATC", code="M01", term="Metal")
    publish("iron", title="Iron dose", body=BODY)
    for words, meanings in SYNONYMS.items():
        for meaning in meanings:
            Synonym.objects.create(words=words, meaning=meaning)


def lead(typed: str) -> str:
    """The page and the first words of the key point that is quoted, if one is."""
    answer = query.search(typed).answer
    return f"{answer.page.slug}: {re.sub('<[^>]+>', '', answer.html).split(':')[0]}" if answer else ""


@pytest.mark.parametrize(
    ("typed", "quoted"),
    [
        ("zirconium dose", "zirconium: Dose"),
        ("What is the dose of zirconium?", "zirconium: Dose"),
        ("dosing zirconium in adults", "zirconium: Dose"),
        ("how much zirconium", "zirconium: Dose"),
        ("zircon dose", "zirconium: Dose"),
        ("zirconia dose", ""),  # a search term that title and key point do not say can be on a part of the page
        ("zirconia eyes", "zirconium: Eyes and vaccines"),
        ("zirtab 7 mg dose", "zirconium: Dose"),
        ("zirtab 5 mg dose", ""),  # of another sentence
        ("Z01 dose", "zirconium: Dose"),
        ("M01 dose", ""),  # of two pages, which answer alike
        ("iron dose", ""),  # the name of a page, and nothing else
        ("zirconium in multiple sclerosis dose", "zirconium: Dose"),
        ("zirconuim dose", "zirconium: Dose"),  # corrected, and said so
        ("zirconium first dose", "zirconium: First dose"),
        ("zirconium 5 mg dose", "zirconium: Dose"),
        ("who must not have zirconium", "zirconium: Who must not have it"),
        ("contraindications to zirconium", "zirconium: Who must not have it"),
        ("zirconium contraindicated liver", "zirconium: Who must not have it"),
        ("zirconium eyes", "zirconium: Eyes and vaccines"),
        ("can I give a jab on zirconium", "zirconium: Eyes and vaccines"),
        ("zirconium vaccination", "zirconium: Eyes and vaccines"),
        ("jab eyes", "vanadium: Eyes and vaccines"),  # its search term, although the word has a meaning
        ("stop zirconium", "zirconium: Stopping"),
        ("zirconium stopping and rebound", "zirconium: Stopping"),  # its heading and its text say the other
        ("zirconium dose and checks", ""),  # only the heading does
        ("who can have zirconium", "zirconium: Who"),
        ("vanadium dose", "vanadium: Dose"),  # which is its title too
        ("zirconium", ""),  # no aspect
        ("dose", ""),  # no page
        ("copper dose", ""),
        ("zirconium dose children", ""),
        ("zirconium dose in renal impairment", ""),
        ("zirconium half-life", ""),
        ("zirconium pregnancy", ""),  # a key point says the word, but none begins with it
        ("zirconium pregnancy dose", ""),
        ("zirconium dose 10 mg", ""),
        ("not zirconium dose", ""),
        ("why zirconium dose", ""),
        ("dose during zirconium", "zirconium: Dose"),
        ("dose after zirconium", ""),
        ("zirconium between doses", ""),
        ("all zirconium doses", ""),
        ("zirconium dose or vanadium dose", ""),
        ("zirconium checks", ""),  # a word of the section's heading, and not what the key point is on
        ("ZR dose", ""),  # ambiguous: never guessed
        ("ziconium-like dose", ""),
        ("zirconium eyes dose", ""),
        ("the of and", ""),
        ("dose " * 40 + "zirconium", ""),
        ("", ""),
    ],
)
def test_a_key_point_answers_a_question_that_was_understood_whole(zirconium, typed, quoted):
    assert lead(typed) == quoted


@pytest.mark.parametrize(
    "ending", ["please " * 31 + "in renal impairment", " " * 290 + "in children", "x" * 3000, "in children " * 300]
)
def test_no_half_of_a_long_question_is_answered(zirconium, ending):
    assert lead(f"zirconium dose {ending}") == ""


def test_a_word_of_direction_stands_before_its_own_word(publish):
    body = "## In brief\n\n- **[Low platelets or new high pressure](#h-a):** stop.[^a]\n\n## A\n\nText.\n\n[^a]: S.\n"
    publish("zirconium", title="Zirconium", body=body)

    assert lead("zirconium low platelets") == "zirconium: Low platelets or new high pressure"
    assert lead("zirconium platelets") == "zirconium: Low platelets or new high pressure"
    assert lead("zirconium high platelets") == lead("high zirconium platelets") == lead("zirconium low pressure") == ""


SEVERAL = """## In brief

- **[Zirconium levels and rash](#h-a):** test for both, with nitric oxide too.[^a]
- **[First doses](#h-b):** no food other than 50 g of rice.[^a]
- **[Dose](#h-c):** 5 mg, the first at night.[^a]
- **[Contraindications](#h-d):** pregnancy.[^a]
- **[Who must not have it](#h-e):** children.[^a]

## A

## B

## C

## D

## E

Text.

[^a]: A source.
"""


@pytest.mark.parametrize(
    ("typed", "quoted"),
    [
        ("zirconium first dose", "First doses"),  # more of what was asked for, though “Dose” says it as it was typed
        ("zirconium contraindications", "Contraindications"),  # as it was typed
        ("must not have zirconium", "Who must not have it"),
        ("zirconium level and rash", "Zirconium levels and rash"),  # the page's name is part of what it is on
        ("zirconium NO rash", "Zirconium levels and rash"),  # a word with a meaning denies nothing
        ("zirconium other than first dose", ""),
        ("zirconium 50 g first dose", "First doses"),
    ],
)
def test_of_several_key_points_the_one_that_begins_with_most_of_what_is_asked_for_answers(publish, typed, quoted):
    publish("zirconium", title="Zirconium", body=SEVERAL)
    for words, meaning in (("must not have", "contraindications"), ("NO", "nitric oxide")):
        Synonym.objects.create(words=words, meaning=meaning)

    assert lead(typed).removeprefix("zirconium: ") == quoted


@pytest.mark.parametrize(
    ("title", "quoted"),
    [
        ("Zirconium", "zirconium: Dose"),
        ("The zone of rest", "zirconium: Dose"),
        ("Zirconium in the zone of rest", ""),
        ("Vanadium", ""),
    ],
)
def test_ambiguous_words_are_understood_where_one_of_their_meanings_is_what_the_page_is_on(publish, title, quoted):
    publish("zirconium", title=title, body=BODY).page.codes.create(system="ATC", code="Z01", term="Metal")
    for meaning in ("zirconium", "zone of rest"):
        Synonym.objects.create(words="ZR", meaning=meaning)

    assert lead("Z01 ZR dose") == quoted


def test_ambiguous_words_in_the_name_of_a_page_need_no_choice(zirconium, publish):
    assert query.search("ZR relapse").ambiguous == "ZR"

    publish("relapse", title="ZR relapse")

    assert query.search("ZR relapse").ambiguous == ""


def test_a_name_of_too_many_pages_says_nothing(zirconium, publish, monkeypatch):
    publish("plain").page.codes.create(system="ATC", code="Z01", term="Zirconium")
    assert lead("Z01 dose") == "zirconium: Dose"

    monkeypatch.setattr(answers, "MOST_PAGES", 1)

    assert lead("Z01 dose") == ""


@pytest.mark.parametrize(
    ("typed", "named"),
    [
        ("vanadium oxide dose", {"oxide"}),  # and not what is called by a part of its name
        ("vanadium", {"vanadium"}),
        ("metal", {"metal"}),  # two of eight titles say it
        ("fracture", set()),  # three of eight
        ("copper", set()),
    ],
)
def test_a_question_names_pages_by_what_is_particular_to_them(publish, typed, named):
    titles = {"oxide": "Vanadium oxide", "vanadium": "Vanadium", "metal": "Metal", "fracture": "Fracture"}
    titles |= {"one": "Metal and fracture", "two": "An open fracture", "three": "Iron", "four": "Zinc"}
    for slug, title in titles.items():
        publish(slug, title=title)

    def find(base):
        (said,) = read(base, [typed])
        slugs = dict(base.execute("SELECT id, slug FROM page"))
        return {slugs[page] for page in answers.named_by(base, said, answers.names_in(base, said))}

    assert Index().read(find) == named


def test_a_page_that_is_all_that_was_asked_for_comes_first_the_surest_name_before(publish):
    words = "zirconium for adults with weak bones and early heart failure"
    publish("other", title=" ".join(reversed(words.split())))
    publish("third").page.search_terms.create(words="vanadium")
    publish("zirconium", title=words)
    publish("vanadium", title="Vanadium")

    assert query.search(words).hits[0].slug == "zirconium"  # it has more words than a part of a question
    assert query.search("vanadium").hits[0].slug == "vanadium"


def test_a_code_on_many_pages_does_not_push_out_the_page_that_answers(zirconium, publish):
    for number in range(11):
        publish(f"page-{number}").page.codes.create(system="SNOMED CT", code="24700007", term="MS")
    publish("ytterbium", title="Ytterbium", body=BODY).page.codes.create(system="SNOMED CT", code="24700007", term="MS")

    assert query.search("24700007 dose of ytterbium").hits
