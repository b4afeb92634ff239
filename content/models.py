"""Pages, and what they said: drafts, versions, reviews, redactions and error reports; and papers that were retracted.

"Live" is defined in the querysets of this module and nowhere else; they ask `content.clock` for the time.
"""

import hashlib
import json
from calendar import monthrange
from collections.abc import Iterable, Mapping
from datetime import UTC, date, timedelta
from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.db.models.functions import JSONObject, Lower, Upper
from django.urls import reverse
from django.utils import timezone
from django.utils.text import slugify

from accounts.characters import refuse_unseen

from . import clock
from .length import refuse_longer

SOON_DAYS = 60
NEW_DAYS = 90  # for which a page says what its version changed
LATELY = 50  # versions that are listed as published lately
UNFOUND_DAYS = 90  # for which words that were not found are kept


def add_months(day: date, months: int) -> date:
    """Return the same day of the month `months` later, or the last day of that month if it is shorter."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def require_a_word(text: str) -> None:
    """Raise `ValidationError` for a text without a letter or digit: nothing could be searched for by it."""
    if not any(sign.isalnum() for sign in text):
        raise ValidationError("Write at least one word.")


class Topic(models.Model):
    """A subject that pages are listed under."""

    name = models.CharField(max_length=100, unique=True, validators=[refuse_unseen])
    slug = models.SlugField(max_length=100, unique=True)

    class Meta:
        ordering = ["name"]

    def __str__(self) -> str:
        return self.name


class PageQuerySet(models.QuerySet["Page"]):
    """Pages by what readers see on them."""

    def titled(self) -> "PageQuerySet":
        """Add `live_number`, `live_kind`, `live_title` and `live_summary`: the live version's, or None."""
        live = Version.objects.newest_first().filter(page=models.OuterRef("pk"))
        names = ("number", "kind", "title", "summary")
        return self.annotate(**{f"live_{name}": models.Subquery(live.values(name)[:1]) for name in names})

    def live(self) -> "PageQuerySet":
        """Return pages whose live version is a text, in title order, with the fields that `titled` adds."""
        titled: Any = self.titled()
        return titled.filter(live_kind=Version.Kind.TEXT).order_by("live_title")

    def dated(self) -> "PageQuerySet":
        """Add `live_published_at`: the time of the live version, or None."""
        live = Version.objects.newest_first().filter(page=models.OuterRef("pk"))
        dated: PageQuerySet = self.annotate(live_published_at=models.Subquery(live.values("published_at")[:1]))
        return dated

    def topics(self) -> models.QuerySet[Topic]:
        """Return the topics that these pages are listed under. Of each topic, no more than one page is looked at."""
        return Topic.objects.filter(models.Exists(self.order_by().filter(topics=models.OuterRef("pk"))))

    def published(self) -> "PageQuerySet":
        """Return pages that have been published, including those withdrawn since."""
        return self.filter(models.Exists(Version.objects.published().filter(page=models.OuterRef("pk"))))

    def overdue(self) -> "PageQuerySet":
        """Return live pages whose clinical review was due before today, UK time."""
        return self.live().filter(review_due_on__lt=clock.today())

    def due_soon(self) -> "PageQuerySet":
        """Return live pages whose clinical review is due today or in the next `SOON_DAYS` days, UK time."""
        soon = clock.today() + timedelta(days=SOON_DAYS)
        return self.live().filter(review_due_on__range=(clock.today(), soon))

    def coded(self, code: str, system: str) -> "PageQuerySet":
        """Return live guidance pages with this code of a terminology, however it is written."""
        live: Any = self.live().guidance()
        return live.filter(pk__in=Code.objects.of(code, system).values("page"))

    def titles(self, slugs: Iterable[str]) -> dict[str, str]:
        """Return the live titles, by slug, of those guidance pages among `slugs` that can be read."""
        named: Any = self.live().guidance().filter(slug__in=set(slugs))
        return dict(named.values_list("slug", "live_title"))

    def guidance(self) -> "PageQuerySet":
        """Return the pages that guide care, without the pages about the site."""
        return self.filter(kind=Page.Kind.GUIDANCE)


