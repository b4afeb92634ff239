from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from django.forms import Form
from django.http import HttpRequest
from django.utils import timezone

from .models import User


class AccountAdapter(DefaultAccountAdapter):
    """What the site changes in allauth: what an account carries from sign-up, and how messages are worded."""

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "email_password_mismatch": "That email address and password do not match. Check both.",
        "too_many_login_attempts": "That was tried too often. Wait 5 minutes, or reset your password.",
        "incorrect_code": "That is not the code. Check the newest email from us.",
        "enter_current_password": "That is not your current password.",
    }

    def save_user(self, request: HttpRequest, user: User, form: Form, commit: bool = True) -> Any:
        """Save the new account with what was declared, and when."""
        user.name = form.cleaned_data["name"]
        user.profession = form.cleaned_data["profession"]
        user.declared_at = timezone.now()
        return super().save_user(request, user, form, commit)
