from typing import Any

from django import template
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString

from accounts.models import PUT_BACK
from accounts.seal import Seal, typed_names
from accounts.session.unsaved_text import marks_of_put_back

register = template.Library()


@register.simple_tag(takes_context=True)
def seal(context: dict[str, Any], *parts: Any) -> SafeString:
    """Return the hidden field with the form's seal: who the form was made for and which of its fields contain text.

    `parts` are the forms and formsets in it, or the names of fields that the template writes by hand. With it come the
    numbers of the kept texts that stand in the form, so that they are kept until it is saved.
    """
    names = frozenset(name for part in parts for name in typed_names(part))
    token = Seal(context["request"].user.pk, names).sign()
    kept = [(PUT_BACK, number) for number in marks_of_put_back(context["request"], names)]
    seal = format_html('<input type="hidden" name="seal" value="{}">', token)
    return seal + format_html_join("", '<input type="hidden" name="{}" value="{}">', kept)
