"""The page where drafts are written and the page where they are reviewed, in the admin."""

import json
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any, ClassVar

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse, HttpResponseNotAllowed, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.timezone import is_naive, localtime, make_aware

from accounts.characters import describe_fields
from accounts.lists import LeanAdmin
from accounts.session.unsaved_text import posted_text_page, put_back, takes_text_back
from content import publishing
from content.comparison.comparison import Reading, compare
from content.comparison.display import Shown, show
from content.comparison.source import Field, compare_fields
from content.length import describe_excess
from content.markup import cleaning, problems, reading, references, rendering
from content.models import Draft, Page, Rendering, Version
from content.references import retractions

from .forms import GuidanceForm, tell

TEXT_WORDS = ["title", "summary", "body", "change_note"]
WITHDRAWAL_WORDS = ["reason", "replacement"]


class DraftForm(GuidanceForm):
    """A draft's words, and the revision the editor was shown, so that nobody's save is overwritten unseen."""

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
    typed: ClassVar[dict[str, str]] = {}  # kept text that is put back; what was saved since it was typed is not known

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        kwargs["initial"] = {**(kwargs.get("initial") or {}), **self.typed}
        super().__init__(*args, **kwargs)
        self.fields["shown_revision"].initial = self.instance.revision if self.instance.pk and not self.typed else 0
        self.kind = Version.Kind.WITHDRAWAL if "reason" in self.fields else Version.Kind.TEXT
        for name in ("body", "reason"):
            if name in self.fields:
                self.fields[name].required = True
        if "body" in self.fields:
            self.fields["body"].strip = False  # type: ignore[attr-defined]  # so that the lines of problems are those typed
        page = self.initial.get("page")
        self.page_id = self.instance.page_id or (page.pk if isinstance(page, Page) else "")

    def clean(self) -> dict[str, Any]:
        """Refuse a save if someone saved first. The typed text stays in the form, and the other is shown below it."""
        cleaned = super().clean() or {}
        current = self.find_current()
        if current is None and (page := cleaned.get("page")):
            self._check_start(page, cleaned.get("began_from") or 0)
        if current and cleaned.get("shown_revision") != current.revision:
            self.winner = current
            self.data = {**self.data.dict(), "shown_revision": str(current.revision)}  # type: ignore[attr-defined]
            raise forms.ValidationError(
                f"{publishing.EditConflict(current)} Your text was not saved, but it is still here. The saved text is "
                "below it: copy anything you need into yours, then save again to replace it."
            )
        return cleaned

    def clean_body(self) -> str:
        """Refuse a text of nothing but space."""
        body = str(self.cleaned_data["body"])
        if not body.strip():
            raise forms.ValidationError(self.fields["body"].error_messages["required"], code="required")
        return body

    def remove_unseen_from(self, name: str, text: str) -> tuple[str, list[cleaning.Notice]]:
        """Give the links in the text that have none the titles of their pages, too."""
        if name != "body" or describe_excess(text):
            return super().remove_unseen_from(name, text)
        return _clean(text)

    def _check_start(self, page: Page, began_from: int) -> None:
        """Refuse what the editorial rules refuse; after `NotFromLive` the form continues from the live version."""
        try:
            publishing.refuse_start(page=page, kind=self.kind, started_from=began_from)
        except publishing.NotAllowed as refusal:
            if isinstance(refusal, publishing.NotFromLive):
                self.data = {**self.data.dict(), "began_from": str(refusal.live)}  # type: ignore[attr-defined]
            raise forms.ValidationError(str(refusal)) from refusal

    def find_current(self) -> Draft | None:
        """Return the draft as it is in the database; for a new draft, one that someone has started since, or None."""
        drafts = Draft.objects.select_related("saved_by")
        if self.instance.pk:
            return drafts.filter(pk=self.instance.pk).first()
        return drafts.filter(page=self.cleaned_data.get("page"), kind=self.kind).first()

    @property
    def comparison(self) -> list[Field]:
        """What differs, field by field, between the text that was saved first and the text in this form."""
        if self.winner is None or describe_excess(self.data.get("body", "")):
            return []
        typed = {name: self.data.get(name, getattr(self.winner, name)) for name in publishing.Text.__dataclass_fields__}
        mine = Draft(kind=self.kind, **vars(publishing.Text(**typed)))
        return compare_fields(self.winner.to_fields(), mine.to_fields())

    def to_text(self) -> publishing.Text:
        """Return the words typed in the form, with the draft's own words where the form has no field."""
        kept = {name: getattr(self.instance, name) for name in publishing.Text.__dataclass_fields__}
        return publishing.Text(
            **kept | {name: self.cleaned_data[name] for name in kept.keys() & self.cleaned_data.keys()}
        )


