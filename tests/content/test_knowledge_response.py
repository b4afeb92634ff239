"""The answer to an infobutton as a feed, as a reader of feeds and a parser of XML read it."""

import xml.etree.ElementTree as etree
from datetime import UTC, datetime
from urllib.parse import parse_qs, parse_qsl, urlencode, urlsplit

import feedparser
import pytest

from content import knowledge_response
from content.infobutton import Answer
from content.knowledge_request import KnowledgeRequest
from content.models import Code, Page, Version

ATOM = "{http://www.w3.org/2005/Atom}"
CONTEXT = {
    "mainSearchCriteria.v.c": "414804006",
    "mainSearchCriteria.v.cs": "2.16.840.1.113883.6.96",
    "mainSearchCriteria.v.dn": "Natalizumab & <others>",
    "mainSearchCriteria.v.c1": "354770",
    "mainSearchCriteria.v.cs1": "2.16.840.1.113883.6.88",
    "subTopic.v.dn": "Dose",
    "taskContext.c.c": "MEDOE",
    "taskContext.c.cs": "2.16.840.1.113883.5.4",
}
OF_THE_PATIENT = {
    "age.v.v": "47",
    "age.v.u": "a",
    "patientPerson.administrativeGenderCode.c": "F",
    "representedOrganization.id.root": "1.3.6.1.4.1.3768",
    "informationRecipient.languageCode.c": "en",
    "performer": "PROV",
    "encounter.c.c": "AMB",
    "xsltTransform": "Infobutton_UI",
}


@pytest.fixture
def natalizumab_pages(publish):
    versions = [
        publish("first", title="Natalizumab <1> & MS", body="## Dose\n\n300 mg.\n"),
        publish("second", title="Natalizumab: harms", body="## Doses\n\n300 mg.\n"),
        publish("third", title="Natalizumab: trials", body="Trials.\n"),
    ]
    for version in versions:
        Code.objects.create(page=version.page, system="SNOMED CT", code="414804006", term="Natalizumab product")
    return versions


def ask(client, kind: str = "application/atom+xml", **more):
    query = urlencode(CONTEXT | OF_THE_PATIENT | more | {"knowledgeResponseType": kind})
    response = client.get(f"/infobutton/?{query}")
    assert response.status_code == 200
    feed = feedparser.parse(response.content)
    assert feed.bozo is False
    return response, feed


@pytest.mark.parametrize("kind", ["application/atom+xml", "text/xml"])
def test_a_feed_has_an_entry_for_each_section_that_answers(client, natalizumab_pages, settings, kind):
    response, feed = ask(client, kind)

    assert response["Content-Type"] == f"{kind}; charset=utf-8"
    assert feed.version == "atom10"
    first, second = feed.entries
    assert [first.title, second.title] == ["Natalizumab <1> & MS – Dose", "Natalizumab: harms – Doses"]
    assert first.link == first.id == f"{settings.SITE_URL}/pages/first/#h-dose"
    assert first.summary == "What first says."
    published_at = natalizumab_pages[0].published_at.replace(microsecond=0)
    assert datetime(*first.updated_parsed[:6], tzinfo=UTC) == published_at
    assert client.get(urlsplit(first.link).path).status_code == 200


def test_a_feed_says_whose_it_is_and_what_was_asked_and_nothing_of_the_patient(client, natalizumab_pages, settings):
    response, feed = ask(client)

    assert feed.feed.author_detail.name == settings.PUBLISHER
    assert feed.feed.language == "en-GB"
    assert feed.feed.subtitle == "This site is intended for healthcare professionals."
    assert feed.feed.rights.startswith(settings.COPYRIGHT)
    assert {tag.scheme: tag.term for tag in feed.feed.tags} == CONTEXT
    links = {link.rel: link.href for link in feed.feed.links}
    assert dict(parse_qsl(urlsplit(links["alternate"]).query)) == CONTEXT
    assert dict(parse_qsl(urlsplit(links["self"]).query)) == CONTEXT | {"knowledgeResponseType": "application/atom+xml"}
    assert feed.feed.id == links["alternate"]
    assert response["X-Robots-Tag"] == "noindex"
    assert "no-store" in response["Cache-Control"]


def test_a_feed_has_each_part_that_atom_asks_for(client, natalizumab_pages):
    root = etree.fromstring(ask(client)[0].content)

    assert root.tag == f"{ATOM}feed"
    for part in ("id", "title", "updated", "author"):
        assert len(root.findall(f"{ATOM}{part}")) == 1
    entries = root.findall(f"{ATOM}entry")
    assert len(entries) == 2
    for entry in entries:
        for part in ("id", "title", "updated", "link", "summary"):
            assert len(entry.findall(f"{ATOM}{part}")) == 1


def test_what_nothing_answers_is_a_feed_without_entries(client, db):
    _response, feed = ask(client)

    assert feed.entries == []
    assert feed.feed.updated
    page = next(link.href for link in feed.feed.links if link.rel == "alternate")
    searched = client.get(f"/infobutton/?{urlsplit(page).query}").url
    assert parse_qs(urlsplit(searched).query) == {"q": ["Natalizumab & <others> Dose"]}


def test_a_feed_for_a_patient_says_for_whom_the_site_is(client, natalizumab_pages):
    _response, feed = ask(client, informationRecipient="PAT")

    assert "not for patients" in feed.feed.subtitle
    assert len(feed.entries) == 2
    assert {tag.scheme for tag in feed.feed.tags} == CONTEXT.keys()


def test_a_summary_is_text_where_a_feed_has_html():
    page = Page(slug="a-page")
    version = Version(page=page, title="A <i>", summary="If <5 & >1: <i>x</i>", published_at=datetime.now(UTC))

    root = etree.fromstring(knowledge_response.write(KnowledgeRequest(), [Answer(version)]))

    summary = root.find(f"{ATOM}entry/{ATOM}summary")
    assert (summary.get("type"), summary.text) == ("html", "If &lt;5 &amp; &gt;1: &lt;i&gt;x&lt;/i&gt;")
    assert root.find(f"{ATOM}entry/{ATOM}title").text == "A <i>"