class Page(models.Model):
    """An address on the site, and the facts about it that are not part of a version; its text is in its versions."""

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
    imported_texts = models.JSONField(
        default=list, editable=False, help_text="Hashes of the texts of files that became drafts: none comes twice."
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
        """Save the page, and the date on which its next review is due."""
        self.review_due_on = self.find_review_due_on() if self.pk else None
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        """Return the address that shows the live version."""
        return reverse("about-detail" if self.kind == self.Kind.ABOUT else "page-detail", args=[self.slug])

    @property
    def is_guidance(self) -> bool:
        """Whether the page guides care, and so begins with key points."""
        return self.kind == self.Kind.GUIDANCE

    @property
    def live_version(self) -> "Version | None":
        """The version that readers see now, or None before the first is published."""
        return self.versions.newest_first().first()

    @property
    def scheduled_version(self) -> "Version | None":
        """The version that is scheduled, or None. While there is one, nothing else is published."""
        return self.versions.scheduled().first()

    @property
    def last_text(self) -> "Version | None":
        """The newest published version that is a text and not redacted, or None: what a withdrawn page said before."""
        return self.versions.newest_first().filter(kind=Version.Kind.TEXT, redaction__isnull=True).first()

    def renew_review_due(self) -> None:
        """Store the date of the next review and no other field: others may have changed since this page was read."""
        self.refresh_from_db(fields=["review_interval_months"])
        self.review_due_on = self.find_review_due_on()
        Page.objects.filter(pk=self.pk).update(review_due_on=self.review_due_on)

    @property
    def review_is_overdue(self) -> bool:
        """Whether the clinical review was due before today, UK time."""
        return self.review_due_on is not None and self.review_due_on < clock.today()

    def find_review_due_on(self) -> date | None:
        """Return the date on which the next clinical review is due, UK time.

        It is the review interval after the last review or, before any, after the first version's time. If the last
        review found the text unsafe, the next is due on the day of that review. A page without a version has no date:
        None.
        """
        review = Review.objects.filter(version__page=self).first()
        first = self.versions.order_by("number").first()
        if review and review.outcome == Review.Outcome.UNSAFE:
            return timezone.localdate(review.reviewed_at)
        since = review.reviewed_at if review else first.published_at if first else None
        return add_months(timezone.localdate(since), self.review_interval_months) if since else None


class CodeQuerySet(models.QuerySet["Code"]):
    """Codes by what they stand for."""

    def of(self, code: str, system: str) -> "CodeQuerySet":
        """Return the rows of this code, which are none in a terminology that the site does not have.

        A code of dm+d is one of SNOMED CT too, and small letters are capital ones.
        """
        if not code.isprintable():  # PostgreSQL refuses to look for it
            return self.none()
        systems = Code.SNOMED_NUMBERS if system in Code.SNOMED_NUMBERS else {system}
        forms = [form.upper() for form in Code.forms_of(code, system)]
        return self.alias(capital=Upper("code")).filter(capital__in=forms, system__in=systems)


class Code(models.Model):
    """A code for the subject of a page, from a clinical terminology."""

    class System(models.TextChoices):
        """The terminologies that codes come from."""

        SNOMED_CT = "SNOMED CT", "SNOMED CT"
        ICD_10 = "ICD-10", "ICD-10"
        DMD = "dm+d", "dm+d"
        ATC = "ATC", "ATC"

        @classmethod
        def named(cls, name: str) -> str:
            """Return the terminology that an address calls `name`, like snomed-ct, or an empty string."""
            return next((each for each in cls.values if slugify(each) == slugify(name)), "")

    SNOMED_NUMBERS = frozenset({System.SNOMED_CT, System.DMD})
    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="codes")
    system = models.CharField(max_length=10, choices=System.choices)
    code = models.CharField(max_length=30, validators=[refuse_unseen])
    term = models.CharField(max_length=200, validators=[refuse_unseen])

    objects = CodeQuerySet.as_manager()

    class Meta:
        ordering = ["system", "code"]
        constraints = [
            models.UniqueConstraint(fields=["page", "system", "code"], name="a_page_carries_a_code_once"),
        ]
        indexes = [models.Index(Upper("code"), name="codes_in_capitals")]

    def __str__(self) -> str:
        return f"{self.system} {self.code}: {self.term}"

    @classmethod
    def forms_of(cls, code: str, system: str) -> set[str]:
        """Return how a code may be written. In ICD-10 the NHS leaves out the point, and fills with an X: A812, G35X."""
        if system != cls.System.ICD_10:
            return {code}
        signs = code.upper().replace(".", "")
        signs = signs[:3] if len(signs) == 4 and signs.endswith("X") else signs
        return {signs, f"{signs[:3]}.{signs[3:]}"} if len(signs) > 3 else {signs}


