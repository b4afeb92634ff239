"""The editorial rules: how a draft becomes a version. Every step names the revision it was shown.

A step that was overtaken (somebody saved, submitted or published meanwhile) changes nothing and raises `EditConflict`.
A withdrawal is a draft of its own kind and takes the same steps. A published version is put right by another version.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import Case, F, Q, Value, When
from django.utils import timezone

from accounts.models import User

from . import clock
from .markup import problems, rendering
from .models import Departure, Draft, Page, Rendering, Review, Version

FURTHEST = timedelta(days=2 * 366)  # how far ahead a version may be scheduled: further is a slip of the keyboard


class NotAllowed(Exception):
    """An editorial step that may not be taken; the message says what happened and what to do."""


class EditConflict(NotAllowed):
    """Somebody else changed the draft after it was shown; `draft` is what it says now, None when it is gone."""

    def __init__(self, draft: Draft | None) -> None:
        self.draft = draft
        super().__init__(f"{_saver(draft)} while you were working on it." if draft else "This draft no longer exists.")


class NotFromLive(NotAllowed):
    """A text that started from another version than the live one, whose number is `live`."""

    def __init__(self, started_from: int, live: int) -> None:
        self.live = live
        start = f"version {started_from}" if started_from else "nothing"
        super().__init__(
            f"Version {live} of this page is live, but this text started from {start}. Your text is still here: read "
            "the live page, copy across anything you need, then save again."
        )


@dataclass(frozen=True)
class Text:
    """The words of a draft or a version; a withdrawal has a reason and may name a replacement."""

    title: str
    summary: str
    body: str = ""
    change_note: str = ""
    reason: str = ""
    replacement: str = ""

    def __post_init__(self) -> None:
        """One spelling of the same text: browsers send other line breaks than files hold."""
        body = self.body.replace("\r\n", "\n").replace("\r", "\n").rstrip()
        object.__setattr__(self, "body", f"{body}\n" if body else "")


def words_of(holder: Draft | Version) -> Text:
    """The words that a draft or a version holds."""
    return Text(**{name: getattr(holder, name) for name in Text.__dataclass_fields__})


# Writing


def start_draft(*, page: Page, text: Text, by: User | None, started_from: int, kind: str = Version.Kind.TEXT) -> Draft:
    """Make the page's draft of a kind. `started_from` is the version that was live when its writing began, or 0.

    Raises `EditConflict` when the page has one already, and `NotAllowed` as `refuse_start` does.
    """
    with transaction.atomic():
        lock(page)
        if existing := Draft.objects.filter(page=page, kind=kind).select_related("saved_by").first():
            raise EditConflict(existing)
        refuse_start(page=page, kind=kind, started_from=started_from)
        return _make_draft(page, text, by, started_from, kind)


def refuse_start(*, page: Page, kind: str, started_from: int) -> None:
    """Raise `NotAllowed` for a draft that may not be started now.

    None is started while a version waits for its time, nor the withdrawal of a page without a live text; `NotFromLive`
    is raised for a text that started from another version than the live one.
    """
    refuse_while_scheduled(page)
    live = page.live_version
    if kind == Version.Kind.WITHDRAWAL:
        _refuse_withdrawal(page)
    if started_from != (number := live.number if live else 0):
        raise NotFromLive(started_from, number)


def save_draft(*, draft: Draft, text: Text, by: User, revision: int) -> Draft:
    """Save `text` over the draft if it still stands at `revision`; a save takes it back from review.

    Returns the draft as saved; raises `EditConflict` when somebody saved, submitted or published it meanwhile.
    """
    state = Case(When(state=Draft.State.IN_REVIEW, then=Value(Draft.State.WRITING)), default=F("state"))
    with transaction.atomic():
        _move(draft, revision, **vars(text), state=state, saved_by=by, saved_at=timezone.now())
        draft.refresh_from_db()
        draft.writers.add(by)
    return draft


def rebase(*, draft: Draft, by: User, revision: int, live: int) -> Draft:
    """Say that the draft takes account of version `live`, which was published after its writing began.

    Raises `NotAllowed` when that is not the live version (any more).
    """
    with transaction.atomic():
        lock(draft.page)
        if _live_number(draft.page) != live:
            raise NotAllowed(f"Version {_live_number(draft.page)} is live now. Compare your draft with it first.")
        shown = draft.page.live_version
        retitled = {"title": shown.title, "summary": shown.summary} if shown and draft.is_withdrawal else {}
        _move(draft, revision, started_from=live, **retitled)
        draft.refresh_from_db()
        draft.writers.add(by)
    return draft


def restore(*, version: Version, by: User) -> Draft:
    """Make a draft that says what an old version said. Raises as `start_draft` does."""
    version = Version.objects.select_related("page").get(pk=version.pk)
    if version.kind != Version.Kind.TEXT or hasattr(version, "redaction"):
        raise NotAllowed("This version has no text to restore.")
    note = f"Restores the text of version {version.number}."
    text = Text(version.title, version.summary, version.body, note)
    return start_draft(page=version.page, text=text, by=by, started_from=_live_number(version.page))


# Review


def submit(*, draft: Draft, by: User, revision: int) -> Draft:
    """Hand the draft to a reviewer. Raises `NotAllowed` for what would stop its publication."""
    _refuse_unready(draft)
    with transaction.atomic():
        _move(draft, revision, state=Draft.State.IN_REVIEW, submitted_by=by, comment="", returned_by=None)
    draft.refresh_from_db()
    return draft


def return_draft(*, draft: Draft, by: User, revision: int, comment: str) -> Draft:
    """Give the draft back to its writers with `comment`; raises `NotAllowed` without one or when not in review."""
    if not comment.strip():
        raise NotAllowed("Say what should change in the comment.")
    with transaction.atomic():
        _move(draft, revision, state=Draft.State.RETURNED, comment=comment, returned_by=by)
        if not draft.is_in_review:
            raise NotAllowed("This draft is not in review, so it cannot be returned.")
    draft.refresh_from_db()
    return draft


def find_obstacle(person: User, draft: Draft) -> str:
    """Why `person` is no second pair of eyes, or nothing: they saved or submitted part of this draft or its credits.

    Where the account of somebody who did is deleted, only an account that is older than that is surely not theirs.
    """
    if not settings.REQUIRE_SECOND_REVIEWER:
        return ""
    if person.pk in {draft.submitted_by_id, *_writers(draft)}:
        return "You wrote part of this text, so another reviewer must approve it."
    gone = Departure.objects.filter(account_id__in=_former_writers(draft), left_at__lte=person.joined_at)
    if gone.exists():
        return (
            "Somebody who wrote part of this text deleted their account before yours was made, so a reviewer whose "
            "account is older than that has to approve it."
        )
    return ""


# Publication


def publish(*, draft: Draft, by: User, revision: int, sha256: str, at: datetime | None = None) -> Version:
    """Publish exactly what the approver was shown, by its `shown_sha256`, now or `at` a later time, and end the draft.

    Raises `EditConflict` when the draft changed after it was shown; `NotAllowed` when it is not in review, was written
    by the approver, began from another version than the live one, has errors, or another version waits for its time.
    """
    with transaction.atomic():
        lock(draft.page)
        _move(draft, revision)
        draft.refresh_from_db()
        if draft.shown_sha256 != sha256:
            raise EditConflict(draft)
        _refuse_publication(draft, by, at)
        saver = (draft.saved_by.pk, draft.saved_by.name) if draft.saved_by else (None, "")
        author_id, author_name = draft.submitter or saver
        writers = [*_former_writers(draft).items(), *_writers(draft).items()]
        version = add_version(
            page=draft.page,
            text=words_of(draft),
            kind=draft.kind,
            author_name=author_name,
            author_id=author_id,
            writers=[{"id": pk, "name": name} for pk, name in writers],
            approver_name=by.name or by.email,
            approver_id=by.pk,
            published_at=at,
        )
        draft.page.credited_by.clear()
        Page.objects.filter(pk=draft.page_id).update(former_credited_by=[])
        draft.delete()
    return version


def cancel(*, version: Version) -> Draft:
    """Take a scheduled version back before its time; its text is the page's draft again.

    Raises `NotAllowed` once its time has come: published versions are never deleted.
    """
    live_already = NotAllowed(f"Version {version.number} is already live, so it cannot be cancelled.")
    try:
        with transaction.atomic():
            lock(version.page)
            if version.published_at <= clock.now():
                raise live_already
            Version.objects.filter(pk=version.pk).delete()
            author = User.objects.filter(pk=version.author_id or 0).first()
            draft = _make_draft(version.page, words_of(version), author, _live_number(version.page), version.kind)
            people = {writer["id"]: writer["name"] for writer in version.writers}
            if version.author_id:
                people.setdefault(version.author_id, version.author_name)
            here = User.objects.in_bulk(people)
            draft.writers.add(*here.values())
            draft.former_writers = [{"id": pk, "name": name} for pk, name in people.items() if pk not in here]
            draft.save(update_fields=["former_writers"])
            version.page.renew_review_due()  # where it was the first, no review is due any more
        return draft
    except IntegrityError as error:  # the database's clock came first
        raise live_already from error


def add_version(
    *,
    page: Page,
    text: Text,
    kind: str = Version.Kind.TEXT,
    author_name: str = "",
    author_id: int | None = None,
    writers: Sequence[dict[str, Any]] = (),
    approver_name: str = "",
    approver_id: int | None = None,
    published_at: datetime | None = None,
) -> Version:
    """Publish `text` as the page's next version, with its HTML, in the caller's transaction and under its `lock`."""
    last = page.versions.order_by("-number").first()
    now = clock.now()
    earliest = max(now, last.published_at + timedelta(microseconds=1)) if last else now  # times rise with numbers
    version = Version(
        page=page,
        number=last.number + 1 if last else 1,
        kind=kind,
        **vars(text),
        credits=[contributor.to_credit() for contributor in page.contributors.all()],
        author_name=author_name,
        author_id=author_id,
        writers=list(writers),
        approver_name=approver_name,
        approver_id=approver_id,
        published_at=published_at or earliest,
    )
    version.sha256 = version.compute_sha256(last.sha256 if last else "")
    version.save(force_insert=True)
    Rendering.objects.create(version=version, **rendered_fields(text.body))
    page.renew_review_due()  # the first publication starts the time to the next review
    return version


def rendered_fields(body: str) -> dict[str, Any]:
    """What a `Rendering` holds of a text, by the name of the field."""
    found = [asdict(problem) for problem in problems.find(body)]
    return {**vars(rendering.render(body)), "problems": found, "renderer": rendering.REVISION}


def record_review(*, version: Version, by: User, outcome: str, note: str = "") -> Review:
    """Record a clinician's review of the live version. Raises `NotAllowed` for any other."""
    with transaction.atomic():
        lock(version.page)
        refuse_review(version)
        review = Review.objects.create(
            version=version, reviewer_name=by.name, reviewer_id=by.pk, outcome=outcome, note=note
        )
        version.page.renew_review_due()
    return review


