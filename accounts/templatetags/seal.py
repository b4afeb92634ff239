from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.seal import Seal, typed_names

register = template.Library()


@register.simple_tag(takes_context=True)
def seal(context: dict[str, Any], *parts: Any) -> SafeString:
    """The hidden field in which a form says whom it was made for and which of its fields contain text.

    `parts` are its forms and formsets, or names of fields that are written by hand.
    """
    names = frozenset(name for part in parts for name in typed_names(part))
    token = Seal(context["request"].user.pk, names).sign()
    return format_html('<input type="hidden" name="seal" value="{}">', token)