class SearchTerm(models.Model):
    """Words that people type when they look for a page: a brand, another name, a question's own word."""

    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="search_terms")
    words = models.CharField(max_length=100, validators=[refuse_unseen, require_a_word])

    class Meta:
        ordering = ["words"]
        constraints = [
            models.UniqueConstraint(
                "page",
                Lower("words"),
                name="a_page_has_a_search_term_once",
                violation_error_message="This page has that search term already.",
            )
        ]

    def __str__(self) -> str:
        return self.words


class Synonym(models.Model):
    """Words that people type, and what they mean on this site: DMT, disease-modifying therapy.

    Words with more than one meaning are ambiguous: the search offers the meanings, and never guesses.
    """

    words = models.CharField("what people type", max_length=100, validators=[refuse_unseen, require_a_word])
    meaning = models.CharField(
        max_length=100,
        validators=[refuse_unseen, require_a_word],
        help_text="In the words of the pages. Enter each meaning of an abbreviation, also one that no page is on: the "
        "search then asks which one was meant.",
    )

    class Meta:
        ordering = ["words", "meaning"]
        constraints = [
            models.UniqueConstraint(
                Lower("words"),
                Lower("meaning"),
                name="words_have_a_meaning_once",
                violation_error_message="These words have that meaning already.",
            )
        ]

    def __str__(self) -> str:
        return f"{self.words} means {self.meaning}"


class Contributor(models.Model):
    """A person credited on a page, with the credentials and interests that readers should know."""

    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="contributors")
    name = models.CharField(max_length=150, validators=[refuse_unseen])
    role = models.CharField(
        max_length=100, help_text="What they did for this page, like Author or Editor.", validators=[refuse_unseen]
    )
    credentials = models.CharField(max_length=200, blank=True, validators=[refuse_unseen])
    interests = models.TextField(
        "declared interests",
        blank=True,
        help_text="Write “None declared” if there are none.",
        validators=[refuse_unseen],
    )
    position = models.PositiveSmallIntegerField(default=0)

    class Meta:
        ordering = ["position", "pk"]

    def __str__(self) -> str:
        return f"{self.name}, {self.role}"

    def to_credit(self) -> dict[str, str]:
        """Return the credit in the form that a version stores in `credits`."""
        return {
            "name": self.name,
            "role": self.role,
            "credentials": self.credentials,
            "interests": self.interests,
        }