def refuse_review(version: Version) -> None:
    """Raise `NotAllowed` unless `version` is the live text: only that is reviewed."""
    if version.number != _live_number(version.page) or version.kind != Version.Kind.TEXT:
        raise NotAllowed("You can only review the live text. Open the page and review what it says now.")


def record_page_change(*, page: Page, by: User, credits_changed: bool) -> None:
    """Step the page to its next revision; whoever changed its credits wrote part of what is published next."""
    Page.objects.filter(pk=page.pk).update(revision=F("revision") + 1)
    if credits_changed:
        page.credited_by.add(by)


def lock(page: Page) -> None:
    """Hold the page until the transaction ends, so that its drafts and versions change one at a time."""
    if connection.features.has_select_for_update:  # on SQLite a transaction already holds the whole database
        Page.objects.select_for_update().get(pk=page.pk)


def _refuse_publication(draft: Draft, by: User, at: datetime | None) -> None:
    if not draft.is_in_review:
        raise NotAllowed("This draft is not in review. Submit it first, then publish it.")
    if obstacle := find_obstacle(by, draft):
        raise NotAllowed(obstacle)
    refuse_while_scheduled(draft.page)
    _refuse_unready(draft)
    if draft.started_from != (live := _live_number(draft.page)):
        raise NotAllowed(
            f"This draft started from version {draft.started_from}, but version {live} is live now. Open the draft and "
            "compare it with the live version, then submit it again."
        )
    if at and at <= clock.now():
        raise NotAllowed("That time has passed. Choose a later one, or publish now.")
    if at and at > clock.now() + FURTHEST:
        raise NotAllowed("That is more than two years ahead. Choose an earlier date.")


