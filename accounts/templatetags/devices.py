from django import template

from accounts.client import device_name

register = template.Library()


@register.filter
def device(user_agent: str) -> str:
    """The device that a browser's description of itself names, in words."""
    return device_name(user_agent)