class HomeEntry(models.Model):
    """The place of a page on home: under a drug or under a problem, by a short name. A page has at most one in each.

    `below` is the slug of the page whose entry it stands below, so that a file can name a page that is not there yet.
    Where that page has no entry in the section, this one stands for itself.
    """

    class Section(models.TextChoices):
        """The lists on home."""

        DRUG = "drug", "By drug"
        PROBLEM = "problem", "By problem"

    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="home_entries")
    section = models.CharField(max_length=10, choices=Section.choices)
    label = models.CharField(
        max_length=60, validators=[refuse_unseen], help_text="What readers look for, like the name of the drug."
    )
    note = models.CharField(
        max_length=100,
        blank=True,
        validators=[refuse_unseen],
        help_text="A few words beside it, like the brands or what the page answers.",
    )
    position = models.PositiveSmallIntegerField(
        default=0, help_text="Smaller numbers come first; entries with the same number are in order of their labels."
    )
    below = models.CharField(max_length=100, blank=True, help_text="The page whose entry it stands below, if any.")

    class Meta:
        ordering = ["section", "position", "label", "pk"]
        verbose_name_plural = "home entries"
        constraints = [
            models.UniqueConstraint(fields=["page", "section"], name="a_page_is_once_in_a_section_of_home"),
            models.CheckConstraint(condition=~Q(label=""), name="an_entry_of_home_has_a_label"),
        ]

    def __str__(self) -> str:
        return self.label

    def clean(self) -> None:
        """Refuse an entry below itself."""
        if self.page_id and self.below == self.page.slug:
            raise ValidationError({"below": "An entry cannot stand below itself."})


class JSONList(models.Aggregate):
    """The values of a group as one list: rows of another table come along without a query of their own."""

    function = "json_group_array"
    output_field = models.JSONField()

    def as_postgresql(self, compiler: Any, connection: Any, **context: Any) -> Any:
        """Return the SQL of PostgreSQL, where the function has another name."""
        return self.as_sql(compiler, connection, function="jsonb_agg", **context)


def newest_of(path: str) -> models.Subquery:
    """Return the id of the live version of the page that `path` leads to from each row of a query."""
    newest = Version.objects.newest_first().filter(page=models.OuterRef(path))
    return models.Subquery(newest.values("pk")[:1])


class VersionQuerySet(models.QuerySet["Version"]):
    """Versions by whether their time has come. "Live" is defined here and nowhere else."""

    def published(self) -> "VersionQuerySet":
        """Return versions whose time has come."""
        return self.filter(published_at__lte=clock.now())

    def scheduled(self) -> "VersionQuerySet":
        """Return versions whose time has not come yet, the next one first."""
        return self.filter(published_at__gt=clock.now()).order_by("published_at")

    def newest_first(self) -> "VersionQuerySet":
        """Return the published versions, the newest first: of one page, the first is live."""
        return self.published().order_by("-number")

    def with_retractions(self) -> "VersionQuerySet":
        """Add `cites_retracted`: whether a paper that the version cites has a notice for readers."""
        cited = CitedRetraction.objects.filter(version=models.OuterRef("pk"))
        annotated: VersionQuerySet = self.annotate(cites_retracted=models.Exists(cited))
        return annotated

    def with_before(self) -> "VersionQuerySet":
        """Add `before`: the number of the version that a version replaced, or None if it is the first."""
        older = Version.objects.newest_first().filter(
            page=models.OuterRef("page"), number__lt=models.OuterRef("number")
        )
        annotated: VersionQuerySet = self.annotate(before=models.Subquery(older.values("number")[:1]))
        return annotated

    def with_page_facts(self) -> "VersionQuerySet":
        """Add `page_codes`, a list of the page's codes or None, and `first_published_at`, of its first version."""
        first = Version.objects.filter(page=models.OuterRef("page")).order_by("number")
        codes = Code.objects.filter(page=models.OuterRef("page")).order_by().values("page")
        listed = codes.annotate(listed=JSONList(JSONObject(system="system", code="code", term="term")))
        annotated: VersionQuerySet = self.annotate(
            page_codes=models.Subquery(listed.values("listed")),
            first_published_at=models.Subquery(first.values("published_at")[:1]),
        )
        return annotated

    def announced(self) -> "VersionQuerySet":
        """Return what was published of guidance, the newest first, without what was redacted since."""
        published = self.published().filter(page__kind=Page.Kind.GUIDANCE, redaction__isnull=True)
        return published.select_related("page").defer("body").order_by("-published_at", "-pk")

    def live(self) -> "VersionQuerySet":
        """Return the live version of each page: the highest number whose time has come."""
        return self.filter(pk=newest_of("page"))


