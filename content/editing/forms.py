"""The forms for words of guidance: what nobody can see is removed or refused, and nothing typed is cut."""

from collections.abc import Iterable
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest

from content.markup import cleaning


class GuidanceForm(forms.ModelForm):
    """A form whose words readers will see. `notices` are what saving changes in them, for their writer."""

    notices: list[str]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.notices = []
        for field in self.fields.values():
            field.widget.attrs.pop("maxlength", None)  # with it, browsers silently cut a pasted text

    def clean(self) -> dict[str, Any]:
        """Clean each text. The model's validators then refuse what is left of unseen characters."""
        cleaned = super().clean() or self.cleaned_data
        self.notices = []
        for name, text in cleaned.items():
            if isinstance(text, str):
                cleaned[name], found = self.remove_unseen_from(name, text)
                self.notices += [self._describe(name, notice) for notice in found]
        return cleaned

    def remove_unseen_from(self, name: str, text: str) -> tuple[str, list[cleaning.Notice]]:
        """Return the text of the field `name` as it is to be saved, and a notice of each change."""
        return cleaning.remove_unseen(text)

    def _describe(self, name: str, notice: cleaning.Notice) -> str:
        place = "" if name == "body" else f"{self.fields[name].label}, "
        said = f"{place}{notice.describe()}"
        return said[0].upper() + said[1:]


def tell(request: HttpRequest, notices: Iterable[str]) -> None:
    """Show the notices on the next page."""
    for notice in notices:
        messages.info(request, notice)
