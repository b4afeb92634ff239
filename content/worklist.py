"""The editors' home: what waits for whom, and what needs attention."""

from dataclasses import dataclass
from functools import cached_property

from django.conf import settings
from django.db.models import Q, QuerySet

from accounts.models import User

from . import publishing
from .models import Draft, ErrorReport, Page, PageQuerySet, Rendering, Version


def find_pages_with_problems() -> set[int]:
    """The ids of live pages whose text has problems, or links to a page that is gone. Two queries, however many."""
    live = Version.objects.live().filter(kind=Version.Kind.TEXT)
    slugs = set(Page.objects.live().guidance().values_list("slug", flat=True))
    rows = Rendering.objects.filter(version__in=live).values_list("version__page", "problems", "links")
    return {page for page, problems, links in rows if problems or not slugs.issuperset(links)}


@dataclass(frozen=True)
class Worklist:
    """One person's worklist. Each question is answered once, when a template asks it."""

    person: User

    @cached_property
    def waiting(self) -> QuerySet[Draft]:
        """Drafts in review that this person may approve: a reviewer's, those they wrote no part of."""
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
        """Drafts this person wrote in which a reviewer returned."""
        return self._mine.filter(state=Draft.State.RETURNED)

    @cached_property
    def writing(self) -> QuerySet[Draft]:
        """Drafts this person is writing."""
        return self._mine.filter(state=Draft.State.WRITING)

    @cached_property
    def scheduled(self) -> QuerySet[Version]:
        """Versions that wait for their time, the next first."""
        return Version.objects.scheduled().select_related("page")

    @cached_property
    def overdue(self) -> PageQuerySet:
        """Guidance whose clinical review is overdue, the oldest first."""
        return Page.objects.guidance().overdue().order_by("review_due_on")

    @cached_property
    def due_soon(self) -> PageQuerySet:
        """Guidance whose clinical review is due in 60 days, the next first."""
        return Page.objects.guidance().due_soon().order_by("review_due_on")

    @cached_property
    def with_problems(self) -> PageQuerySet:
        """Live guidance with problems in its text."""
        return Page.objects.live().guidance().filter(pk__in=find_pages_with_problems())

    @cached_property
    def reports(self) -> QuerySet[ErrorReport]:
        """Errors that were reported and not yet resolved."""
        return ErrorReport.objects.filter(resolved_at=None).select_related("page")

    @property
    def _mine(self) -> QuerySet[Draft]:
        """Drafts this person wrote in, and those whose writers' accounts are all deleted: they are everybody's."""
        orphaned = Q(writers=None) & ~Q(former_writers=[])
        mine = Draft.objects.filter(Q(writers=self.person) | orphaned)
        return mine.select_related("page", "returned_by")
