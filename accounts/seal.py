"""The seal of a page or form: signed, it says which account that was made for, and which fields a person types into."""

import re
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from django.core import signing
from django.forms import MultiWidget, Textarea, Widget

SALT = "accounts.seal"
TYPED = {"text", "search", "email", "url", "tel", "number", "date"}  # kinds of input: session.js looks for the same
ROW = re.compile(r"-\d+-")  # the number of a row in a formset's names: the browser can add rows
# What a form adds to a button: an action, a revision, a path, a hash, an address to act on.
OF_A_BUTTON = re.compile(r"[a-z_]{1,10}|\d{1,4}|/\S*|[0-9a-f]{64}|\S+@\S+")
# For a seal without names: the names of secrets, and of the fields that Django or the seal adds.
NEVER = re.compile(r"seal|_.*|initial-.*|.*password\d?|code|credential|.*token")


@dataclass(frozen=True)
class Seal:
    """The account's id (None for a visitor), and the names of the fields that a person types into.

    There are no names in the seal of a whole page, nor in that of a form from before forms named their fields. `Seal()`
    counts as no seal.
    """

    owner: int | None = None
    names: frozenset[str] | None = None

    @classmethod
    def read(cls, token: str, max_age: timedelta | None = None) -> "Seal":
        """Return the seal in `token`, or `Seal()` if the token is forged, cut or older than `max_age`."""
        try:
            said = signing.loads(token, salt=SALT, max_age=max_age)
        except signing.BadSignature:
            return cls()
        return cls(said[0], frozenset(said[1:])) if isinstance(said, list) else cls(said)

    def sign(self) -> str:
        """Return the seal as a signed token."""
        said = self.owner if self.names is None else [self.owner, *sorted(self.names)]
        return signing.dumps(said, salt=SALT)

    def is_text(self, name: str, value: str) -> bool:
        """Return whether `value`, in the field `name`, is text that a person typed and not a secret."""
        value = value.strip()
        if self.names is not None:
            return bool(value) and ROW.sub("-__prefix__-", name) in self.names
        # Without a seal, it may be a form of buttons, or one on a page that was opened before forms had seals.
        says_something = value if self.owner else value and not OF_A_BUTTON.fullmatch(value)
        return bool(says_something) and not NEVER.fullmatch(name)


def typed_names(part: Any) -> list[str]:
    """Return the names of the text fields in a form, a formset or the admin's list of formsets.

    If `part` is itself a name, return that.
    """
    if isinstance(part, str):
        return [part]
    if isinstance(part, list):
        return [name for each in part for name in typed_names(each.formset)]
    form = getattr(part, "empty_form", part)
    return [name for field in form for name in _typed_inputs(field.html_name, field.field.widget)]


def _typed_inputs(name: str, widget: Widget) -> list[str]:
    """Return the names of the text inputs that the widget of the field `name` consists of."""
    if isinstance(widget, MultiWidget):
        suffixes: list[str] = widget.widgets_names  # type: ignore[attr-defined]
        inputs = zip(suffixes, widget.widgets, strict=True)
        return [typed for suffix, each in inputs for typed in _typed_inputs(name + suffix, each)]
    is_typed = isinstance(widget, Textarea) or getattr(widget, "input_type", "") in TYPED
    return [name] if is_typed and widget.attrs.get("autocomplete") != "one-time-code" else []
