"""Pages → files: everything that is published, scheduled or being written, so that an import can restore all of it.

Reasons: docs/decisions/0019-exports-lock-pages.md.
"""

import os
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.db import transaction
from django.db.models import Prefetch, QuerySet
from django.utils.text import slugify

from accounts.models import User
from content.models import Draft, HomeEntry, Page, Topic, Version

from . import synonyms
from .format import Role, to_bytes

AT_ONCE = 50  # pages that are locked and read together


def export_pages(directory: Path) -> Iterator[tuple[Page, list[Path]]]:
    """Write every page into `directory`, and yield each page with the paths of its files.

    An existing file is replaced completely or not at all, and nothing is deleted. Pages are locked while they are read:
    otherwise a text that is published or cancelled just then could be missed between two queries.
    """
    for page, files in read_pages(Page.objects.all()):
        for name, content in files.items():
            _write(directory / name, content)
        yield page, [directory / name for name in files]


def read_pages(pages: QuerySet[Page]) -> Iterator[tuple[Page, dict[str, bytes]]]:
    """Yield each of these pages, by slug, with the content of its files by name."""
    pks = pages.order_by("slug").values_list("pk", flat=True)
    for start in range(0, len(pks), AT_ONCE):
        yield from _read(list(pks[start : start + AT_ONCE]))


def export_synonyms(directory: Path) -> list[Path]:
    """Write the search's synonyms into `directory`, if the site has any, and return the paths that were written."""
    meanings = synonyms.list_all()
    if not meanings:
        return []
    path = directory / synonyms.FILE
    _write(path, synonyms.to_yaml(meanings).encode())
    return [path]


def export_public(version: Version) -> bytes:
    """Return a text as a file for anyone: what its page says, and neither accounts nor what a redaction removed.

    Contributors are those whom the version credits: the page's own may belong to a version that is not published yet.
    `version` comes with its page, its redaction and the codes that `with_page_facts` adds.
    """
    codes = sorted(version.page_codes or [], key=lambda code: (code["system"], code["code"]))  # type: ignore[attr-defined]
    facts = {
        "slug": version.page.slug,
        **_words(version),
        "version": version.number,
        "topics": [_topic(topic) for topic in version.page.topics.all()],
        "codes": codes,
        "contributors": version.credits,
        "author": version.author_name,
        "approver": version.approver_name,
        "published_at": _time(version.published_at),
        "sha256": "" if hasattr(version, "redaction") else version.sha256,
    }
    return to_bytes({name: fact for name, fact in facts.items() if fact not in ("", [])}, version.body)


def _read(pks: list[int]) -> list[tuple[Page, dict[str, bytes]]]:
    """Return some pages with their files by name, all as they are at one moment."""
    people = ("saved_by", "submitted_by", "returned_by")
    with transaction.atomic():
        held = Page.objects.filter(pk__in=pks).order_by("slug").select_for_update()
        pages = held.prefetch_related(
            "topics",
            "search_terms",
            "codes",
            "contributors",
            "home_entries",
            Prefetch("drafts", Draft.objects.select_related(*people).prefetch_related("writers")),
            Prefetch("versions", Version.objects.select_related("redaction").order_by("number")),
            "versions__reviews",
        )
        return [(page, _files_of(page)) for page in pages]


def _files_of(page: Page) -> dict[str, bytes]:
    """Return the content of each of the page's files by name."""
    versions: list[Version] = list(page.versions.all())
    for version in versions:
        version.page = page  # the instance that we have already: no query for each
    live = next((version for version in reversed(versions) if not version.is_scheduled), None)
    files = {f"{page.slug}.md": to_bytes(_live_facts(page, live), live.body if live else "")}
    for draft in page.drafts.all():
        ending = Role.WITHDRAWAL_DRAFT.value if draft.is_withdrawal else Role.DRAFT.value
        latest = versions[-1].number if versions else 0
        files[f"{page.slug}{ending}"] = to_bytes(_draft_facts(page, draft, latest), draft.body)
    previous = ""
    for version in versions:
        facts = _history_facts(page, version, previous)
        files[f"{page.slug}/history/{version.number}.md"] = to_bytes(facts, version.body)
        previous = version.sha256
    return files


