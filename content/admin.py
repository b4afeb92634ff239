"""Pages, versions, reviews and error reports in the admin; drafts have a module of their own."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import F, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html, format_html_join

from . import (
    draft_admin,  # noqa: F401 - registers the drafts
    publishing,
)
from .desk import find_pages_with_problems
from .models import SOON_DAYS, Code, Contributor, Draft, ErrorReport, Page, Review, Topic, Version


class CodeInline(admin.StackedInline):
    """The clinical codes of a page."""

    model = Code
    extra = 0


class ContributorInline(admin.StackedInline):
    """The people credited on a page."""

    model = Contributor
    extra = 0


class PageForm(forms.ModelForm):
    """A page's standing facts, and the revision they were shown at."""

    shown_revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Page
        fields = ["slug", "kind", "topics", "review_interval_months"]
        widgets = {"topics": forms.CheckboxSelectMultiple}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["shown_revision"].initial = self.instance.revision

    def clean(self) -> dict[str, Any]:
        """Refuse a save that was overtaken: what was typed is still in the form."""
        cleaned = super().clean() or {}
        current = Page.objects.filter(pk=self.instance.pk).first()
        if current and cleaned.get("shown_revision") != current.revision:
            raise forms.ValidationError(
                "Someone changed this page's details while you were working on them. Nothing was saved, but what you "
                "typed is still here. Open the page again in another tab, and copy across anything you need."
            )
        return cleaned


class ReviewDueFilter(admin.SimpleListFilter):
    """When the next clinical review of a page is due."""

    title = "clinical review"
    parameter_name = "review"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The choices."""
        return [("overdue", "Overdue"), ("soon", f"Due within {SOON_DAYS} days"), ("never", "Never reviewed")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Page]) -> QuerySet[Page]:
        """The pages that fit."""
        match self.value():
            case "overdue":
                return queryset.filter(pk__in=Page.objects.guidance().overdue())
            case "soon":
                return queryset.filter(pk__in=Page.objects.guidance().due_soon())
            case "never":
                return queryset.exclude(pk__in=Review.objects.values("version__page")).filter(versions__isnull=False)
        return queryset


class ProblemsFilter(admin.SimpleListFilter):
    """Whether the live text has problems, links to pages that are gone among them."""

    title = "problems"
    parameter_name = "problems"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The choices."""
        return [("yes", "With problems")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Page]) -> QuerySet[Page]:
        """The pages that fit."""
        return queryset.filter(pk__in=find_pages_with_problems()) if self.value() else queryset


class DraftStateFilter(admin.SimpleListFilter):
    """Where the page's draft stands."""

    title = "draft"
    parameter_name = "draft"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The choices."""
        return [*Draft.State.choices, ("none", "No draft")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Page]) -> QuerySet[Page]:
        """The pages that fit."""
        if self.value() == "none":
            return queryset.filter(drafts__isnull=True)
        return (
            queryset.filter(pk__in=Draft.objects.filter(state=self.value()).values("page"))
            if self.value()
            else queryset
        )


@admin.register(Page)
class PageAdmin(admin.ModelAdmin):
    """A page's address and standing facts, with the way to its drafts and versions."""

    list_display = ["live_title", "standing", "draft_state", "review_due_on", "slug"]
    list_filter = [ReviewDueFilter, DraftStateFilter, ProblemsFilter, "kind", "topics"]
    search_fields = ["slug", "versions__title"]
    form = PageForm
    inlines = [ContributorInline, CodeInline]
    change_form_template = "admin/content/page/change_form.html"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Page]:
        """Pages with the title and kind of their live version, and their drafts."""
        live = Version.objects.published().filter(page=OuterRef("pk")).order_by("-number")
        titled = (
            super()
            .get_queryset(request)
            .annotate(title=Subquery(live.values("title")[:1]), live_kind=Subquery(live.values("kind")[:1]))
        )
        return titled.prefetch_related("drafts")

    def get_readonly_fields(self, request: HttpRequest, obj: Page | None = None) -> list[str]:
        """The address of a published page never changes."""
        return ["slug", "kind"] if obj and obj.versions.exists() else []

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Page | None:
        """The page, held while it is saved."""
        page: Page | None = super().get_object(request, object_id, from_field)
        if page and request.method == "POST":
            publishing.lock(page)
            page.refresh_from_db()
        return page

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save what hangs on the page. Whoever changes its credits has written part of what is published next."""
        super().save_related(request, form, formsets, change)
        page = form.instance
        Page.objects.filter(pk=page.pk).update(revision=F("revision") + 1)
        if any(formset.model is Contributor and formset.has_changed() for formset in formsets):
            page.credited_by.add(request.user)

    def response_add(self, request: HttpRequest, obj: Page, post_url_continue: Any = None) -> HttpResponse:
        """A new page goes on to its draft."""
        return redirect(f"{reverse('admin:content_draft_add')}?page={obj.pk}")

    @admin.display(description="title", ordering="title")
    def live_title(self, page: Any) -> str:
        """The title readers see, or that there is none yet."""
        return page.title or "Not published yet"

    @admin.display(description="readers see", ordering="live_kind")
    def standing(self, page: Any) -> str:
        """What readers see at its address."""
        return {Version.Kind.TEXT: "Text", Version.Kind.WITHDRAWAL: "Withdrawn"}.get(page.live_kind, "Nothing yet")

    @admin.display(description="draft")
    def draft_state(self, page: Page) -> str:
        """Where the page's drafts stand, as links to them."""
        links = [
            format_html(
                '<a href="{}">{}{}</a>',
                reverse("admin:content_draft_change", args=[draft.pk]),
                "Withdrawal: " if draft.is_withdrawal else "",
                draft.get_state_display(),
            )
            for draft in page.drafts.all()
        ]
        if links:
            return format_html_join(" · ", "{}", [[link] for link in links])
        return format_html('<a href="{}?page={}">Start a draft</a>', reverse("admin:content_draft_add"), page.pk)


