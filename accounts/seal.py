"""What a form carries, signed: whom it was made for, and which of its fields contain text that a person types."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core import signing
from django.forms import MultiWidget, Textarea, Widget

SALT = "accounts.seal"
TYPED = {"text", "search", "email", "url", "tel", "number", "date"}  # kinds of input: session.js looks for the same
ROW = re.compile(r"-\d+-")  # its number, in a formset's names: rows are added in the browser, too
# Where a form does not say: the names of secrets, and of what Django or the seal adds.
NEVER = re.compile(r"seal|_.*|initial-.*|.*password\d?|code|credential|.*token")


@dataclass(frozen=True)
class Seal:
    """The number of the account that a form was made for, None for a visitor, and the names of its fields with text.

    The seal of a whole page, and of any form before forms named their fields, has no names. `Seal()` is as none.
    """

    owner: int | None = None
    names: frozenset[str] | None = None

    @classmethod
    def read(cls, token: str, max_age: timedelta | None = None) -> "Seal":
        """The seal that `token` carries; one that is forged, cut or older than `max_age` is as none."""
        try:
            said = signing.loads(token, salt=SALT, max_age=max_age)
        except signing.BadSignature:
            return cls()
        return cls(said[0], frozenset(said[1:])) if isinstance(said, list) else cls(said)

    def sign(self) -> str:
        """The token that carries it."""
        said = self.owner if self.names is None else [self.owner, *sorted(self.names)]
        return signing.dumps(said, salt=SALT)

    def is_text(self, name: str, value: str) -> bool:
        """Whether `value` of the field `name` is what a person typed, and no secret."""
        value = value.strip()
        if self.names is not None:
            return bool(value) and ROW.sub("-__prefix__-", name) in self.names
        # Without a seal it may be a form of buttons, whose values are single words.
        says_something = value if self.owner else re.search(r"\s", value)
        return bool(says_something) and not NEVER.fullmatch(name)


def typed_names(part: Any) -> list[str]:
    """The names of the fields with text of a form, a formset or the admin's list of these; or the one that is named."""
    if isinstance(part, str):
        return [part]
    if isinstance(part, list):
        return [name for each in part for name in typed_names(each.formset)]
    form = getattr(part, "empty_form", part)
    return [name for field in form for name in _typed_inputs(field.html_name, field.field.widget)]


def _typed_inputs(name: str, widget: Widget) -> list[str]:
    """The names of the inputs of a widget, itself called `name`, that contain text."""
    if isinstance(widget, MultiWidget):
        suffixes: list[str] = widget.widgets_names  # type: ignore[attr-defined]
        inputs = zip(suffixes, widget.widgets, strict=True)
        return [typed for suffix, each in inputs for typed in _typed_inputs(name + suffix, each)]
    is_typed = isinstance(widget, Textarea) or getattr(widget, "input_type", "") in TYPED
    return [name] if is_typed and widget.attrs.get("autocomplete") != "one-time-code" else []
