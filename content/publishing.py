"""The editorial rules: how a draft becomes a published version.

A step on a draft takes the `revision` that the person was shown. If someone has saved, submitted or published the draft
since, the step changes nothing and raises `EditConflict`. A withdrawal is a draft of its own kind and takes the same
steps. To correct a published version, publish another version.
"""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.db.models import Case, F, Q, Value, When
from django.utils import timezone

from accounts.characters import describe_fields
from accounts.models import User

from . import clock
from .markup import problems, reading, references, rendering
from .models import Departure, Draft, Page, Rendering, Review, Version
from .references import retractions

FURTHEST = timedelta(days=2 * 366)  # how far ahead a version may be scheduled: a later date is a typing error


class NotAllowed(Exception):
    """An editorial step that the rules refuse. The message says what happened and what the person can do."""


class EditConflict(NotAllowed):
    """The draft has changed since the person was shown it.

    `draft` is the draft as it is now, or None if it no longer exists.
    """

    def __init__(self, draft: Draft | None) -> None:
        self.draft = draft
        super().__init__(f"{_saver(draft)} while you were working on it." if draft else "This draft no longer exists.")


class NotFromLive(NotAllowed):
    """The text started from a version that is not live.

    `live` is the number of the live version, or 0 if there is none.
    """

    def __init__(self, started_from: int, live: int) -> None:
        self.live = live
        start = f"version {started_from}" if started_from else "nothing"
        super().__init__(
            f"Version {live} of this page is live, but this text started from {start}. Your text is still here: read "
            "the live page, copy across anything you need, then save again."
        )


@dataclass(frozen=True)
class Text:
    """The words of a draft or a version. A withdrawal has a reason, and may name the slug of a replacement page."""

    title: str
    summary: str
    body: str = ""
    change_note: str = ""
    reason: str = ""
    replacement: str = ""

    def __post_init__(self) -> None:
        """Give the same text the same line breaks, because browsers and files use different ones."""
        body = self.body.replace("\r\n", "\n").replace("\r", "\n").rstrip()
        object.__setattr__(self, "body", f"{body}\n" if body else "")


def words_of(holder: Draft | Version) -> Text:
    """Return the words of a draft or a version."""
    return Text(**{name: getattr(holder, name) for name in Text.__dataclass_fields__})


# Writing


def start_draft(*, page: Page, text: Text, by: User | None, started_from: int, kind: str = Version.Kind.TEXT) -> Draft:
    """Create and return the page's draft of this `kind`, with `by` as its writer (None for an import).

    `started_from` is the number of the version that was live when the writing started, or 0 if there was none. Raises
    `EditConflict` if the page already has a draft of this kind, and `NotAllowed` as `refuse_start` does.
    """
    with transaction.atomic():
        lock(page)
        if existing := Draft.objects.filter(page=page, kind=kind).select_related("saved_by").first():
            raise EditConflict(existing)
        refuse_start(page=page, kind=kind, started_from=started_from)
        return _make_draft(page, text, by, started_from, kind)


def refuse_start(*, page: Page, kind: str, started_from: int) -> None:
    """Raise `NotAllowed` if a draft of this `kind` cannot be started now.

    No draft can be started while a version is scheduled, and no withdrawal while the page has no live text. Raises
    `NotFromLive` if `started_from` is not the number of the live version, or 0 before the first.
    """
    refuse_while_scheduled(page)
    live = page.live_version
    if kind == Version.Kind.WITHDRAWAL:
        _refuse_withdrawal(page)
    if started_from != (number := live.number if live else 0):
        raise NotFromLive(started_from, number)


def save_draft(*, draft: Draft, text: Text, by: User, revision: int) -> Draft:
    """Save `text` over the draft if it is still at `revision`, and return the draft.

    `by` becomes one of its writers, and a draft in review goes back to being written. Raises `EditConflict` if someone
    has saved, submitted or published it since.
    """
    state = Case(When(state=Draft.State.IN_REVIEW, then=Value(Draft.State.WRITING)), default=F("state"))
    with transaction.atomic():
        _move(draft, revision, **vars(text), state=state, saved_by=by, saved_at=timezone.now())
        draft.refresh_from_db()
        draft.writers.add(by)
    return draft