class ReadOnlyAdmin(admin.ModelAdmin):
    """Rows that may be read here and never changed or deleted."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False


class WhenFilter(admin.SimpleListFilter):
    """Versions that wait for their time, or those that have come."""

    title = "publication"
    parameter_name = "when"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The choices."""
        return [("scheduled", "Scheduled"), ("published", "Published")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Version]) -> QuerySet[Version]:
        """The versions that fit."""
        if self.value() == "scheduled":
            return queryset.filter(published_at__gt=timezone.now())
        return queryset.filter(published_at__lte=timezone.now()) if self.value() else queryset


@admin.register(Version)
class VersionAdmin(ReadOnlyAdmin):
    """What was published, to read; an old text is restored as a draft, a scheduled one can be cancelled."""

    list_display = ["title", "page", "number", "kind", "published_at", "author_name", "approver_name"]
    list_filter = [WhenFilter, "kind"]
    list_select_related = ["page"]
    search_fields = ["title", "page__slug"]
    ordering = ["-published_at"]
    change_form_template = "admin/content/version/change_form.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Versions come from drafts."""
        return False

    def get_urls(self) -> list[URLPattern]:
        """Add the two things that can be done with a version."""
        return [
            path("<int:pk>/restore/", self.admin_site.admin_view(self.restore_view), name="content_version_restore"),
            path("<int:pk>/cancel/", self.admin_site.admin_view(self.cancel_view), name="content_version_cancel"),
            *super().get_urls(),
        ]

    def restore_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """POST: make a draft that says what this version said."""
        version = get_object_or_404(Version.objects.select_related("page"), pk=pk)
        by: Any = request.user
        if request.method != "POST" or not by.has_perm("content.add_draft"):
            raise PermissionDenied
        try:
            draft = publishing.restore(version=version, by=by)
        except publishing.Overtaken as overtaken:
            self.message_user(request, f"The page already has a draft. {overtaken}", messages.ERROR)
            return redirect("admin:content_draft_changelist")
        except publishing.Refused as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return redirect("admin:content_version_change", pk)
        return redirect("admin:content_draft_change", draft.pk)

    def cancel_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """POST: take a scheduled version back before its time."""
        version = get_object_or_404(Version.objects.select_related("page"), pk=pk)
        by: Any = request.user
        if request.method != "POST" or not by.has_perm("content.publish_version"):
            raise PermissionDenied
        try:
            draft = publishing.cancel(version=version)
        except publishing.Refused as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return redirect("admin:content_version_change", pk)
        self.message_user(request, "Publication cancelled. The text is a draft again.", messages.SUCCESS)
        return redirect("admin:content_draft_change", draft.pk)


class ReviewForm(forms.ModelForm):
    """What a clinician found in the live version."""

    class Meta:
        model = Review
        fields = ["version", "outcome", "note"]

    def clean_version(self) -> Version:
        """Only the live text is reviewed."""
        version: Version = self.cleaned_data["version"]
        if version != version.page.live_version or version.kind != Version.Kind.TEXT:
            raise forms.ValidationError("Another version is live now. Read and review that one.")
        return version


@admin.register(Review)
class ReviewAdmin(ReadOnlyAdmin):
    """Clinical reviews: recorded once, by the clinician who made them."""

    form = ReviewForm
    list_display = ["version", "outcome", "reviewer_name", "reviewed_at"]
    list_filter = ["outcome"]
    list_select_related = ["version__page"]
    search_fields = ["version__page__slug", "version__title", "reviewer_name"]
    raw_id_fields = ["version"]

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """A review that was overtaken between its check and its writing is shown again, and the check then sees it."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except publishing.Refused:
            return super().changeform_view(request, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Review, form: Any, change: bool) -> None:
        """Record it through the editorial rules."""
        by: Any = request.user
        review = publishing.record_review(version=obj.version, by=by, outcome=obj.outcome, note=obj.note)
        obj.__dict__.update(review.__dict__)


@admin.register(ErrorReport)
class ErrorReportAdmin(admin.ModelAdmin):
    """What readers say is wrong, with the page and version it was about."""

    list_display = ["page", "version_number", "beginning", "email", "reported_at", "resolved_at", "resolved_by_name"]
    list_filter = [("resolved_at", admin.EmptyFieldListFilter)]
    list_select_related = ["page"]
    search_fields = ["text", "page__slug", "email"]
    readonly_fields = [
        "page", "version_number", "text", "email", "reported_at", "resolved_at", "resolved_by_name",
    ]  # fmt: skip
    actions = ["mark_resolved"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Reports come from the pages."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """What a person reported is kept."""
        return False

    @admin.display(description="what is wrong")
    def beginning(self, report: ErrorReport) -> str:
        """The first words."""
        return report.text[:120]

    @admin.action(description="Mark as resolved", permissions=["change"])
    def mark_resolved(self, request: HttpRequest, queryset: QuerySet[ErrorReport]) -> None:
        """Say that these were dealt with, when and by whom."""
        by: Any = request.user
        count = queryset.filter(resolved_at=None).update(
            resolved_at=timezone.now(), resolved_by_name=by.name or by.email
        )
        self.message_user(request, f"Marked as resolved: {count}.", messages.SUCCESS)


@admin.register(Topic)
class TopicAdmin(admin.ModelAdmin):
    """Subjects that pages are listed under."""

    prepopulated_fields = {"slug": ["name"]}
