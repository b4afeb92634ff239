"""Annotations: which of a reader's are shown, and every change to one. They are always reached from their reader."""

import json
import re
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid5

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import models, transaction
from django.db.models import F, Max, Q
from django.urls import reverse
from django.utils import timezone

from content.models import Page, Version

LONGEST = 4_000  # most characters in one annotation
MOST_ON_A_PAGE = 200  # most annotations of one reader that are shown on one page
ORDER = ["position", "written_at", "pk"]  # of a reader's annotations on one page
UNDO_DAYS = 30  # days after which a deleted annotation may be purged


class Label(models.TextChoices):
    """What kind of thing a note contains, for an icon and a filter."""

    PHONE = "phone", "Phone"
    WEBSITE = "website", "Website"
    REFERRAL = "referral", "Referral"
    OTHER = "other", "Other"


def _is_on_older_heading() -> Q:
    live = Version.objects.newest_first().filter(page=models.OuterRef("page")).values("number")[:1]
    return ~Q(heading="") & Q(written_on_version__lt=models.Subquery(live))


class AnnotationQuerySet(models.QuerySet["Annotation"]):
    """A reader's annotations, always reached from the reader: `user.annotations`."""

    def active(self) -> "AnnotationQuerySet":
        """Return annotations that are not deleted."""
        return self.filter(deleted_at=None)

    def deleted(self) -> "AnnotationQuerySet":
        """Return annotations that are deleted and can still be restored."""
        return self.exclude(deleted_at=None)

    def to_check(self) -> "AnnotationQuerySet":
        """Return annotations whose date to be checked again has come, UK time."""
        return self.active().filter(check_on__lte=timezone.localdate())

    def on_older_headings(self) -> "AnnotationQuerySet":
        """Return those on headings of pages with a newer version than they were written on."""
        return self.active().filter(_is_on_older_heading())

    def perhaps_to_check(self) -> "AnnotationQuerySet":
        """Return those to check, and those on headings of pages with a newer version, which may have changed there."""
        return self.active().filter(Q(check_on__lte=timezone.localdate()) | _is_on_older_heading())

    def matching(self, words: str) -> "AnnotationQuerySet":
        """Return annotations that contain each of the first ten `words`, in capitals or not.

        A word can be in the text, the heading or a title that the page has had, or be the label. The search uses
        regular expressions, because SQLite's `LIKE` ignores capitals only for a–z. They are slow, so of all titles it
        reads only those of the pages with these annotations.
        """
        found, versions = self, Version.objects.published().filter(page__in=self.order_by().values("page"))
        for word in words.split()[:10]:
            said = re.escape(word)
            titled = versions.filter(title__iregex=said).values("page")
            found = found.filter(
                Q(text__iregex=said) | Q(heading__iregex=said) | Q(label__iexact=word) | Q(page__in=titled)
            )
        return found

    def in_order(self) -> "AnnotationQuerySet":
        """Return the annotations by page, and on each page in the reader's own order."""
        return self.select_related("page").order_by("page__slug", *ORDER)

    def purgeable(self) -> "AnnotationQuerySet":
        """Return annotations that were deleted 30 or more days ago."""
        return self.filter(deleted_at__lte=timezone.now() - timedelta(days=UNDO_DAYS))


