"""What a records system is answered. How nothing of the patient is kept: test_infobutton_privacy."""

import re
from itertools import product
from urllib.parse import urlencode

import pytest
from django.core import signing
from django.utils import timezone

from accounts.meter import Meter
from content.models import Code, SearchTerm, Synonym

SNOMED = "2.16.840.1.113883.6.96"
ICD_10 = "2.16.840.1.113883.6.3"
RXNORM = "2.16.840.1.113883.6.88"
MESH = "2.16.840.1.113883.6.177"
NATALIZUMAB = "mainSearchCriteria.v.c=414804006&mainSearchCriteria.v.cs=2.16.840.1.113883.6.96"


@pytest.fixture
def site(publish):
    """Two pages on natalizumab, one on multiple sclerosis, one on meningitis, and a synonym."""
    Synonym.objects.create(words="monitoring", meaning="tests")
    first = publish("nat", title="Natalizumab for adults", body="## Dose\n\n300 mg.\n\n## Tests\n\nMRI.\n").page
    second = publish("pml", title="Natalizumab: PML risk", body="## Blood tests\n\nMonthly.\n").page
    third = publish(
        "ms", title="Multiple sclerosis", body="## Diagnosis\n\nMRI.\n\n## Treatment\n\nNatalizumab.\n"
    ).page
    fourth = publish("meningitis", title="Meningitis", body="## Dose\n\n1 g.\n").page
    for page, system, code, term in (
        (first, "SNOMED CT", "414804006", "Natalizumab product"),
        (second, "SNOMED CT", "414804006", "Natalizumab product"),
        (first, "dm+d", "9375201000001103", "Tysabri"),
        (third, "ICD-10", "G35", "Multiple sclerosis"),
        (third, "SNOMED CT", "24700007", "Multiple sclerosis"),
        (fourth, "ICD-10", "G03.9", "Meningitis"),
        (fourth, "ATC", "V04", "Tests"),
    ):
        Code.objects.create(page=page, system=system, code=code, term=term)
    SearchTerm.objects.create(page=first, words="Tysabri")


def subject(code="", system="", name="", **more) -> str:
    concept = {"c": code, "cs": system, "dn": name}
    said = {f"mainSearchCriteria.v.{part}": value for part, value in concept.items() if value}
    return urlencode(said | {name.replace("_", "."): value for name, value in more.items()})


@pytest.mark.parametrize(
    ("query", "address"),
    [
        # A code leads to its page, however system and code are written
        (subject("24700007", SNOMED), "/pages/ms/"),
        (subject("24700007", "http://snomed.info/sct", "something else"), "/pages/ms/"),
        (subject("g35", ICD_10), "/pages/ms/"),
        (subject("G35X", ICD_10), "/pages/ms/"),
        (subject("G039", ICD_10), "/pages/meningitis/"),
        (subject("9375201000001103", SNOMED), "/pages/nat/"),
        (subject("24700007", "https://dmd.nhs.uk"), "/pages/ms/"),
        # and with an aspect to its section
        (subject("24700007", SNOMED, subTopic_v_dn="Diagnosis"), "/pages/ms/#h-diagnosis"),
        (subject("24700007", SNOMED, subTopic_v_ot="Diagnosis"), "/pages/ms/#h-diagnosis"),
        (subject("24700007", SNOMED, subTopic_v_c="Q000628", subTopic_v_cs=MESH), "/pages/ms/#h-treatment"),
        (subject("G35", ICD_10, subTopic_v_c="q000628", subTopic_v_cs=f"urn:oid:{MESH}"), "/pages/ms/#h-treatment"),
        (subject("G35", ICD_10, subTopic_v_c="Q000628", subTopic_v_cs=SNOMED), "/pages/ms/"),
        (subject("9375201000001103", SNOMED, subTopic_v_c="V04", subTopic_v_cs="atc"), "/pages/nat/#h-tests"),
        (subject("24700007", SNOMED, subTopic_v_dn="gout"), "/pages/ms/"),
        (subject("414804006", SNOMED, subTopic_v_dn="dose"), "/pages/nat/#h-dose"),
        # A subject in another system is found by its name, in full
        (subject("354770", RXNORM, "Tysabri"), "/pages/nat/"),
        (subject(name="multiple sclerosis", subTopic_v_c="Q000628", subTopic_v_cs=MESH), "/pages/ms/#h-treatment"),
        (subject(mainSearchCriteria_v_ot="Multiple sclerosis"), "/pages/ms/"),
        (subject("1", RXNORM, "Natalizumab: PML risk"), "/pages/pml/"),
        # of several subjects, any
        (f"{subject('1', RXNORM, 'x')}&mainSearchCriteria.v.c1=G35&mainSearchCriteria.v.cs1={ICD_10}", "/pages/ms/"),
        (f"{subject('1', RXNORM, 'x')}&mainSearchCriteria.v.dn1=meningitis", "/pages/meningitis/"),
        # What has no page is searched for
        (subject("1", RXNORM, "Tysabri 300 mg vial"), "/search/?q=Tysabri+300+mg+vial"),
        (subject("1", RXNORM, "wegovy", subTopic_v_dn="dose"), "/search/?q=wegovy+dose"),
        (subject("24700007"), "/search/?q=24700007"),  # whose code?
        ("subTopic.v.dn=dose", "/search/?q=dose"),
    ],
)  # fmt: skip
def test_one_answer_is_led_to(client, site, query, address):
    response = client.get(f"/infobutton/?{query}")

    assert (response.status_code, response.url) == (302, address)
    assert response["Referrer-Policy"] == "no-referrer"


