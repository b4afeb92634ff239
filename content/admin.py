from dataclasses import replace
from datetime import datetime
from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import F, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.html import format_html, format_html_join
from django.utils.timezone import is_naive, localtime, make_aware

from accounts.typed_text import typed_text_page

from . import problems, publishing, rendering
from .comparison import Comparison, compare
from .desk import find_pages_with_problems
from .models import SOON_DAYS, Code, Contributor, Draft, ErrorReport, Page, Rendering, Review, Topic, Version

TEXT_WORDS = ["title", "summary", "body", "change_note"]
WITHDRAWAL_WORDS = ["reason", "replacement"]


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
                "Somebody changed this page's facts while you were working on them. Nothing was saved, and what you "
                "typed is still here. Open the page again in another tab, and take over what should stay."
            )
        return cleaned


class ReviewDueFilter(admin.SimpleListFilter):
    """When the next clinical review of a page is due."""

    title = "clinical review"
    parameter_name = "review"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """The choices."""
        return [("overdue", "Overdue"), ("soon", f"Due in {SOON_DAYS} days"), ("never", "Never reviewed")]

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
            for draft in page.drafts.all():
                draft.writers.add(request.user)

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


class DraftForm(forms.ModelForm):
    """A draft's words, and the revision they were shown at, so that nobody's save is overwritten unseen."""

    shown_revision = forms.IntegerField(widget=forms.HiddenInput, required=False)
    began_from = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=0, max_value=2**31 - 1)

    class Meta:
        model = Draft
        fields = ["page", "title", "summary", "body", "change_note", "reason", "replacement"]
        widgets = {
            "title": forms.TextInput(attrs={"class": "vTextField"}),
            "summary": forms.Textarea(attrs={"rows": 2, "class": "vLargeTextField"}),
            "body": forms.Textarea(attrs={"rows": 32, "class": "vLargeTextField markdown", "spellcheck": "true"}),
            "change_note": forms.Textarea(attrs={"rows": 2, "class": "vLargeTextField"}),
            "reason": forms.Textarea(attrs={"rows": 4, "class": "vLargeTextField"}),
            "replacement": forms.TextInput(attrs={"class": "vTextField"}),
        }

    winner: Draft | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["shown_revision"].initial = self.instance.revision if self.instance.pk else 0
        self.kind = Version.Kind.WITHDRAWAL if "reason" in self.fields else Version.Kind.TEXT
        for name in ("body", "reason"):
            if name in self.fields:
                self.fields[name].required = True
        page = self.initial.get("page")
        self.page_id = self.instance.page_id or (page.pk if isinstance(page, Page) else "")

    def clean(self) -> dict[str, Any]:
        """Refuse a save that was overtaken, and keep this text in the form beside the other one."""
        cleaned = super().clean() or {}
        current = self.find_current()
        if current is None and (page := cleaned.get("page")):
            try:
                publishing.refuse_while_scheduled(page)
            except publishing.Refused as refusal:
                raise forms.ValidationError(str(refusal)) from refusal
        if current and cleaned.get("shown_revision") != current.revision:
            self.winner = current
            self.data = {**self.data.dict(), "shown_revision": str(current.revision)}  # type: ignore[attr-defined]
            raise forms.ValidationError(
                f"{publishing.Overtaken(current)} Your text was not saved, and it is still here. The saved text is "
                "below it: copy what should stay into yours, then save again to replace it."
            )
        return cleaned

    def find_current(self) -> Draft | None:
        """The draft as the database has it now: this one or, for a new one, another that was begun meanwhile."""
        drafts = Draft.objects.select_related("saved_by")
        if self.instance.pk:
            return drafts.filter(pk=self.instance.pk).first()
        return drafts.filter(page=self.cleaned_data.get("page"), kind=self.kind).first()

    @property
    def comparison(self) -> Comparison | None:
        """What differs between the text that was saved meanwhile and the one in this form."""
        return compare(self.winner.body, self.data.get("body", "")) if self.winner else None

    def to_text(self) -> publishing.Text:
        """The words typed into the form; a draft keeps those that its form does not show."""
        kept = {name: getattr(self.instance, name) for name in publishing.Text.__dataclass_fields__}
        return publishing.Text(
            **kept | {name: self.cleaned_data[name] for name in kept.keys() & self.cleaned_data.keys()}
        )