class Annotation(models.Model):
    """A private note by one reader on one page. Nobody else is ever shown it, not even in the admin."""

    owner = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="annotations")
    page = models.ForeignKey(Page, on_delete=models.PROTECT, related_name="+")
    text = models.TextField()
    label = models.CharField(max_length=10, choices=Label.choices, blank=True)
    position = models.PositiveIntegerField(default=0, help_text="The reader's own order on the page.")
    heading = models.TextField(
        blank=True,
        help_text="The heading it was put on: the names of the headings from the outermost to it, a line each.",
    )
    check_on = models.DateField(null=True, help_text="The day from which the note says that it needs checking.")
    checked_on = models.DateField(null=True, help_text="The day its reader last said that it was right.")
    written_on_version = models.PositiveIntegerField(help_text="The number of the version that was live then.")
    written_at = models.DateTimeField(default=timezone.now)
    edited_at = models.DateTimeField(null=True)
    revision = models.PositiveIntegerField(default=1, help_text="Rises with every edit: a save names the one it saw.")
    deleted_at = models.DateTimeField(null=True, help_text="Deleted by its owner, who may still undo it.")
    sent_as = models.UUIDField(null=True, help_text="Of the form and what it said: sent again, it adds no second one.")

    objects = AnnotationQuerySet.as_manager()

    class Meta:
        ordering = ORDER
        indexes = [models.Index(fields=["owner", "page"], name="annotations_of_a_reader")]
        constraints = [
            models.CheckConstraint(condition=~Q(text=""), name="an_annotation_says_something"),
            models.CheckConstraint(
                condition=Q(check_on=None) | Q(checked_on__isnull=False, check_on__gt=F("checked_on")),
                name="an_annotation_is_checked_again_after_the_day_it_was_right",
            ),
            models.UniqueConstraint(fields=["owner", "sent_as"], name="an_annotation_is_added_once"),
        ]

    def __str__(self) -> str:
        # Never the text, because this can end up in a log.
        return f"Annotation {self.pk}"

    def get_absolute_url(self) -> str:
        """Return the address where its owner edits it."""
        return reverse("annotation-edit", args=[self.pk])

    def edit(self, revision: int, on_version: int, **changes: Any) -> bool:
        """Save `changes` (text, label, heading, check_on) and return True. A deleted annotation is restored.

        `on_version` is the number of the version that the reader has on screen. Returns False, and changes nothing, if
        the annotation is no longer at `revision`. Raises `PageIsFullError` if restoring it would show more than the
        limit.
        """
        if changes["check_on"] != self.check_on:
            changes["checked_on"] = changes["check_on"] and timezone.localdate()
        changes |= {"edited_at": timezone.now(), "deleted_at": None, "written_on_version": on_version}
        with transaction.atomic():
            here = lock_for_writing(self.owner_id, self.page_id)
            same = here.filter(pk=self.pk, revision=revision)
            if same.deleted().exists():
                check_limit(here)
            is_saved = bool(same.update(revision=F("revision") + 1, **changes))
        self.refresh_from_db()
        return is_saved

    def delete_softly(self) -> None:
        """Stop showing the annotation; `undelete` restores it."""
        self.deleted_at = timezone.now()
        self.save(update_fields=["deleted_at"])

    def undelete(self) -> None:
        """Show the annotation again. Raises `PageIsFullError` if that would show more than the limit."""
        with transaction.atomic():
            here = lock_for_writing(self.owner_id, self.page_id)
            if here.deleted().filter(pk=self.pk).exists():
                check_limit(here)
            here.filter(pk=self.pk).update(deleted_at=None)
        self.deleted_at = None

    @property
    def needs_checking(self) -> bool:
        """Whether its date to be checked again has come, UK time."""
        return self.check_on is not None and self.check_on <= timezone.localdate()

    @property
    def heading_path(self) -> tuple[str, ...]:
        """The names of the headings from the outermost to its own; empty for the whole page."""
        return tuple(self.heading.split("\n")) if self.heading else ()

    def confirm(self, revision: int, on_version: int) -> bool:
        """Record that the reader found it correct today, and return True.

        `on_version` is the number of the version that the reader has on screen. The date to be checked again, if there
        is one, moves on by the same period as last time. Returns False, and changes nothing, if the annotation is no
        longer at `revision` or is deleted.
        """
        changes: dict[str, Any] = {"written_on_version": on_version}
        if self.check_on and self.checked_on:
            today = timezone.localdate()
            changes |= {"check_on": today + (self.check_on - self.checked_on), "checked_on": today}
        same = type(self).objects.active().filter(pk=self.pk, revision=revision)
        is_renewed = bool(same.update(revision=F("revision") + 1, **changes))
        self.refresh_from_db()
        return is_renewed

    def move(self, step: int) -> list[int]:
        """Move it one place up (`step` -1) or down (+1) among those shown on its page.

        At either end, or if it is deleted, it stays. Returns the ids of all the reader's annotations on the page in
        their order, including deleted ones.
        """
        with transaction.atomic():
            order = list(lock_for_writing(self.owner_id, self.page_id))
            kept = [annotation for annotation in order if not annotation.deleted_at]
            other = kept.index(self) + step if self in kept else -1
            if 0 <= other < len(kept):
                order.insert(order.index(kept[other]), order.pop(order.index(self)))
            for place, annotation in enumerate(order, start=1):
                annotation.position = place
            type(self).objects.bulk_update(order, ["position"])
        return [annotation.pk for annotation in order]


class PageIsFullError(Exception):
    """The reader already has `MOST_ON_A_PAGE` annotations on the page."""


def lock_for_writing(owner_id: int, page_id: int) -> AnnotationQuerySet:
    """Return a reader's annotations on a page, and let no other request change them until the transaction ends.

    So the limit is kept, and of two moves at the same time neither is lost. It locks the reader's row: locking the
    annotations, in an order that can change, could make two requests wait for each other.
    """
    get_user_model().objects.select_for_update().get(pk=owner_id)
    return Annotation.objects.filter(owner_id=owner_id, page_id=page_id)


def check_limit(here: AnnotationQuerySet) -> None:
    """Raise `PageIsFullError` if no more annotations of `here` can be shown."""
    if here.active().count() >= MOST_ON_A_PAGE:
        raise PageIsFullError


def write(
    *, by: Any, page: Page, on_version: int, check_on: date | None = None, key: UUID | None = None, **said: Any
) -> Annotation:
    """Add an annotation by the reader `by` below their others on `page`, and return it.

    `said` is its text, label and heading; `on_version` is the number of the version that the reader has on screen.
    `key` is that of the form it was typed into: if the reader sends the same again, because the answer was lost, this
    returns the annotation that was added the first time. If they change what it says, or have deleted the first, that
    is another annotation. Raises `PageIsFullError` if the page already shows `MOST_ON_A_PAGE` of theirs.
    """
    sent_as = uuid5(key, json.dumps([page.pk, said, str(check_on)], sort_keys=True)) if key else None
    with transaction.atomic():
        here = lock_for_writing(by.pk, page.pk)
        before = here.filter(sent_as=sent_as).first() if key else None
        if before and not before.deleted_at:
            return before
        check_limit(here)
        if before:
            here.filter(pk=before.pk).update(sent_as=None)
        last = here.aggregate(last=Max("position"))["last"] or 0
        written: Annotation = by.annotations.create(
            page=page,
            position=last + 1,
            written_on_version=on_version,
            check_on=check_on,
            checked_on=check_on and timezone.localdate(),
            sent_as=sent_as,
            **said,
        )
        return written


def purge() -> int:
    """Permanently delete the annotations that readers deleted 30 or more days ago, and return how many."""
    return Annotation.objects.purgeable().delete()[0]
