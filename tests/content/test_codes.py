"""Which pages have a code of a clinical terminology."""

import pytest

from content.models import Code, Page


@pytest.mark.parametrize(
    ("stored", "asked", "is_it"),
    [
        (("SNOMED CT", "24700007"), ("24700007", "SNOMED CT"), True),
        (("SNOMED CT", "24700007"), ("24700007", "dm+d"), True),  # they are one terminology's
        (("dm+d", "9375201000001103"), ("9375201000001103", "SNOMED CT"), True),
        (("SNOMED CT", "24700007"), ("24700007", "ICD-10"), False),
        (("SNOMED CT", "24700007"), ("2470000", "SNOMED CT"), False),
        (("SNOMED CT", "24700007"), ("24700007", ""), False),
        (("ATC", "L04AG03"), ("l04ag03", "ATC"), True),
        (("ATC", "L04AG03"), ("L04AG", "ATC"), False),
        (("ATC", "L04X"), ("L04", "ATC"), False),  # only the NHS's ICD-10 fills with an X
        (("ICD-10", "A81.2"), ("A81.2", "ICD-10"), True),
        (("ICD-10", "A81.2"), ("a812", "ICD-10"), True),
        (("ICD-10", "A812"), ("A81.2", "ICD-10"), True),
        (("ICD-10", "A81.2"), ("A81", "ICD-10"), False),
        (("ICD-10", "G35"), ("G35X", "ICD-10"), True),
        (("ICD-10", "G35"), ("G35.X", "ICD-10"), True),
        (("ICD-10", "G35"), ("G35.1", "ICD-10"), False),
        (("ICD-10", "G35"), ("", "ICD-10"), False),
        (("ICD-10", "G35"), ("G35\x00", "ICD-10"), False),
    ],
)
def test_a_code_is_found_however_it_is_written(publish, stored, asked, is_it):
    page = publish().page
    Code.objects.create(page=page, system=stored[0], code=stored[1], term="x")

    assert Page.objects.coded(*asked).exists() == is_it
    assert Code.objects.of(*asked).exists() == is_it


def test_a_code_finds_each_page_once_and_only_what_can_be_read(publish, withdraw):
    page, about, gone = publish().page, publish("about-us", kind="about").page, publish("gone").page
    for each in (page, about, gone):
        Code.objects.create(page=each, system="SNOMED CT", code="24700007", term="x")
    Code.objects.create(page=page, system="dm+d", code="24700007", term="x")
    withdraw(gone)

    assert list(Page.objects.coded("24700007", "SNOMED CT")) == [page]


@pytest.mark.parametrize(
    ("name", "system"),
    [
        ("snomed-ct", "SNOMED CT"),
        ("SNOMED CT", "SNOMED CT"),
        ("ICD-10", "ICD-10"),
        ("dmd", "dm+d"),
        ("atc", "ATC"),
        ("icd10", ""),
        ("mesh", ""),
        ("", ""),
        ("–", ""),
    ],
)
def test_addresses_name_the_terminologies(name, system):
    assert Code.System.named(name) == system
