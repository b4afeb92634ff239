from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.views.decorators.http import require_http_methods, require_POST

from accounts.middleware import Request
from content.models import Page

from .forms import AnnotationForm


@require_POST
@login_required
def annotation_add(request: Request, slug: str) -> HttpResponse:
    """Add an annotation to a page; a text that cannot be kept stays in the form with the reason."""
    page = get_object_or_404(Page.objects.live().guidance(), slug=slug)
    form = AnnotationForm(request.POST)
    if not form.is_valid():
        return _show(request, page, "annotations/annotation_add.html", {"form": form}, status=422)
    version = page.live_version
    request.user.annotations.create(
        page=page, text=form.cleaned_data["text"], written_on_version=version.number if version else 0
    )
    return _back(request, page, {"said": "Annotation added."})


@require_http_methods(["GET", "HEAD", "POST"])
@login_required
def annotation_edit(request: Request, pk: int) -> HttpResponse:
    """Edit, delete or bring back one of the reader's own annotations; anyone else's is not found."""
    annotation = get_object_or_404(request.user.annotations.select_related("page"), pk=pk)
    page = annotation.page
    action = request.POST.get("action")
    if action == "delete":
        annotation.delete_softly()
        return _back(request, page, {"deleted": annotation}, to=annotation.get_absolute_url())
    if action == "undo":
        annotation.undelete()
        return _back(request, page, {"said": "Annotation brought back."})
    form = AnnotationForm(request.POST or None, initial={"text": annotation.text}, auto_id=f"id_{pk}_%s")
    if form.is_valid():
        annotation.edit(form.cleaned_data["text"])
        return _back(request, page, {"said": "Annotation saved."})
    context = {"form": form, "editing": annotation}
    return _show(request, page, "annotations/annotation_edit.html", context, status=422 if form.is_bound else 200)


def _show(request: Request, page: Page, template: str, context: dict[str, Any], status: int = 200) -> HttpResponse:
    """The form on a page of its own or, where htmx asked, the panel with the form in its place."""
    if request.htmx:
        template = "annotations/_panel.html"
        context |= {"annotations": request.user.annotations.kept().filter(page=page)}
    return render(request, template, context | {"page": page}, status=status)


def _back(request: Request, page: Page, context: dict[str, Any], to: str = "") -> HttpResponse:
    """After a change: `to`, or the page; where htmx asked, the panel as it is now."""
    if request.htmx:
        return _show(request, page, "", context | {"form": AnnotationForm()})
    return redirect(to or f"{page.get_absolute_url()}#annotations")
