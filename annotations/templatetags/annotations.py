from typing import Any

from django import template
from django.utils.safestring import SafeString

from accounts.models import User
from annotations.forms import AnnotationForm
from annotations.linking import link
from annotations.panel import Panel

register = template.Library()


@register.simple_tag(takes_context=True)
def annotations_on(context: dict[str, Any], version: Any, live: Any = None) -> dict[str, Any]:
    """The signed-in reader's annotations on `version` of a page: one query, however many.

    `live` is the version that readers see now, where that is another. Answers the panel, the notes in it and an empty
    form for the next, which offers the headings of the live version: a note is kept with what the page has now.
    """
    live = live or version
    panel, of_live = (
        Panel(version.page, shown.rendering.html if shown.kind == shown.Kind.TEXT else "", live.number)
        for shown in (version, live)
    )
    kept = context["request"].user.annotations.active().filter(page=version.page).select_related("page")
    return {"panel": panel, "notes": [panel.place(annotation) for annotation in kept], "form": AnnotationForm(of_live)}


@register.simple_tag
def guidance_with(annotated: dict[str, Any]) -> SafeString:
    """The page's own HTML, with the reader's annotations also on the headings they were put on."""
    return annotated["panel"].guidance(annotated["notes"])


@register.simple_tag
def annotation_count(reader: User) -> int:
    """How many annotations this reader has."""
    return reader.annotations.active().count()


@register.filter
def linked(text: str) -> SafeString:
    """A reader's text with its addresses and phone numbers as links, everything else escaped."""
    return link(text)
