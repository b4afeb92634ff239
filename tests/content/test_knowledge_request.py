"""What a records system asks, read from an address."""

from urllib.parse import urlencode

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content import knowledge_request
from content.knowledge_request import Concept, KnowledgeRequest

SNOMED = "2.16.840.1.113883.6.96"
ICD_10 = "2.16.840.1.113883.6.3"
RXNORM = "2.16.840.1.113883.6.88"
MESH = "2.16.840.1.113883.6.177"


@pytest.mark.parametrize(
    ("query", "asked"),
    [
        ("", KnowledgeRequest()),
        ("mainSearchCriteria.v.dn=MS", KnowledgeRequest((Concept(name="MS"),))),
        (
            "mainSearchCriteria.v.c=G35&mainSearchCriteria.v.cs=1.2&mainSearchCriteria.v.dn=MS&mainSearchCriteria.v.ot=m",
            KnowledgeRequest((Concept("G35", "1.2", "MS", "m"),)),
        ),
        ("MAINSEARCHCRITERIA.V.DN=+multiple%20%09sclerosis+", KnowledgeRequest((Concept(name="multiple sclerosis"),))),
        ("subTopic.v.c=Q0&subTopic.v.cs=m&subTopic.v.dn=dose", KnowledgeRequest((), (Concept("Q0", "m", "dose"),))),
        ("taskContext.c.c=MLREV&taskContext.c.cs=5.4", KnowledgeRequest(task=Concept("MLREV", "5.4"))),
        ("informationRecipient=PAT", KnowledgeRequest(is_for_patient=True)),
        ("informationRecipient=PROV&performer=PAT", KnowledgeRequest()),
        ("knowledgeResponseType=text/xml", KnowledgeRequest(media_type="text/xml")),
        ("knowledgeResponseType=application/atom+xml", KnowledgeRequest(media_type="application/atom+xml")),
        ("knowledgeResponseType=text%2FXML;+charset=utf-8", KnowledgeRequest(media_type="text/xml")),
        ("knowledgeResponseType=application/json", KnowledgeRequest()),
        # Repeated, and with an index, which begins at 0, at 1, or at the second
        (
            "mainSearchCriteria.v.c=1&mainSearchCriteria.v.cs=a&mainSearchCriteria.v.c=2&mainSearchCriteria.v.cs=b",
            KnowledgeRequest((Concept("1", "a"), Concept("2", "b"))),
        ),
        (
            "mainSearchCriteria.v.c=1&mainSearchCriteria.v.c=2&mainSearchCriteria.v.cs=a&mainSearchCriteria.v.cs=b",
            KnowledgeRequest((Concept("1", "a"), Concept("2", "b"))),
        ),
        (
            "mainSearchCriteria.v.c=1&mainSearchCriteria.v.c1=2&mainSearchCriteria.v.cs1=b&mainSearchCriteria.v.cs=a",
            KnowledgeRequest((Concept("1", "a"), Concept("2", "b"))),
        ),
        (
            "mainSearchCriteria.v.c0=1&mainSearchCriteria.v.cs0=a&mainSearchCriteria.v.c1=2&mainSearchCriteria.v.cs1=b",
            KnowledgeRequest((Concept("1", "a"), Concept("2", "b"))),
        ),
        (
            "mainSearchCriteria.v.c=1&mainSearchCriteria.v.dn=&mainSearchCriteria.v.c=2&mainSearchCriteria.v.dn=two",
            KnowledgeRequest((Concept("1"), Concept("2", name="two"))),
        ),
        # What is not known, or says nothing, is left out
        ("mainSearchCriteria.v.cs=1.2&subTopic.v.cs=1&age.v.v=40&x=y&mainSearchCriteria.v=1", KnowledgeRequest()),
        ("mainSearchCriteria.v.dn1234=x&subTopic.v.dnx=x&mainSearchCriteria.v.dn%D9%A1=x", KnowledgeRequest()),
        # Whatever bytes it is
        ("mainSearchCriteria.v.dn=Sj%C3%B6gren", KnowledgeRequest((Concept(name="Sjögren"),))),
        ("mainSearchCriteria.v.dn=Sj%F6gren", KnowledgeRequest((Concept(name="Sjögren"),))),
        ("mainSearchCriteria.v.dn=Sjögren".encode().decode("latin-1"), KnowledgeRequest((Concept(name="Sjögren"),))),
        ("mainSearchCriteria.v.dn=Sjögren", KnowledgeRequest((Concept(name="Sjögren"),))),
        ("mainSearchCriteria.v.dn=a%00b%ED%A0%80%zz%", KnowledgeRequest((Concept(name="a bí %zz%"),))),
        ("mainSearchCriteria.v.dn=%00&&=&;=;&%", KnowledgeRequest()),
        (f"mainSearchCriteria.v.dn={'x' * 10_000}", KnowledgeRequest((Concept(name="x" * 200),))),
        (f"age.v.v={'x' * 10_000}&mainSearchCriteria.v.dn=MS", KnowledgeRequest((Concept(name="MS"),))),
    ],
)  # fmt: skip
def test_what_a_request_asks(query, asked):
    assert knowledge_request.read(query) == asked