def links(client, address: str) -> list[str]:
    response = client.get(address)
    assert response.status_code == 200
    return [place.address for place in response.context["found"]]


def test_several_answers_are_offered(client, site):
    assert links(client, f"/infobutton/?{NATALIZUMAB}") == ["/pages/nat/", "/pages/pml/"]
    html = client.get(f"/infobutton/?{NATALIZUMAB}").content.decode()
    assert "<h1>SNOMED CT 414804006</h1>" in html
    assert '<a href="/pages/nat/">Natalizumab for adults</a><p>What nat says.</p>' in html

    tests = f"/infobutton/?{NATALIZUMAB}&subTopic.v.dn=monitoring"
    assert links(client, tests) == ["/pages/nat/#h-tests", "/pages/pml/#h-blood-tests"]
    assert "What nat says." not in client.get(tests).content.decode()
    assert (
        '<a href="/pages/pml/#h-blood-tests">Natalizumab: PML risk – Blood tests</a>'
        in client.get(tests).content.decode()
    )
    assert links(client, "/infobutton/?mainSearchCriteria.v.dn=natalizumab") == ["/pages/nat/", "/pages/pml/"]


def test_a_page_with_the_name_that_was_sent_comes_first(client, site):
    named = f"/infobutton/?{urlencode({'mainSearchCriteria.v.dn': 'Natalizumab: PML risk'})}&{NATALIZUMAB}"

    assert links(client, named) == ["/pages/pml/", "/pages/nat/"]


def test_what_no_page_has_is_said_where_it_has_no_name(client, site):
    html = client.get(f"/infobutton/?{subject('24700007', RXNORM)}").content.decode()

    assert f"Nothing on this site about “24700007 ({RXNORM})”" in html
    assert "Multiple sclerosis" not in html


def test_a_request_that_asks_nothing_is_told_so(client, db):
    assert "The request did not say what to look for" in client.get("/infobutton/").content.decode()
    assert client.get("/infobutton/?knowledgeResponseType=application/json").url == "/infobutton/"


@pytest.mark.parametrize(
    ("query", "says"),
    [
        (subject("24700007", SNOMED), '<a href="/pages/ms/">'),
        (subject(name="wegovy"), '<a href="/search/?q=wegovy">Search for it</a>'),
        (subject("1", RXNORM), f"<h1>1 ({RXNORM})</h1>"),
        ("", "The request did not say what to look for"),
    ],
)
def test_a_patient_is_told_for_whom_the_site_is(client, site, query, says):
    query = f"{query}&informationRecipient=PAT".removeprefix("&")
    html = client.get(f"/infobutton/?{query}").content.decode()

    assert "These pages are written for healthcare professionals, not for patients." in html
    assert says in html
    assert "written for healthcare professionals" not in client.get(f"/infobutton/?{NATALIZUMAB}").content.decode()


