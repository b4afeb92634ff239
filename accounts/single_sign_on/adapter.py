"""Single sign-on: what the site requires of an OpenID provider's answer, and what it tells a person if that fails."""

import logging
import re
import time
from typing import Any

from allauth.account.utils import get_next_redirect_url
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter, get_adapter
from allauth.socialaccount.models import SocialAccount, SocialApp, SocialLogin
from allauth.socialaccount.providers.base import AuthError, ProviderException
from django.conf import settings
from django.db.models import QuerySet
from django.forms import Form
from django.http import HttpRequest
from django.shortcuts import redirect
from django.urls import reverse
from requests import RequestException, Session

from accounts.models import User

logger = logging.getLogger("accounts.single_sign_on")

ERRORS = ("error", "error_description")
SAID = re.compile(r"\"(error(?:_description)?)\"\s*:\s*\"([^\"]{0,300})")


class SingleSignOnAdapter(DefaultSocialAccountAdapter):
    """Takes providers from settings alone, and trusts an answer only as far as the provider's settings say."""

    error_messages = {
        **DefaultSocialAccountAdapter.error_messages,
        "no_password": "This is your only way to sign in. Set a password first, then disconnect it.",
        "no_verified_email": "This is your only way to sign in. Confirm your email address first, then disconnect it.",
    }

    def list_apps(
        self, request: HttpRequest | None, provider: str | None = None, client_id: str | None = None
    ) -> list[SocialApp]:
        """Return the providers in settings, but not those that allauth could have in the database."""
        apps = [
            SocialApp(provider="openid_connect", **app)
            for app in settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"]
        ]
        return [
            app
            for app in apps
            if provider in (None, app.provider, app.provider_id) and client_id in (None, app.client_id)
        ]

    def get_requests_session(self) -> Session:
        """Return the session for requests to a provider. In production it uses only TLS, which proves who answers."""
        session: Session = super().get_requests_session()
        if settings.PRODUCTION:
            del session.adapters["http://"]
        return session

    def populate_user(self, request: HttpRequest, sociallogin: SocialLogin, data: dict[str, Any]) -> User:
        """Return the new user with their name and address. Store only the claims that we show, and trust no others.

        An address is confirmed only if the provider says so and its settings trust it. Raises `ProviderException` as
        `check_claims` does, and if the identity is not a text.
        """
        app = sociallogin.provider.app
        check_claims(sociallogin.account.extra_data, app.settings["required_claims"])
        if "\0" in sociallogin.account.uid:
            raise ProviderException("the person's identity is not a text")
        user: User = super().populate_user(request, sociallogin, data)
        name = data.get("name") or " ".join(filter(None, (data.get("first_name"), data.get("last_name"))))
        user.name = str(name).replace("\0", "").strip()[:150]
        claims = sociallogin.account.extra_data.get("userinfo") or sociallogin.account.extra_data["id_token"]
        confirmed = claims.get("email_verified") is True  # allauth also accepts the text "true"
        for address in sociallogin.email_addresses:
            address.verified = address.verified and confirmed and app.settings["trust_email"]
        sociallogin.account.extra_data = {"userinfo": {"email": user.email, "name": user.name}}
        return user

    def pre_social_login(self, request: HttpRequest, sociallogin: SocialLogin) -> None:
        """Note the time when the person came from the provider."""
        sociallogin.state["came_at"] = time.time()

    def get_signup_form_initial_data(self, sociallogin: SocialLogin) -> dict[str, str]:
        """Return what the provider said about the person, for them to check and correct."""
        return super().get_signup_form_initial_data(sociallogin) | {"name": sociallogin.user.name}

    def save_user(self, request: HttpRequest, sociallogin: SocialLogin, form: Form | None = None) -> User:
        """Save and return the new account. The provider's address counts only if it is the one given in the form."""
        given = form.cleaned_data["email"] if form else ""
        sociallogin.email_addresses = [
            address for address in sociallogin.email_addresses if address.verified and address.email == given
        ]
        user: User = super().save_user(request, sociallogin, form)
        return user

    def validate_disconnect(self, account: SocialAccount, accounts: QuerySet[SocialAccount]) -> None:
        """Raise `ValidationError` if the account would have no way left to sign in.

        A provider that is no longer in settings is not a way to sign in.
        """
        others = connected(accounts).exclude(pk=account.pk)
        if not account.user.has_usable_password() and not others.exists():
            raise self.validation_error("no_password")

    def on_authentication_error(
        self,
        request: HttpRequest,
        provider: Any,
        error: str | None = None,
        exception: Exception | None = None,
        extra_context: dict[str, Any] | None = None,
    ) -> None:
        """Log the provider's answer and prepare the error page; after a cancellation, redirect and keep `next`."""
        context: dict[str, Any] = extra_context if extra_context is not None else {}
        state = context.get("state") or {}
        context["next"] = state.get("next") or get_next_redirect_url(request)
        if error == AuthError.CANCELLED:
            wanted = {"next": context["next"]} if context["next"] else None
            raise ImmediateHttpResponse(redirect(reverse("socialaccount_login_cancelled", query=wanted)))
        context["out_of_reach"] = isinstance(exception, RequestException)
        context["too_late"] = exception is None and "state" not in context
        said = SAID.findall(str(exception)) or [(key, request.GET[key][:300]) for key in ERRORS if key in request.GET]
        logger.warning(
            "Sign-in with provider %s failed: %s %s",
            provider.app.provider_id,
            "the browser came back without a sign-in under way" if context["too_late"] else _name(exception),
            said or "",
        )


def _name(exception: Exception | None) -> str:
    """Return a provider's error as text, any other as types: its text could reveal a token or an address."""
    if isinstance(exception, ProviderException | RequestException):
        return str(exception)[:300]
    cause = exception.__cause__ if exception else None
    return " from ".join(type(each).__name__ for each in (exception, cause) if each)


def check_claims(claims: dict[str, Any], required: dict[str, list[Any]]) -> None:
    """Check what allauth does not: OpenID Connect Core 2 and 5.3.2, and the claims that the settings require.

    allauth has checked the issuer, the audience and the expiry. Raises `ProviderException` if a check fails.
    """
    token = claims.get("id_token")
    if not token:
        raise ProviderException("the provider sent no ID token")
    for claim in ("sub", "exp", "iat"):
        if claim not in token:
            raise ProviderException(f"the ID token has no {claim}")
    if "userinfo" in claims and (claims["userinfo"] or {}).get("sub") != token["sub"]:
        raise ProviderException("the user info is not that of the person in the ID token")
    for claim, allowed in required.items():
        if claim not in token or str(token[claim]) not in map(str, allowed):
            raise ProviderException(f"the ID token's {claim} is not one of those required")


def connected(accounts: QuerySet[SocialAccount]) -> QuerySet[SocialAccount]:
    """Return the connections with which a person can sign in now: those whose provider is in settings."""
    return accounts.filter(provider__in=[app.provider_id for app in get_adapter().list_apps(None)])
