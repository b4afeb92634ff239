"""The editorial rules: how a draft becomes a version. Every step names the revision it was shown.

A step that was overtaken (somebody saved, submitted or published meanwhile) changes nothing and raises `Overtaken`.
"""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import connection, transaction
from django.db.models import F
from django.utils import timezone

from accounts.models import User

from . import problems, rendering
from .models import Draft, Page, Rendering, Version


class Refused(Exception):
    """An editorial step that may not be taken; the message says what happened and what to do."""


class Overtaken(Refused):
    """Somebody else changed the draft after it was shown; `draft` is what it says now."""

    def __init__(self, draft: Draft | None) -> None:
        self.draft = draft
        super().__init__(f"{_saver(draft)} while you were working on it." if draft else "This draft is gone.")


@dataclass(frozen=True)
class Text:
    """The words of a draft or a version."""

    title: str
    summary: str
    body: str
    change_note: str = ""


def start_draft(*, page: Page, text: Text, by: User | None, started_from: int) -> Draft:
    """Make the page's one draft. `started_from` is the version whose text it began with, 0 for none.

    Raises `Overtaken` when the page has a draft already.
    """
    with transaction.atomic():
        lock(page)
        if existing := Draft.objects.filter(page=page, kind=Version.Kind.TEXT).first():
            raise Overtaken(existing)
        draft = Draft.objects.create(page=page, **vars(text), started_from=started_from, saved_by=by)
        if by:
            draft.writers.add(by)
    return draft


def save_draft(*, draft: Draft, text: Text, by: User, revision: int) -> Draft:
    """Save `text` over the draft if it still stands at `revision`; it is then being written again.

    Returns the draft as saved; raises `Overtaken` when somebody saved, submitted or published it meanwhile.
    """
    with transaction.atomic():
        _move(draft, revision, **vars(text), state=Draft.State.WRITING, saved_by=by, saved_at=timezone.now())
        draft.refresh_from_db()
        draft.writers.add(by)
    return draft


def submit(*, draft: Draft, by: User, revision: int) -> Draft:
    """Hand the draft to a reviewer. Raises `Refused` without a change note or with errors in the text."""
    if not draft.change_note.strip():
        raise Refused("Say in the change note what changed and why, then submit again.")
    _refuse_errors(draft)
    with transaction.atomic():
        _move(draft, revision, state=Draft.State.IN_REVIEW, submitted_by=by)
    draft.refresh_from_db()
    return draft


def publish(*, draft: Draft, by: User, revision: int) -> Version:
    """Publish the draft as the page's next version, approved by `by`, and end the draft.

    Raises `Refused` when it is not in review, has errors in its text, was written by the approver, or began from
    another version than the live one; `Overtaken` when it changed after the approver was shown it.
    """
    with transaction.atomic():
        lock(draft.page)
        _move(draft, revision)
        draft.refresh_from_db()
        if not draft.is_in_review:
            raise Refused("This draft is not in review. It is submitted first, then published.")
        _refuse_errors(draft)
        if not may_approve(by, draft):
            raise Refused("You wrote part of this text, so another reviewer has to approve it.")
        live = draft.page.live_version
        if draft.started_from != (live.number if live else 0):
            raise Refused(
                f"This draft started from version {draft.started_from}, and version {live.number if live else 0} is "
                "live now. Copy the text into a new draft."
            )
        writer = draft.submitted_by or draft.saved_by
        version = add_version(
            page=draft.page,
            text=Text(draft.title, draft.summary, draft.body, draft.change_note),
            author_name=writer.name if writer else "",
            author_id=writer.pk if writer else None,
            approver_name=by.name,
            approver_id=by.pk,
        )
        draft.delete()
    return version


def may_approve(person: User, draft: Draft) -> bool:
    """Whether `person` is a second pair of eyes: they saved or submitted no part of this draft."""
    if not settings.REQUIRE_SECOND_REVIEWER:
        return True
    return draft.submitted_by_id != person.pk and not draft.writers.filter(pk=person.pk).exists()


def add_version(
    *,
    page: Page,
    text: Text,
    author_name: str = "",
    author_id: int | None = None,
    approver_name: str = "",
    approver_id: int | None = None,
    published_at: datetime | None = None,
) -> Version:
    """Publish `text` as the page's next version, with its HTML, in the caller's transaction and under its `lock`."""
    last = page.versions.order_by("-number").first()
    version = Version(
        page=page,
        number=last.number + 1 if last else 1,
        **vars(text),
        credits=[contributor.to_credit() for contributor in page.contributors.all()],
        author_name=author_name,
        author_id=author_id,
        approver_name=approver_name,
        approver_id=approver_id,
        published_at=published_at or timezone.now(),
    )
    version.sha256 = version.compute_sha256(last.sha256 if last else "")
    version.save(force_insert=True)
    Rendering.objects.create(version=version, **rendered_fields(text.body))
    return version


def rendered_fields(body: str) -> dict[str, Any]:
    """What a `Rendering` holds of a text, by the name of the field."""
    found = [asdict(problem) for problem in problems.find(body)]
    return {**vars(rendering.render(body)), "problems": found, "renderer": rendering.REVISION}


def lock(page: Page) -> None:
    """Hold the page until the transaction ends, so that its drafts and versions change one at a time."""
    if connection.features.has_select_for_update:  # on SQLite a transaction already holds the whole database
        Page.objects.select_for_update().get(pk=page.pk)


def _refuse_errors(draft: Draft) -> None:
    """Raise `Refused` with each error in the draft's text; what is only a warning is left to the writer."""
    if errors := [problem for problem in problems.find(draft.body) if problem.is_error]:
        raise Refused(" ".join(f"Line {problem.line}: {problem.message}" for problem in errors))


def _move(draft: Draft, revision: int, **changes: Any) -> None:
    """Step the draft from `revision` to the next in the database, with `changes`, or raise `Overtaken`."""
    moved = Draft.objects.filter(pk=draft.pk, revision=revision).update(revision=F("revision") + 1, **changes)
    if not moved:
        raise Overtaken(Draft.objects.filter(pk=draft.pk).select_related("saved_by").first())


def _saver(draft: Draft) -> str:
    person = draft.saved_by.name if draft.saved_by else "Somebody"
    return f"{person} saved this draft at {timezone.localtime(draft.saved_at):%H:%M on %-d %b %Y}"
