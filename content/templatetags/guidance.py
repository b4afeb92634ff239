from typing import Any
from urllib.parse import urlsplit

from django import template
from django.urls import Resolver404, resolve
from django.utils.html import conditional_escape, format_html
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.safestring import SafeString, mark_safe

from content.markup import reading
from content.models import Page
from content.titles import divide

register = template.Library()


@register.filter
def divided(html: str) -> dict[str, SafeString]:
    """Return the HTML of a page as it is read in its parts: what stands before the first heading, text, references."""
    return {name: mark_safe(part) for name, part in vars(reading.divide(html)).items()}  # noqa: S308  # the renderer made it


@register.filter
def in_two_sizes(title: str) -> SafeString:
    """Return a title as HTML: the rest of a long one is an element of its own, which the style sheet makes small."""
    first, rest = divide(title)
    return format_html('{} <span class="rest">{}</span>', first, rest) if rest else conditional_escape(title)


@register.simple_tag
def title_at(address: str) -> str:
    """Return the title of the guidance page that an address of this site leads to, without its host, or nothing."""
    if not url_has_allowed_host_and_scheme(address, allowed_hosts=None):
        return ""
    try:
        found = resolve(urlsplit(address).path)
    except Resolver404:
        return ""
    if found.url_name != "page-detail":
        return ""
    page: Any = Page.objects.live().guidance().filter(slug=found.kwargs["slug"]).first()
    return str(page.live_title) if page else ""
