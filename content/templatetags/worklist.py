from typing import Any

from django import template

from content.worklist import Worklist

register = template.Library()


@register.simple_tag(takes_context=True)
def worklist(context: dict[str, Any]) -> Worklist:
    """Return the worklist of the person who is signed in."""
    return Worklist(context["request"].user)
