import base64
import logging
import secrets
from contextlib import suppress
from datetime import timedelta
from smtplib import SMTPException
from typing import Any

from allauth.account.adapter import DefaultAccountAdapter
from allauth.account.internal.flows.email_verification_by_code import EMAIL_VERIFICATION_CODE_SESSION_KEY
from allauth.account.internal.flows.password_reset_by_code import PASSWORD_RESET_VERIFICATION_SESSION_KEY
from allauth.core import context as current
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.mfa.models import Authenticator
from allauth.usersessions.adapter import DefaultUserSessionsAdapter
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

from . import audit, encryption
from .addresses import client_address
from .models import User
from .proof import require_proof
from .stay import CHOICE, RECORD, Stay
from .typed_text import typed_texts

logger = logging.getLogger(__name__)

# In the order in which they are offered.
CONFIRM_BY = {
    "mfa_reauthenticate:webauthn": "Use a passkey",
    "mfa_reauthenticate": "Use a code",
    "reauthenticate": "Use your password",
    "reauthenticate_by_code": "Email me a code",
}


class AccountAdapter(DefaultAccountAdapter):
    """What the site changes in allauth: what an account carries from sign-up, how messages are worded, what is counted
    for whom, and where a person may be sent on.
    """

    error_messages = {
        **DefaultAccountAdapter.error_messages,
        "account_inactive": "This account has been closed.",
        "duplicate_email": "That is your email address already. Enter a different one.",
        "email_password_mismatch": "That email address and password do not match. Check both.",
        "email_taken": "That email address belongs to another account here. Enter a different one.",
        "enter_current_password": "That is not your current password.",
        "incorrect_code": "That is not the code. Check the newest email from us.",
        "incorrect_password": "That is not your password.",
        "invalid_login": "That email address and password do not match. Check both.",
        "rate_limited": "That was asked for too often. Wait a few minutes, then try again.",
        "same_as_current": "That is your email address already. Enter a different one.",
        "too_many_login_attempts": "That was tried too often. Wait a few minutes, or use another way: ask for a "
        "sign-in code by email, or reset your password.",
        "too_many_second_factors": "A wrong code was given too often today. Use a passkey, or try again tomorrow. "
        "If that was not you, reset your password.",
    }

    def save_user(self, request: HttpRequest, user: User, form: Form, commit: bool = True) -> Any:
        """Save the new account with what was declared, and when."""
        user.name = form.cleaned_data["name"]
        user.profession = form.cleaned_data["profession"]
        user.country = form.cleaned_data["country"]
        user.change_registration(form.cleaned_data["register"], form.cleaned_data["registration_number"])
        user.declared_at = timezone.now()
        return super().save_user(request, user, form, commit)

    def post_login(self, request: HttpRequest, user: User, **hook: Any) -> HttpResponse:
        """However somebody signed in, their stay begins here, and they are told of text that is kept for them."""
        kept_for = timedelta(days=settings.KEEP_SIGNED_IN_DAYS) if request.session.pop(CHOICE, False) else None
        # What somebody before left half done at this computer.
        request.session.pop(PASSWORD_RESET_VERIFICATION_SESSION_KEY, None)
        request.session.pop(EMAIL_VERIFICATION_CODE_SESSION_KEY, None)
        request.session[RECORD] = Stay.begin(timezone.now(), settings.IDLE_TIME, kept_for).to_record()
        # After a password allauth sets the same once more, from the same box.
        request.session.set_expiry(settings.SESSION_COOKIE_AGE if kept_for else 0)
        if user.unsaved_texts.kept().exists():
            messages.info(
                request,
                format_html(
                    'Text that you typed and did not save is kept for you. <a href="{}">See the text</a>',
                    reverse("account-unsaved"),
                ),
            )
        return super().post_login(request, user, **hook)

    def get_login_stages(self) -> list[str]:
        """Keep the wanted page through the stages after a code has been asked for; that one begins a sign-in anew.

        At the end look whether the password is still the one that the sign-in began with.
        """
        by_code, *others = super().get_login_stages()
        return [by_code, "accounts.wanted_page.WantedPageStage", *others, "accounts.codes.UnchangedStage"]

    def send_notification_mail(
        self, template_prefix: str, user: Any, context: dict[str, Any] | None = None, email: str | None = None
    ) -> None:
        """Tell the person what was changed in their account; a change of address is told to both addresses.

        That it could not be told undoes nothing.
        """
        for address in (email, context["to_email"]) if context and "to_email" in context else (email,):
            with suppress(ImmediateHttpResponse):
                super().send_notification_mail(template_prefix, user, context, address)

    def get_reauthentication_methods(self, user: Any) -> list[dict[str, Any]]:
        """How this person confirms that it is still them.

        Who has a second factor does so not by the password alone; who has neither, by a code from an email.
        """
        there = {method["id"]: method for method in super().get_reauthentication_methods(user)}
        if user.is_authenticated and not there:  # that page says why no code can be sent
            url = reverse("account_request_reauthentication_code")
            there = {"reauthenticate_by_code": {"id": "reauthenticate_by_code", "url": url}}
        methods = [there[name] | {"description": words} for name, words in CONFIRM_BY.items() if name in there]
        return [method for method in methods if method["id"].startswith("mfa_")] or methods[:1]

    def is_reauthentication_required(self, **kwargs: Any) -> bool:
        """Always; what waited for a proof before is forgotten where there is none."""
        require_proof(current.request)
        return bool(super().is_reauthentication_required(**kwargs))

    def send_mail(self, template_prefix: str, email: str, context: dict[str, Any]) -> None:
        """Send an email; where the mail server refuses, say so on a page, and log it without the address."""
        try:
            super().send_mail(template_prefix, email, context)
        except (OSError, SMTPException) as error:
            logger.error("An email could not be sent: %s (%s)", template_prefix, type(error).__name__)
            page = render(current.request, "accounts/email_not_sent.html", {"texts": typed_texts(current.request)})
            page.status_code = 503
            raise ImmediateHttpResponse(page) from None

    def get_client_ip(self, request: HttpRequest) -> str:
        """Where the request came from, whatever its headers claim."""
        return client_address(request)

    def is_safe_url(self, url: str) -> bool:
        """Whether a person may be sent on to `url`: only within this site, at the same port, and never down to http."""
        request = current.request
        return url_has_allowed_host_and_scheme(url, {request.get_host()}, require_https=request.is_secure())

    def _get_login_attempts_cache_key(self, request: HttpRequest, **credentials: Any) -> str:
        # allauth's key holds the Host header, whose port a visitor may choose: each would be ten guesses more.
        return str(credentials.get("email", "")).strip().lower()

    def validation_error(self, code: str, *args: Any) -> ValidationError:
        """The refusal for `code`; a wrong password, and that something was tried too often, are written down."""
        if code == "enter_current_password":
            audit.record("reauthentication_failed", account=current.request.user, how="password")
        if code in ("too_many_login_attempts", "too_many_second_factors", "rate_limited"):
            audit.limit_reached()
        return super().validation_error(code, *args)