def test_what_is_said_again_is_no_longer_than_an_address_may_be():
    many = "&".join(f"{name}.v.dn={'%E2%82%AC' * 300}" for name in ("mainSearchCriteria", "subTopic") * 400)

    asked = knowledge_request.read(many)

    assert asked.subjects[0].name == "€" * 200
    assert len(asked.address()) <= knowledge_request.LONGEST_READ
    assert len(knowledge_request.read("mainSearchCriteria.v.dn=x&" * 500).subjects) == knowledge_request.MOST


VALUES = st.text(max_size=30)
NAMES = st.sampled_from(
    [f"{root}.{part}{index}" for root in ("mainSearchCriteria.v", "subTopic.v", "taskContext.c")
     for part in ("c", "cs", "dn", "ot") for index in ("", "0", "1", "7")]
    + ["informationRecipient", "knowledgeResponseType", "age.v.v"]
)  # fmt: skip


@given(
    st.lists(st.tuples(NAMES, VALUES | st.sampled_from(["PAT", "text/xml"]) | st.text("€", min_size=150)), max_size=30)
)
def test_what_is_asked_survives_being_an_address(pairs):
    asked = knowledge_request.read(urlencode(pairs, errors="ignore"))

    assert knowledge_request.read(asked.address().partition("?")[2]) == asked
    assert all(
        name.startswith(("mainSearchCriteria.v.", "subTopic.v.", "taskContext.c.")) for name, _ in asked.context()
    )


@given(st.text() | st.binary().map(lambda sent: sent.decode("latin-1")))
def test_any_query_can_be_read(query):
    assert isinstance(knowledge_request.read(query), KnowledgeRequest)


@pytest.mark.parametrize(
    ("system", "terminology"),
    [
        (SNOMED, "SNOMED CT"),
        ("urn:oid:2.16.840.1.113883.6.96", "SNOMED CT"),
        ("2.16.840.1.113883.2.1.3.2.4.15", "SNOMED CT"),
        ("HTTP://snomed.info/sct/", "SNOMED CT"),
        ("SNOMED CT", "SNOMED CT"),
        (ICD_10, "ICD-10"),
        ("icd-10", "ICD-10"),
        ("http://www.whocc.no/atc", "ATC"),
        ("https://dmd.nhs.uk", "dm+d"),
        (RXNORM, ""),
        (MESH, ""),
        ("2.16.840.1.113883.6.90", ""),  # ICD-10-CM is another classification
        ("", ""),
        ("???", ""),
    ],
)
def test_the_terminologies_of_the_site_have_many_names(system, terminology):
    assert Concept("1", system).terminology == terminology


@pytest.mark.parametrize(
    ("subjects", "label", "words"),
    [
        ([Concept("1", RXNORM, "Natalizumab", "nat")], "Natalizumab", "Natalizumab dose"),
        ([Concept("1", RXNORM, text="nat")], "nat", "nat dose"),
        ([Concept("1", SNOMED)], "SNOMED CT 1", "dose"),
        ([Concept("1", RXNORM)], f"1 ({RXNORM})", "dose"),
        ([Concept("1")], "1", "1 dose"),
        ([Concept("1", RXNORM), Concept(name="A"), Concept(name="B"), Concept(name="A")], "A", "A B dose"),
        ([], "", "dose"),
    ],
)
def test_what_was_looked_for_is_said_and_searched_for(subjects, label, words):
    asked = KnowledgeRequest(tuple(subjects), (Concept("Q000008", MESH, "dose"),))

    assert (asked.label, asked.search_words) == (label, words)
