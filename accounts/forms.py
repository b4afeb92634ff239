from django import forms
from django.http import HttpRequest

from .models import Profession, User


class ProfessionalSignupForm(forms.Form):
    """What sign-up asks beside the email address and password; without the declaration no account is made."""

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
    is_professional = forms.BooleanField(
        label="I am a healthcare professional",
        error_messages={"required": "To make an account, declare that you are a healthcare professional."},
    )

    field_order = ["name", "email", "password1", "profession", "is_professional"]

    def signup(self, request: HttpRequest, user: User) -> None:
        """Called by allauth once the account is saved; the adapter has already stored what this form asks."""
