from django import template

from accounts.client import device_name

register = template.Library()


@register.filter
def device(user_agent: str) -> str:
    """Return the device of a `User-Agent` header in words, like “Chrome on Windows”."""
    return device_name(user_agent)
