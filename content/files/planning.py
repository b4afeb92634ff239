"""What one content file does to its page: one rule, for the import and for its dry run. Nothing here writes.

A text is published at once only where nobody reads anything yet, or when a person who may publish stands for it.
Elsewhere it becomes a draft. What a file states about itself is compared with what the site has, and never believed.
Reasons: docs/decisions/0060-an-edited-file-becomes-a-draft.md.
"""

from collections.abc import Collection
from dataclasses import dataclass
from enum import Enum

from django.utils import timezone

from accounts.models import User
from content import publishing
from content.history.wording import differences, words_of
from content.models import Draft, Page, Version

from . import page_facts, restoring
from .format import BadFile, ContentFile, one_line, tidy
from .front_matter import to_time


@dataclass(frozen=True)
class Asked:
    """What an import was asked for, and what it knows beyond one file.

    `publisher` stands for texts that go live at once, or is None. `slugs` are of the pages that can be read afterwards.
    `arranges_home` says that nobody has arranged home yet, so that pages which are live already are arranged too, and
    `brings_search_terms` the same of search terms.
    """

    publisher: User | None = None
    slugs: Collection[str] = frozenset()
    arranges_home: bool = False
    brings_search_terms: bool = False


class Step(Enum):
    """What is done with a file."""

    NOTHING = "nothing"
    PUBLISH = "publish"
    DRAFT = "draft"
    RESTORE = "restore"  # a draft exactly as it was exported


@dataclass(frozen=True)
class Plan:
    """What happens with a file. `result` is new, changed, unchanged, superseded, skipped or refused.

    `detail` says why, `changes` which words go and come, `warnings` what could be better in a text that is taken.
    """

    result: str
    detail: str = ""
    changes: tuple[str, ...] = ()
    warnings: tuple[str, ...] = ()
    step: Step = Step.NOTHING


def plan_live(page: Page, file: ContentFile, asked: Asked, *, is_new: bool) -> Plan:
    """Return what happens with a live text. `is_new` says that the page had no version before this import.

    Raises `BadFile` with the reason if nothing can be done with it.
    """
    facts_kept = page_facts.find_difference(page, file)
    if str(file.facts.get("live")).lower() == "false":
        return Plan("unchanged", facts_kept)
    live = page.live_version
    goes_live = is_new or asked.publisher is not None
    credits = page_facts.credits_stated(file) if goes_live else None
    same = [v for v in page.versions.all() if _says(v, file) and credits in (None, v.credits)]
    if live in same:
        return Plan("unchanged", facts_kept, warnings=_find_false_claims(page, file))
    if same:
        return Plan("superseded", f"has the same text as version {same[0].number}")
    if file.kind == Version.Kind.WITHDRAWAL:
        raise BadFile(file.line_of("version_kind"), "a page is withdrawn on the site, or by the file in its history")
    _refuse_unfit(page, file)
    publishing.refuse_while_scheduled(page)
    draft = _draft_of(page, file)
    if not goes_live and (plan := _plan_beside(draft, page, file)):
        return plan
    if goes_live and draft and not (draft.is_imported and _equals(draft, file)):
        raise BadFile(1, _in_the_way(draft, file))
    warnings = _check(file, live, asked, must_state_start=goes_live and not is_new)
    warnings += (*_find_false_claims(page, file), *_find_old_note(file, live))
    number = f"version {live.number + 1}" if live else ""
    detail = number if goes_live else "; ".join(filter(None, (_draft_detail(live), facts_kept)))
    step = Step.PUBLISH if goes_live else Step.DRAFT
    return Plan("changed" if live else "new", detail, _compare(live, file), warnings, step)


