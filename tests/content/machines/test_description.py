"""What the head of a page tells programs, as a reader of HTML and a processor of JSON-LD read it."""

import re
from datetime import UTC, datetime

import pytest
from lxml import html

from content import publishing
from content.history import redaction
from content.models import Code, Contributor, Page, Review
from tests.content.machines.heads import head_of, schema_org

SITE = "http://localhost:8000"
PAGE = "/pages/a-page/"
HOSTILE = "</script><script>alert(1)</script> <!-- &\u2028 \"5\" < 6 'x'"


@pytest.fixture
def versions(publish, time_machine):
    """Two versions, of 3 May and of 22 November in the UK."""
    time_machine.move_to(datetime(2026, 5, 2, 23, 30, tzinfo=UTC))
    first = publish()
    time_machine.move_to(datetime(2026, 11, 22, 23, 30, tzinfo=UTC))
    return first, publish(body="Give 10 mg.\n")


def review(version, *, by="Dr Review", outcome=Review.Outcome.CURRENT, **facts) -> Review:
    return Review.objects.create(version=version, reviewer_name=by, outcome=outcome, **facts)


# Links and tags


@pytest.mark.parametrize(
    ("path", "canonical"),
    [
        (PAGE, PAGE),
        (f"{PAGE}?q=1", PAGE),
        (f"{PAGE}history/1/", f"{PAGE}history/1/"),
        (f"{PAGE}history/02/", f"{PAGE}history/2/"),
    ],
)
@pytest.mark.usefixtures("versions")
def test_a_page_and_each_version_have_one_address(client, path, canonical):
    head = head_of(client.get(path))

    assert head.links["canonical"] == SITE + canonical
    assert head.meta("description") == ["What a-page says."]


@pytest.mark.usefixtures("versions")
def test_a_page_is_cited_by_the_address_of_its_version(client, settings):
    settings.PUBLISHER = "A Trust"
    head = head_of(client.get(PAGE))

    assert head.links["cite-as"] == f"{SITE}{PAGE}history/2/"
    assert head.links["alternate"] == f"{PAGE}source.md"
    assert [pair for pair in head.metas if pair[0] and pair[0].startswith("citation_")] == [
        ("citation_title", "About a-page"),
        ("citation_publication_date", "2026/11/22"),
        ("citation_publisher", "A Trust"),
        ("citation_public_url", f"{SITE}{PAGE}history/2/"),
        ("citation_language", "en-GB"),
    ]
    old = head_of(client.get(f"{PAGE}history/1/"))
    assert "alternate" not in old.links
    assert old.meta("citation_publication_date") == ["2026/05/03"]
    assert old.meta("citation_public_url") == [f"{SITE}{PAGE}history/1/"]


def test_each_credited_name_is_an_author(client, publish):
    page = Page.objects.create(slug="a-page")
    for name in ("Ann Smith", "Bo & Sons"):
        Contributor.objects.create(page=page, name=name, role="Author")
    publish()

    response = client.get(PAGE)

    assert head_of(response).meta("citation_author") == ["Ann Smith", "Bo & Sons"]
    people = schema_org(response)["author"]
    assert people == [{"@type": "Person", "name": "Ann Smith"}, {"@type": "Person", "name": "Bo & Sons"}]


def test_a_page_about_the_site_says_no_more_than_its_summary(client, publish):
    publish("about-us", kind="about")

    head = head_of(client.get("/about/about-us/"))

    assert head.links["canonical"] == f"{SITE}/about/about-us/"
    assert head.meta("description") == ["What about-us says."]
    assert (head.data, head.meta("citation_title")) == ([], [])


# The page in the words of schema.org


