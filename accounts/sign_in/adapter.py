import logging
from contextlib import suppress
from datetime import timedelta
from smtplib import SMTPException
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.core.exceptions import ImmediateHttpResponse
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ValidationError
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.utils.html import format_html
from django.utils.http import url_has_allowed_host_and_scheme

from accounts import audit
from accounts.allauth_private import EMAIL_CODE_KEY, RESET_CODE_KEY
from accounts.allauth_private import context as current
from accounts.client import client_ip
from accounts.models import User
from accounts.session.timeout import CHOICE, RECORD, SessionLifetime
from accounts.session.unsaved_text import posted_texts

from .reauthentication import require_reauthentication

logger = logging.getLogger("accounts.adapter")

# In the order in which we offer them.
CONFIRM_BY = {
    "mfa_reauthenticate:webauthn": "Use a passkey",
    "mfa_reauthenticate": "Use a code",
    "reauthenticate": "Use your password",
    "reauthenticate_by_code": "Email me a code",
}


class AccountAdapter(DefaultAccountAdapter):
    """What the site changes in allauth's accounts.

    The data that an account gets at sign-up, the words of messages, the stages of signing in, the means of
    reauthentication, what counts against a limit, and where a redirect can lead.
    """

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": "This account has been closed.",
        "duplicate_email": "That is already your email address. Enter a different one.",
        "email_password_mismatch": "That email address and password do not match. Check both.",
        "email_taken": "That email address belongs to another account here. Enter a different one.",
        "enter_current_password": "That is not your current password.",
        "incorrect_code": "That code is not correct. Check the latest email from us.",
        "incorrect_password": "That password is not correct.",
        "invalid_login": "That email address and password do not match. Check both.",
        "rate_limited": "Too many attempts. Wait a few minutes, then try again.",
        "same_as_current": "That is already your email address. Enter a different one.",
        "too_many_login_attempts": "Too many attempts. Wait a few minutes, or use another way: ask for a "
        "sign-in code by email, or reset your password.",
        "too_many_second_factors": "Too many wrong codes today. Use a passkey, or try again tomorrow. "
        "If this was not you, reset your password.",
    }

    def save_user(self, request: HttpRequest, user: User, form: Form, commit: bool = True) -> Any:
        """Save and return the new account with the answers from sign-up and the time of the declaration."""
        user.name = form.cleaned_data["name"]
        user.profession = form.cleaned_data["profession"]
        user.country = form.cleaned_data["country"]
        user.change_registration(form.cleaned_data["register"], form.cleaned_data["registration_number"])
        user.declared_at = timezone.now()
        return super().save_user(request, user, form, commit)

    def post_login(self, request: HttpRequest, user: User, **hook: Any) -> HttpResponse:
        """Start the session's lifetime, by whatever way the user signed in, and tell them of any unsaved text."""
        kept_for = timedelta(days=settings.KEEP_SIGNED_IN_DAYS) if request.session.pop(CHOICE, False) else None
        # Another person may have left these unfinished at this computer.
        request.session.pop(RESET_CODE_KEY, None)
        request.session.pop(EMAIL_CODE_KEY, None)
        request.session[RECORD] = SessionLifetime.begin(timezone.now(), settings.IDLE_TIME, kept_for).to_record()
        # After a password, allauth sets the same again, from the same box.
        request.session.set_expiry(settings.SESSION_COOKIE_AGE if kept_for else 0)
        if user.unsaved_texts.active().exists():
            messages.info(
                request,
                format_html(
                    'You have unsaved text from your last session. <a href="{}">View it</a>',
                    reverse("account-unsaved"),
                ),
            )
        return super().post_login(request, user, **hook)

    def get_login_stages(self) -> list[str]:
        """Return allauth's stages with two of ours.

        The first keeps the wanted page. It comes after the stage for an emailed code, which starts the sign-in again.
        The last checks that the password is still the one that the sign-in started with.
        """
        by_code, *others = super().get_login_stages()
        return [
            by_code,
            "accounts.sign_in.next_url.NextUrlStage",
            *others,
            "accounts.sign_in.emailed_codes.UnchangedStage",
        ]

    def send_notification_mail(
        self, template_prefix: str, user: Any, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """Tell the person by email what changed in their account; tell both addresses if the address changed.

        If the email cannot be sent, nothing is undone.
        """
        for address in (email, context["to_email"]) if context and "to_email" in context else (email,):
            with suppress(ImmediateHttpResponse):
                super().send_notification_mail(template_prefix, user, context, address)

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """Return the methods by which this person can reauthenticate.

        With a second factor, the password alone is not enough. Someone with neither uses a code from an email.
        """
        there = {method["id"]: method for method in super().get_reauthentication_methods(user)}
        if user.is_authenticated and not there:  # that page says why we cannot send a code
            url = reverse("account_request_reauthentication_code")
            there = {"reauthenticate_by_code": {"id": "reauthenticate_by_code", "url": url}}
        methods = [there[name] | {"description": words} for name, words in CONFIRM_BY.items() if name in there]
        return [method for method in methods if method["id"].startswith("mfa_")] or methods[:1]

    def is_reauthentication_required(self, **kwargs: Any) -> bool:
        """Return allauth's answer if the person reauthenticated recently.

        Otherwise, drop any action that waited for a reauthentication, and raise `ReauthenticationRequired`.
        """
        require_reauthentication(current.request)
        return bool(super().is_reauthentication_required(**kwargs))

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send an email. If the mail server refuses it, log that without the address.

        It then raises `ImmediateHttpResponse` with a page that says so.
        """
        try:
            super().send_mail(template_prefix, email, context)
        except (OSError, SMTPException) as error:
            logger.error("An email could not be sent: %s (%s)", template_prefix, type(error).__name__)
            page = render(current.request, "accounts/email_not_sent.html", {"texts": posted_texts(current.request)})
            page.status_code = 503
            raise ImmediateHttpResponse(page) from None

    def get_client_ip(self, request: HttpRequest) -> str:
        """Return the network address of the sender as `client_ip` finds it, never one that a visitor claims."""
        return client_ip(request)

    def is_safe_url(self, url: str) -> bool:
        """Return whether a redirect can lead to `url`: only to this site and port, and never from https to http."""
        request = current.request
        return url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        # allauth's key contains the Host header, whose port a visitor can choose: each would give ten more guesses.
        return str(credentials.get("email", "")).strip().lower()

    def validation_error(self, code: str, *args: Any) -> ValidationError:
        """Return the error for `code`, and record a wrong password or too many attempts in the log of accounts."""
        if code == "enter_current_password":
            audit.record("reauthentication_failed", account=current.request.user, how="password")
        if code in ("too_many_login_attempts", "too_many_second_factors", "rate_limited"):
            audit.limit_reached()
        return super().validation_error(code, *args)