def _refuse_unready(draft: Draft) -> None:
    """Raise `NotAllowed` for what the draft lacks to be published."""
    if draft.is_withdrawal:
        if not draft.reason.strip():
            raise NotAllowed("Give the reason for the withdrawal: readers will see it.")
        _refuse_withdrawal(draft.page)
        others = Page.objects.live().guidance().exclude(pk=draft.page_id)
        if draft.replacement and not others.filter(slug=draft.replacement):
            raise NotAllowed(f"No other live page has the slug {draft.replacement}. Correct it, or leave it out.")
        return
    if not draft.change_note.strip():
        raise NotAllowed("Say in the change note what changed and why, then submit again.")
    if not draft.body.strip():
        raise NotAllowed("The text is empty. Write it, or withdraw the page.")
    if errors := [problem for problem in problems.find(draft.body) if problem.is_error]:
        raise NotAllowed(" ".join(f"Line {problem.line}: {problem.message}" for problem in errors))


def refuse_while_scheduled(page: Page) -> None:
    """Raise `NotAllowed` while a version of the page waits for its time: nothing else is written or published then."""
    if waiting := page.scheduled_version:
        when = f"{timezone.localtime(waiting.published_at):%H:%M on %-d %b %Y}"
        raise NotAllowed(
            f"Version {waiting.number} of this page goes live at {when}. Until then, nothing else on this "
            "page can be published. To change what it says, cancel it first."
        )