def test_the_page_is_described(client, versions, settings):
    settings.PUBLISHER, settings.AUTHORING_TEAM = "A Trust", "The MS team"
    page = versions[0].page
    Code.objects.create(page=page, system=Code.System.ATC, code="L04AG03", term="Natalizumab")

    assert schema_org(client.get(PAGE)) == {
        "@type": "MedicalWebPage",
        "url": f"{SITE}{PAGE}",
        "name": "About a-page",
        "description": "What a-page says.",
        "version": 2,
        "datePublished": "2026-05-03",
        "dateModified": "2026-11-22",
        "inLanguage": "en-GB",
        "author": {"@type": "Organization", "name": "The MS team"},
        "publisher": {"@type": "Organization", "name": "A Trust"},
        "about": {
            "@type": "MedicalEntity",
            "name": "Natalizumab",
            "code": {"@type": "MedicalCode", "codeValue": "L04AG03", "codingSystem": "http://www.whocc.no/atc"},
        },
        "isAccessibleForFree": False,
        "conditionsOfAccess": "You can read 5 pages in 30 days before signing in. "
        "An account is free for healthcare professionals.",
        "hasPart": {"@type": "WebPageElement", "isAccessibleForFree": False, "cssSelector": ".guidance"},
    }


@pytest.mark.parametrize(
    ("system", "address"),
    [
        (Code.System.SNOMED_CT, "http://snomed.info/sct"),
        (Code.System.ICD_10, "http://hl7.org/fhir/sid/icd-10"),
        (Code.System.DMD, "https://dmd.nhs.uk"),
        (Code.System.ATC, "http://www.whocc.no/atc"),
    ],
)
def test_each_code_names_its_system(client, publish, system, address):
    page = publish().page
    Code.objects.create(page=page, system=system, code="1", term="A term")
    Code.objects.create(page=page, system=system, code="0", term="Another")

    codes = [each["code"] for each in schema_org(client.get(PAGE))["about"]]

    assert [(each["codingSystem"], each["codeValue"]) for each in codes] == [(address, "0"), (address, "1")]
    assert set(Code.System) == {Code.System.SNOMED_CT, Code.System.ICD_10, Code.System.DMD, Code.System.ATC}


def test_what_the_publisher_has_not_set_is_not_stated(client, publish, settings):
    settings.PUBLISHER, settings.AUTHORING_TEAM = settings.NO_PUBLISHER, settings.NO_AUTHORING_TEAM
    publish()

    assert (
        not {"author", "publisher", "about", "lastReviewed", "creativeWorkStatus"} & schema_org(client.get(PAGE)).keys()
    )


@pytest.mark.parametrize(
    ("facts", "stated"),
    [
        ({}, ("2026-11-22", {"@type": "Person", "jobTitle": "Clinician"})),
        ({"by": "The reviewer"}, ("2026-11-22", {"@type": "Person", "jobTitle": "Clinician", "name": "The reviewer"})),
        ({"outcome": Review.Outcome.MINOR}, ("2026-11-22", {"@type": "Person", "jobTitle": "Clinician"})),
        ({"outcome": Review.Outcome.UNSAFE}, (None, None)),
    ],
    ids=["whose name is not published", "who approved the version", "small changes wanted", "unsafe"],
)
def test_only_a_review_that_vouches_for_the_text_is_stated(client, versions, facts, stated):
    review(versions[1], **facts)

    said = schema_org(client.get(PAGE))

    assert (said.get("lastReviewed"), said.get("reviewedBy")) == stated


def test_a_review_of_another_version_is_stated_there_alone(client, versions):
    review(versions[0])

    assert "lastReviewed" not in schema_org(client.get(PAGE))
    assert schema_org(client.get(f"{PAGE}history/1/"))["lastReviewed"] == "2026-11-22"


def test_approval_is_not_a_review(client, publish):
    publish()

    assert "reviewedBy" not in schema_org(client.get(PAGE))


def test_an_old_version_says_that_it_is_one(client, versions, withdraw):
    old, new = (schema_org(client.get(f"{PAGE}history/{number}/")) for number in (1, 2))

    assert (old["creativeWorkStatus"], old["version"], old["datePublished"]) == ("Superseded", 1, "2026-05-03")
    assert "creativeWorkStatus" not in new
    assert (new["url"], new["datePublished"]) == (f"{SITE}{PAGE}history/2/", "2026-11-22")
    withdraw(versions[0].page)
    assert schema_org(client.get(f"{PAGE}history/2/"))["creativeWorkStatus"] == "Withdrawn"
    assert head_of(client.get(f"{PAGE}history/3/")).data == []


