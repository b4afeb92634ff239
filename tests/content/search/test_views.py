from datetime import timedelta

import pytest
from django.core import signing
from django.utils import timezone
from django.utils.dateformat import format as date_format

from accounts.meter import Meter
from content.history import redaction
from content.models import CitedRetraction, Code, Retraction, Review, Synonym, Topic
from content.search import query


@pytest.fixture
def dose(publish):
    return publish("dose", title="Zirconium", body="## Dose\n\nGive <5 mg of vanadium.\n")


def said(client, address: str) -> str:
    return client.get(address).content.decode()


def open_all_free_pages(client, settings) -> None:
    full = Meter(timezone.localdate(), {f"page-{n}": timezone.localdate() for n in range(settings.FREE_PAGES)})
    client.cookies["meter"] = signing.dumps(full.to_record(), salt="accounts.meter", compress=True)


def test_the_results_lead_to_the_page_and_the_section(client, dose):
    response = client.get("/search/?q=vanadium")
    html = response.content.decode()

    assert '<a href="/pages/dose/">Zirconium</a>' in html
    assert '<a href="/pages/dose/#h-dose">Dose</a>' in html
    assert "Give &lt;5 mg of <b>vanadium</b>." in html
    assert "not yet clinically reviewed" in html
    assert '<p class="count">1 page</p>' in html
    assert "<title>vanadium – search" in html
    assert f'Last edited <span class="date">{date_format(dose.published_at, "j M Y")}</span>' in html
    assert 'value="vanadium"' in html
    assert response["X-Robots-Tag"] == "noindex"
    assert "private" in response["Cache-Control"]


def test_a_long_title_has_two_sizes(client, publish):
    publish("dose", title="Zirconium for the treatment of adults with a highly active disease", body="## Who\n\nAll.\n")
    both = 'Zirconium <span class="rest">for the treatment of adults with a highly active disease</span>'

    assert f'<a href="/pages/dose/">{both}</a>' in said(client, "/search/?q=zirconium")
    assert f"<h1>{both}</h1>" in said(client, "/pages/dose/")
    page, section = client.get("/search/suggest/?q=zir").json()["suggestions"]
    assert (page["title"], page["line"]) == ("Zirconium", "for the treatment of adults with a highly active disease")
    assert (section["title"], section["line"]) == ("Who", f"{page['title']} {page['line']}")


def test_the_number_of_pages_says_when_there_may_be_more(client, publish):
    for number in range(query.MOST_PAGES):
        assert f'<p class="count">{number} page' in said(client, "/search/?q=vanadium") or not number
        publish(f"page-{number}", body="Give vanadium.\n")

    assert f'<p class="count">The {query.MOST_PAGES} best pages</p>' in said(client, "/search/?q=vanadium")


def test_what_is_not_found_is_said_beside_what_the_site_covers(client, dose, publish, withdraw):
    dose.page.topics.add(Topic.objects.create(name="Heavy metals", slug="heavy-metals"))
    Topic.objects.create(name="Nothing yet", slug="nothing-yet")
    publish("us", kind="about").page.topics.add(Topic.objects.create(name="About us", slug="about-us"))
    gone = publish("gone").page
    gone.topics.add(Topic.objects.create(name="Withdrawn", slug="withdrawn"))
    withdraw(gone)

    assert "This site covers: Heavy metals. Check the spelling" in said(client, "/search/?q=wegovy")


def test_what_was_typed_is_shown_as_it_was_typed_and_never_as_html(client, dose):
    html = said(client, "/search/?q=%3Cb%3Ewegovy%3C/b%3E%22")

    assert "Nothing on this site about “&lt;b&gt;wegovy&lt;/b&gt;&quot;”" in html
    assert "<b>wegovy" not in html


def test_without_a_word_it_says_what_to_do(client, db):
    assert "Enter a drug, a problem, a question or a code" in said(client, "/search/")
    assert client.post("/search/").status_code == 405


def test_what_the_site_does_not_know_is_said_above_what_it_found(client, publish):
    publish("dose", title="Zirconium", body="Give vanadium.\n")
    html = said(client, "/search/?q=vanadium+wegovy+mounjaro")

    assert "Nothing on this site about “wegovy”, “mounjaro”. The pages below are about the other words." in html
    assert 'href="/pages/dose/"' in html
    assert 'href="/pages/dose/#' not in html  # its text has no heading


def test_the_clinical_review_stands_at_each_page(client, dose):
    Review.objects.create(version=dose, reviewer_name="R", outcome="current", reviewed_at=timezone.now())

    html = said(client, "/search/?q=vanadium")
    assert "last reviewed" in html
    assert "edited since" not in html


