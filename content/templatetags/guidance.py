from django import template
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from content.markup import key_points
from content.titles import divide

register = template.Library()


@register.filter
def divided(html: str) -> tuple[SafeString, SafeString]:
    """Return a version's HTML in two parts: its key points, and the rest. The first is empty if it has none."""
    points, rest = key_points.divide(html)
    return mark_safe(points), mark_safe(rest)  # noqa: S308  # the renderer made both


@register.filter
def in_two_sizes(title: str) -> SafeString:
    """Return a title as HTML: the rest of a long one is an element of its own, which the style sheet makes small."""
    first, rest = divide(title)
    return format_html('{} <span class="rest">{}</span>', first, rest) if rest else conditional_escape(title)