def plan_draft(page: Page, file: ContentFile, asked: Asked) -> Plan:
    """Return what happens with a draft. Raises `BadFile` with the reason if nothing can be done with it."""
    draft, live = _draft_of(page, file), page.live_version
    last = page.versions.order_by("-number").first()
    if draft and file.is_untouched and draft.sha256 == file.facts["sha256"]:
        return Plan("unchanged", "already a draft")
    belongs = file.is_untouched and file.facts.get("latest_version") == (last.number if last else 0)
    if not belongs and (same := [version for version in page.versions.all() if _says(version, file)]):
        return Plan("superseded", f"was published: it has the same text as version {same[0].number}")
    if plan := _plan_beside(draft, page, file):
        return plan
    if belongs:
        return Plan("new", restoring.describe(file), step=Step.RESTORE)
    warnings = (*_check(file, live, asked), *_find_old_note(file, live))
    changes = _compare(live, file) if file.kind == Version.Kind.TEXT else ()
    return Plan("new", _draft_detail(live), changes, warnings, Step.DRAFT)


def fingerprint(file: ContentFile) -> str:
    """Return a hash of the words of a file as it was read, by which a text that came in before is known again."""
    read = file.as_read or file
    return Draft(
        title=read.text.title, summary=read.text.summary, body=read.text.body, reason=read.words["reason"]
    ).sha256


# What is there already


def _plan_beside(draft: Draft | None, page: Page, file: ContentFile) -> Plan | None:
    """Return what happens with a file beside the page's draft, or after it came in as one; None if it can become one.

    Raises `BadFile` if someone's draft is in the way.
    """
    if draft and _equals(draft, file):
        return Plan("unchanged", "already a draft")
    live = page.live_version
    came_before = fingerprint(file) in page.imported_texts
    if came_before and (draft or not live or file.facts.get("version") != live.number):
        again = f"To bring it in again, set “version: {live.number}”" if live else ""
        since = _in_the_way(draft, file) if draft else again
        return Plan("superseded", f"came in as a draft before, and other text was written since. {since}")
    if draft:
        raise BadFile(1, _in_the_way(draft, file))
    return None


def _in_the_way(draft: Draft, file: ContentFile) -> str:
    if draft.is_imported:
        origin = f"imported from {draft.imported_from or 'a file'}"
    else:
        origin = f"saved by {draft.saved_by.name if draft.saved_by else 'someone whose account was deleted'}"
    at = f"{timezone.localtime(draft.saved_at):%-d %b %Y at %H:%M}"
    return f"A draft of {draft.page.slug} exists, {origin} on {at}: nothing was done with {file.path.name}"


def _draft_of(page: Page, file: ContentFile) -> Draft | None:
    return Draft.objects.filter(page=page, kind=file.kind).select_related("page", "saved_by").first()


def _says(holder: Version | Draft, file: ContentFile) -> bool:
    """Return whether a version or draft has the file's words, ignoring line breaks and the space around the text."""
    words = (file.kind, file.text.title, file.text.summary, file.text.body.strip())
    if (holder.kind, one_line(holder.title), one_line(holder.summary), tidy(holder.body).strip()) != words:
        return False
    return file.kind == Version.Kind.TEXT or (holder.reason, holder.replacement) == (
        file.words["reason"],
        file.words["replacement"],
    )


def _equals(draft: Draft, file: ContentFile) -> bool:
    """Return whether a draft has the file's words and its change note."""
    return _says(draft, file) and one_line(draft.change_note) == file.text.change_note


def _compare(live: Version | None, file: ContentFile) -> tuple[str, ...]:
    """Return which words go and come, field by field, if readers have a version now."""
    if live is None:
        return ()
    words = {"title": file.text.title, "summary": file.text.summary, "text": tidy(file.body)}
    was = {"title": one_line(live.title), "summary": one_line(live.summary), "text": tidy(live.body)}
    lines = [f"{name}: {line}" for name in words for line in differences(words_of(was[name]), words_of(words[name]))]
    return tuple(lines) or ("only spaces between words change",)


# What a file states


