from typing import Any

from django import forms
from django.core.validators import ProhibitNullCharactersValidator

from .models import LONGEST


class AnnotationForm(forms.Form):
    """One annotation's text. Its limit is kept here, so that a longer text is refused with a message, never cut."""

    text = forms.CharField(
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

    def clean_text(self) -> str:
        """The text with its line breaks as one kind."""
        return str(self.cleaned_data["text"]).replace("\r\n", "\n")