def _live_facts(page: Page, live: Version | None) -> dict[str, Any]:
    """Return what the file of the live text states: the page's current facts, and the version."""
    contributors = [contributor.to_credit() for contributor in page.contributors.all()]
    standing = {
        "kind": page.kind,
        "topics": [_topic(topic) for topic in page.topics.all()],
        **({"search_terms": terms} if (terms := [each.words for each in page.search_terms.all()]) else {}),
        "codes": [{"system": code.system, "code": code.code, "term": code.term} for code in page.codes.all()],
        "contributors": contributors,
        **({"home": places} if (places := [_place(entry) for entry in page.home_entries.all()]) else {}),
        "review_interval_months": page.review_interval_months,
    }
    if live is None:
        return standing | {"live": False}
    credits = {} if live.credits == contributors else {"credits": live.credits}
    return _words(live) | {"version": live.number} | standing | credits | _publication(live)


def _history_facts(page: Page, version: Version, previous: str) -> dict[str, Any]:
    """Return everything that the version's hash covers, then its redaction and its clinical reviews."""
    facts = {
        "slug": page.slug,
        "kind": page.kind,
        **_words(version),
        "version": version.number,
        "version_kind": version.kind,
        "credits": version.credits,
        **_publication(version),
        **({"writers": version.writers} if version.writers else {}),
        "previous_sha256": previous,
    }
    if redaction := getattr(version, "redaction", None):
        facts["redaction"] = {
            "by": {"name": redaction.redacted_by_name, "id": redaction.redacted_by_id},
            "at": _time(redaction.redacted_at),
            "reason": redaction.reason,
            "sha256": redaction.sha256,
        }
    reviews = [
        {
            "reviewer": {"name": review.reviewer_name, "id": review.reviewer_id},
            "outcome": review.outcome,
            "note": review.note,
            "reviewed_at": _time(review.reviewed_at),
        }
        for review in sorted(version.reviews.all(), key=lambda review: (review.reviewed_at, review.pk))
    ]
    return facts | ({"reviews": reviews} if reviews else {})


def _draft_facts(page: Page, draft: Draft, latest: int) -> dict[str, Any]:
    """Return what the file of a draft states; `latest` is the number of the page's last version, or 0."""
    facts = {
        "kind": page.kind,
        **_words(draft),
        "version": draft.started_from,
        "latest_version": latest,
        "state": draft.state,
        "revision": draft.revision,
        "saved_at": _time(draft.saved_at),
        "saved_by": _account(draft.saved_by),
        "submitted_by": _account(draft.submitted_by),
        "returned_by": _account(draft.returned_by),
        "imported_from": draft.imported_from,
        "comment": draft.comment,
        "writers": [
            *({"name": writer["name"], "id": writer["id"]} for writer in draft.former_writers),
            *(_account(writer) for writer in sorted(draft.writers.all(), key=lambda writer: writer.pk)),
        ],
        "sha256": draft.sha256,
    }
    return {key: value for key, value in facts.items() if value not in (None, "", [])}


def _words(holder: Version | Draft) -> dict[str, str]:
    """Return the words that go above the text; reason and replacement only if they are not empty."""
    words = {"title": holder.title, "summary": holder.summary, "change_note": holder.change_note}
    if holder.kind == Version.Kind.WITHDRAWAL:
        words |= {"version_kind": holder.kind}
    return words | {name: getattr(holder, name) for name in ("reason", "replacement") if getattr(holder, name)}


def _publication(version: Version) -> dict[str, Any]:
    return {
        "author": {"name": version.author_name, "id": version.author_id},
        "approver": {"name": version.approver_name, "id": version.approver_id},
        "published_at": _time(version.published_at),
        "sha256": version.sha256,
    }


def _topic(topic: Topic) -> str | dict[str, str]:
    """Return the topic's name, with its slug unless the name alone gives that slug."""
    return topic.name if slugify(topic.name) == topic.slug else {"name": topic.name, "slug": topic.slug}


def _place(entry: HomeEntry) -> dict[str, Any]:
    """Return what a file states of a page's place on home, without what is empty."""
    stated = {"section": entry.section, "label": entry.label, "note": entry.note, "position": entry.position}
    return {name: value for name, value in (stated | {"below": entry.below}).items() if value}


def _account(person: User | None) -> dict[str, Any] | None:
    return {"name": person.name, "id": person.pk} if person else None


def _time(moment: datetime) -> str:
    return moment.astimezone(UTC).isoformat(timespec="microseconds")


def _write(path: Path, content: bytes) -> None:
    """Write the file under another name first, so that there is never half a file."""
    path.parent.mkdir(parents=True, exist_ok=True)
    unfinished = path.with_name(f"{path.name}.part")
    unfinished.write_bytes(content)
    os.replace(unfinished, path)