@admin.register(Draft)
class DraftAdmin(LeanAdmin):
    """Editors write, preview and submit drafts here. A reviewer reads one as the page it will be, and decides."""

    form = DraftForm
    list_display = ["__str__", "page", "kind", "state", "saver", "saved_at"]
    list_filter = ["state", "kind"]
    list_select_related = ["page", "saved_by"]
    list_defer = ("summary", "body", "change_note", "reason", "comment")
    search_fields = ["title", "page__slug"]
    autocomplete_fields = ["page"]
    change_form_template = "admin/content/draft/change_form.html"

    class Media:
        css = {"all": ["css/comparison.css", "css/editing.css"]}
        js = [forms.Script("js/editing.js", defer=True)]

    def get_fields(self, request: HttpRequest, obj: Draft | None = None) -> list[Any]:
        """Return the fields of the words, and two hidden ones that show whether someone saved first."""
        words = WITHDRAWAL_WORDS if _kind(request, obj) == Version.Kind.WITHDRAWAL else TEXT_WORDS
        return ["page", *words, "shown_revision", "began_from"]

    def get_readonly_fields(self, request: HttpRequest, obj: Draft | None = None) -> list[str]:
        """Keep a draft on its page."""
        return ["page"] if obj else []

    def has_delete_permission(self, request: HttpRequest, obj: Draft | None = None) -> bool:
        """Refuse: text that an editor typed is never deleted from here."""
        return False

    def get_urls(self) -> list[URLPattern]:
        """Add the preview of unsaved text and the reviewer's page."""
        return [
            path("preview/", self.admin_site.admin_view(self.preview_view), name="content_draft_preview"),
            path("<int:pk>/review/", self.admin_site.admin_view(self.review_view), name="content_draft_review"),
            *super().get_urls(),
        ]

    @admin.display(description="Saved by", ordering="saved_by")
    def saver(self, draft: Draft) -> str:
        """Return who saved the draft last, or that it came from a file."""
        return "Imported from a file" if draft.is_imported else str(draft.saved_by or "")

    # Editing

    def get_changeform_initial_data(self, request: HttpRequest) -> dict[str, Any]:
        """Start a new draft with the page's live text or, if it is withdrawn, its last text."""
        page = _page_named(request)
        live, text = (page.live_version, page.last_text) if page else (None, None)
        words = {name: getattr(text, name) for name in ("title", "summary", "body")} if text else {}
        return {"page": page, "began_from": live.number if live else 0, **words}

    def get_form(self, request: HttpRequest, obj: Draft | None = None, change: bool = False, **kwargs: Any) -> Any:
        """Return the form; with kept text that the address asks for, saving first shows what differs from the draft."""
        form: Any = super().get_form(request, obj, change, **kwargs)
        typed = put_back(request, request.path, form.base_fields)
        return type(form.__name__, (form,), {"typed": typed}) if typed else form

    @takes_text_back
    def change_view(self, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the draft, or save it."""
        return super().change_view(*args, **kwargs)

    @takes_text_back
    def add_view(self, request: HttpRequest, form_url: str = "", extra_context: Any = None) -> HttpResponse:
        """Redirect to the draft of this kind if the page already has one."""
        draft = Draft.objects.filter(page=_page_named(request), kind=_kind(request, None)).first()
        if draft and request.method == "GET":
            return redirect("admin:content_draft_change", draft.pk)
        return super().add_view(request, form_url, extra_context)

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """If someone saved between the form's check and the write, show the form again: its check then sees that."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except publishing.NotAllowed:
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
        tell(request, form.notices)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        """Do nothing: the rules have saved everything."""

    def response_post_save_change(self, request: HttpRequest, obj: Draft) -> HttpResponseRedirect:
        """After a save, take the next step if the editor asked for one, and stay on the draft."""
        return self._after_save(request, obj)

    def response_post_save_add(self, request: HttpRequest, obj: Draft) -> HttpResponseRedirect:
        """After the first save, do the same."""
        return self._after_save(request, obj)

    def _after_save(self, request: HttpRequest, draft: Draft) -> HttpResponseRedirect:
        by: Any = request.user
        try:
            if "_catch_up" in request.POST:
                live = draft.page.live_version
                publishing.rebase(draft=draft, by=by, revision=draft.revision, live=_number(request, "_catch_up"))
                self.message_user(request, f"The draft now continues from {live}.", messages.SUCCESS)
            if "_submit" in request.POST:
                publishing.submit(draft=draft, by=by, revision=draft.revision)
                self.message_user(request, "The draft is now waiting for a reviewer.", messages.SUCCESS)
        except publishing.NotAllowed as refusal:
            self.message_user(
                request,
                f"Saved, but not {'submitted' if '_submit' in request.POST else 'brought up to date'}. {refusal}",
                messages.ERROR,
            )
        return redirect("admin:content_draft_change", draft.pk)

    def render_change_form(self, request: HttpRequest, context: Any, *args: Any, **kwargs: Any) -> Any:
        """Show the problems of the text, and the version that was published since the draft was started."""
        draft: Draft | None = kwargs.get("obj")
        context["problems"] = _problems_of(draft.page, draft.body) if draft and not draft.is_withdrawal else []
        context["unseen"] = publishing.find_unseen(draft.page, publishing.words_of(draft), draft.kind) if draft else []
        live = draft.page.live_version if draft else None
        if draft and live and live.number != draft.started_from:
            context["overtaken_by"] = live
        return super().render_change_form(request, context, *args, **kwargs)

    def _get_obj_does_not_exist_redirect(self, request: HttpRequest, opts: Any, object_id: str) -> HttpResponse:
        """If the draft has been published since, show the typed text so that it can be copied."""
        page = request.method == "POST" and posted_text_page(
            request, "This draft was published while you were writing, so your text was not saved"
        )
        gone: HttpResponse = super()._get_obj_does_not_exist_redirect(request, opts, object_id)  # type: ignore[misc]
        return page or gone

    # Reading before publication

    def preview_view(self, request: HttpRequest) -> HttpResponse:
        """Show the posted text with the page's own template and renderer; nothing is saved."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        if request.method != "POST":
            return HttpResponseNotAllowed(["POST"])
        typed = {name: cleaning.remove_unseen(request.POST.get(name, ""))[0] for name in TEXT_WORDS}
        if not describe_excess(typed["body"]):
            typed["body"], _ = _clean(typed["body"])
        page, text = _page_named(request) or Page(slug="preview"), publishing.Text(**typed)
        unseen = publishing.find_unseen(page, text)
        return _show(request, _as_version(page, replace(text, change_note="")), {"unseen": unseen})

    def review_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """Show the draft as the page it will be, and what it changes.

        A POST publishes exactly what the reviewer was shown, or returns the draft if it is still at that revision.
        """
        draft = Draft.objects.select_related("page", "saved_by", "submitted_by").filter(pk=pk).first()
        if draft is None:
            return self._gone(request)
        by: Any = request.user
        may_publish = by.has_perm("content.publish_version")
        if not self.has_view_permission(request, draft) or (request.method == "POST" and not may_publish):
            raise PermissionDenied
        if request.POST.get("action") in ("publish", "schedule", "return") and (done := self._decide(request, draft)):
            return done
        live = draft.page.live_version
        draft.refresh_from_db()
        version = _as_version(draft.page, publishing.words_of(draft), draft.kind)
        shown = [*version.to_fields(), ("Change note", draft.change_note)]
        context = {
            "draft": draft,
            "live": live,
            "may_publish": may_publish,
            "obstacle": publishing.find_obstacle(by, draft),
            "unseen": publishing.find_unseen(draft.page, publishing.words_of(draft), draft.kind),
            "second_hand": [] if describe_excess(draft.body) else references.find_second_hand(draft.body),
            "comment_faults": describe_fields([("Comment", _comment(request)[0])]),
            "changes": show(compare(_reading(live), _reading(version))) if live else None,
            "source": compare_fields(live.to_fields(), version.to_fields()) if live else [],
            "posted": request.POST,
            "shown": json.dumps(shown),
            "since_shown": _since_shown(request, shown),
        }
        return _show(request, version, context)

    def _gone(self, request: HttpRequest) -> HttpResponse:
        """If the draft no longer exists, show a comment that was typed so that it can be copied."""
        page = request.method == "POST" and posted_text_page(
            request, "This draft has since been published or cancelled, so nothing was done"
        )
        return page or redirect("admin:content_draft_changelist")

    def _decide(self, request: HttpRequest, draft: Draft) -> HttpResponse | None:
        """Publish or return the draft. Returns None after a refusal; the page then shows the reason."""
        by: Any = request.user
        revision, sha256 = _number(request, "revision"), request.POST.get("sha256", "")
        try:
            if request.POST.get("action") == "return":
                comment, notices = _comment(request)
                publishing.return_draft(draft=draft, by=by, revision=revision, comment=comment)
                tell(request, (f"Comment, {notice.describe()}" for notice in notices))
                self.message_user(request, "You have returned the draft to its writers.", messages.SUCCESS)
                return redirect("admin:index")
            at = _time_asked(request) if request.POST.get("action") == "schedule" else None
            version = publishing.publish(draft=draft, by=by, revision=revision, sha256=sha256, at=at)
        except publishing.EditConflict as conflict:
            if conflict.draft is None:
                return self._gone(request)
            self.message_user(request, f"{conflict} Nothing was done. Read the draft again.", messages.ERROR)
        except publishing.NotAllowed as refusal:
            self.message_user(request, f"Nothing was done. {refusal}", messages.ERROR)
        else:
            if at:
                said = f"Version {version.number} goes live at {localtime(at):%H:%M on %-d %b %Y}."
                self.message_user(request, said, messages.SUCCESS)
                return redirect("admin:content_version_change", version.pk)
            self.message_user(request, f"Version {version.number} is live.", messages.SUCCESS)
            return redirect(version.page.get_absolute_url())
        return None


def _page_named(request: HttpRequest) -> Page | None:
    """Return the page whose id is in `?page=`, or None if there is no such page."""
    pk = request.GET.get("page", "")
    return Page.objects.filter(pk=int(pk)).first() if pk.isascii() and pk.isdigit() and len(pk) < 19 else None


def _kind(request: HttpRequest, draft: Draft | None) -> str:
    """Return the kind of the draft or, for a new one, the kind in `?kind=`; a text by default."""
    asked = request.GET.get("kind", "")
    return draft.kind if draft else asked if asked in Version.Kind.values else Version.Kind.TEXT


def _number(request: HttpRequest, name: str) -> int:
    """Return a whole number from the form, or 0 if it is missing or not a number."""
    value = request.POST.get(name, "")
    return int(value) if value.isascii() and value.isdigit() and len(value) < 10 else 0


def _comment(request: HttpRequest) -> tuple[str, list[cleaning.Notice]]:
    """Return the reviewer's comment as it is to be saved, and a notice of each change."""
    return cleaning.remove_unseen(request.POST.get("comment", ""))


def _time_asked(request: HttpRequest) -> datetime:
    """Return the time of publication that the reviewer entered, in UK time. Raises `NotAllowed` if it is not a time."""
    try:
        at = parse_datetime(request.POST.get("at", ""))
    except ValueError:  # it has the shape of a time, but there is no such day
        at = None
    if at is None or not is_naive(at):
        raise publishing.NotAllowed("Enter the date and time when it should go live.")
    aware = make_aware(at)
    if localtime(aware.astimezone(UTC)).replace(tzinfo=None) != at:
        raise publishing.NotAllowed("The clocks go forward then, so that time does not exist. Choose another.")
    return aware


def _as_version(page: Page, text: publishing.Text, kind: str = Version.Kind.TEXT) -> Version:
    """Return `text` as the version it would be, unsaved, with the page's credits and, if not too long, its HTML."""
    credits = [contributor.to_credit() for contributor in page.contributors.all()] if page.pk else []
    version = Version(page=page, kind=kind, **vars(text), credits=credits, published_at=timezone.now())
    rendered = _render(version.body)
    version.rendering = Rendering(
        html=rendered.html, page_html=reading.dress(rendered.html), contents=rendered.contents
    )
    return version


def _render(body: str) -> rendering.Rendered:
    return rendering.render("" if describe_excess(body) else body)


def _reading(version: Version) -> Reading:
    return Reading(version.to_facts(), version.html)


def _since_shown(request: HttpRequest, now: list[tuple[str, str]]) -> Shown | None:
    """Return what changed since the reviewer was shown the draft, or None if nothing did or the form does not say."""
    try:
        before = [(str(name), str(text)) for name, text in json.loads(request.POST.get("shown", ""))]
    except (ValueError, TypeError):
        return None
    return show(compare(_reading_of(before), _reading_of(now), "since-")) if before != now else None


def _reading_of(fields: list[tuple[str, str]]) -> Reading:
    """Return what readers would see of these fields."""
    facts = [(name, text) for name, text in fields if name != "Text"]
    return Reading(facts, _render(dict(fields).get("Text", "")).html)


def _show(request: HttpRequest, version: Version, context: dict[str, Any]) -> HttpResponse:
    """Show an unsaved version in the template of published pages, with the problems of its text."""
    page, is_too_long = version.page, bool(describe_excess(version.body))
    found = _problems_of(page, version.body)
    context |= {"version": version, "page": page, "problems": found, "is_too_long": is_too_long}
    return render(request, "content/draft_preview.html", context)


def _clean(body: str) -> tuple[str, list[cleaning.Notice]]:
    """Return a text as it is to be saved, with the titles that its links get, and a notice of each change."""
    return cleaning.clean(body, Page.objects.titles(cleaning.slugs_to_fill(body)))


def _problems_of(page: Page, body: str) -> list[problems.Problem]:
    """Return the problems of a text for `page`, whose links may lead to any live page or to the page itself.

    A reference to a paper that was retracted is one.
    """
    live = Page.objects.live().guidance().filter(slug__in=problems.linked_slugs(body)).values_list("slug", flat=True)
    found = problems.find(body, {*live, page.slug}, is_guidance=page.is_guidance and bool(body))
    retracted = [] if describe_excess(body) else retractions.find_problems(body)
    return sorted([*found, *retracted])