@pytest.mark.parametrize(
    ("free", "days", "said"),
    [
        (5, 30, "You can read 5 pages in 30 days before signing in."),
        (1, 1, "You can read 1 page in 1 day before signing in."),
        (0, 30, "Sign in to read."),
    ],
)
def test_the_conditions_are_those_of_the_meter(client, people, signed_in, publish, settings, free, days, said):
    settings.FREE_PAGES, settings.FREE_PAGES_DAYS = free, days
    publish()

    conditions = schema_org(signed_in(people.reader).get(PAGE))["conditionsOfAccess"]

    assert conditions == f"{said} An account is free for healthcare professionals."


def test_what_is_said_to_be_withheld_is_what_a_refusal_leaves_out(client, publish, settings):
    publish(body="## In brief\n\n- **Dose:** 5 mg.[^a]\n\n## More\n\nGive 10 mg.\n\n[^a]: Source\n")
    response = client.get(PAGE)
    selector = schema_org(response)["hasPart"]["cssSelector"]
    tree = html.fromstring(response.content.decode())

    withheld = "".join(each.text_content() for each in tree.find_class(selector.removeprefix(".")))

    for words in ("5 mg", "10 mg", "Source"):
        assert words in withheld
    settings.FREE_PAGES = 0
    client.cookies.clear()
    refused = client.get(PAGE)
    assert refused.status_code == 403
    assert not any(words in refused.content.decode() for words in ("5 mg", "10 mg", "Source"))


# What must not be there


def test_no_word_of_a_page_ends_the_script(client, publish, people):
    page = Page.objects.create(slug="a-page")
    Contributor.objects.create(page=page, name=HOSTILE.replace("\u2028", ""), role="Author")
    Code.objects.create(page=page, system=Code.System.ATC, code="1", term=HOSTILE)
    version = publish(title=HOSTILE.replace("\u2028", ""))

    response = client.get(PAGE)

    said = schema_org(response)
    assert said["name"] == version.title
    assert said["about"]["name"] == HOSTILE
    assert head_of(response).meta("citation_title") == [version.title]
    assert "<script>alert" not in response.content.decode()
    assert "\u2028" not in head_of(response).data[0]


@pytest.mark.usefixtures("versions")
def test_a_refusal_describes_nothing(client, settings):
    settings.FREE_PAGES = 0

    for path in (PAGE, f"{PAGE}history/1/"):
        refused = client.get(path)
        assert refused.status_code == 403
        assert not re.search(r"ld\+json|citation_|cite-as|canonical|10 mg", refused.content.decode())


def test_what_was_redacted_is_described_nowhere(client, publish, people):
    first = publish(title="Mr Jones of Leeds")
    publish(body="Give 10 mg.\n")
    redaction.redact(version=first, by=people.administrator, reason="A name.")

    response = client.get(f"{PAGE}history/1/")

    assert "Jones" not in response.content.decode()
    assert schema_org(response)["name"] == "Redacted"


def test_a_preview_describes_nothing(people, signed_in, versions):
    text = publishing.Text("New", "S", "Give 20 mg.\n", "Why.")
    draft = publishing.start_draft(page=versions[0].page, text=text, by=people.editor, started_from=2)

    preview = signed_in(people.editor).get(f"/admin/content/draft/{draft.pk}/review/")

    assert preview.status_code == 200
    assert head_of(preview).data == []


def test_many_codes_cost_no_query_more(client, publish, django_assert_num_queries):
    page = publish().page
    for number in range(20):
        Code.objects.create(page=page, system=Code.System.ATC, code=str(number), term="A term")

    with django_assert_num_queries(2):
        assert len(schema_org(client.get(PAGE))["about"]) == 20
