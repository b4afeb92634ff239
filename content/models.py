import hashlib
import json
from calendar import monthrange
from datetime import UTC, date, timedelta
from typing import Any

from django.conf import settings
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone

from . import clock

SOON_DAYS = 60


def add_months(day: date, months: int) -> date:
    """The same day of the month `months` later, or that month's last day where it has no such day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


class Topic(models.Model):
    """A subject that pages are listed under."""

    name = models.CharField(max_length=100, unique=True)
    slug = models.SlugField(max_length=100, unique=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class PageQuerySet(models.QuerySet["Page"]):
    """Which pages a list shows."""

    def titled(self) -> "PageQuerySet":
        """Each carrying its live version's `live_number`, `live_kind`, `live_title` and `live_summary`."""
        live = Version.objects.newest_of(models.OuterRef("pk"))
        names = ("number", "kind", "title", "summary")
        return self.annotate(**{f"live_{name}": models.Subquery(live.values(name)[:1]) for name in names})

    def live(self) -> "PageQuerySet":
        """Pages whose live version is a text, in title order, each carrying `live_title` and `live_summary`."""
        titled: Any = self.titled()
        return titled.filter(live_kind=Version.Kind.TEXT).order_by("live_title")

    def published(self) -> "PageQuerySet":
        """Pages that have been published, those withdrawn since among them."""
        return self.filter(pk__in=Version.objects.published().values("page"))

    def overdue(self) -> "PageQuerySet":
        """Live pages whose clinical review was due before today."""
        return self.live().filter(review_due_on__lt=clock.today())

    def due_soon(self) -> "PageQuerySet":
        """Live pages whose clinical review is due within the next 60 days."""
        soon = clock.today() + timedelta(days=SOON_DAYS)
        return self.live().filter(review_due_on__range=(clock.today(), soon))

    def guidance(self) -> "PageQuerySet":
        """Pages that clinicians read, not the pages about the site."""
        return self.filter(kind=Page.Kind.GUIDANCE)


