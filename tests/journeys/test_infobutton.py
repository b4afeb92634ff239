import re

import pytest
from playwright.sync_api import expect

from content.models import Code
from tests.journeys.conftest import NATALIZUMAB

PRODUCT = "mainSearchCriteria.v.c=414804006&mainSearchCriteria.v.cs=2.16.840.1.113883.6.96"
OF_THE_PATIENT = "age.v.v=47&age.v.u=a&patientPerson.administrativeGenderCode.c=F&encounter.c.c=AMB"


@pytest.mark.usefixtures("natalizumab")
def test_a_clinician_comes_from_a_record_to_the_section_that_answers(visit, has_script):
    # Given a visitor whose records system asks about a medicine of their patient
    visitor = visit(has_script)

    # When they press its button
    page = visitor.to(f"/infobutton/?{OF_THE_PATIENT}&{PRODUCT}&subTopic.v.dn=dose")

    # Then they are at the section, and it counts as one of their pages
    expect(page).to_have_url(re.compile(f"{NATALIZUMAB}#h-dose-and-monitoring$"))
    expect(page.get_by_role("heading", name="Dose and monitoring")).to_be_in_viewport()
    visitor.to("/")
    expect(page.get_by_text("You can view 4 more pages before signing in")).to_be_visible()


@pytest.mark.usefixtures("natalizumab")
@pytest.mark.parametrize("width", [390, 1280])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_choice_is_offered_at_an_address_that_says_nothing_of_the_patient(visit, publish, width, scheme):
    # Given two pages with the code
    second = publish("second", title="A second page for what comes after natalizumab in multiple sclerosis")
    Code.objects.create(page=second.page, system="SNOMED CT", code="414804006", term="Natalizumab product")
    visitor = visit(viewport={"width": width, "height": 800}, color_scheme=scheme)

    for also in ("", "&informationRecipient=PAT"):
        # When a system asks for it
        page = visitor.to(f"/infobutton/?{OF_THE_PATIENT}&{PRODUCT}{also}")

        # Then the address says what was asked and nothing else, and the choice leads to the page
        expect(page).to_have_url(re.compile(re.escape(f"/infobutton/?{PRODUCT}{also}") + "$"))
        assert page.evaluate("document.documentElement.scrollWidth") <= width
        assert page.evaluate("document.referrer") == ""
        page.get_by_role("link", name="A second page").click()
        expect(page).to_have_url(re.compile("/pages/second/$"))

    for nothing in ("mainSearchCriteria.v.c=354770&mainSearchCriteria.v.cs=2.16.840.1.113883.6.88", ""):
        visitor.to(f"/infobutton/?{nothing}")
