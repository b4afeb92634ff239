from typing import Any

from django import template

from content.worklist import Desk

register = template.Library()


@register.simple_tag(takes_context=True)
def desk(context: dict[str, Any]) -> Desk:
    """The signed-in person's desk."""
    return Desk(context["request"].user)