class Version(models.Model):
    """What a page said from one moment on. A published version never changes and is never deleted.

    People are stored as a name and an account number, without a foreign key: an account can be deleted, but a published
    version cannot.
    """

    class Kind(models.TextChoices):
        """Whether a version is a text to read, or says that the page was withdrawn."""

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
        indexes = [
            models.Index(fields=["published_at"], name="versions_by_time"),
            models.Index(fields=["title", "page"], name="versions_by_title"),
        ]
        permissions = [("publish_version", "Can approve and publish a draft")]

    def __str__(self) -> str:
        return f"{self.page.slug}, version {self.number}"

    def get_absolute_url(self) -> str:
        """Return the address that always shows this version.

        Pages about the site have one address only, which shows what is live.
        """
        if self.page.kind == Page.Kind.ABOUT:
            return self.page.get_absolute_url()
        return reverse("version-detail", args=[self.page.slug, self.number])

    @property
    def html(self) -> str:
        """The text as readers see it, or an empty string if it has not been rendered yet."""
        return self.rendering.html if hasattr(self, "rendering") else ""

    @property
    def is_new(self) -> bool:
        """Whether it was published so lately that the page says what changed, counted in days of the UK."""
        return timezone.localdate(self.published_at) > clock.today() - timedelta(days=NEW_DAYS)

    @property
    def last_review(self) -> "Review | None":
        """The newest clinical review of this version or an earlier one, or None."""
        return Review.objects.about({self.page_id: self.number}).get(self.page_id)

    def to_fields(self) -> list[tuple[str, str]]:
        """Return pairs of a name that readers know and a text: the words as they were typed and the credits."""
        return [*self.to_facts(), ("Text", self.body)]

    def to_facts(self) -> list[tuple[str, str]]:
        """Return pairs of a name that readers know and a text: what the version says beside its text, to compare."""
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
        ]

    @property
    def is_scheduled(self) -> bool:
        """Whether the version's time has not come yet."""
        return self.published_at > clock.now()

    @property
    def is_imported(self) -> bool:
        """Whether the version came from a file, so that nobody approved it on this site."""
        return not self.approver_name and self.approver_id is None

    @property
    def importer(self) -> str:
        """The name of the person who put a file's text live without a second person, or an empty string."""
        return self.author_name if self.is_imported and self.author_id is not None else ""

    @property
    def writer_names(self) -> list[str]:
        """The names of everyone who wrote in the version, starting with the person who submitted it."""
        if self.importer:
            return [writer["name"] for writer in self.writers]
        names = [writer["name"] for writer in self.writers if writer["id"] != self.author_id]
        return [self.author_name, *names] if self.author_name else names

    def compute_sha256(self, previous: str) -> str:
        """Return the hash that chains this version to the one before it, as 64 hexadecimal digits.

        `previous` is the hash of that version, or an empty string for the first. The hash covers every published word,
        person and time, and the page's slug, as JSON with sorted keys. If a field in it is renamed, every stored hash
        is wrong.
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
    """A version's HTML, made on publication. It is not part of the version, so a fault in the renderer can be fixed."""

    version = models.OneToOneField(Version, on_delete=models.CASCADE, related_name="rendering")
    html = models.TextField(help_text="The words as HTML, and nothing else: what is compared and searched.")
    page_html = models.TextField(default="", help_text="The same as it is read on its page, made by `markup.reading`.")
    contents = models.JSONField(default=list, help_text="The headings of a long page: id and name of each.")
    links = models.JSONField(default=list, help_text="The slugs of the pages it links to.")
    problems = models.JSONField(default=list, help_text="What could be better in the text: line, level and message.")
    references = models.JSONField(
        default=list, help_text="The references that readers see, in order, as `markup.references` stores them."
    )
    renderer = models.PositiveSmallIntegerField(help_text="The revision of the renderer that made it.")

    def __str__(self) -> str:
        return f"HTML of {self.version}"


