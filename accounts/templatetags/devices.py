from django import template

from accounts.devices import name_device

register = template.Library()


@register.filter
def device(user_agent: str) -> str:
    """The device that a browser's description of itself names, in words."""
    return name_device(user_agent)