def rebase(*, draft: Draft, by: User, revision: int, live: int) -> Draft:
    """Confirm that the draft takes account of version `live`, published after it was started, and return the draft.

    `by` becomes one of its writers, and a withdrawal gets the title and summary of that version. Raises `NotAllowed` if
    `live` is not the number of the live version, and `EditConflict` if the draft is no longer at `revision`.
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
    """Create and return a draft with the text of an old version, with `by` as its writer.

    Raises `NotAllowed` if that version is a withdrawal or has been redacted, and otherwise as `start_draft` does.
    """
    version = Version.objects.select_related("page").get(pk=version.pk)
    if version.kind != Version.Kind.TEXT or hasattr(version, "redaction"):
        raise NotAllowed("This version has no text to restore.")
    note = f"Restores the text of version {version.number}."
    text = Text(version.title, version.summary, version.body, note)
    return start_draft(page=version.page, text=text, by=by, started_from=_live_number(version.page))


# Review


def submit(*, draft: Draft, by: User, revision: int) -> Draft:
    """Send the draft to a reviewer, and return it.

    Raises `NotAllowed` if its text could not be published as it is, and `EditConflict` if it is no longer at
    `revision`.
    """
    _refuse_unready(draft)
    with transaction.atomic():
        _move(draft, revision, state=Draft.State.IN_REVIEW, submitted_by=by, comment="", returned_by=None)
    draft.refresh_from_db()
    return draft


def return_draft(*, draft: Draft, by: User, revision: int, comment: str) -> Draft:
    """Return the draft to its writers with the reviewer's `comment`.

    Raises `NotAllowed` if the comment is blank or contains characters that nobody can see, or if the draft is not in
    review, and `EditConflict` if it is no longer at `revision`.
    """
    if not comment.strip():
        raise NotAllowed("Say what should change in the comment.")
    if unseen := describe_fields([("Comment", comment)]):
        raise NotAllowed(" ".join(unseen))
    with transaction.atomic():
        _move(draft, revision, state=Draft.State.RETURNED, comment=comment, returned_by=by)
        if not draft.is_in_review:
            raise NotAllowed("This draft is not in review, so it cannot be returned.")
    draft.refresh_from_db()
    return draft


def find_obstacle(person: User, draft: Draft) -> str:
    """Return why `person` may not approve the draft, or an empty string if they may.

    With REQUIRE_SECOND_REVIEWER, nobody approves a draft that they saved or submitted, or whose credits they changed.
    If a writer has deleted their account, the approver's account must be older than the deletion: only that shows for
    certain that they are not the same person (docs/decisions/0045-deleted-writers.md).
    """
    if not settings.REQUIRE_SECOND_REVIEWER:
        return ""
    if person.pk in {draft.submitted_by_id, *_writers(draft)}:
        return "You wrote part of this text, so another reviewer must approve it."
    gone = Departure.objects.filter(account_id__in=_former_writers(draft), left_at__lte=person.joined_at)
    if gone.exists():
        return (
            "A writer of this draft has since deleted their account. A reviewer who joined before that must approve it."
        )
    return ""


# Publication


def publish(*, draft: Draft, by: User, revision: int, sha256: str, at: datetime | None = None) -> Version:
    """Publish the draft exactly as the approver saw it, delete the draft, and return the version.

    `sha256` is the draft's `shown_sha256` when they saw it. With `at`, at most two years ahead, the version is
    scheduled. Raises `EditConflict` if the draft or the page's credits have changed since. Raises `NotAllowed` if the
    draft is not in review, has errors or started from a version that is not live, if `by` may not approve it
    (`find_obstacle`), if another version is scheduled, or if `at` is in the past or too far ahead.
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
    """Cancel a scheduled version, and return its text as the page's draft, with the version's writers.

    Raises `NotAllowed` once its time has come: a published version is never deleted.
    """
    live_already = NotAllowed(f"Version {version.number} is already live, so it cannot be cancelled.")
    try:
        with transaction.atomic():
            lock(version.page)
            if version.published_at <= clock.now():
                raise live_already
            if (
                existing := Draft.objects.filter(page=version.page, kind=version.kind)
                .select_related("saved_by")
                .first()
            ):
                raise EditConflict(existing)
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
            version.page.renew_review_due()  # if it was the page's first version, no review is due
        return draft
    except IntegrityError as error:  # by the database's clock, its time had already come
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
    """Store `text` as the page's next version, with its HTML, and return the version.

    Call it in a transaction, after `lock`; it makes no editorial checks. The version is live at once, or scheduled if
    `published_at` is in the future. Each of the `writers` has a `name` and an `id`.
    """
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
    made = Rendering.objects.create(version=version, **rendered_fields(version))
    retractions.renew(made, was_known=approver_id is not None)
    page.renew_review_due()  # the first version sets the date of the next review
    return version


def rendered_fields(version: Version) -> dict[str, Any]:
    """Return the fields of a `Rendering` of a version, by name."""
    is_guidance = version.page.is_guidance and bool(version.body)  # a withdrawal has no text
    rendered = rendering.render(version.body)
    return {
        **vars(rendered),
        "page_html": reading.dress(rendered.html),
        "problems": [asdict(problem) for problem in problems.find(version.body, is_guidance=is_guidance)],
        "references": [each.to_record() for each in references.find_shown(version.body, rendered.html)],
        "renderer": rendering.REVISION,
    }


