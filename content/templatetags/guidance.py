from django import template
from django.utils.html import conditional_escape, format_html
from django.utils.safestring import SafeString, mark_safe

from content.markup import reading
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
