from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest
from django_countries import countries

from . import registers
from .characters import refuse_bidirectional
from .models import NOT_VERIFIED, Profession, User


class RegistrationFields(forms.Form):
    """A register and a number on it: both or neither, and the number in its standard spelling."""

    register = forms.ChoiceField(
        label="Professional register",
        required=False,
        choices=[("", "No register"), *registers.CHOICES],
    )
    registration_number = forms.CharField(
        required=False,
        max_length=registers.MAX_LENGTH,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false", "autocapitalize": "characters"}),
    )

    def clean(self) -> dict[str, Any]:
        """Spell the number as its register does, or add an error that says what a number looks like."""
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        register, number = cleaned.get("register"), cleaned.get("registration_number")
        if register and number:
            try:
                cleaned["registration_number"] = registers.REGISTERS[register].spell(number)
            except registers.WrongShape as wrong:
                self.add_error("registration_number", str(wrong))
        elif register and "registration_number" not in self.errors:
            self.add_error("registration_number", "Enter your number from this register, or choose “No register”.")
        elif number and "register" not in self.errors:
            self.add_error("register", "Choose the register this number is from.")
        return cleaned


class ProfessionalFields(RegistrationFields):
    """What a reader tells us: who they are, where they work and, if they wish, their registration."""

    name = forms.CharField(
        label="Full name",
        max_length=150,
        validators=[refuse_bidirectional],
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        error_messages={"required": "Enter your full name."},
    )
    profession = forms.ChoiceField(
        choices=[("", "Choose your profession"), *Profession.choices],
        error_messages={"required": "Choose your profession."},
    )
    country = forms.ChoiceField(
        label="Country you work in",
        choices=lambda: [("", "Choose your country"), *countries],
        widget=forms.Select(attrs={"autocomplete": "country"}),
        error_messages={"required": "Choose the country you work in."},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["registration_number"].help_text = (
            "Your GMC number or NMC Pin, for example. Once an administrator has checked it, you can read all pages."
            if settings.REQUIRE_VERIFIED_REGISTRATION
            else "Your GMC number or NMC Pin, for example, as it appears on the register."
        )


class ProfessionalSignupForm(ProfessionalFields):
    """The questions of sign-up beside the email address and password; it needs the declaration."""

    is_professional = forms.BooleanField(
        label="I am a healthcare professional",
        error_messages={"required": "To create an account, declare that you are a healthcare professional."},
    )

    field_order = [
        "name",
        "email",
        "password1",
        "profession",
        "country",
        "register",
        "registration_number",
        "is_professional",
    ]

    def signup(self, request: HttpRequest, user: User) -> None:
        """Do nothing: allauth calls this after it saves the account, and the adapter has already stored the answers."""


class ProfileForm(ProfessionalFields, forms.ModelForm):
    """What a person can change in their own account. A changed registration is no longer verified."""

    class Meta:
        model = User
        fields = ["name", "profession", "country", "register", "registration_number"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if self.instance.is_staff:
            self.fields["name"].help_text = "Anything already published keeps the name it was published under."
        if self.instance.has_verified_registration:
            self.fields["registration_number"].help_text = (
                "If you change the register or the number, your registration is no longer verified until an "
                "administrator has checked the new one."
            )

    def clean(self) -> dict[str, Any]:
        """Compare the registration with the account's; one that has changed is no longer verified."""
        cleaned = super().clean()
        self.saved = ["name", "profession", "country"]
        if not self.errors and self.instance.change_registration(cleaned["register"], cleaned["registration_number"]):
            self.saved += ["register", "registration_number", *NOT_VERIFIED]
        return cleaned

    def save(self, commit: bool = True) -> User:
        """Save only the fields of this form, and return the account: an administrator may be verifying it."""
        if commit:
            self.instance.save(update_fields=self.saved)
        return self.instance


class DeletionForm(forms.Form):
    """The confirmation that a person gives to delete their account."""

    is_sure = forms.BooleanField(
        label="Delete my account. I understand that this cannot be undone",
        error_messages={"required": "Tick the box if you want to delete your account. Nothing has been deleted."},
    )
