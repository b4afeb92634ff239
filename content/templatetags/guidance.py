from django import template
from django.utils.safestring import SafeString, mark_safe

from content.markup import key_points

register = template.Library()


@register.filter
def divided(html: str) -> tuple[SafeString, SafeString]:
    """Return a version's HTML in two parts: its key points, and the rest. The first is empty if it has none."""
    points, rest = key_points.divide(html)
    return mark_safe(points), mark_safe(rest)  # noqa: S308  # the renderer made both
