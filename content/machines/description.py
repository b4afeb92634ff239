"""What the head of a page tells programs of the version that it shows: who wrote what, when, about which codes.

It states nothing that the page does not show to people. A clinical review counts only if it was of this very version
and did not find it unsafe, because there is no room here for the words with which the page qualifies it. The reviewer
is named only where the version already names that person. Reasons: docs/decisions/0079-the-site-for-machines.md.
"""

import json
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils import timezone

from content.models import Code, Review, Version

from .citation import LANGUAGE, authoring_team, cite

CODE_SYSTEMS = {
    Code.System.SNOMED_CT: "http://snomed.info/sct",
    Code.System.ICD_10: "http://hl7.org/fhir/sid/icd-10",
    Code.System.DMD: "https://dmd.nhs.uk",
    Code.System.ATC: "http://www.whocc.no/atc",
}
WITHHELD = ".guidance"  # what a visitor without free pages does not get, as a selector of CSS
IN_SCRIPT = {ord(sign): f"\\u{ord(sign):04X}" for sign in "<>&\u2028\u2029"}  # the text of JSON cannot end its script


@dataclass(frozen=True)
class Description:
    """A version as it is described in the head of its page. `live` is the page's live version, if that may be another.

    `version` comes with the facts that `with_page_facts` adds, and `review` is the newest of it or of an earlier one.
    """

    version: Version
    review: Review | None
    live: Version | None

    @property
    def address(self) -> str:
        """The one address of what is shown: the page's for its live version, and each version's own in the history."""
        holder = self.version if self.live else self.version.page
        return f"{settings.SITE_URL}{holder.get_absolute_url()}"

    @property
    def version_address(self) -> str:
        """The address that shows this version for ever."""
        return f"{settings.SITE_URL}{self.version.get_absolute_url()}"

    @property
    def is_guidance(self) -> bool:
        """Whether it is guidance to read: neither a page about the site nor the words of a withdrawal."""
        return self.version.page.is_guidance and self.version.kind == Version.Kind.TEXT

    @property
    def tags(self) -> list[tuple[str, str]]:
        """The names and contents of the Highwire tags, which reference managers and Google Scholar read."""
        cited = cite(self.version)
        return [
            ("citation_title", cited.title),
            *(("citation_author", name) for name in cited.authors),
            ("citation_publication_date", f"{cited.published_on:%Y/%m/%d}"),
            *([("citation_publisher", cited.publisher)] if cited.publisher else []),
            ("citation_public_url", cited.url),
            ("citation_language", LANGUAGE),
        ]

    @property
    def json_ld(self) -> str:
        """The description in the words of schema.org, as JSON-LD that can stand in a script element."""
        text = json.dumps(self.to_schema_org(), ensure_ascii=False, separators=(",", ":"))
        return text.translate(IN_SCRIPT)

    def to_schema_org(self) -> dict[str, Any]:
        """Return the page as a `MedicalWebPage` of schema.org, without what is not known."""
        version = self.version
        first = version.published_at if self.live else getattr(version, "first_published_at", version.published_at)
        known = {
            "@context": "https://schema.org",
            "@type": "MedicalWebPage",
            "url": self.address,
            "name": version.title,
            "description": version.summary,
            "version": version.number,
            "datePublished": timezone.localdate(first).isoformat(),
            "dateModified": timezone.localdate(version.published_at).isoformat(),
            "creativeWorkStatus": self._status(),
            "inLanguage": LANGUAGE,
            "author": list(_authors(version)),
            "publisher": _organisation(cite(version).publisher),
            **self._reviewed(),
            "about": _subjects(getattr(version, "page_codes", None) or []),
            "isAccessibleForFree": False,
            "conditionsOfAccess": _conditions(),
            "hasPart": {"@type": "WebPageElement", "isAccessibleForFree": False, "cssSelector": WITHHELD},
        }
        return {name: value for name, value in known.items() if value not in ("", [], None)}

    def _status(self) -> str:
        """Return in a word why the version is not the guidance of today, or an empty string if it is."""
        if self.live is None or self.live.number == self.version.number:
            return ""
        return "Withdrawn" if self.live.kind == Version.Kind.WITHDRAWAL else "Superseded"

    def _reviewed(self) -> dict[str, Any]:
        review, version = self.review, self.version
        if review is None or review.version_id != version.pk or review.outcome == Review.Outcome.UNSAFE:
            return {}
        by: dict[str, Any] = {"@type": "Person", "jobTitle": "Clinician"}
        if review.reviewer_name and review.reviewer_name == version.approver_name:
            by["name"] = review.reviewer_name
        return {"lastReviewed": timezone.localdate(review.reviewed_at).isoformat(), "reviewedBy": by}


def _authors(version: Version) -> Iterator[dict[str, Any]]:
    names = [name for credit in version.credits if (name := credit.get("name"))]
    yield from ({"@type": "Person", "name": name} for name in names)
    if not names:
        yield from ({"@type": "Organization", "name": name} for name in authoring_team())


def _organisation(name: str) -> dict[str, str] | None:
    return {"@type": "Organization", "name": name} if name else None


def _subjects(codes: list[dict[str, str]]) -> list[dict[str, Any]]:
    """Return what the page's codes name, each with its code."""
    return [
        {
            "@type": "MedicalEntity",
            "name": code["term"],
            "code": {
                "@type": "MedicalCode",
                "codeValue": code["code"],
                "codingSystem": CODE_SYSTEMS[Code.System(code["system"])],
            },
        }
        for code in sorted(codes, key=lambda code: (code["system"], code["code"]))
    ]


def _conditions() -> str:
    """Return in words who can read the page. A visitor without free pages left gets no more than its summary."""
    free, days = settings.FREE_PAGES, settings.FREE_PAGES_DAYS
    pages = f"You can read {free} page{'s' * (free != 1)} in {days} day{'s' * (days != 1)} before signing in."
    return f"{pages if free else 'Sign in to read.'} An account is free for healthcare professionals."
