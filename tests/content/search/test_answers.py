"""A key point is quoted for a question that was understood whole, and for no other."""

import re

import pytest

from content.models import Synonym
from content.search import query

BODY = """## In brief

- **[Dose](#h-dose-and-checks):** 5 mg of zirconium once daily.[^a]
- **[First dose](#h-first-dose):** watch the patient for 6 hours.[^a]
- **[Who must not have it](#h-contraindications):** people with a bad liver, or in pregnancy.[^a]
- **[Eyes and vaccines](#h-eyes):** examine the eyes, on zirconia too.[^a] No live vaccine during treatment.[^a]
- **[Stopping](#h-stopping):** the disease can return; [see the dose](#h-dose-and-checks).[^a]
- **[Who](#h-who-can-have-it):** adults who need it.[^a]

## Dose and checks

Text.

## First dose

Text.

## Contraindications

Text.

## Eyes

Text.

## Stopping

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
    "jab": ["vaccine"],
    "vaccination": ["vaccines"],
}


@pytest.fixture
def zirconium(publish):
    page = publish("zirconium", title="Zirconium in multiple sclerosis", body=BODY).page
    page.codes.create(system="ATC", code="Z01", term="Zirconium")
    page.search_terms.create(words="zirconia")
    other = publish("vanadium", title="Vanadium: doses", body=BODY.replace("zirconium", "vanadium")).page
    other.search_terms.create(words="vanadium doses for others")
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
        ("Z01 dose", "zirconium: Dose"),
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
        ("stop zirconium", "zirconium: Stopping"),
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


def test_a_code_on_many_pages_does_not_push_out_the_page_that_answers(zirconium, publish):
    for number in range(11):
        publish(f"page-{number}").page.codes.create(system="SNOMED CT", code="24700007", term="MS")
    publish("ytterbium", title="Ytterbium", body=BODY).page.codes.create(system="SNOMED CT", code="24700007", term="MS")

    assert query.search("24700007 dose of ytterbium").hits
