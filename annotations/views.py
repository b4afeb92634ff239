"""A reader's own annotations: adding, editing, listing and exporting them."""

import json
import re
from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.paginator import Paginator
from django.db.models import Count
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_http_methods, require_safe

from accounts.http import Request, page_before
from accounts.models import PUT_BACK
from accounts.session.unsaved_text import posted_text_page, put_back, takes_text_back
from content.models import Page

from .export import JSON_LD_TYPE, to_csv, to_json_ld, to_markdown
from .forms import AnnotationForm, FindForm, SeenForm
from .models import MOST_ON_A_PAGE, AnnotationQuerySet, PageIsFullError, write
from .panel import Panel, placed_by_page

SAID = ("text", "label", "heading", "check_on")
FULL = (
    f"You have {MOST_ON_A_PAGE} annotations on this page, which is the most it can have. Your text is still here: "
    "delete one that you no longer need, or add to another, then save."
)
NO_ROOM = (
    f"You have {MOST_ON_A_PAGE} annotations on this page, which is the most it can have. Delete one that you no "
    "longer need, then bring this one back."
)
CHANGED = "Not confirmed: this annotation was changed in another tab or on another device. Check the new text."
MOST_TO_CHECK = 50  # annotations to look at again that the list shows at once
STEPS = {"up": -1, "down": 1}
EXPORTS = {"md": "text/markdown; charset=utf-8", "csv": "text/csv; charset=utf-8", "jsonld": JSON_LD_TYPE}


@require_safe
@login_required
def annotation_list(request: Request) -> HttpResponse:
    """List all of a reader's annotations, by page, 50 at a time, with search and filters.

    Those to look at again come first. Deleted ones can be restored here.
    """
    form = FindForm(request.GET)
    shown = Paginator(form.find(request.user.annotations.all()), 50).get_page(request.GET.get("page"))
    pages = placed_by_page(shown)
    context: dict[str, Any] = {"form": form, "shown": shown, "pages": pages}
    if not request.GET:
        context["to_check"] = _to_check(request.user.annotations.all())
        context["held"] = request.user.annotations.active().aggregate(
            notes=Count("pk"), pages=Count("page", distinct=True)
        )
    return render(request, "annotations/annotation_list.html", context)


def _to_check(annotations: AnnotationQuerySet) -> dict[str, Any]:
    """Return the first `MOST_TO_CHECK` of a reader's annotations to look at again, by page, and how many there are."""
    placed = placed_by_page(annotations.perhaps_to_check().in_order())
    found = [note for _, notes in placed for note in notes if note.is_to_check]
    shown = set(found[:MOST_TO_CHECK])
    pages = [(page, [note for note in notes if note in shown]) for page, notes in placed]
    return {
        "pages": [(page, notes) for page, notes in pages if notes],
        "count": len(found),
        "more": len(found) - len(shown),
    }


@require_safe
@login_required
def annotation_export(request: Request, form: str) -> HttpResponse:
    """Return all of a reader's annotations as a file: `md`, `csv` or `jsonld`."""
    if form not in EXPORTS:
        raise Http404
    found = request.user.annotations.active().in_order()
    pages: Any = Page.objects.titled().filter(pk__in=found.order_by().values("page"))
    titles = {page.slug: page.live_title for page in pages}
    if form == "jsonld":
        content = json.dumps(to_json_ld(found, settings.SITE_URL, str(request.user)), ensure_ascii=False, indent=2)
    else:
        content = "".join((to_csv if form == "csv" else to_markdown)(found, titles, settings.SITE_URL))
    name = f"my-annotations-{timezone.localdate()}.{form}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    return HttpResponse(content, content_type=EXPORTS[form], headers=headers)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@takes_text_back
