"""What a clinical records system asks for by HL7 Infobutton: its address, read into a value.

Only what is asked about is read: the subject, the aspect of it, and the task. Age, sex, organisation, encounter and
everything else that an address may say of a patient or a user is dropped unread, so that nothing can keep it. The
parameters: docs/infobutton.md. Reasons: docs/decisions/0080-infobutton.md.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, urlencode

from django.urls import reverse

from .models import Code

LONGEST_VALUE = 200  # characters of a value that are read: a title has no more
LONGEST_READ = 3_000  # characters of names and values, as they are in an address: every server and browser takes it
LONGEST_INDEX = 3  # digits
MOST = 10  # subjects, or aspects, of one request
PARAMETER = re.compile(rf"(.*[a-z])([0-9]{{0,{LONGEST_INDEX}}})")  # its name, and its index if it has one
SUBJECT, ASPECT, TASK = "mainSearchCriteria.v", "subTopic.v", "taskContext.c"
PARTS = {"c": "code", "cs": "system", "dn": "name", "ot": "text"}
RECIPIENT, RESPONSE_TYPE = "informationRecipient", "knowledgeResponseType"
READ = {
    name.casefold(): name
    for name in (RECIPIENT, RESPONSE_TYPE, *(f"{root}.{part}" for root in (SUBJECT, ASPECT, TASK) for part in PARTS))
}
PATIENT = "PAT"
HTML = "text/html"
FEEDS = ("text/xml", "application/atom+xml")
# The same terminologies, as records systems name them: by OID, and by the address that FHIR has for them.
SYSTEMS = {
    "2.16.840.1.113883.6.96": Code.System.SNOMED_CT,
    "2.16.840.1.113883.2.1.3.2.4.15": Code.System.SNOMED_CT,  # in messages of the NHS
    "http://snomed.info/sct": Code.System.SNOMED_CT,
    "2.16.840.1.113883.6.3": Code.System.ICD_10,
    "http://hl7.org/fhir/sid/icd-10": Code.System.ICD_10,
    "2.16.840.1.113883.6.73": Code.System.ATC,
    "http://www.whocc.no/atc": Code.System.ATC,
    "https://dmd.nhs.uk": Code.System.DMD,
}


@dataclass(frozen=True)
class Concept:
    """What a request names: by a code of a system, by the name that is shown for it, or in someone's own words."""

    code: str = ""
    system: str = ""
    name: str = ""
    text: str = ""

    @property
    def words(self) -> str:
        """What it is called, or an empty string if there is only a code."""
        return self.name or self.text

    @property
    def terminology(self) -> str:
        """The terminology of its code as this site names it, or an empty string if the site does not have it."""
        return SYSTEMS.get(self.plain_system) or Code.System.named(self.system)

    @property
    def full_code(self) -> str:
        """Its code with its system, for its reader."""
        if self.terminology:
            return f"{self.terminology} {self.code}"
        return f"{self.code} ({self.system})" if self.system else self.code

    @property
    def plain_system(self) -> str:
        """The OID or address of its system, in the one form in which they are compared here."""
        return self.system.casefold().removeprefix("urn:oid:").rstrip("/")


@dataclass(frozen=True)
class KnowledgeRequest:
    """What is asked: about what, which aspect of it, at which task, who reads the answer, and in what form."""

    subjects: tuple[Concept, ...] = ()
    aspects: tuple[Concept, ...] = ()
    task: Concept = field(default_factory=Concept)
    is_for_patient: bool = False
    media_type: str = HTML

    @property
    def wants_feed(self) -> bool:
        """Whether the answer is a feed, for a program."""
        return self.media_type in FEEDS

    @property
    def search_words(self) -> str:
        """The words to search for: those of the subjects and aspects. A code goes with them only if it has no system.

        A code of a system that the site does not have could be another thing's code in one that it has.
        """
        said = [each.words or ("" if each.system else each.code) for each in (*self.subjects, *self.aspects)]
        return " ".join(dict.fromkeys(filter(None, said)))

    @property
    def label(self) -> str:
        """What was asked about, for its reader: the first name, else the first code with its system, else nothing."""
        said = [each.words for each in self.subjects if each.words] or [each.full_code for each in self.subjects]
        return said[0] if said else ""

    def context(self) -> list[tuple[str, str]]:
        """Return the parameters that say what is asked about, and nothing else that came with them."""
        return [
            (f"{root}.{part}{number or ''}", value)
            for root, concepts in ((SUBJECT, self.subjects), (ASPECT, self.aspects), (TASK, [self.task]))
            for number, each in enumerate(concepts)
            for part, name in PARTS.items()
            if (value := getattr(each, name))
        ]

    def address(self, media_type: str = "") -> str:
        """Return the address that asks the same, in `media_type` or in its own, and says nothing else."""
        wanted = media_type or self.media_type
        pairs = self.context()
        pairs += [(RECIPIENT, PATIENT)] if self.is_for_patient else []
        pairs += [(RESPONSE_TYPE, wanted)] if wanted in FEEDS else []
        return f"{reverse('infobutton')}?{urlencode(pairs)}".removesuffix("?")


def read(query: str) -> KnowledgeRequest:
    """Return what the query of an address asks. Raises nothing, whatever it is: what it does not know, it leaves out.

    A parameter may be repeated or have an index (`mainSearchCriteria.v.c1`): the codes, systems and names of the same
    place or index belong together.
    """
    said: dict[str, dict[tuple[str, int], dict[str, str]]] = defaultdict(lambda: defaultdict(dict))
    times: Counter[tuple[str, str]] = Counter()
    for name, index, value in _parameters(query):
        root, _, part = name.rpartition(".")
        said[root][index, times[name, index]][PARTS.get(part, part)] = value
        times[name, index] += 1
    subjects, wanted, tasks = (
        tuple(each for each in (Concept(**parts) for parts in said[root].values()) if each.code or each.words)[:MOST]
        for root in (SUBJECT, ASPECT, TASK)
    )
    others = list(said[""].values())
    return KnowledgeRequest(
        subjects,
        wanted,
        next(iter(tasks), Concept()),
        any(parts.get(RECIPIENT, "").upper() == PATIENT for parts in others),
        next((_media_type(parts[RESPONSE_TYPE]) for parts in others if RESPONSE_TYPE in parts), HTML),
    )


def _media_type(value: str) -> str:
    """Return the form of the answer. A plus sign that was sent as it is arrives as a space."""
    plain = value.partition(";")[0].strip().replace(" ", "+").lower()
    return plain if plain in FEEDS else HTML


def _parameters(query: str) -> Iterator[tuple[str, str, str]]:
    """Yield the name, index and value of each parameter that is read, all of them no longer than an address may be."""
    left = LONGEST_READ
    for typed, value in pairs_of(query):
        match = PARAMETER.fullmatch(typed.casefold())
        if match and (name := READ.get(match[1])):
            said = " ".join("".join(sign if sign.isprintable() else " " for sign in value).split())
            said = said[:LONGEST_VALUE].strip()
            left -= len(urlencode({name: said})) + LONGEST_INDEX + 1
            if left < 0:
                return
            yield name, match[2], said


def pairs_of(query: str) -> list[tuple[str, str]]:
    """Return the names and values in the query of an address, as they were sent."""
    return [(_decoded(name), _decoded(value)) for name, value in parse_qsl(query, True, encoding="latin-1")]


def _decoded(text: str) -> str:
    """Return text whose bytes were read as Latin-1 in its own encoding: UTF-8 or, where it is not that, Latin-1."""
    try:
        return text.encode("latin-1").decode()
    except UnicodeError:
        return text