def _refuse_unfit(page: Page, file: ContentFile) -> None:
    """Raise `BadFile` if the file continues a redacted version, or another history than the page's."""
    stated = file.facts.get("sha256")
    if not stated:
        return
    if redacted := page.versions.filter(sha256=stated, redaction__isnull=False).first():
        raise BadFile(
            file.line_of("sha256"),
            f"version {redacted.number}, which this file was exported from, has since been redacted: "
            "remove from the text what must not be published, and remove the line sha256",
        )
    here = page.versions.filter(number=file.facts.get("version", 0)).first()
    if here and here.sha256 != stated:
        raise BadFile(
            file.line_of("sha256"),
            f"version {here.number} here has the sha256 {here.sha256}, and the file started from one with {stated}: "
            "they are two different texts. Compare the two, then remove the line sha256",
        )


def _check(file: ContentFile, live: Version | None, asked: Asked, *, must_state_start: bool = False) -> tuple[str, ...]:
    """Return what could be better in a text. Raises `BadFile` with everything that stops it, its start included."""
    errors, warnings = file.find_problems(asked.slugs)
    errors = [*_find_wrong_start(file, live, must_state_start), *errors]
    if file.state == Draft.State.IN_REVIEW and file.kind == Version.Kind.TEXT and not file.text.change_note:
        said = "a draft in review needs a change_note: say what changed and why"
        errors.append((file.line_of("state"), said))
    if errors:
        raise BadFile(*errors[0], *errors[1:])
    return tuple(warnings)


def _find_wrong_start(file: ContentFile, live: Version | None, must_state: bool) -> list[tuple[int, str]]:
    """Return line and reason if the file started from a version that is not live, or must state its start and does not.

    A draft may leave it out: its reviewer is shown what it changes in the live version.
    """
    started_from, line = file.facts.get("version"), file.line_of("version")
    if live is None:
        said = f"started from version {started_from}, but no version of this page is live: import its live text first"
        return [(line, f"{said}, or remove the line version")] if started_from and file.role.is_draft else []
    if started_from == live.number or (started_from is None and not must_state):
        return []
    said = f"started from version {started_from}" if started_from else "does not say which version it started from"
    return [(line, f"{said}, but version {live.number} is live: compare the two, then set “version: {live.number}”")]


def _find_false_claims(page: Page, file: ContentFile) -> tuple[str, ...]:
    """Return what the file states about a publication that is not so on this site: the site's own record stays."""
    facts = file.facts
    here = page.versions.filter(number=facts.get("version", 0)).first()
    if here is None:
        stated = [key for key in ("approver", "published_at", "sha256") if facts.get(key)]
        stated += ["version"] if facts.get("version", 1) > 1 else []
        stated += ["author"] if file.person("author")[0] and not file.author_named else []
        said = "is not imported: it is of a version that is not here. It comes with the page's history files"
        return tuple(f"line {file.line_of(key)}: {key} {said}" for key in stated)
    is_so = {
        "author": file.person("author")[0] in ("", here.author_name),
        "approver": file.person("approver")[0] in ("", here.approver_name),
        "published_at": to_time(facts.get("published_at")) in (None, here.published_at),
        "sha256": facts.get("sha256") in (None, here.sha256),
    }
    said = f"is not what version {here.number} has here, which stays as it is"
    return tuple(
        f"line {file.line_of(key)}: {key} {said}" for key, holds in is_so.items() if key in facts and not holds
    )


def _find_old_note(file: ContentFile, live: Version | None) -> tuple[str, ...]:
    """Return that the change note is missing, or still that of the live version."""
    if live is None or file.kind == Version.Kind.WITHDRAWAL:
        return ()
    line, note = file.line_of("change_note"), file.text.change_note
    if not note:
        return (f"line {line}: has no change_note: say what changed and why, for readers",)
    if note == one_line(live.change_note):
        return (f"line {line}: change_note is still that of version {live.number}: say what changed since",)
    return ()


def _draft_detail(live: Version | None) -> str:
    return f"draft, started from version {live.number}" if live else "draft"