def test_the_newest_clinical_review_counts(client, quoted, publish):
    day = timezone.now() - timedelta(days=9)
    for days, outcome in ((2, "current"), (1, "unsafe")):
        at = day + timedelta(days=days)
        Review.objects.create(version=quoted, reviewer_name="R", outcome=outcome, reviewed_at=at)
    html = said(client, "/search/?q=zirconium+dose")

    assert "this page needs to be changed" not in html
    assert 'class="quoted"' in html


@pytest.mark.django_db(transaction=True)
def test_a_review_of_a_redacted_version_does_not_stand_there(client, dose, publish, people):
    Review.objects.create(version=dose, reviewer_name="R", outcome="current", reviewed_at=timezone.now())
    publish("dose", title="Zirconium", body="Give vanadium.\n")
    assert "(version 1; edited since)" in said(client, "/search/?q=vanadium")

    redaction.redact(version=dose, by=people.administrator, reason="A patient was named.")

    assert "not yet clinically reviewed" in said(client, "/search/?q=vanadium")


def test_searching_opens_no_page_and_shows_no_more_than_the_refusal(client, dose, settings):
    open_all_free_pages(client, settings)

    response = client.get("/search/?q=vanadium")
    html = response.content.decode()

    assert "Zirconium" in html
    assert "What dose says." in html
    assert "Give &lt;5 mg" not in html
    assert "#h-dose" not in html
    assert "meter" not in response.cookies


def test_a_search_asks_the_database_three_things(client, publish, django_assert_max_num_queries):
    for number in range(12):
        publish(f"page-{number}", body="Give vanadium.\n")
    client.get("/search/?q=vanadium")

    with django_assert_max_num_queries(3):
        client.get("/search/?q=vanadium")


def test_every_page_has_the_field(client, dose):
    for address in ("/", "/pages/dose/", "/search/", "/sign-in", "/pages/gone/"):
        assert '<form class="search" role="search" action="/search/" method="get"' in said(client, address), address


def test_a_code_leads_to_its_page_a_choice_or_a_search(client, dose, publish):
    Code.objects.create(page=dose.page, system="SNOMED CT", code="24700007", term="MS")

    assert client.get("/code/snomed-ct/24700007/").url == "/pages/dose/"
    other = publish("other", title="Other")
    Code.objects.create(page=other.page, system="SNOMED CT", code="24700007", term="MS")
    html = said(client, "/code/SNOMED-CT/24700007/")
    assert '<a href="/pages/dose/">' in html
    assert '<a href="/pages/other/">' in html
    assert "2 pages have this code." in html
    assert "<p>What other says.</p>" in html
    assert client.get("/code/atc/24700007/").url == "/search/?q=24700007"
    assert client.get("/code/nothing/a%20b/").url == "/search/?q=a+b"


def test_a_code_in_any_case_leads_to_a_page_that_can_be_read(client, dose, publish, withdraw):
    for written in ("G35", "g35"):
        Code.objects.create(page=dose.page, system="ICD-10", code=written, term="MS")
    for slug, kind in (("gone", "guidance"), ("about-us", "about")):
        page = publish(slug, kind=kind).page
        Code.objects.create(page=page, system="ICD-10", code="G35", term="MS")
        Code.objects.create(page=page, system="ICD-10", code="G36", term="Other")
        if slug == "gone":
            withdraw(page)

    for address in ("/code/icd-10/G35/", "/code/ICD-10/g35/"):
        assert client.get(address).url == "/pages/dose/"
    assert client.get("/code/icd-10/G36/").url == "/search/?q=G36"


def test_browsers_learn_how_to_search(client, db, settings):
    response = client.get("/opensearch.xml")

    assert response["Content-Type"].startswith("application/opensearchdescription+xml")
    assert f'template="{settings.SITE_URL}/search/?q={{searchTerms}}"' in response.content.decode()
    assert 'href="/opensearch.xml"' in said(client, "/")


def test_a_correction_is_said_and_can_be_undone(client, dose):
    html = said(client, "/search/?q=vanaduim")

    assert "Showing results for <strong>vanadium</strong>." in html
    assert '<a href="/search/?q=vanaduim&amp;as-typed">Search instead for vanaduim</a>.' in html
    assert "/pages/dose/" in html
    undone = said(client, "/search/?q=vanaduim&as-typed")
    assert "Nothing on this site about “vanaduim”" in undone


