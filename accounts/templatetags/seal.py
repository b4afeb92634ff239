from typing import Any

from django import template
from django.utils.html import format_html
from django.utils.safestring import SafeString

from accounts.seal import Seal, typed_names

register = template.Library()


@register.simple_tag(takes_context=True)
def seal(context: dict[str, Any], *parts: Any) -> SafeString:
    """Return the hidden field with the form's seal: who the form was made for and which of its fields contain text.

    `parts` are the forms and formsets in it, or the names of fields that the template writes by hand.
    """
    names = frozenset(name for part in parts for name in typed_names(part))
    token = Seal(context["request"].user.pk, names).sign()
    return format_html('<input type="hidden" name="seal" value="{}">', token)
