"""Pages and topics in the admin."""

from typing import Any

from django import forms
from django.contrib import admin
from django.db.models import Exists, OuterRef, QuerySet
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join

from accounts.lists import LeanAdmin
from content import publishing
from content.models import SOON_DAYS, Code, Contributor, Draft, Page, Topic, Version
from content.worklist import find_never_reviewed, find_pages_with_problems

from . import references, unfound
from .forms import GuidanceForm, tell
from .search_terms import SearchTermInline


class CodeInline(admin.StackedInline):
    """The clinical codes of a page."""

    model = Code
    form = GuidanceForm
    extra = 0


class ContributorInline(admin.StackedInline):
    """The people credited on a page."""

    model = Contributor
    form = GuidanceForm
    extra = 0


class PageForm(forms.ModelForm):
    """A page's facts, and the revision the editor was shown."""

    shown_revision = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Page
        fields = ["slug", "kind", "topics", "review_interval_months"]
        widgets = {"topics": forms.CheckboxSelectMultiple}

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["shown_revision"].initial = self.instance.revision

    def clean(self) -> dict[str, Any]:
        """Refuse a save if someone saved first. Everything typed stays in the form."""
        cleaned = super().clean() or {}
        current = Page.objects.filter(pk=self.instance.pk).first()
        if current and cleaned.get("shown_revision") != current.revision:
            raise forms.ValidationError(
                "Someone changed this page's details while you were working on them. Nothing was saved, but what you "
                "typed is still here. Open the page again in another tab, and copy across anything you need."
            )
        return cleaned


class ReviewDueFilter(admin.SimpleListFilter):
    """Pages by when their next clinical review is due."""

    title = "clinical review"
    parameter_name = "review"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the choices."""
        return [("overdue", "Overdue"), ("soon", f"Due within {SOON_DAYS} days"), ("never", "Never reviewed")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Page]) -> QuerySet[Page]:
        """Return the pages that the choice selects."""
        match self.value():
            case "overdue":
                return queryset.filter(pk__in=Page.objects.guidance().overdue().order_by())
            case "soon":
                return queryset.filter(pk__in=Page.objects.guidance().due_soon().order_by())
            case "never":
                return queryset.filter(pk__in=find_never_reviewed())
        return queryset


class ProblemsFilter(admin.SimpleListFilter):
    """Pages whose live text has problems, including links to pages that are not live."""

    title = "problems"
    parameter_name = "problems"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the choices."""
        return [("yes", "With problems")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Page]) -> QuerySet[Page]:
        """Return the pages that the choice selects."""
        return queryset.filter(pk__in=find_pages_with_problems()) if self.value() else queryset


class DraftStateFilter(admin.SimpleListFilter):
    """Pages by the state of their draft."""

    title = "draft"
    parameter_name = "draft"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the choices."""
        return [*Draft.State.choices, ("none", "No draft")]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Page]) -> QuerySet[Page]:
        """Return the pages that the choice selects."""
        if self.value() == "none":
            return queryset.filter(~Exists(Draft.objects.filter(page=OuterRef("pk"))))
        if self.value():
            return queryset.filter(pk__in=Draft.objects.filter(state=self.value()).order_by().values("page"))
        return queryset


@admin.register(Page)
class PageAdmin(LeanAdmin):
    """A page's address and facts, with links to its drafts and versions."""

    list_display = ["live_title", "standing", "draft_state", "review_due_on", "slug"]
    list_filter = [ReviewDueFilter, DraftStateFilter, ProblemsFilter, "kind", "topics"]
    search_fields = ["slug", "versions__title"]
    form = PageForm
    inlines = [ContributorInline, SearchTermInline, CodeInline]
    change_form_template = "admin/content/page/change_form.html"

    def get_urls(self) -> list[URLPattern]:
        """Add the page of all references, the form that corrects one, and what was searched for and not found."""
        view = self.admin_site.admin_view
        return [
            path("references/", view(self.references_view), name="content_page_references"),
            path("references/<str:name>/", view(self.reference_view), name="content_page_reference"),
            path("unfound/", view(self.unfound_view), name="content_page_unfound"),
            *super().get_urls(),
        ]

    def references_view(self, request: HttpRequest) -> HttpResponse:
        """Show what live pages cite."""
        return references.reference_list(request, self.admin_site.each_context(request))

    def reference_view(self, request: HttpRequest, name: str) -> HttpResponse:
        """Correct a reference on every page that cites it."""
        return references.reference_correct(request, name, self.admin_site.each_context(request))

    def unfound_view(self, request: HttpRequest) -> HttpResponse:
        """Show what was searched for and not found."""
        return unfound.unfound_list(request, self.admin_site.each_context(request))

    def get_queryset(self, request: HttpRequest) -> QuerySet[Page]:
        """Return pages with the title and kind of their live version, and their drafts."""
        pages: Any = super().get_queryset(request)
        titled: QuerySet[Page] = pages.titled().prefetch_related("drafts")
        return titled

    def get_readonly_fields(self, request: HttpRequest, obj: Page | None = None) -> list[str]:
        """Fix the address once the page has a version: it never changes after that."""
        return ["slug", "kind"] if obj and obj.versions.exists() else []

    def get_object(self, request: HttpRequest, object_id: str, from_field: str | None = None) -> Page | None:
        """Return the page, locked while it is saved."""
        page: Page | None = super().get_object(request, object_id, from_field)
        if page and request.method == "POST":
            publishing.lock(page)
            page.refresh_from_db()
        return page

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Save the contributors, codes and topics, and record the change through the editorial rules."""
        super().save_related(request, form, formsets, change)
        tell(request, (notice for formset in formsets for each in formset for notice in each.notices))
        by: Any = request.user
        changed = any(formset.model is Contributor and formset.has_changed() for formset in formsets)
        publishing.record_page_change(page=form.instance, by=by, credits_changed=changed)

    def response_add(self, request: HttpRequest, obj: Page, post_url_continue: Any = None) -> HttpResponse:
        """After creating a page, continue to its draft."""
        return redirect(f"{reverse('admin:content_draft_add')}?page={obj.pk}")

    @admin.display(description="title", ordering="live_title")
    def live_title(self, page: Any) -> str:
        """Return the title that readers see, or say that there is none yet."""
        return page.live_title or "Not published yet"

    @admin.display(description="readers see", ordering="live_kind")
    def standing(self, page: Any) -> str:
        """Return what readers see at the page's address."""
        return {Version.Kind.TEXT: "Text", Version.Kind.WITHDRAWAL: "Withdrawn"}.get(page.live_kind, "Nothing yet")

    @admin.display(description="draft")
    def draft_state(self, page: Page) -> str:
        """Return the states of the page's drafts, as links to them."""
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


@admin.register(Topic)
class TopicAdmin(LeanAdmin):
    """Subjects that pages are listed under."""

    form = GuidanceForm
    prepopulated_fields = {"slug": ["name"]}

    def save_model(self, request: HttpRequest, obj: Topic, form: Any, change: bool) -> None:
        """Save the topic, and say what was removed from its name."""
        super().save_model(request, obj, form, change)
        tell(request, form.notices)
