"""The editors' home: what is waiting for whom, and what needs attention."""

from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from django.conf import settings
from django.db.models import Max, Q, QuerySet, Sum

from accounts.models import User

from . import publishing
from .models import Draft, ErrorReport, MissingPage, Page, PageQuerySet, Review, UnfoundWord, Version
from .page_list import Listed, in_title_order
from .references.retractions import Concerned, find_concerned
from .remembered import until_changed


@until_changed
def find_pages_with_problems() -> Sequence[int]:
    """Return the ids of live pages whose text has problems or links to a page that is not live, by their titles.

    It makes two queries, however many pages there are, and none but one while the content is the same.
    """
    live = Version.objects.live().filter(kind=Version.Kind.TEXT).order_by("title", "pk")
    slugs = set(Page.objects.live().guidance().order_by().values_list("slug", flat=True))
    rows = live.values_list("page", "rendering__problems", "rendering__links")
    return array("q", (page for page, problems, links in rows if problems or not slugs.issuperset(links or ())))


@until_changed
def find_never_reviewed() -> Sequence[int]:
    """Return the ids of pages that have a version, but no clinical review."""
    reviewed = set(Review.objects.order_by().values_list("version__page", flat=True))
    pages = Version.objects.filter(number=1).order_by("page").values_list("page", flat=True)
    return array("q", (page for page in pages if page not in reviewed))


@dataclass(frozen=True)
class Worklist:
    """One person's worklist. Each list is looked up once, when a template asks for it."""

    person: User

    @cached_property
    def waiting(self) -> QuerySet[Draft]:
        """Drafts in review that this person may approve: none unless they are a reviewer, none that they wrote in."""
        if not self.person.has_perm("content.publish_version"):
            return Draft.objects.none()
        in_review = Draft.objects.filter(state=Draft.State.IN_REVIEW).select_related("page", "submitted_by")
        if not settings.REQUIRE_SECOND_REVIEWER:
            return in_review
        theirs = in_review.exclude(submitted_by=self.person).exclude(writers=self.person)
        theirs = theirs.exclude(page__credited_by=self.person)
        left = theirs.exclude(former_writers=[], page__former_credited_by=[])
        barred = [draft.pk for draft in left if publishing.find_obstacle(self.person, draft)]
        return theirs.exclude(pk__in=barred) if barred else theirs

    @cached_property
    def returned(self) -> QuerySet[Draft]:
        """Drafts that this person wrote in and a reviewer returned."""
        return self._mine.filter(state=Draft.State.RETURNED)

    @cached_property
    def writing(self) -> QuerySet[Draft]:
        """Drafts that this person is writing."""
        return self._mine.filter(state=Draft.State.WRITING)

    @cached_property
    def scheduled(self) -> QuerySet[Version]:
        """Versions that are scheduled, the next one first."""
        return Version.objects.scheduled().select_related("page")

    @cached_property
    def overdue(self) -> PageQuerySet:
        """Guidance whose clinical review is overdue, the longest overdue first."""
        return Page.objects.guidance().overdue().order_by("review_due_on")

    @cached_property
    def due_soon(self) -> PageQuerySet:
        """Guidance whose clinical review is due in the next 60 days, the next one first."""
        return Page.objects.guidance().due_soon().order_by("review_due_on")

    @cached_property
    def with_problems(self) -> Listed:
        """Live guidance with problems in its text."""
        guidance = set(in_title_order())
        return Listed([pk for pk in find_pages_with_problems() if pk in guidance])

    @cached_property
    def retracted(self) -> list[Concerned]:
        """Live pages that cite a retracted paper, until a reviewer who was told of it approves a new version."""
        return find_concerned(unknown_only=True)

    @cached_property
    def reports(self) -> QuerySet[ErrorReport]:
        """Error reports that are not resolved."""
        return ErrorReport.objects.filter(resolved_at=None).select_related("page")

    @cached_property
    def missing_pages(self) -> QuerySet[MissingPage]:
        """What readers told the editors that they miss, and nobody has resolved yet."""
        return MissingPage.objects.filter(resolved_at=None)

    @cached_property
    def unfound(self) -> QuerySet[Any, Any]:
        """Words that were searched for and not found, the most frequent first, with how often and when last."""
        words = UnfoundWord.objects.active().order_by().values("word")
        return words.annotate(total=Sum("times"), last=Max("day")).order_by("-total", "word")

    @property
    def _mine(self) -> QuerySet[Draft]:
        """Drafts that this person wrote in, and those that nobody here wrote in, which are on every editor's list.

        They came from a file, or every writer's account has been deleted.
        """
        mine = Draft.objects.filter(Q(writers=self.person) | Q(writers=None))
        return mine.select_related("page", "returned_by")