def test_a_withdrawn_page_is_no_answer(client, site, withdraw):
    withdraw(Code.objects.get(code="24700007").page)

    assert client.get(f"/infobutton/?{subject('24700007', SNOMED, 'Multiple sclerosis')}").url.startswith("/search/")


def test_it_counts_on_the_meter_as_any_visit_and_opens_nothing_itself(client, site, settings):
    settings.FREE_PAGES = 1
    there = client.get(f"/infobutton/?{subject('24700007', SNOMED)}")
    assert not there.cookies

    assert client.get(there.url).status_code == 200
    assert client.get("/pages/nat/").status_code == 403


def test_of_a_page_that_its_reader_may_not_open_no_section_is_named(client, site, settings):
    full = Meter(timezone.localdate(), {f"page-{n}": timezone.localdate() for n in range(settings.FREE_PAGES)})
    client.cookies["meter"] = signing.dumps(full.to_record(), salt="accounts.meter", compress=True)

    assert client.get(f"/infobutton/?{NATALIZUMAB}&subTopic.v.dn=dose").url == "/pages/nat/"
    tests = f"/infobutton/?{NATALIZUMAB}&subTopic.v.dn=monitoring"
    assert links(client, tests) == ["/pages/nat/", "/pages/pml/"]
    assert "Blood tests" not in client.get(f"{tests}&knowledgeResponseType=text/xml").content.decode()


def test_codes_answer_while_there_is_no_index(client, site, settings, tmp_path):
    (tmp_path / "file").write_text("")
    settings.SEARCH_INDEX = tmp_path / "file" / "index.sqlite3"

    assert client.get(f"/infobutton/?{subject('24700007', SNOMED, subTopic_v_dn='diagnosis')}").url == "/pages/ms/"
    assert links(client, f"/infobutton/?{NATALIZUMAB}") == ["/pages/nat/", "/pages/pml/"]
    assert client.get(f"/infobutton/?{subject(name='Meningitis')}").url == "/search/?q=Meningitis"


HOSTILE = [
    "%00", "%", "=&=&;", "%ED%A0%80", "%F6", "%C3%28", "<script>", "%22%3E%3Csvg%2Fonload%3D1%3E", "'--", "{{7*7}}",
    "x" * 10_000, "%E2%80%AE", "%0D%0ASet-Cookie:%20a=b", "//evil.example", "\\", "NEAR(", "%EF%BF%BE", "*", "-1",
    "%01%02%03", "&".join(["a=b"] * 10_000),
]  # fmt: skip


@pytest.mark.parametrize(
    "name", ["mainSearchCriteria.v.c", "mainSearchCriteria.v.dn", "subTopic.v.dn", "taskContext.c.c", "x"]
)
def test_no_request_is_an_error(client, site, name):
    for value, also in product(
        HOSTILE, ("", f"&{NATALIZUMAB}&knowledgeResponseType=text/xml", "&informationRecipient=PAT")
    ):
        response = client.get(f"/infobutton/?{name}={value}{also}", follow=True)

        assert response.status_code == 200, value
        assert len(response.redirect_chain) <= 2, value
        assert not re.search("<script>|<svg/", response.content.decode()), value
        assert all(re.match("/(search|infobutton|pages)/", to) for to, _ in response.redirect_chain), value
        assert not response.cookies, value


def test_a_form_is_refused_and_other_methods_too(client, site):
    assert client.post("/infobutton/", {"mainSearchCriteria.v.dn": "MS"}).status_code == 403
    assert client.put("/infobutton/").status_code == 405
    assert client.head(f"/infobutton/?{subject('24700007', SNOMED)}").url == "/pages/ms/"


def test_it_asks_the_database_few_things_however_many_pages_answer(client, publish, django_assert_max_num_queries):
    for number in range(12):
        page = publish(f"page-{number}", body="## Dose\n\n5 mg.\n").page
        Code.objects.create(page=page, system="ATC", code="L04", term="x")
    query = f"/infobutton/?{subject('L04', 'atc', subTopic_v_dn='dose', subTopic_v_c='1', subTopic_v_cs='atc')}"
    client.get(query)

    with django_assert_max_num_queries(5):
        assert len(links(client, query)) == 12