class Page(models.Model):
    """An address on the site and its standing facts; what it says is in its versions."""

    class Kind(models.TextChoices):
        """Whether a page guides care or is about the site itself."""

        GUIDANCE = "guidance", "Guidance"
        ABOUT = "about", "About the site"

    slug = models.SlugField(
        max_length=100,
        unique=True,
        validators=[RegexValidator(r"^[a-z0-9]+(-[a-z0-9]+)*$", "Use small letters, digits and single hyphens.")],
        help_text="The page's address: /pages/this-part/. It never changes once the page is published.",
    )
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.GUIDANCE)
    topics = models.ManyToManyField(Topic, blank=True, related_name="pages")
    review_interval_months = models.PositiveSmallIntegerField(
        "review again after (months)",
        default=12,
        help_text="A clinician reviews the page again after this many months.",
    )
    revision = models.PositiveIntegerField(default=1, editable=False)
    credited_by = models.ManyToManyField(
        settings.AUTH_USER_MODEL,
        editable=False,
        related_name="+",
        help_text="Who changed the contributors since the last publication: they wrote part of the next.",
    )
    former_credited_by = models.JSONField(
        default=list, editable=False, help_text="Those of them whose account was deleted since: name and id."
    )
    review_due_on = models.DateField(
        null=True, editable=False, db_index=True, help_text="Counted from the last review or, before any, publication."
    )

    objects = PageQuerySet.as_manager()

    class Meta:
        ordering = ["slug"]

    def __str__(self) -> str:
        return self.slug

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Save, with the day on which the next review is due."""
        self.review_due_on = self.find_review_due_on() if self.pk else None
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        """The address of the live version."""
        return reverse("about-detail" if self.kind == self.Kind.ABOUT else "page-detail", args=[self.slug])

    @property
    def live_version(self) -> "Version | None":
        """The version that readers see now; None before the first is published."""
        return Version.objects.newest_of(self).first()

    @property
    def scheduled_version(self) -> "Version | None":
        """The version that waits for its time; while it does, nothing else is published."""
        return self.versions.scheduled().first()

    @property
    def last_text(self) -> "Version | None":
        """The newest published version that is a text to read: what a withdrawn page said before."""
        return Version.objects.newest_of(self).filter(kind=Version.Kind.TEXT, redaction__isnull=True).first()

    def renew_review_due(self) -> None:
        """Write the day on which the next review is due, and nothing else: the rest may have changed since."""
        self.refresh_from_db(fields=["review_interval_months"])
        self.review_due_on = self.find_review_due_on()
        Page.objects.filter(pk=self.pk).update(review_due_on=self.review_due_on)

    @property
    def review_is_overdue(self) -> bool:
        """Whether the day on which a clinical review was due has passed."""
        return self.review_due_on is not None and self.review_due_on < clock.today()

    def find_review_due_on(self) -> date | None:
        """The day on which the next clinical review is due, UK time; None before the first publication."""
        review = Review.objects.filter(version__page=self).first()
        first = self.versions.order_by("number").first()
        if review and review.outcome == Review.Outcome.UNSAFE:
            return timezone.localdate(review.reviewed_at)
        since = review.reviewed_at if review else first.published_at if first else None
        return add_months(timezone.localdate(since), self.review_interval_months) if since else None


class Code(models.Model):
    """A code that a page is about, in a clinical terminology."""

    class System(models.TextChoices):
        """The terminologies that pages are coded in."""

        SNOMED_CT = "SNOMED CT", "SNOMED CT"
        ICD_10 = "ICD-10", "ICD-10"
        DMD = "dm+d", "dm+d"
        ATC = "ATC", "ATC"

    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="codes")
    system = models.CharField(max_length=10, choices=System.choices)
    code = models.CharField(max_length=30)
    term = models.CharField(max_length=200)

    class Meta:
        ordering = ["system", "code"]
        constraints = [
            models.UniqueConstraint(fields=["page", "system", "code"], name="a_page_carries_a_code_once"),
        ]

    def __str__(self) -> str:
        return f"{self.system} {self.code}: {self.term}"


class Contributor(models.Model):
    """A person credited on a page, with what a reader should know of them."""

    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="contributors")
    name = models.CharField(max_length=150)
    role = models.CharField(max_length=100, help_text="What they did for this page, like Author or Editor.")
    credentials = models.CharField(max_length=200, blank=True)
    interests = models.TextField("declared interests", blank=True, help_text="Write “None declared” if there are none.")
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return f"{self.name}, {self.role}"

    def to_credit(self) -> dict[str, str]:
        """The credit as a version keeps it."""
        return {
            "name": self.name,
            "role": self.role,
            "credentials": self.credentials,
            "interests": self.interests,
        }


class VersionQuerySet(models.QuerySet["Version"]):
    """Which versions a person may see. "Live" is defined here and nowhere else."""

    def published(self) -> "VersionQuerySet":
        """Versions whose time has come."""
        return self.filter(published_at__lte=clock.now())

    def scheduled(self) -> "VersionQuerySet":
        """Versions whose time is still to come, the next first."""
        return self.filter(published_at__gt=clock.now()).order_by("published_at")

    def newest_of(self, page: "Page | models.OuterRef") -> "VersionQuerySet":
        """The published versions of `page`, the newest first: that one is live."""
        return self.published().filter(page=page).order_by("-number")

    def live(self) -> "VersionQuerySet":
        """The live version of each page: the highest number whose time has come."""
        newest = Version.objects.newest_of(models.OuterRef("page"))
        return self.filter(pk=models.Subquery(newest.values("pk")[:1]))


class Version(models.Model):
    """What a page said from one moment on; never changed and never deleted once published.

    People are kept as text beside the id of their account, without a foreign key: accounts can be deleted, what was
    published cannot.
    """

    class Kind(models.TextChoices):
        """A version is a text to read, or says that the page was withdrawn."""

        TEXT = "text", "Text"
        WITHDRAWAL = "withdrawal", "Withdrawal"

    page = models.ForeignKey(Page, on_delete=models.PROTECT, related_name="versions")
    number = models.PositiveIntegerField()
    kind = models.CharField(max_length=10, choices=Kind.choices, default=Kind.TEXT)
    title = models.CharField(max_length=200)
    summary = models.CharField(max_length=300)
    body = models.TextField(blank=True)
    change_note = models.CharField(max_length=500, blank=True)
    credits = models.JSONField(default=list, blank=True)
    reason = models.TextField(blank=True, help_text="Why the page was withdrawn, in words for the public.")
    replacement = models.CharField(max_length=100, blank=True, help_text="The slug of the page that replaces it.")
    author_name = models.CharField(max_length=150, blank=True)
    author_id = models.BigIntegerField(null=True, blank=True)
    writers = models.JSONField(default=list, blank=True, help_text="Everyone who wrote in the draft: name and id.")
    approver_name = models.CharField(max_length=150, blank=True)
    approver_id = models.BigIntegerField(null=True, blank=True)
    published_at = models.DateTimeField()
    sha256 = models.CharField(max_length=64)

    objects = VersionQuerySet.as_manager()

    class Meta:
        ordering = ["page", "-number"]
        constraints = [
            models.UniqueConstraint(fields=["page", "number"], name="a_page_has_one_version_of_a_number"),
            models.CheckConstraint(
                condition=~Q(kind="withdrawal") | ~Q(reason=""), name="a_withdrawal_gives_its_reason"
            ),
        ]
        permissions = [("publish_version", "Can approve and publish a draft")]

    def __str__(self) -> str:
        return f"{self.page.slug}, version {self.number}"

    def get_absolute_url(self) -> str:
        """The address where this version reads as it did, whatever is live; pages about the site have only one."""
        if self.page.kind == Page.Kind.ABOUT:
            return self.page.get_absolute_url()
        return reverse("version-detail", args=[self.page.slug, self.number])

    @property
    def last_review(self) -> "Review | None":
        """The clinical review to show with this version: the newest that it or an earlier one had.

        A review of a later version says nothing of this one, and one of a redacted version nothing that can be read.
        """
        reviews = Review.objects.filter(version__page=self.page_id, version__number__lte=self.number)
        return reviews.filter(version__redaction__isnull=True).select_related("version").first()

    def to_fields(self) -> list[tuple[str, str]]:
        """What it says and who stands for it, by the name readers know it by, to compare with another's."""
        credits = [
            f"{credit['name']}, {credit.get('credentials') or 'no credentials given'} ({credit['role']}). "
            f"Declared interests: {credit.get('interests') or 'not stated'}"
            for credit in self.credits
        ]
        return [
            ("Status", "Withdrawn" if self.kind == self.Kind.WITHDRAWAL else "Guidance to read"),
            ("Reason for withdrawal", self.reason),
            ("Page to read instead", self.replacement),
            ("Title", self.title),
            ("Summary", self.summary),
            ("Authoring team", "\n\n".join(credits)),
            ("Text", self.body),
        ]

    @property
    def is_scheduled(self) -> bool:
        """Whether its time is still to come."""
        return self.published_at > clock.now()

    @property
    def is_imported(self) -> bool:
        """Whether it came from a file, so that nobody approved it on this site."""
        return not self.approver_name and self.approver_id is None

    @property
    def writer_names(self) -> list[str]:
        """The names of everyone who wrote in it, the one who submitted it first."""
        names = [writer["name"] for writer in self.writers if writer["id"] != self.author_id]
        return [self.author_name, *names] if self.author_name else names

    def compute_sha256(self, previous: str) -> str:
        """The hash that chains this version to the one before it.

        `previous` is that version's hash, or an empty string for the first. Every published word, person and time
        goes in, with the page's slug, as JSON with sorted keys.
        """
        record: dict[str, Any] = {
            name: getattr(self, name)
            for name in (
                "number", "kind", "title", "summary", "body", "change_note", "credits", "reason", "replacement",
                "author_name", "author_id", "writers", "approver_name", "approver_id",
            )
        }  # fmt: skip
        record |= {
            "page": self.page.slug,
            "published_at": self.published_at.astimezone(UTC).isoformat(),
            "previous": previous,
        }
        return hashlib.sha256(json.dumps(record, sort_keys=True, ensure_ascii=False).encode()).hexdigest()


