"""The pages and sections that answer an infobutton, and where its reader goes on.

A code, a name and an aspect count exactly or not at all. Reasons: docs/decisions/0080-infobutton.md.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from urllib.parse import urlencode

from django.urls import reverse

from .knowledge_request import Concept, KnowledgeRequest, pairs_of
from .models import Code, Page, Version
from .search import aspects
from .search.aspects import Place
from .search.index import Unavailable

MESH = ("2.16.840.1.113883.6.177", "http://id.nlm.nih.gov/mesh")
# What systems send as an aspect, in the words of this site's pages and synonyms.
ASPECTS = {
    "Q000008": "dose",  # administration and dosage
    "Q000009": "adverse effects",
    "Q000175": "diagnosis",
    "Q000453": "incidence",  # epidemiology
    "Q000628": "treatment",  # therapy
    "Q000744": "contraindications",
    "D004347": "drug interactions",
    "D011379": "prognosis",
}


@dataclass(frozen=True)
class Answer:
    """A page that answers, by its live version, or with an anchor the section of it that does."""

    version: Version
    anchor: str = ""
    heading: str = ""

    @property
    def address(self) -> str:
        """Where it is on this site."""
        page = self.version.page.get_absolute_url()
        return f"{page}#{self.anchor}" if self.anchor else page


def find(asked: KnowledgeRequest, may_open: Callable[[str], bool]) -> list[Answer]:
    """Return the pages, or where one speaks of the aspect its section, that answer; none if no page does.

    A code counts before a name, which only puts its pages in order. If pages speak of the aspect, those that do not are
    left out. Of a page whose slug its reader may not open, no section is named.
    """
    places = _places(asked)
    live = Version.objects.live().filter(page__in=[place.page_id for place in places]).select_related("page")
    versions = {version.page_id: version for version in live.defer("body")}
    found = [
        Answer(version, place.anchor, place.heading) if may_open(version.page.slug) else Answer(version)
        for place in places
        if (version := versions.get(place.page_id))
    ]
    return list(dict.fromkeys(found))


def leads_to(asked: KnowledgeRequest, found: Sequence[Answer], query: str) -> str:
    """Return the address to send the reader on to, or an empty string if they have to choose here, or read something.

    The only answer, else a search. Where there is something to read, an address whose `query` says more than what is
    asked leads to one that does not, so that no link, sign-in or history keeps what it says of a patient.
    """
    if len(found) == 1 and not asked.is_for_patient:
        return found[0].address
    if not found and asked.search_words and not asked.is_for_patient:
        return f"{reverse('search')}?{urlencode({'q': asked.search_words})}"
    plain = asked.address()
    return "" if sorted(pairs_of(query)) == sorted(pairs_of(plain.partition("?")[2])) else plain


def _places(asked: KnowledgeRequest) -> list[Place]:
    pages = _coded(asked.subjects)
    try:
        named = _named(asked.subjects) if len(pages) != 1 else []
        pages = sorted(pages, key=lambda page: page not in named) or named
        places = aspects.places_on(pages, _aspect_words(asked.aspects)) if asked.aspects else []
    except Unavailable:  # without a name and an aspect: so is the search, to which this leads if there is no code
        places = []
    return places or [Place(page) for page in pages]


def _coded(subjects: Sequence[Concept]) -> list[int]:
    coded = (page.pk for each in subjects for page in Page.objects.coded(each.code, each.terminology))
    return list(dict.fromkeys(coded))


def _named(subjects: Sequence[Concept]) -> list[int]:
    names = dict.fromkeys(name for each in subjects for name in (each.name, each.text) if name)
    return list(dict.fromkeys(page for name in names for page in aspects.called(name)))


def _aspect_words(wanted: Sequence[Concept]) -> list[str]:
    """Return what the aspects are called: by who asks, in the table above, and in the terms of the pages' codes."""
    said = [name for each in wanted for name in (each.name, each.text, _of_mesh(each), *_terms(each))]
    return list(dict.fromkeys(filter(None, said)))


def _of_mesh(aspect: Concept) -> str:
    return ASPECTS.get(aspect.code.upper(), "") if aspect.plain_system in MESH else ""


def _terms(aspect: Concept) -> list[str]:
    return list(Code.objects.of(aspect.code, aspect.terminology).values_list("term", flat=True).distinct())
