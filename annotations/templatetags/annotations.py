from typing import Any

from django import template
from django.utils.safestring import SafeString

from annotations.forms import AnnotationForm
from annotations.linking import link
from content.models import Page

register = template.Library()


@register.inclusion_tag("annotations/_panel.html", takes_context=True)
def annotation_panel(context: dict[str, Any], page: Page) -> dict[str, Any]:
    """The signed-in reader's annotations on `page`, with the form to add one: one query, however many."""
    request = context["request"]
    return {
        "request": request,
        "csrf_token": context.get("csrf_token"),
        "page": page,
        "annotations": request.user.annotations.kept().filter(page=page),
        "new": AnnotationForm(),
    }


@register.filter
def linked(text: str) -> SafeString:
    """A reader's text with its addresses and phone numbers as links, everything else escaped."""
    return link(text)