@admin.register(Draft)
class DraftAdmin(admin.ModelAdmin):
    """Writing: edit, preview, submit; a reviewer reads the draft as the page it will be, and decides."""

    form = DraftForm
    list_display = ["__str__", "page", "kind", "state", "saved_by", "saved_at"]
    list_filter = ["state", "kind"]
    list_select_related = ["page", "saved_by"]
    search_fields = ["title", "page__slug"]
    change_form_template = "admin/content/draft/change_form.html"

    class Media:
        css = {"all": ["css/comparison.css", "css/editing.css"]}
        js = [forms.Script("js/editing.js", defer=True)]

    def get_fields(self, request: HttpRequest, obj: Draft | None = None) -> list[Any]:
        """The words, and what tells whether they were overtaken."""
        words = WITHDRAWAL_WORDS if _kind(request, obj) == Version.Kind.WITHDRAWAL else TEXT_WORDS
        return ["page", *words, "shown_revision", "began_from"]

    def get_readonly_fields(self, request: HttpRequest, obj: Draft | None = None) -> list[str]:
        """A draft stays with its page."""
        return ["page"] if obj else []

    def has_delete_permission(self, request: HttpRequest, obj: Draft | None = None) -> bool:
        """What an editor typed is never deleted from here."""
        return False

    def get_urls(self) -> list[URLPattern]:
        """Add the preview of unsaved text and the reviewer's page."""
        return [
            path("preview/", self.admin_site.admin_view(self.preview_view), name="content_draft_preview"),
            path("<int:pk>/review/", self.admin_site.admin_view(self.review_view), name="content_draft_review"),
            *super().get_urls(),
        ]

    # Editing

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """A new draft begins as the page reads now or, where it is withdrawn, as it read last."""
        page = _page_named(request)
        live, text = (page.live_version, page.last_text) if page else (None, None)
        words = {name: getattr(text, name) for name in ("title", "summary", "body")} if text else {}
        return {"page": page, "began_from": live.number if live else 0, **words}

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """A page has one draft of a kind: where there is one, go to it."""
        draft = Draft.objects.filter(page=_page_named(request), kind=_kind(request, None)).first()
        if draft and request.method == "GET":
            return redirect("admin:content_draft_change", draft.pk)
        return super().add_view(request, form_url, extra_context)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """A save overtaken between its check and its writing is shown again, and the check then sees it."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except publishing.Refused:
            return super().changeform_view(request, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Draft, form: Any, change: bool) -> None:
        """Save through the editorial rules."""
        by: Any = request.user
        existing = form.find_current()
        text = form.to_text()
        if existing:
            saved = publishing.save_draft(
                draft=existing, text=text, by=by, revision=form.cleaned_data["shown_revision"]
            )
        else:
            kind, page = _kind(request, None), form.cleaned_data["page"]
            live = page.live_version
            if kind == Version.Kind.WITHDRAWAL and live:
                text = replace(text, title=live.title, summary=live.summary)
            began_from = form.cleaned_data["began_from"] or 0
            saved = publishing.start_draft(page=page, text=text, by=by, started_from=began_from, kind=kind)
        obj.__dict__.update(saved.__dict__)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Nothing else hangs on a draft: the rules have saved all of it."""

    def response_post_save_change(self, request: HttpRequest, obj: Draft) -> HttpResponseRedirect:
        """After saving, take the further step that was asked for, and stay with the draft."""
        return self._after_save(request, obj)

    def response_post_save_add(self, request: HttpRequest, obj: Draft) -> HttpResponseRedirect:
        """After the first save, the same."""
        return self._after_save(request, obj)

    def _after_save(self, request: HttpRequest, draft: Draft) -> HttpResponseRedirect:
        by: Any = request.user
        try:
            if "_catch_up" in request.POST:
                live = draft.page.live_version
                publishing.catch_up(draft=draft, by=by, revision=draft.revision, live=_number(request, "_catch_up"))
                self.message_user(request, f"The draft now goes on from {live}.", messages.SUCCESS)
            if "_submit" in request.POST:
                publishing.submit(draft=draft, by=by, revision=draft.revision)
                self.message_user(request, "The draft now waits for a reviewer.", messages.SUCCESS)
        except publishing.Refused as refusal:
            self.message_user(
                request,
                f"Saved, but not {'submitted' if '_submit' in request.POST else 'moved on'}. {refusal}",
                messages.ERROR,
            )
        return redirect("admin:content_draft_change", draft.pk)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        """Show with the text what is wrong in it, and what was published since it was begun."""
        draft: Draft | None = kwargs.get("obj")
        context["problems"] = _problems_of(draft.page, draft.body) if draft and not draft.is_withdrawal else []
        live = draft.page.live_version if draft else None
        if draft and live and live.number != draft.started_from:
            context["overtaken_by"] = live
        return super().render_change_form(request, context, *args, **kwargs)

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> HttpResponse:
        """The draft was published meanwhile: what was typed is shown to copy."""
        page = request.method == "POST" and typed_text_page(
            request, "This draft was published while you were writing, so your text was not saved"
        )
        gone: HttpResponse = super()._get_obj_does_not_exist_redirect(request, opts, object_id)  # type: ignore[misc]
        return page or gone

    # Reading before publication

    def preview_view(self, request: HttpRequest) -> HttpResponse:
        """The posted text through the page's own template and renderer; nothing is saved."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        text = publishing.Text(**{name: request.POST.get(name, "") for name in ("title", "summary", "body")})
        return _show(request, _page_named(request) or Page(slug="preview"), text, {})

    def review_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The draft as the page it will be, and what changes; POST publishes or returns exactly what was shown."""
        draft = get_object_or_404(Draft.objects.select_related("page", "saved_by", "submitted_by"), pk=pk)
        by: Any = request.user
        may_publish = by.has_perm("content.publish_version")
        if not self.has_view_permission(request, draft) or (request.method == "POST" and not may_publish):
            raise PermissionDenied
        if request.POST.get("action") in ("publish", "schedule", "return") and (done := self._decide(request, draft)):
            return done
        live = draft.page.live_version
        draft.refresh_from_db()
        context = {
            "draft": draft,
            "live": live,
            "may_publish": may_publish,
            "may_approve": publishing.may_approve(by, draft),
            "comparison": compare(live.body if live else "", draft.body),
            "posted": request.POST,
            "since_shown": _since_shown(request, draft),
        }
        return _show(request, draft.page, publishing.words_of(draft), context)

    def _decide(self, request: HttpRequest, draft: Draft) -> HttpResponse | None:
        """Publish or return the draft; None when that was refused, and the page says why."""
        by: Any = request.user
        revision, sha256 = _number(request, "revision"), request.POST.get("sha256", "")
        try:
            if request.POST.get("action") == "return":
                comment = request.POST.get("comment", "")
                publishing.return_draft(draft=draft, by=by, revision=revision, comment=comment)
                self.message_user(request, "The draft is back with its writers.", messages.SUCCESS)
                return redirect("admin:index")
            at = _time_asked(request) if request.POST.get("action") == "schedule" else None
            version = publishing.publish(draft=draft, by=by, revision=revision, sha256=sha256, at=at)
        except publishing.Overtaken as overtaken:
            if overtaken.draft is None:
                self.message_user(request, "This draft was published or cancelled meanwhile.", messages.ERROR)
                return redirect("admin:content_draft_changelist")
            self.message_user(request, f"{overtaken} Nothing was done. Read it again as it is now.", messages.ERROR)
        except publishing.Refused as refusal:
            self.message_user(request, f"Nothing was done. {refusal}", messages.ERROR)
        else:
            if at:
                said = f"Version {version.number} goes live at {localtime(at):%H:%M on %-d %b %Y}."
                self.message_user(request, said, messages.SUCCESS)
                return redirect("admin:content_version_change", version.pk)
            self.message_user(request, f"Version {version.number} is live.", messages.SUCCESS)
            return redirect(version.page.get_absolute_url())
        return None


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
            self.message_user(request, f"The page has a draft already. {overtaken}", messages.ERROR)
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
        self.message_user(request, "Cancelled. Its text is the draft again.", messages.SUCCESS)
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
            raise forms.ValidationError("Another version is live now. Read that one, and review it.")
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
        count = queryset.filter(resolved_at=None).update(resolved_at=timezone.now(), resolved_by_name=by.name)
        self.message_user(request, f"Marked as resolved: {count}.", messages.SUCCESS)