def test_suggestions_lead_to_pages_and_sections(client, dose):
    response = client.get("/search/suggest/?q=zir")

    assert response.json() == {
        "suggestions": [
            {"kind": "page", "title": "Zirconium", "line": "", "address": "/pages/dose/"},
            {"kind": "section", "title": "Dose", "line": "Zirconium", "address": "/pages/dose/#h-dose"},
        ]
    }
    assert response["X-Robots-Tag"] == "noindex"
    assert "private" in response["Cache-Control"]
    assert client.get("/search/suggest/").json() == {"suggestions": []}


def test_a_visitor_without_pages_left_is_shown_titles_alone(client, dose, settings):
    open_all_free_pages(client, settings)

    assert [each["title"] for each in client.get("/search/suggest/?q=zir").json()["suggestions"]] == ["Zirconium"]


KEY_POINT = """## In brief

- **[Dose](#h-dose):** 5 mg & no more.[^a]

## Dose

Text.

[^a]: A source.
"""


@pytest.fixture
def quoted(publish):
    return publish("dose", title="Zirconium", body=KEY_POINT)


def test_the_key_point_is_quoted_word_for_word_with_its_page_version_and_dates(client, quoted):
    html = said(client, "/search/?q=zirconium+dose")

    box = html[html.index('<section class="quoted"') : html.index("</section>", html.index('<section class="quoted"'))]
    assert '<strong><a href="/pages/dose/#h-dose">Dose</a>:</strong> 5 mg &amp; no more.' in box
    assert '<a class="footnote-ref" href="/pages/dose/#fn:a">(1)</a>' in box
    assert " id=" not in box
    assert 'Key point of <a href="/pages/dose/">Zirconium</a> · version 1 · last edited' in box
    assert "not yet clinically reviewed" in box
    assert html.count('class="quoted"') == 1
    assert 'class="quoted"' not in said(client, "/search/?q=zirconium")


def test_nothing_is_quoted_to_a_visitor_who_may_not_open_the_page(client, quoted, settings):
    open_all_free_pages(client, settings)

    html = said(client, "/search/?q=zirconium+dose")

    assert "5 mg" not in html
    assert 'href="/pages/dose/"' in html


def test_a_reader_is_shown_all_whatever_was_opened_on_this_computer_before(quoted, people, signed_in, settings):
    reader = signed_in(people.reader)
    open_all_free_pages(reader, settings)
    html = said(reader, "/search/?q=zirconium+dose")

    assert 'class="quoted"' in html
    assert '<a href="/pages/dose/#h-dose">Dose</a>' in html
    assert len(reader.get("/search/suggest/?q=zir").json()["suggestions"]) == 2


def test_ambiguous_words_offer_their_meanings_and_nothing_else(client, dose, publish):
    publish("trial", title="Other", body="The zirconium therapy trial.\n")
    for meaning in ("zirconium therapy", "zone of <rest>"):
        Synonym.objects.create(words="ZT", meaning=meaning)

    html = said(client, "/search/?q=ZT")

    assert "<h1>“ZT” has more than one meaning</h1>" in html
    assert '<a href="/search/?q=zirconium%20therapy">zirconium therapy</a> <span>1 page</span>' in html
    assert "<b>zone of &lt;rest&gt;</b> <span>Nothing on this site</span>" in html
    assert "<ol>" not in html
    html = said(client, "/search/?q=ZT+dose")
    assert "“ZT” has more than one meaning." in html
    assert 'href="/search/?q=zirconium%20therapy%20dose"' in html
    assert '<a href="/pages/dose/">' in html


def test_a_synonym_is_suggested_by_what_it_means(client, dose):
    Synonym.objects.create(words="ZT", meaning="zirconium")

    assert [each["title"] for each in client.get("/search/suggest/?q=zt").json()["suggestions"]] == [
        "Zirconium",
        "Dose",
    ]


def test_what_a_review_found_unsafe_is_not_quoted(client, quoted):
    assert 'class="quoted"' in said(client, "/search/?q=zirconium+dose")

    Review.objects.create(version=quoted, reviewer_name="R", outcome="unsafe", reviewed_at=timezone.now())

    assert 'class="quoted"' not in said(client, "/search/?q=zirconium+dose")


def test_a_key_point_that_cites_a_retracted_paper_is_not_quoted(client, quoted, publish):
    record = Retraction.objects.create(record=1, nature="retraction", doi="10.1/x")
    CitedRetraction.objects.create(version=quoted, retraction=record, key="a")

    assert 'class="quoted"' not in said(client, "/search/?q=zirconium+dose")
    publish("dose", title="Zirconium", body=KEY_POINT.replace("A source", "Another"))
    assert 'class="quoted"' in said(client, "/search/?q=zirconium+dose")


def test_a_code_that_no_database_can_look_for_leads_to_the_search(client, db):
    assert client.get("/code/icd-10/%00/").status_code == 302
