from typing import Any

from django import template

from content.worklist import Worklist

register = template.Library()


@register.simple_tag(takes_context=True)
def worklist(context: dict[str, Any]) -> Worklist:
    """The signed-in person's desk."""
    return Worklist(context["request"].user)
