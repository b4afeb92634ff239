from django import template
from django.utils.safestring import SafeString, mark_safe

from content.machines.citation import cite, to_text
from content.machines.description import Description
from content.models import Review, Version

register = template.Library()


@register.simple_tag
def describe(version: Version, review: Review | None, live: Version | None) -> Description:
    """Return how a page describes to programs the version that it shows."""
    return Description(version, review or None, live or None)


@register.filter
def as_citation(version: Version) -> str:
    """Return the line that cites a version, as the file `cite.txt` does. It ends with the version's address."""
    return to_text(cite(version)).strip()


@register.filter
def as_json_ld(description: Description) -> SafeString:
    """Return a description as the text of a script element of the type application/ld+json."""
    return mark_safe(description.json_ld)  # noqa: S308  # without the signs that could end the element