def record_review(*, version: Version, by: User, outcome: str, note: str = "") -> Review:
    """Record a clinician's review of the live text, renew the date of the next review, and return the review.

    `outcome` is one of `Review.Outcome`. Raises `NotAllowed` if `version` is not the live text of its page.
    """
    with transaction.atomic():
        lock(version.page)
        refuse_review(version)
        review = Review.objects.create(
            version=version, reviewer_name=by.name, reviewer_id=by.pk, outcome=outcome, note=note
        )
        version.page.renew_review_due()
    return review


def refuse_review(version: Version) -> None:
    """Raise `NotAllowed` unless `version` is the live text of its page: only that can be reviewed."""
    if version.number != _live_number(version.page) or version.kind != Version.Kind.TEXT:
        raise NotAllowed("You can only review the live text. Open the page and review what it says now.")


def record_page_change(*, page: Page, by: User, credits_changed: bool) -> None:
    """Raise the page's revision. Anyone who changed its credits becomes a writer of the next version."""
    Page.objects.filter(pk=page.pk).update(revision=F("revision") + 1)
    if credits_changed:
        page.credited_by.add(by)


def lock(page: Page) -> None:
    """Lock the page until the transaction ends, so that its drafts and versions change one at a time."""
    if connection.features.has_select_for_update:  # on SQLite a transaction already locks the whole database
        Page.objects.select_for_update().get(pk=page.pk)


def _refuse_publication(draft: Draft, by: User, at: datetime | None) -> None:
    """Raise `NotAllowed` if `by` may not publish the draft now, or at the time `at`."""
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


def find_unseen(page: Page, text: Text, kind: str = Version.Kind.TEXT) -> list[str]:
    """Return a sentence for each character that nobody can see in what is published with the body of `text`.

    `problems` finds those in the body. A withdrawal repeats the title and credits of the live version, so they are not
    searched.
    """
    if kind == Version.Kind.WITHDRAWAL:
        return describe_fields([("Reason", text.reason), ("Replacement", text.replacement)])
    contributors = page.contributors.all() if page.pk else []
    credits = [
        (f"Contributor {number}, {name}", said)
        for number, contributor in enumerate(contributors, start=1)
        for name, said in contributor.to_credit().items()
    ]
    words = [("Title", text.title), ("Summary", text.summary), ("Change note", text.change_note)]
    return describe_fields([*words, *credits])


def _refuse_unready(draft: Draft) -> None:
    """Raise `NotAllowed` if the draft lacks something that publication needs, or its text has errors."""
    if unseen := find_unseen(draft.page, words_of(draft), draft.kind):
        raise NotAllowed(" ".join(unseen))
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
    """Raise `NotAllowed` while a version is scheduled: until it is live, nothing else is started or published."""
    if waiting := page.scheduled_version:
        when = f"{timezone.localtime(waiting.published_at):%H:%M on %-d %b %Y}"
        raise NotAllowed(
            f"Version {waiting.number} of this page goes live at {when}. Until then, nothing else on this "
            "page can be published. To change what it says, cancel it first."
        )


def _refuse_withdrawal(page: Page) -> None:
    """Raise `NotAllowed` if the page has no live text to withdraw."""
    live = page.live_version
    if live is None or live.kind != Version.Kind.TEXT:
        raise NotAllowed("This page has no live text to withdraw.")


def _make_draft(page: Page, text: Text, by: User | None, started_from: int, kind: str) -> Draft:
    draft = Draft.objects.create(page=page, kind=kind, **vars(text), started_from=started_from, saved_by=by)
    if by:
        draft.writers.add(by)
    return draft


def _writers(draft: Draft) -> dict[int, str]:
    """Return id and name of everyone who wrote in the draft, or changed the credits that are published with it."""
    people = User.objects.filter(Q(pk__in=draft.writers.values("pk")) | Q(pk__in=draft.page.credited_by.values("pk")))
    return dict(people.order_by("pk").values_list("pk", "name"))


def _former_writers(draft: Draft) -> dict[int, str]:
    """Return the same for writers whose account has been deleted, or is on another site."""
    return {writer["id"]: writer["name"] for writer in [*draft.former_writers, *draft.page.former_credited_by]}


def _live_number(page: Page) -> int:
    """Return the number of the live version, or 0 before the first."""
    live = page.live_version
    return live.number if live else 0


def _move(draft: Draft, revision: int, **changes: Any) -> None:
    """Make `changes` to the draft and raise its revision; raise `EditConflict` if it is no longer at `revision`."""
    moved = Draft.objects.filter(pk=draft.pk, revision=revision).update(revision=F("revision") + 1, **changes)
    if not moved:
        raise EditConflict(Draft.objects.filter(pk=draft.pk).select_related("saved_by").first())


def _saver(draft: Draft) -> str:
    person = draft.saved_by.name if draft.saved_by else "Someone"
    return f"{person} saved this draft at {timezone.localtime(draft.saved_at):%H:%M on %-d %b %Y}"
