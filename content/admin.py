from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.db.models import ForeignKey, OuterRef, QuerySet, Subquery
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import URLPattern, path, reverse
from django.utils import timezone
from django.utils.html import format_html

from accounts.typed_text import typed_text_page

from . import problems, publishing, rendering
from .models import Code, Contributor, Draft, Page, Rendering, Review, Topic, Version


class CodeInline(admin.TabularInline):
    """The clinical codes of a page."""

    model = Code
    extra = 0


class ContributorInline(admin.TabularInline):
    """The people credited on a page."""

    model = Contributor
    extra = 0


@admin.register(Page)
class PageAdmin(admin.ModelAdmin):
    """A page's address and standing facts, with the way to its draft."""

    list_display = ["live_title", "slug", "kind", "draft_state"]
    list_filter = ["kind", "topics"]
    search_fields = ["slug", "versions__title"]
    filter_horizontal = ["topics"]
    inlines = [ContributorInline, CodeInline]

    def get_queryset(self, request: HttpRequest) -> QuerySet[Page]:
        """Pages with the title they are live under and their draft."""
        live = Version.objects.published().filter(page=OuterRef("pk")).order_by("-number")
        titled = super().get_queryset(request).annotate(title=Subquery(live.values("title")[:1]))
        return titled.prefetch_related("drafts")

    def get_readonly_fields(self, request: HttpRequest, obj: Page | None = None) -> list[str]:
        """The address of a published page never changes."""
        return ["slug", "kind"] if obj and obj.versions.exists() else []

    @admin.display(description="title", ordering="title")
    def live_title(self, page: Any) -> str:
        """The title readers see, or that there is none yet."""
        return page.title or "Not published yet"

    @admin.display(description="draft")
    def draft_state(self, page: Page) -> str:
        """Where the page's draft stands, as a link to it."""
        for draft in page.drafts.all():
            url = reverse("admin:content_draft_change", args=[draft.pk])
            return format_html('<a href="{}">{}</a>', url, draft.get_state_display())
        return format_html('<a href="{}?page={}">Start a draft</a>', reverse("admin:content_draft_add"), page.pk)


def _page_named(request: HttpRequest) -> Page | None:
    """The page that `?page=` names by its id; None for none or nonsense."""
    pk = request.GET.get("page", "")
    return Page.objects.filter(pk=int(pk)).first() if pk.isascii() and pk.isdigit() else None


class DraftForm(forms.ModelForm):
    """A draft's text, and the revision it was shown at, so that nobody's save is overwritten unseen."""

    shown_revision = forms.IntegerField(widget=forms.HiddenInput, required=False)
    began_from = forms.IntegerField(widget=forms.HiddenInput, required=False)

    class Meta:
        model = Draft
        fields = ["page", "title", "summary", "body", "change_note"]
        widgets = {
            "title": forms.TextInput(attrs={"class": "vTextField"}),
            "summary": forms.Textarea(attrs={"rows": 2, "class": "vLargeTextField"}),
            "body": forms.Textarea(attrs={"rows": 32, "class": "vLargeTextField markdown", "spellcheck": "true"}),
            "change_note": forms.Textarea(attrs={"rows": 2, "class": "vLargeTextField"}),
        }

    winner: Draft | None = None

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["shown_revision"].initial = self.instance.revision
        page = self.initial.get("page")
        self.page_id = self.instance.page_id or (page.pk if isinstance(page, Page) else "")

    def clean(self) -> dict[str, Any]:
        """Refuse a save that was overtaken, and keep this text in the form beside the other one."""
        cleaned = super().clean() or {}
        shown = cleaned.get("shown_revision")
        current = Draft.objects.filter(pk=self.instance.pk).select_related("saved_by").first()
        if current and shown != current.revision:
            self.winner = current
            self.data = {**self.data.dict(), "shown_revision": str(current.revision)}  # type: ignore[attr-defined]
            raise forms.ValidationError(
                f"{publishing.Overtaken(current)} Your text was not saved, and it is still here. The saved text is "
                "below it: copy what should stay into yours, then save again to replace it."
            )
        return cleaned

    def to_text(self) -> publishing.Text:
        """The words typed into the form, with the line ends of a file, not those of a posted form."""
        names = publishing.Text.__dataclass_fields__
        return publishing.Text(**{name: self.cleaned_data[name].replace("\r\n", "\n") for name in names})


