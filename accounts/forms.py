from typing import Any

from django import forms
from django.conf import settings
from django.http import HttpRequest
from django_countries import countries

from . import registers
from .models import NOT_VERIFIED, Profession, User


class RegistrationFields(forms.Form):
    """A register and a number there: both or neither, and the number in its one spelling."""

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
        """Spell the number as its register does, or say what it should look like."""
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
    """What a reader says of themselves: who they are, where they work and, if they wish, their registration."""

    name = forms.CharField(
        label="Full name",
        max_length=150,
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
    """What sign-up asks beside the email address and password; without the declaration no account is made."""

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
        """Called by allauth once the account is saved; the adapter has already stored what this form asks."""


class ProfileForm(ProfessionalFields, forms.ModelForm):
    """What a person changes of their own account; another registration is no longer verified."""

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
        """Compare the registration with the one the account holds."""
        cleaned = super().clean()
        self.saved = ["name", "profession", "country"]
        if not self.errors and self.instance.change_registration(cleaned["register"], cleaned["registration_number"]):
            self.saved += ["register", "registration_number", *NOT_VERIFIED]
        return cleaned

    def save(self, commit: bool = True) -> User:
        """Write what this form is about and nothing else: an administrator may be verifying at this moment."""
        if commit:
            self.instance.save(update_fields=self.saved)
        return self.instance


class DeletionForm(forms.Form):
    """The one thing that somebody says who deletes their account."""

    is_sure = forms.BooleanField(
        label="Delete my account. I understand that this cannot be undone",
        error_messages={"required": "Tick the box if you want to delete your account. Nothing has been deleted."},
    )