class MfaAdapter(DefaultMFAAdapter):
    """What the site changes in allauth's second factors: its words, its name, and that secrets are encrypted."""

    error_messages = {
        **DefaultMFAAdapter.error_messages,
        "add_email_blocked": "First remove your authenticator app and passkeys, then add the address.",
        "cannot_delete_authenticator": "This cannot be turned off.",
        "cannot_generate_recovery_codes": "First set up an authenticator app or a passkey.",
        "incorrect_code": "That is not the code. Enter the one shown now, before it changes.",
        "used_code": "That code was used already. Wait for the next one.",
        "unknown_passkey": "That passkey does not open an account here. Choose another way.",
        "passkey_not_added": "The passkey could not be added. Try again.",
        "unverified_email": "First confirm your email address.",
    }

    def encrypt(self, text: str) -> str:
        """A secret as the database keeps it."""
        return encryption.encrypt(text)

    def decrypt(self, encrypted_text: str) -> str:
        """The secret; where its key is gone, a random one that no code fits: it signs nobody in."""
        try:
            return encryption.decrypt(encrypted_text)
        except encryption.Unreadable:
            logger.error("A second factor cannot be read. Add the former SECRET_KEY to SECRET_KEY_FALLBACKS.")
            return base64.b32encode(secrets.token_bytes(20)).decode()

    def generate_authenticator_name(self, user: Any, type: Authenticator.Type) -> str:
        """The name offered for a new passkey."""
        there = Authenticator.objects.filter(user=user, type=type).count()
        return f"Passkey {there + 1}" if there else "Passkey on this device"

    def get_totp_issuer(self) -> str:
        """The site's name in an authenticator app."""
        return settings.SITE_NAME

    def get_public_key_credential_rp_entity(self) -> dict[str, str]:
        """The site's name where a device asks for a passkey."""
        return super().get_public_key_credential_rp_entity() | {"name": settings.SITE_NAME}


class UserSessionsAdapter(DefaultUserSessionsAdapter):
    """Writes down that somebody ended sessions of theirs."""

    def end_sessions(self, sessions: Any) -> None:
        """End these sessions."""
        for session in sessions:
            audit.record("session_ended", account=session.user_id)
        super().end_sessions(sessions)
