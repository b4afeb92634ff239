"""Forms for a reader's annotations."""

from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import ProhibitNullCharactersValidator
from django.utils import timezone

from accounts.characters import refuse_bidirectional

from . import models
from .nhs_numbers import find
from .panel import Panel

DETAILS = ("label", "heading", "check_on")
FURTHEST = timedelta(days=5 * 366)  # how far ahead the date to check again can be
LIKE_A_PATIENT = "{} looks like an NHS number. Remove it, or confirm below that it is not a patient’s number."


class TextField(forms.CharField):
    """A text in which each line break counts as one character, whatever the browser sends."""

    def to_python(self, value: Any) -> str:
        """Return the text with one kind of line break."""
        return str(super().to_python(str(value or "").replace("\r\n", "\n")))


class OneLineBreak(forms.Widget):
    """A widget for a value with line breaks: a browser that sends the form itself makes each into two characters."""

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """Return the value with the line breaks that we store."""
        return (super().value_from_datadict(data, files, name) or "").replace("\r\n", "\n")


class HeadingSelect(OneLineBreak, forms.Select):
    """A choice of headings."""


class HiddenHeading(OneLineBreak, forms.HiddenInput):
    """The heading that the form had when it was shown."""


class HeadingField(forms.ChoiceField):
    """The heading that an annotation belongs to."""

    widget = HeadingSelect
    hidden_widget = HiddenHeading


class KeyField(forms.UUIDField):
    """The random key of a form. A missing or impossible one counts as none, so that nothing typed is refused for it."""

    widget = forms.HiddenInput

    def clean(self, value: Any) -> UUID | None:
        """Return the key, or None."""
        try:
            key: UUID | None = super().clean(value)
        except ValidationError:
            return None
        return key


class SeenForm(forms.Form):
    """The live version and the annotation's revision at the time the reader's page was shown."""

    on_version = forms.IntegerField(required=False, min_value=1, max_value=2**31 - 1)
    revision = forms.IntegerField(required=False, min_value=1, max_value=2**31 - 1)

    def number(self, live_number: int) -> int:
        """Return the number of that version, or `live_number` if the form has none or an impossible one."""
        self.is_valid()
        return min(self.cleaned_data.get("on_version") or live_number, live_number)

    def seen_revision(self) -> int:
        """Return that revision, or 0, which no annotation has, if the form has none or an impossible one."""
        self.is_valid()
        return self.cleaned_data.get("revision") or 0