class Rendering(models.Model):
    """A version's HTML, made on publication; outside the version, so that a flaw in the renderer can be mended."""

    version = models.OneToOneField(Version, on_delete=models.CASCADE, related_name="rendering")
    html = models.TextField()
    contents = models.JSONField(default=list, help_text="The headings of a long page: id and name of each.")
    links = models.JSONField(default=list, help_text="The slugs of the pages it links to.")
    problems = models.JSONField(default=list, help_text="What could be better in the text: line, level and message.")
    renderer = models.PositiveSmallIntegerField(help_text="The revision of the renderer that made it.")

    def __str__(self) -> str:
        return f"HTML of {self.version}"


class Review(models.Model):
    """A clinician's review of one version; only added, never changed. Approving a draft is not a review."""

    class Outcome(models.TextChoices):
        """What the reviewer found."""

        CURRENT = "current", "Current: no change needed"
        MINOR = "minor", "Usable: small changes wanted"
        UNSAFE = "unsafe", "Must be changed"

    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="reviews")
    reviewer_name = models.CharField(max_length=150)
    reviewer_id = models.BigIntegerField(null=True, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    note = models.TextField(blank=True)
    reviewed_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ["-reviewed_at"]

    def __str__(self) -> str:
        return f"{self.version}: {self.get_outcome_display()}"


class Redaction(models.Model):
    """Says who took the text of a published version away, when and why; made by `redact_version` and nothing else."""

    version = models.OneToOneField(Version, on_delete=models.PROTECT, related_name="redaction")
    reason = models.TextField()
    redacted_by_name = models.CharField(max_length=150)
    redacted_by_id = models.BigIntegerField(null=True, blank=True)
    redacted_at = models.DateTimeField(default=timezone.now)
    sha256 = models.CharField(max_length=64, help_text="The hash of the version as it stands since.")

    def __str__(self) -> str:
        return f"{self.version}: redacted"


class Draft(models.Model):
    """The working copy of a page's next text, or of its withdrawal; a page has at most one of each.

    `revision` rises with every step: a save names the one it started from.
    """

    class State(models.TextChoices):
        """Where a draft stands between its writer and its reviewer."""

        WRITING = "writing", "Being written"
        IN_REVIEW = "in_review", "In review"
        RETURNED = "returned", "Returned to its writer"

    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="drafts")
    kind = models.CharField(max_length=10, choices=Version.Kind.choices, default=Version.Kind.TEXT, editable=False)
    title = models.CharField(max_length=200)
    summary = models.CharField(max_length=300, help_text="One line, shown in lists and to visitors.")
    reason = models.TextField(blank=True, help_text="Why the page is withdrawn, in words for the public.")
    replacement = models.CharField(max_length=100, blank=True, help_text="The slug of the page to read instead.")
    body = models.TextField(
        blank=True, help_text="In Markdown. Cite with [^key] and define each reference at the end: [^key]: …"
    )
    change_note = models.CharField(
        max_length=500, blank=True, help_text="For readers: what changed and why. Needed before review."
    )
    started_from = models.PositiveIntegerField(
        default=0, editable=False, help_text="The number of the version it started from; 0 for a new page."
    )
    revision = models.PositiveIntegerField(default=1, editable=False)
    state = models.CharField(max_length=10, choices=State.choices, default=State.WRITING, editable=False)
    saved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, editable=False, related_name="+"
    )
    saved_at = models.DateTimeField(default=timezone.now, editable=False)
    writers = models.ManyToManyField(settings.AUTH_USER_MODEL, editable=False, related_name="drafts")
    submitted_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, editable=False, related_name="+"
    )

    former_writers = models.JSONField(
        default=list, editable=False, help_text="Writers whose account was deleted since: name, id, whether submitted."
    )
    comment = models.TextField(blank=True, editable=False, help_text="What the reviewer said when returning it.")
    returned_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, editable=False, related_name="+"
    )

    class Meta:
        ordering = ["-saved_at"]
        constraints = [
            models.UniqueConstraint(fields=["page", "kind"], name="a_page_has_one_draft_of_a_kind"),
        ]

    def __str__(self) -> str:
        return f"Withdrawal of {self.title}" if self.is_withdrawal else self.title

    @property
    def is_withdrawal(self) -> bool:
        """Whether publishing it withdraws the page."""
        return self.kind == Version.Kind.WITHDRAWAL

    @property
    def sha256(self) -> str:
        """The hash of every word of the draft."""
        words = [self.title, self.summary, self.body, self.change_note, self.reason, self.replacement]
        return hashlib.sha256(json.dumps(words, ensure_ascii=False).encode()).hexdigest()

    @property
    def shown_sha256(self) -> str:
        """The hash of all that a reviewer is shown, the page's credits among it, which travels in their form."""
        credits = [contributor.to_credit() for contributor in self.page.contributors.all()]
        return hashlib.sha256(json.dumps([self.sha256, credits], ensure_ascii=False).encode()).hexdigest()

    @property
    def submitter(self) -> tuple[int, str] | None:
        """The id and name of who handed it to a reviewer, whose account may be gone; None before anybody did."""
        if self.submitted_by:
            return self.submitted_by.pk, self.submitted_by.name
        gone = [writer for writer in self.former_writers if writer.get("submitted")]
        return (gone[-1]["id"], gone[-1]["name"]) if gone else None

    @property
    def is_in_review(self) -> bool:
        """Whether it waits for a reviewer."""
        return self.state == self.State.IN_REVIEW

    def to_fields(self) -> list[tuple[str, str]]:
        """The words of the draft by the name of their field, to show beside another's."""
        fields = [
            ("Title", self.title),
            ("Summary", self.summary),
            ("Text", self.body),
            ("Change note", self.change_note),
            ("Reason", self.reason),
            ("Replacement", self.replacement),
        ]
        return [(name, text) for name, text in fields if text or name in ("Title", "Summary")]


class Departure(models.Model):
    """When an account was deleted whose texts are still to be published, by its number alone.

    Whoever made an account after that may be the same person, and so is no second pair of eyes for those texts.
    """

    account_id = models.BigIntegerField(unique=True)
    left_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"Account {self.account_id}"


class ErrorReport(models.Model):
    """What somebody says is wrong on a page, with the version they were reading."""

    page = models.ForeignKey(Page, on_delete=models.PROTECT, related_name="error_reports")
    version_number = models.PositiveIntegerField()
    text = models.TextField("what is wrong")
    email = models.EmailField("your email address", blank=True)
    reported_at = models.DateTimeField(default=timezone.now)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by_name = models.CharField(max_length=150, blank=True)

    class Meta:
        ordering = ["-reported_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(resolved_at__isnull=True, resolved_by_name="")
                | (Q(resolved_at__isnull=False) & ~Q(resolved_by_name="")),
                name="a_resolved_report_says_when_and_by_whom",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.page}, version {self.version_number}: {self.text[:60]}"
