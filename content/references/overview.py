"""Every reference of the live pages once: its words, where it is cited, and what is wrong with it.

What is one thing to the editors is what shares an identifier (`Reference.identities`). It is derived from what is
stored beside the HTML of the live versions: there is no table of references to keep in step with the texts.
"""

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property

from content.markup import references
from content.markup.references import Reference
from content.models import Rendering, Retraction, Version

from .retractions import Concerned, find_concerned


@dataclass(frozen=True)
class Citing:
    """A reference on a live page: the page, by its version and title, and what it says there."""

    page: int
    slug: str
    title: str
    address: str
    number: int
    reference: Reference

    @property
    def choice(self) -> str:
        """What names this reference in a form, for as long as the live text says the same."""
        said = hashlib.sha256(self.reference.typed.encode()).hexdigest()[:16]
        return f"{self.page}:{self.number}:{self.reference.key}:{said}"


@dataclass
class Source:
    """One thing that live pages cite, wherever they do."""

    citings: list[Citing]
    concerned: list[Concerned] = field(default_factory=list)  # where it has a notice

    @property
    def notice(self) -> Retraction | None:
        """The notice that readers see where it is cited, or None."""
        return self.concerned[0].retraction if self.concerned else None

    @property
    def name(self) -> str:
        """What names it in an address: made from what identifies it."""
        return hashlib.sha256(self.identities[0].encode()).hexdigest()[:20]

    @cached_property
    def identities(self) -> list[str]:
        """What identifies it, sorted."""
        return sorted({identity for citing in self.citings for identity in citing.reference.identities})

    @cached_property
    def wordings(self) -> list[str]:
        """The words that pages have for it, as they are typed: the most frequent first, then those with an address."""
        times = Counter(citing.reference.typed for citing in self.citings)
        with_address = {citing.reference.typed for citing in self.citings if citing.reference.urls}
        return sorted(times, key=lambda typed: (-times[typed], typed not in with_address))

    @property
    def alike(self) -> list[Citing]:
        """Where a correction surely belongs: all that cite one paper, otherwise those with the most frequent words.

        References to one guideline may lead to different parts of it.
        """
        if self.reference.paper:
            return self.citings
        return [citing for citing in self.citings if citing.reference.words == self.reference.words]

    @property
    def reference(self) -> Reference:
        """It as most pages have it."""
        return next(citing.reference for citing in self.citings if citing.reference.typed == self.wordings[0])

    @property
    def differs(self) -> bool:
        """Whether pages have different words for it."""
        return len({references.plain(typed) for typed in self.wordings}) > 1

    @cached_property
    def faults(self) -> list[str]:
        """What is wrong with the shape of its identifiers and addresses, on any page."""
        typed = {citing.reference.typed: citing.reference for citing in self.citings}
        return list(dict.fromkeys(fault for each in typed.values() for fault in references.find_faults(each)))

    @cached_property
    def searched(self) -> str:
        """What a search looks through: its words, its identifiers, and the titles of the pages."""
        words = {citing.reference.words for citing in self.citings} | {citing.title for citing in self.citings}
        return " ".join([*words, *self.identities]).casefold()

    @property
    def links(self) -> list[tuple[str, str]]:
        """Its identifiers and addresses as pairs of words and address; the address is empty where it has none."""
        return list(dict.fromkeys(link for citing in self.citings for link in links_of(citing.reference)))

    @property
    def pages(self) -> list[Citing]:
        """The pages that cite it, each once."""
        return list({citing.page: citing for citing in self.citings}.values())


def links_of(reference: Reference) -> list[tuple[str, str]]:
    """Return what a reference's identifiers and addresses are and lead to, as pairs of words and address."""
    return [
        *((f"doi:{doi}", references.doi_address(doi)) for doi in reference.dois),
        *((f"PMID {pmid}", f"https://pubmed.ncbi.nlm.nih.gov/{pmid}/") for pmid in reference.pmids),
        *((pmcid, references.pmc_address(pmcid)) for pmcid in reference.pmcids),
        *((f"NICE {number}", references.nice_address(number)) for number in reference.nice),
        *((number, "") for number in (*reference.licences, *reference.ema)),
        *((url, url) for url in reference.urls if not references.is_identifier(url)),
    ]


def find_citings() -> list[Citing]:
    """Return every reference of every live page, in the order of their addresses, in one query."""
    live = Version.objects.live().filter(kind=Version.Kind.TEXT)
    rows = Rendering.objects.filter(version__in=live).select_related("version__page").order_by("version__page__slug")
    rows = rows.only("references", "version__page", "version__title", "version__number")
    return [
        Citing(page.pk, page.slug, version.title, page.get_absolute_url(), version.number, Reference.from_record(each))
        for row in rows
        if (version := row.version) and (page := version.page)
        for each in row.references
    ]


def find_sources() -> list[Source]:
    """Return every thing that live pages cite, in two queries: what has a notice first, then by its words."""
    sources = list(group(find_citings()))
    concerned = {(each.version.page_id, each.reference.key): each for each in find_concerned()}
    for source in sources:
        places = [(citing.page, citing.reference.key) for citing in source.citings]
        source.concerned = [concerned[place] for place in places if place in concerned]
    return sorted(sources, key=lambda source: (source.notice is None, source.reference.words.casefold()))


def group(citings: Iterable[Citing]) -> Iterator[Source]:
    """Yield what is one thing: references that share an identity, also by way of a third."""
    of: dict[str, str] = {}  # another identity of the same thing for each, or itself

    def first(identity: str) -> str:
        while of[identity] != identity:
            of[identity] = identity = of[of[identity]]
        return identity

    named = [(citing, citing.reference.identities) for citing in citings]
    for _, identities in named:
        for identity in identities:
            of.setdefault(identity, identity)
            of[first(identity)] = first(identities[0])
    sources: dict[str, list[Citing]] = {}
    for citing, identities in named:
        sources.setdefault(first(identities[0]), []).append(citing)
    yield from map(Source, sources.values())