@admin.register(Draft)
class DraftAdmin(admin.ModelAdmin):
    """Writing: edit, preview, submit; a reviewer reads the draft as the page it will be, and publishes it."""

    form = DraftForm
    list_display = ["title", "page", "state", "saved_by", "saved_at"]
    list_filter = ["state"]
    list_select_related = ["page", "saved_by"]
    search_fields = ["title", "page__slug"]
    change_form_template = "admin/content/draft/change_form.html"

    class Media:
        css = {"all": ["css/editing.css"]}
        js = [forms.Script("js/editing.js", defer=True)]

    def get_fields(self, request: HttpRequest, obj: Draft | None = None) -> list[Any]:
        """The text, and what tells whether it was overtaken."""
        return ["page", "title", "summary", "body", "change_note", "shown_revision", "began_from"]

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
        """A new draft begins as the page reads now."""
        page = _page_named(request)
        live = page.live_version if page else None
        if not live:
            return {"page": page, "began_from": 0}
        return {
            "page": page,
            "title": live.title,
            "summary": live.summary,
            "body": live.body,
            "began_from": live.number,
        }

    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """A page has one draft: where there is one, go to it."""
        draft = Draft.objects.filter(page=_page_named(request)).first()
        if draft and request.method == "GET":
            return redirect("admin:content_draft_change", draft.pk)
        return super().add_view(request, form_url, extra_context)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """A save overtaken between its check and its writing is shown again, and the check then sees it."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except publishing.Overtaken:
            return super().changeform_view(request, *args, **kwargs)

    def render_change_form(self, request: HttpRequest, context: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        """Show with the text what is wrong in it."""
        draft: Draft | None = kwargs.get("obj")
        context["problems"] = _problems_of(draft.page, draft.body) if draft else []
        return super().render_change_form(request, context, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Draft, form: Any, change: bool) -> None:
        """Save through the editorial rules."""
        by: Any = request.user
        if change:
            publishing.save_draft(draft=obj, text=form.to_text(), by=by, revision=form.cleaned_data["shown_revision"])
        else:
            page, began_from = form.cleaned_data["page"], form.cleaned_data["began_from"] or 0
            started = publishing.start_draft(page=page, text=form.to_text(), by=by, started_from=began_from)
            obj.__dict__.update(started.__dict__)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Nothing else hangs on a draft: the rules have saved all of it."""

    def response_post_save_change(self, request: HttpRequest, obj: Draft) -> HttpResponseRedirect:
        """After saving, submit where that was asked, and stay with the draft."""
        return self._after_save(request, obj)

    def response_post_save_add(self, request: HttpRequest, obj: Draft) -> HttpResponseRedirect:
        """After the first save, the same."""
        return self._after_save(request, obj)

    def _after_save(self, request: HttpRequest, draft: Draft) -> HttpResponseRedirect:
        by: Any = request.user
        if "_submit" in request.POST:
            try:
                publishing.submit(draft=draft, by=by, revision=draft.revision)
                self.message_user(request, "The draft now waits for a reviewer.", messages.SUCCESS)
            except publishing.Refused as refusal:
                self.message_user(request, f"Saved, but not submitted. {refusal}", messages.ERROR)
        return redirect("admin:content_draft_change", draft.pk)

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
        if request.method != "POST" or not self.has_view_permission(request):
            raise PermissionDenied
        text = publishing.Text(**{name: request.POST.get(name, "") for name in ("title", "summary", "body")})
        page = _page_named(request) or Page(slug="preview")
        return self._show(request, page, text, {})

    def review_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """The draft as the page it will be; POST publishes exactly the revision that was shown."""
        draft = get_object_or_404(Draft.objects.select_related("page", "saved_by", "submitted_by"), pk=pk)
        by: Any = request.user
        if not self.has_view_permission(request, draft):
            raise PermissionDenied
        if request.method == "POST":
            return self._publish(request, draft)
        text = publishing.Text(draft.title, draft.summary, draft.body, draft.change_note)
        context = {
            "draft": draft,
            "may_publish": by.has_perm("content.publish_version"),
            "may_approve": publishing.may_approve(by, draft),
        }
        return self._show(request, draft.page, text, context)

    def _publish(self, request: HttpRequest, draft: Draft) -> HttpResponse:
        by: Any = request.user
        if not by.has_perm("content.publish_version"):
            raise PermissionDenied
        try:
            version = publishing.publish(draft=draft, by=by, revision=int(request.POST.get("revision") or 0))
        except publishing.Overtaken as overtaken:
            self.message_user(request, f"{overtaken} It was not published. Read it again as it is now.", messages.ERROR)
        except publishing.Refused as refusal:
            self.message_user(request, f"Not published. {refusal}", messages.ERROR)
        else:
            self.message_user(request, f"Version {version.number} is live.", messages.SUCCESS)
            return HttpResponseRedirect(version.page.get_absolute_url())
        return redirect("admin:content_draft_review", draft.pk)

    def _show(self, request: HttpRequest, page: Page, text: publishing.Text, context: dict[str, Any]) -> HttpResponse:
        """Show `text` through the template of published pages, with what stops it from publication."""
        rendered = rendering.render(text.body)
        version = Version(page=page, **vars(text), published_at=timezone.now())
        version.rendering = Rendering(html=rendered.html, contents=rendered.contents)
        context |= {"version": version, "page": page, "problems": _problems_of(page, text.body)}
        return render(request, "content/draft_preview.html", context)


