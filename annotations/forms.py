from typing import Any

from django import forms
from django.core.validators import ProhibitNullCharactersValidator

from .models import LONGEST


class TextField(forms.CharField):
    """Text whose line breaks count as one character each, whatever the browser sends."""

    def to_python(self, value: Any) -> str:
        """The text with its line breaks as one kind."""
        return str(super().to_python(str(value or "").replace("\r\n", "\n")))


class AnnotationForm(forms.Form):
    """One annotation's text. Its limit is kept here, so that a longer text is refused with a message, never cut."""

    revision = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1, max_value=2**31 - 1)
    text = TextField(
        label="Annotation",
        max_length=LONGEST,
        widget=forms.Textarea(attrs={"rows": 4}),
        error_messages={
            "required": "Write the annotation, then save it.",
            "max_length": "An annotation has at most %(limit_value)d characters; this one has %(show_value)d.",
        },
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        field = self.fields["text"]
        field.widget.attrs.pop("maxlength", None)  # browsers would silently cut what is pasted
        for validator in field.validators:
            if isinstance(validator, ProhibitNullCharactersValidator):
                validator.message = "The text holds a character that cannot be stored (NUL). Take it out, then save."

    def show_overtaken(self, revision: int) -> None:
        """Say that it was saved elsewhere meanwhile; saving again, having seen that, replaces `revision`."""
        self.data = {**self.data.dict(), "revision": str(revision)}  # type: ignore[attr-defined]
        self.add_error(
            "text",
            "This annotation was changed in another tab or on another device. Your text is here, and what was saved is "
            "below it: put them together, then save.",
        )