class Retraction(models.Model):
    """A record of Retraction Watch: that a paper was retracted, doubted by its journal, or reinstated."""

    class Nature(models.TextChoices):
        """What happened to the paper. Records that it was corrected are not kept: a corrected paper still stands."""

        RETRACTION = "retraction", "Retracted"
        CONCERN = "concern", "Expression of concern"
        REINSTATEMENT = "reinstatement", "Reinstated"

    record = models.PositiveBigIntegerField(unique=True, help_text="Its Record ID.")
    nature = models.CharField(max_length=15, choices=Nature.choices)
    title = models.TextField(blank=True, help_text="The paper's title, to be read. Papers are never matched by it.")
    doi = models.CharField(max_length=500, blank=True, db_index=True, help_text="The paper's DOI, in small letters.")
    pmid = models.CharField(max_length=8, blank=True, db_index=True)
    notice_doi = models.CharField(max_length=500, blank=True, help_text="The DOI of the notice.")
    reason = models.TextField(blank=True)
    notice_on = models.DateField("date of the notice", null=True, blank=True)
    read_at = models.DateTimeField(default=timezone.now, help_text="When the site first read the record.")

    class Meta:
        constraints = [
            models.CheckConstraint(condition=~Q(doi="", pmid=""), name="a_retraction_names_its_paper"),
        ]

    def __str__(self) -> str:
        return f"{self.statement}: {self.doi or f'PMID {self.pmid}'}"

    @property
    def statement(self) -> str:
        """What readers are told at a citation of the paper."""
        said = self.get_nature_display()
        return f"{said} {self.notice_on:%-d %b %Y}" if self.notice_on else said


class CitedRetraction(models.Model):
    """A reference of a version to a paper that was retracted or is doubted by its journal: readers get a notice there.

    It is derived from the version's references and from `Retraction`, when either is new.
    """

    version = models.ForeignKey(Version, on_delete=models.CASCADE, related_name="cited_retractions")
    key = models.CharField(max_length=100, help_text="The reference's key in the version's text.")
    retraction = models.ForeignKey(Retraction, on_delete=models.CASCADE, related_name="+")
    was_known = models.BooleanField(default=False, help_text="Whether the version's reviewer was told of it.")

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["version", "key"], name="a_reference_has_one_notice"),
        ]

    def __str__(self) -> str:
        return f"{self.version}, [^{self.key}]: {self.retraction}"


class ReviewManager(models.Manager["Review"]):
    """The clinical reviews of all versions."""

    def about(self, numbers: Mapping[int, int]) -> "dict[int, Review]":
        """Return the newest review of each page that says something about a version: `numbers` are these, by page id.

        A review of a later version says nothing about it. Those of redacted versions do not count, because nobody can
        read what was reviewed.
        """
        newest: dict[int, Review] = {}
        for review in self.filter(version__page__in=numbers, version__redaction__isnull=True).select_related("version"):
            if review.version.number <= numbers[review.version.page_id]:
                newest.setdefault(review.version.page_id, review)
        return newest


class Review(models.Model):
    """A clinician's review of one version. Reviews are added and never changed. Approving a draft is not a review."""

    class Outcome(models.TextChoices):
        """What the reviewer found."""

        CURRENT = "current", "Current: no change needed"
        MINOR = "minor", "Usable: small changes wanted"
        UNSAFE = "unsafe", "Must be changed"

    version = models.ForeignKey(Version, on_delete=models.PROTECT, related_name="reviews")
    reviewer_name = models.CharField(max_length=150)
    reviewer_id = models.BigIntegerField(null=True, blank=True)
    outcome = models.CharField(max_length=10, choices=Outcome.choices)
    note = models.TextField(blank=True, validators=[refuse_unseen])
    reviewed_at = models.DateTimeField(default=timezone.now)

    objects = ReviewManager()

    class Meta:
        ordering = ["-reviewed_at"]
        indexes = [models.Index(fields=["-reviewed_at"], name="reviews_by_time")]

    def __str__(self) -> str:
        return f"{self.version}: {self.get_outcome_display()}"