def _problems_of(page: Page, body: str) -> list[problems.Problem]:
    """What is wrong in a text that is to be on `page`, whose links may lead to any page that is live or to itself."""
    live = Page.objects.live().guidance().filter(slug__in=problems.linked_slugs(body)).values_list("slug", flat=True)
    return problems.find(body, {*live, page.slug})


class ReadOnlyAdmin(admin.ModelAdmin):
    """Rows that may be read here and never changed or deleted."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Never."""
        return False


@admin.register(Version)
class VersionAdmin(ReadOnlyAdmin):
    """What was published, to read."""

    list_display = ["title", "page", "number", "published_at", "author_name", "approver_name"]
    list_select_related = ["page"]
    search_fields = ["title", "page__slug"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Versions come from drafts."""
        return False


@admin.register(Review)
class ReviewAdmin(ReadOnlyAdmin):
    """Clinical reviews: recorded once, by the clinician who made them."""

    list_display = ["version", "outcome", "reviewer_name", "reviewed_at"]
    list_select_related = ["version__page"]
    fields = ["version", "outcome", "note"]

    def formfield_for_foreignkey(self, db_field: ForeignKey, request: HttpRequest, **kwargs: Any) -> Any:
        """Only a live version is reviewed."""
        if db_field.name == "version":
            kwargs["queryset"] = Version.objects.live().select_related("page")
        return super().formfield_for_foreignkey(db_field, request, **kwargs)

    def save_model(self, request: HttpRequest, obj: Review, form: Any, change: bool) -> None:
        """Record who reviewed, as text beside the account's id."""
        by: Any = request.user
        obj.reviewer_name, obj.reviewer_id = by.name, by.pk
        super().save_model(request, obj, form, change)


@admin.register(Topic)
class TopicAdmin(admin.ModelAdmin):
    """Subjects that pages are listed under."""

    prepopulated_fields = {"slug": ["name"]}