def annotation_add(request: Request, slug: str) -> HttpResponse:
    """Add an annotation to a page. If it is refused, its text stays in the form with the reason."""
    page = get_object_or_404(Page.objects.published().guidance(), slug=slug)
    if request.method != "POST":  # after signing in, or with kept text for the form, which the page puts back
        kept = urlencode({PUT_BACK: request.GET[PUT_BACK]}) if PUT_BACK in request.GET else ""
        return redirect(f"{page.get_absolute_url()}?{kept}" if kept else page)  # no #: it would stop the autofocus
    panel = Panel.of_live(page)
    form = AnnotationForm(panel, request.POST)
    seen = SeenForm(request.POST).number(panel.live_number)
    if form.is_valid():
        said = {name: form.cleaned_data[name] for name in SAID}
        try:
            annotation = write(by=request.user, page=page, on_version=seen, key=form.cleaned_data["key"], **said)
        except PageIsFullError:
            form.add_error("text", FULL)
    context: dict[str, Any] = {"page": page, "form": form, "on_version": seen}
    if not form.is_valid():
        template = "annotations/_add.html" if request.htmx else "annotations/annotation_add.html"
        return render(request, template, context, status=422)
    if request.htmx:
        context |= {"form": AnnotationForm(panel), "note": panel.place(annotation), "said": "Annotation added."}
        return render(request, "annotations/_added.html", context)
    return _back(request, page, "Annotation added.")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
@takes_text_back
def annotation_edit(request: Request, pk: int) -> HttpResponse:
    """Edit, move, confirm, delete or restore one of the reader's own annotations. Anyone else's is a 404.

    With htmx, the answer replaces only the annotation's place in the list, so that text typed elsewhere is not
    disturbed.
    """
    annotation = request.user.annotations.select_related("page").filter(pk=pk).first()
    if not annotation:
        return _gone(request)
    page, action = annotation.page, request.POST.get("action")
    if action in STEPS:
        return _moved(request, page, annotation.move(STEPS[action]))
    panel = Panel.of_live(page)
    seen = SeenForm(request.POST or request.GET).number(panel.live_number)
    context: dict[str, Any] = {"note": panel.place(annotation), "page": page, "on_version": seen}
    context["back"] = _came_from(request, page)
    context["is_from_list"] = _is_list(context["back"])
    if action in ACTIONS:
        return ACTIONS[action](request, panel, annotation, context)
    if request.htmx and "shown" in request.GET:
        return _show(request, context | {"is_cancelled": True})
    return _edit(request, panel, annotation, context)


def _edit(request: Request, panel: Panel, annotation: Any, context: dict[str, Any]) -> HttpResponse:
    """Show the form or save it. If it is refused, its text stays in it."""
    typed = put_back(request, request.path, ["text"])
    form = AnnotationForm(panel, request.POST or None, annotation=annotation, typed=typed)
    if "overtaken" in request.POST or typed.get("text", annotation.text) != annotation.text:
        context["saved_meanwhile"] = annotation  # both texts stay visible until the reader has combined them
    if form.is_valid():
        said = {name: form.cleaned_data[name] for name in SAID}
        try:
            if annotation.edit(form.cleaned_data["revision"] or 0, context["on_version"], **said):
                return _done(request, context | {"note": panel.place(annotation)}, "Annotation saved.")
            form.show_overtaken()
            context["saved_meanwhile"] = annotation
        except PageIsFullError:
            form.add_error("text", FULL)
    return _show(request, context | {"form": form}, status=422 if form.is_bound else 200)


def _delete(request: Request, panel: Panel, annotation: Any, context: dict[str, Any]) -> HttpResponse:
    """Delete the annotation, and keep any unsaved text that was typed in its form."""
    _keep_typed(request, annotation)
    annotation.delete_softly()
    return _deleted(request, context)


def _undelete(request: Request, panel: Panel, annotation: Any, context: dict[str, Any]) -> HttpResponse:
    """Restore the annotation if there is room."""
    try:
        annotation.undelete()
    except PageIsFullError:
        return _show(request, context | {"refused": NO_ROOM}, status=422)
    return _done(request, context, "Annotation brought back.")