@admin.register(Topic)
class TopicAdmin(admin.ModelAdmin):
    """Subjects that pages are listed under."""

    prepopulated_fields = {"slug": ["name"]}


def _page_named(request: HttpRequest) -> Page | None:
    """The page that `?page=` names by its id; None for none or nonsense."""
    pk = request.GET.get("page", "")
    return Page.objects.filter(pk=int(pk)).first() if pk.isascii() and pk.isdigit() and len(pk) < 19 else None


def _kind(request: HttpRequest, draft: Draft | None) -> str:
    """The kind of the draft or, for a new one, what `?kind=` asks for."""
    asked = request.GET.get("kind", "")
    return draft.kind if draft else asked if asked in Version.Kind.values else Version.Kind.TEXT


def _number(request: HttpRequest, name: str) -> int:
    """A whole number that the form carried; 0 for none or nonsense."""
    value = request.POST.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else 0


def _time_asked(request: HttpRequest) -> datetime:
    """When the reviewer wants it published, UK time. Raises `Refused` for what is no time."""
    try:
        at = parse_datetime(request.POST.get("at", ""))
    except ValueError:  # the shape of a time, and no such day
        at = None
    if at is None:
        raise publishing.Refused("Give the day and the time at which it should go live.")
    return make_aware(at) if is_naive(at) else at


def _since_shown(request: HttpRequest, draft: Draft) -> Comparison | None:
    """What changed in the draft after the reviewer was shown it; None when nothing did."""
    shown = request.POST.get("shown_body", "").replace("\r\n", "\n")
    return compare(shown, draft.body) if request.method == "POST" and shown != draft.body else None


def _show(request: HttpRequest, page: Page, text: publishing.Text, context: dict[str, Any]) -> HttpResponse:
    """Show `text` through the template of published pages, with what stops it from publication."""
    rendered = rendering.render(text.body)
    version = Version(page=page, **vars(text), published_at=timezone.now())
    if page.pk:
        version.credits = [contributor.to_credit() for contributor in page.contributors.all()]
    version.rendering = Rendering(html=rendered.html, contents=rendered.contents)
    context |= {"version": version, "page": page, "problems": _problems_of(page, text.body)}
    return render(request, "content/draft_preview.html", context)


def _problems_of(page: Page, body: str) -> list[problems.Problem]:
    """What is wrong in a text that is to be on `page`, whose links may lead to any page that is live or to itself."""
    live = Page.objects.live().guidance().filter(slug__in=problems.linked_slugs(body)).values_list("slug", flat=True)
    return problems.find(body, {*live, page.slug})