def _refuse_withdrawal(page: Page) -> None:
    live = page.live_version
    if live is None or live.kind != Version.Kind.TEXT:
        raise NotAllowed("This page has no live text to withdraw.")


def _make_draft(page: Page, text: Text, by: User | None, started_from: int, kind: str) -> Draft:
    draft = Draft.objects.create(page=page, kind=kind, **vars(text), started_from=started_from, saved_by=by)
    if by:
        draft.writers.add(by)
    return draft


def _writers(draft: Draft) -> dict[int, str]:
    """The ids and names of everyone who wrote in the draft, or changed the credits that are published with it."""
    people = User.objects.filter(Q(pk__in=draft.writers.values("pk")) | Q(pk__in=draft.page.credited_by.values("pk")))
    return dict(people.order_by("pk").values_list("pk", "name"))


def _former_writers(draft: Draft) -> dict[int, str]:
    """The same of those who did so and whose account is deleted, or on another site."""
    return {writer["id"]: writer["name"] for writer in [*draft.former_writers, *draft.page.former_credited_by]}


def _live_number(page: Page) -> int:
    """The number of the live version, 0 before the first."""
    live = page.live_version
    return live.number if live else 0


def _move(draft: Draft, revision: int, **changes: Any) -> None:
    """Step the draft from `revision` to the next in the database, with `changes`, or raise `EditConflict`."""
    moved = Draft.objects.filter(pk=draft.pk, revision=revision).update(revision=F("revision") + 1, **changes)
    if not moved:
        raise EditConflict(Draft.objects.filter(pk=draft.pk).select_related("saved_by").first())


def _saver(draft: Draft) -> str:
    person = draft.saved_by.name if draft.saved_by else "Someone"
    return f"{person} saved this draft at {timezone.localtime(draft.saved_at):%H:%M on %-d %b %Y}"