class Redaction(models.Model):
    """Who removed the text of a published version, when and why.

    Only the command `redact_version` makes one, or an import of a history that contains one.
    """

    version = models.OneToOneField(Version, on_delete=models.PROTECT, related_name="redaction")
    reason = models.TextField()
    redacted_by_name = models.CharField(max_length=150)
    redacted_by_id = models.BigIntegerField(null=True, blank=True)
    redacted_at = models.DateTimeField(default=timezone.now)
    sha256 = models.CharField(max_length=64, help_text="The hash of the version as it stands since.")

    def __str__(self) -> str:
        return f"{self.version}: redacted"


class Draft(models.Model):
    """The working copy of a page's next text, or of its withdrawal. A page has at most one of each.

    Every step raises `revision`, and names the revision that it started from.
    """

    class State(models.TextChoices):
        """Whether the draft is with its writers or with a reviewer."""

        WRITING = "writing", "Being written"
        IN_REVIEW = "in_review", "In review"
        RETURNED = "returned", "Returned to its writer"

    page = models.ForeignKey(Page, on_delete=models.CASCADE, related_name="drafts")
    kind = models.CharField(max_length=10, choices=Version.Kind.choices, default=Version.Kind.TEXT, editable=False)
    title = models.CharField(max_length=200, validators=[refuse_unseen])
    summary = models.CharField(
        max_length=300, help_text="One line, shown in lists and to visitors.", validators=[refuse_unseen]
    )
    reason = models.TextField(
        blank=True, help_text="Why the page is withdrawn, in words for the public.", validators=[refuse_unseen]
    )
    replacement = models.CharField(
        max_length=100, blank=True, help_text="The slug of the page to read instead.", validators=[refuse_unseen]
    )
    body = models.TextField(
        blank=True,
        help_text="In Markdown. Cite with [^key] and define each reference at the end: [^key]: …",
        validators=[refuse_longer, refuse_unseen],
    )
    change_note = models.CharField(
        max_length=500,
        blank=True,
        help_text="For readers: what changed and why. Needed before review.",
        validators=[refuse_unseen],
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
    imported_from = models.CharField(
        max_length=255, blank=True, editable=False, help_text="The name of the file that its text came from."
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
        indexes = [
            models.Index(fields=["-saved_at"], name="drafts_by_time"),
            models.Index(fields=["state", "-saved_at"], name="drafts_by_state"),
        ]

    def __str__(self) -> str:
        return f"Withdrawal of {self.title}" if self.is_withdrawal else self.title

    @property
    def is_withdrawal(self) -> bool:
        """Whether publishing the draft withdraws the page."""
        return self.kind == Version.Kind.WITHDRAWAL

    @property
    def sha256(self) -> str:
        """The hash of every word of the draft, as 64 hexadecimal digits."""
        words = [self.title, self.summary, self.body, self.change_note, self.reason, self.replacement]
        return hashlib.sha256(json.dumps(words, ensure_ascii=False).encode()).hexdigest()

    @property
    def shown_sha256(self) -> str:
        """The hash of everything a reviewer is shown, including the page's credits. The review form carries it."""
        credits = [contributor.to_credit() for contributor in self.page.contributors.all()]
        return hashlib.sha256(json.dumps([self.sha256, credits], ensure_ascii=False).encode()).hexdigest()

    @property
    def is_imported(self) -> bool:
        """Whether the draft came from a file, and nobody has saved it since."""
        return self.saved_by_id is None and not self.former_writers

    @property
    def submitter(self) -> tuple[int, str] | None:
        """The id and name of the person who submitted the draft, even if their account is deleted; None before that."""
        if self.submitted_by:
            return self.submitted_by.pk, self.submitted_by.name
        gone = [writer for writer in self.former_writers if writer.get("submitted")]
        return (gone[-1]["id"], gone[-1]["name"]) if gone else None

    @property
    def is_in_review(self) -> bool:
        """Whether the draft is waiting for a reviewer."""
        return self.state == self.State.IN_REVIEW

    def to_fields(self) -> list[tuple[str, str]]:
        """Return pairs of field name and text, to compare. Empty fields are left out, except title and summary."""
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
    """When an account was deleted that had written in a text not yet published. Only its number is stored.

    Anyone whose account is newer may be the same person, so they may not approve that text.
    """

    account_id = models.BigIntegerField(unique=True)
    left_at = models.DateTimeField(default=timezone.now)

    def __str__(self) -> str:
        return f"Account {self.account_id}"


class FromReader(models.Model):
    """What a reader tells the editors, with their address if they want an answer, until an editor resolves it."""

    email = models.EmailField("your email address", blank=True)
    reported_at = models.DateTimeField(default=timezone.now)
    resolved_at = models.DateTimeField(null=True, blank=True)
    resolved_by_name = models.CharField(max_length=150, blank=True)

    IS_OPEN_OR_RESOLVED_BY_SOMEONE = Q(resolved_at__isnull=True, resolved_by_name="") | (
        Q(resolved_at__isnull=False) & ~Q(resolved_by_name="")
    )

    class Meta:
        abstract = True
        ordering = ["-reported_at"]
        indexes = [
            models.Index(fields=["-reported_at"], name="%(class)s_by_time"),
            models.Index(fields=["resolved_at", "-reported_at"], name="%(class)s_open"),
        ]


class ErrorReport(FromReader):
    """What a reader says is wrong on a page, with the number of the version they were reading."""

    page = models.ForeignKey(Page, on_delete=models.PROTECT, related_name="error_reports")
    version_number = models.PositiveIntegerField()
    text = models.TextField("what is wrong")

    class Meta(FromReader.Meta):
        constraints = [
            models.CheckConstraint(
                condition=FromReader.IS_OPEN_OR_RESOLVED_BY_SOMEONE, name="a_resolved_report_says_when_and_by_whom"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.page}, version {self.version_number}: {self.text[:60]}"


class MissingPage(FromReader):
    """What a reader looked for and did not find, and what they expected, in their own words."""

    asked = models.CharField("what they looked for", max_length=300)
    expected = models.TextField("what they expected", blank=True)

    class Meta(FromReader.Meta):
        verbose_name = "page that readers miss"
        verbose_name_plural = "pages that readers miss"
        constraints = [
            models.CheckConstraint(
                condition=FromReader.IS_OPEN_OR_RESOLVED_BY_SOMEONE, name="a_resolved_wish_says_when_and_by_whom"
            ),
        ]

    def __str__(self) -> str:
        return self.asked[:60]


class UnfoundWordQuerySet(models.QuerySet["UnfoundWord"]):
    """Words that were searched for and not found, including those that are too old to show."""

    def active(self) -> "UnfoundWordQuerySet":
        """Return the words of the last 90 days."""
        return self.filter(day__gt=clock.today() - timedelta(days=UNFOUND_DAYS))

    def outdated(self) -> "UnfoundWordQuerySet":
        """Return the words that are too old, and are to be deleted."""
        return self.filter(day__lte=clock.today() - timedelta(days=UNFOUND_DAYS))


class UnfoundWord(models.Model):
    """How often on one day a word was searched for that the site does not have (`search/unfound.py`).

    There is nothing about who asked, and no number that rises with each row: it would show which words came together.
    """

    pk = models.CompositePrimaryKey("day", "word")
    day = models.DateField()
    word = models.CharField(max_length=40)
    times = models.PositiveIntegerField(default=0)

    objects = UnfoundWordQuerySet.as_manager()

    class Meta:
        ordering = ["-day", "-times", "word"]

    def __str__(self) -> str:
        return f"{self.word}, {self.day}"


class ContentChange(models.Model):
    """A row that the database itself renews with every change of what readers see (`changes.py`).

    There is one; on PostgreSQL, one for each of the transactions that ever changed something at the same time.

    `number` rises by one. `stamp` is random, so that it also differs after the database was restored from a backup.
    """

    number = models.BigIntegerField(default=0)
    stamp = models.CharField(max_length=32, default="")

    def __str__(self) -> str:
        return f"Change {self.number}"
