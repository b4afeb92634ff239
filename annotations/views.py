from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods

from accounts.middleware import Request
from accounts.typed_text import page_before
from content.models import Page

from .forms import AnnotationForm


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def annotation_add(request: Request, slug: str) -> HttpResponse:
    """Add an annotation to a page; a text that cannot be kept stays in the form with the reason."""
    page = get_object_or_404(Page.objects.published().guidance(), slug=slug)
    if request.method != "POST":  # signing in leads back here
        return redirect(page)
    form = AnnotationForm(request.POST)
    context: dict[str, Any] = {"page": page, "form": form}
    if not form.is_valid():
        template = "annotations/_add.html" if request.htmx else "annotations/annotation_add.html"
        return render(request, template, context, status=422)
    version = page.live_version
    annotation = request.user.annotations.create(
        page=page, text=form.cleaned_data["text"], written_on_version=version.number if version else 0
    )
    if request.htmx:
        context |= {"form": AnnotationForm(), "annotation": annotation, "said": "Annotation added."}
        return render(request, "annotations/_added.html", context)
    return _back(request, page, "Annotation added.")


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def annotation_edit(request: Request, pk: int) -> HttpResponse:
    """Edit, delete or bring back one of the reader's own annotations; anyone else's is not found.

    With htmx the answer is the annotation's own place in the list, so that nothing typed elsewhere is disturbed.
    """
    annotation = get_object_or_404(request.user.annotations.select_related("page"), pk=pk)
    page = annotation.page
    context: dict[str, Any] = {"annotation": annotation, "page": page, "back": page_before(request, page)}
    action = request.POST.get("action")
    if action == "delete":
        annotation.delete_softly()
        return _show(request, context) if request.htmx else redirect(annotation)
    if action == "undo":
        annotation.undelete()
        return _done(request, context, "Annotation brought back.")
    if request.htmx and "shown" in request.GET:
        return _show(request, context)
    initial = {"text": annotation.text, "revision": annotation.revision}
    form = AnnotationForm(request.POST or None, initial=initial, auto_id=f"id_{pk}_%s")
    if form.is_valid():
        if annotation.edit(form.cleaned_data["text"], form.cleaned_data["revision"] or 0):
            return _done(request, context, "Annotation saved.")
        form.show_overtaken(annotation.revision)
        context["saved_meanwhile"] = annotation.text
    return _show(request, context | {"form": form}, status=422 if form.is_bound else 200)


def _show(request: Request, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """The annotation on a page of its own or, where htmx asked, in its place in the list."""
    template = "annotations/_annotation.html" if request.htmx else "annotations/annotation_edit.html"
    return render(request, template, context, status=status)


def _done(request: Request, context: dict[str, Any], said: str) -> HttpResponse:
    """After a change: its place in the list where htmx asked, else the page."""
    return _show(request, context | {"said": said}) if request.htmx else _back(request, context["page"], said)


def _back(request: Request, page: Page, said: str) -> HttpResponse:
    """Go back to the page, which then says what was done."""
    messages.success(request, said)
    return redirect(f"{page.get_absolute_url()}#annotations")