def _confirm(request: Request, panel: Panel, annotation: Any, context: dict[str, Any]) -> HttpResponse:
    """Confirm the annotation if it is as the reader saw it; if it has changed since, only show it."""
    is_renewed = annotation.confirm(SeenForm(request.POST).seen_revision(), context["on_version"])
    if annotation.deleted_at:
        return _deleted(request, context)
    return _done(request, context | {"note": panel.place(annotation)}, "Checked today." if is_renewed else CHANGED)


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def annotations_confirm(request: Request, slug: str) -> HttpResponse:
    """Confirm all annotations of a page that are on sections which changed, if they are as the reader saw them."""
    page = get_object_or_404(Page.objects.published().guidance(), slug=slug)
    if request.method != "POST":
        return redirect(page)
    live = Panel.of_live(page).live_number
    seen = SeenForm(request.POST).number(live)
    revisions = dict(re.findall(r"^(\d{1,18}):(\d{1,9})$", "\n".join(request.POST.getlist("seen")), re.MULTILINE))
    shown = request.user.annotations.active().filter(page=page, pk__in=revisions)
    renewed = [annotation.confirm(int(revisions[str(annotation.pk)]), seen) for annotation in shown]
    if revisions and len(renewed) == sum(renewed) == len(revisions):
        return _back(request, page, f"Checked today: {len(renewed)} annotation{'s' * (len(renewed) > 1)}.")
    messages.warning(request, "Some annotations were changed in another tab or on another device. Check the new text.")
    return redirect(page)


ACTIONS = {"delete": _delete, "undo": _undelete, "right": _confirm}


def _gone(request: Request) -> HttpResponse:
    """Answer 404 for an annotation that the reader does not have, and show any text they typed in its form."""
    went_from = _came_from(request, "annotation-list")
    page = None if request.htmx else posted_text_page(request, "This annotation no longer exists", went_from)
    if not page:
        raise Http404
    page.status_code = 404
    return page


def _moved(request: Request, page: Page, order: list[int]) -> HttpResponse:
    """After a move, answer with the new order for htmx, which the browser then applies, or go back."""
    if request.htmx:
        return HttpResponse(status=204, headers={"HX-Trigger": json.dumps({"annotations-ordered": {"order": order}})})
    return _back(request, page, "Annotation moved.")


def _show(request: Request, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """Show the annotation in its place in the list for htmx, or on a page of its own."""
    template = "annotations/_annotation.html" if request.htmx else "annotations/annotation_edit.html"
    return render(request, template, context, status=status)


def _done(request: Request, context: dict[str, Any], said: str) -> HttpResponse:
    """After a change, show the annotation in its place in the list for htmx, or go back."""
    return _show(request, context | {"said": said}) if request.htmx else _back(request, context["page"], said)


def _deleted(request: Request, context: dict[str, Any]) -> HttpResponse:
    """After deletion, show a way to restore it: in its place in the list for htmx, or on a page of its own."""
    if request.htmx:
        return _show(request, context)
    address = context["note"].annotation.get_absolute_url()
    return redirect(f"{address}?{urlencode({'back': context['back']})}")


def _keep_typed(request: Request, annotation: Any) -> None:
    """Keep unsaved text from the form of an annotation that is being deleted, and say where it is."""
    typed = request.POST.get("text", "").replace("\r\n", "\n").strip()
    if typed in ("", annotation.text):
        return
    address = annotation.get_absolute_url()
    request.user.keep_unsaved(address, [("Annotation", typed, "text")], address)
    said = 'Deleted. We have kept what you had typed into it but not saved. <a href="{}">View it</a>'
    messages.warning(request, format_html(said, reverse("account-unsaved")))


def _came_from(request: Request, otherwise: Any) -> str:
    """Return where on this site the reader came from: as the form or the address says, or the page before."""
    back = request.POST.get("back") or request.GET.get("back", "")
    return back if url_has_allowed_host_and_scheme(back, {request.get_host()}) else page_before(request, otherwise)


def _is_list(address: str) -> bool:
    """Return whether the address is that of the list of all annotations, with a search or without."""
    return urlsplit(address).path == reverse("annotation-list")


def _back(request: Request, page: Page, said: str) -> HttpResponse:
    """Redirect to where the reader came from, the page or the list of all, with a message of what was done."""
    messages.success(request, said)
    back = _came_from(request, page)
    return redirect(back if _is_list(back) else f"{page.get_absolute_url()}#annotations")
