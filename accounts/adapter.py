from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.forms import Form
from django.http import HttpRequest
from django.utils import timezone

from .models import User


class AccountAdapter(DefaultAccountAdapter):
    """What the site changes in allauth: an account carries the name, profession and declaration given at sign-up."""

    def save_user(self, request: HttpRequest, user: User, form: Form, commit: bool = True) -> Any:
        """Save the new account with what was declared, and when."""
        user.name = form.cleaned_data["name"]
        user.profession = form.cleaned_data["profession"]
        user.declared_at = timezone.now()
        return super().save_user(request, user, form, commit)