class AnnotationForm(forms.Form):
    """One annotation. The server checks the limit of its text, so that a longer text is refused and never cut."""

    revision = forms.IntegerField(widget=forms.HiddenInput, required=False, min_value=1, max_value=2**31 - 1)
    key = KeyField(required=False, initial=uuid4)
    text = TextField(
        label="Annotation",
        max_length=models.LONGEST,
        validators=[refuse_bidirectional],
        widget=forms.Textarea(attrs={"rows": 3}),
        error_messages={
            "required": "Write the annotation, then save it.",
            "max_length": "An annotation can have up to %(limit_value)d characters. This one has %(show_value)d.",
        },
    )
    no_patient = forms.BooleanField(label="This is not a patient’s number", required=False)
    label = forms.ChoiceField(required=False, choices=[("", "No label"), *models.Label.choices])
    heading = HeadingField(
        label="Where on the page",
        required=False,
        error_messages={
            "invalid_choice": "That heading is no longer on the page. Choose where the annotation goes, then save.",
        },
    )
    check_on = forms.DateField(
        label="Check again on",
        required=False,
        widget=forms.DateInput(format="%Y-%m-%d", attrs={"type": "date"}),  # browsers show no other format
        error_messages={"invalid": "Enter the date as day, month and year, like 22/11/2027."},
    )

    def __init__(
        self, panel: Panel, *args: Any, annotation: Any = None, typed: dict[str, str] | None = None, **kwargs: Any
    ) -> None:
        """`typed` is kept text that is put back into its fields."""
        if annotation:
            kwargs["initial"] = {name: getattr(annotation, name) for name in ("revision", "text", *DETAILS)}
            kwargs["auto_id"] = f"id_{annotation.pk}_%s"
        kwargs["initial"] = {**kwargs.get("initial", {}), **(typed or {})}
        super().__init__(*args, **kwargs)
        self.annotation = annotation
        self.is_put_back = bool(typed)
        for name in DETAILS:  # so that a save shows which of them the reader changed
            self.fields[name].show_hidden_initial = annotation is not None
        text, heading, check_on = (self.fields[name] for name in ("text", "heading", "check_on"))
        choices = [("", "The whole page"), *panel.heading_choices]
        kept = annotation.heading if annotation else ""
        if kept and kept not in dict(choices):
            choices.append((kept, f"Was on: {annotation.heading_path[-1]}"))
        heading.choices = choices  # type: ignore[attr-defined]
        # A browser sends nothing of a form with a date before `min`: the one that the annotation already has can stay.
        days = [timezone.localdate() + timedelta(days=1), annotation and annotation.check_on]
        check_on.widget.attrs["min"] = min(day for day in days if day).isoformat()
        text.widget.attrs.pop("maxlength", None)  # with it, browsers silently cut a pasted text
        for validator in text.validators:
            if isinstance(validator, ProhibitNullCharactersValidator):
                validator.message = "The text contains a character that cannot be stored (NUL). Remove it, then save."

    def clean_check_on(self) -> date | None:
        """Accept a date after today and within five years, and the date that the annotation already has."""
        day: date | None = self.cleaned_data["check_on"]
        today = timezone.localdate()
        if day is None or (self.annotation and day == self.annotation.check_on):
            return day
        if not today < day <= today + FURTHEST:
            raise ValidationError("Choose a date after today and within five years, or leave it empty.")
        return day

    def clean(self) -> dict[str, Any]:
        """Ask for confirmation of a number that looks like a patient's NHS number."""
        data: dict[str, Any] = super().clean() or {}
        found = find(data.get("text", ""))
        if found and not data.get("no_patient"):
            self.add_error("text", LIKE_A_PATIENT.format(found[0].written))
        return data

    @property
    def looks_like_a_patient(self) -> bool:
        """Whether to offer the confirmation that a number is not a patient's: only once one is found."""
        return bool(self.is_bound and find(self.data.get("text", "")))

    @property
    def has_details(self) -> bool:
        """Whether label, heading or date is filled in or wrong, and so has to be visible."""
        return any(self[name].value() or self[name].errors for name in DETAILS)

    def show_overtaken(self) -> None:
        """Say that the annotation was saved elsewhere first. The next save replaces what was saved there.

        Details that the reader left alone become what was saved there.
        """
        stored = {name: str(getattr(self.annotation, name) or "") for name in DETAILS}
        taken_over = {name: value for name, value in stored.items() if name not in self.changed_data}
        shown = {self.add_initial_prefix(name): value for name, value in stored.items()}
        revision = str(self.annotation.revision)
        self.data = {**self.data.dict(), **taken_over, **shown, "revision": revision}  # type: ignore[attr-defined]
        self.add_error(
            "text",
            "This annotation was changed in another tab or on another device. Your text is still here, with the saved "
            "text below it. Combine them, then save.",
        )


class FindForm(forms.Form):
    """Which of a reader's annotations to list. It ignores nonsense in an address, and has no errors."""

    q = forms.CharField(
        label="Search my annotations",
        required=False,
        strip=True,
        widget=forms.TextInput(attrs={"type": "search", "placeholder": "Search my annotations"}),
    )
    label = forms.ChoiceField(required=False, choices=[("", "Any label"), *models.Label.choices])
    show = forms.ChoiceField(
        required=False,
        choices=[("", "All"), ("check", "Needs checking"), ("deleted", "Deleted")],
    )

    def find(self, annotations: models.AnnotationQuerySet) -> models.AnnotationQuerySet:
        """Return those of `annotations` that the form asks for, by page and in the reader's own order."""
        self.is_valid()
        asked = self.cleaned_data
        shown = {"check": annotations.to_check, "deleted": annotations.deleted}.get(asked.get("show", ""))
        found = (shown or annotations.active)().matching(asked.get("q", ""))
        if asked.get("label"):
            found = found.filter(label=asked["label"])
        return found.in_order()
