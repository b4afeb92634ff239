from typing import Any

from django import template
from django.urls import reverse
from django.utils.safestring import SafeString

from accounts.models import User
from accounts.session.unsaved_text import put_back
from annotations import my_pages as pages_of_reader
from annotations.forms import AnnotationForm
from annotations.linking import link
from annotations.my_pages import MyPages
from annotations.panel import Panel

register = template.Library()

SHOWN_ON_A_PHONE = 2  # annotations; the others are there when they are asked for
ADDED = ("text", "check_on")  # what a person types into the form for a new note


@register.simple_tag(takes_context=True)
def annotations_on(context: dict[str, Any], version: Any, live: Any = None) -> dict[str, Any]:
    """Return the signed-in reader's annotations on `version` of a page, in three queries at most.

    `live` is the live version if it is not `version`. The result has the `panel`, its `notes` and an empty `form`,
    which offers the headings of the live version, because that is what a new note belongs to. Kept text is put back
    into it if the address asks for that.
    """
    live = live or version
    panel, of_live = (
        Panel(version.page, shown.rendering.page_html if shown.kind == shown.Kind.TEXT else "", live.number)
        for shown in (version, live)
    )
    kept = context["request"].user.annotations.active().filter(page=version.page).select_related("page")
    notes = panel.place_all(kept)
    return {
        "panel": panel,
        "notes": notes,
        "changed": (changed := [note for note in notes if note.has_changed]),
        "changed_since": min((note.annotation.written_on_version for note in changed), default=0),
        "folded": max(0, len(notes) - SHOWN_ON_A_PHONE),
        "to_check": sum(note.is_to_check for note in notes),
        "form": AnnotationForm(of_live),
    }
    typed = put_back(context["request"], reverse("annotation-add", args=[version.page.slug]), ADDED)
    form = AnnotationForm(of_live, typed=typed)
    return {"panel": panel, "notes": [panel.place(annotation) for annotation in kept], "form": form}


@register.simple_tag
def guidance_with(annotated: dict[str, Any]) -> SafeString:
    """Return the page's HTML, with the reader's annotations also at their headings."""
    return annotated["panel"].guidance(annotated["notes"])


@register.simple_tag
def annotation_count(reader: User) -> int:
    """Return how many annotations this reader has."""
    return reader.annotations.active().count()


@register.simple_tag
def my_pages(reader: User) -> MyPages:
    """Return the pages on which this reader has annotations, as home shows them."""
    return pages_of_reader.find(reader.annotations)


@register.filter
def linked(text: str) -> SafeString:
    """Return a reader's text with its addresses and phone numbers as links, and everything else escaped."""
    return link(text)
