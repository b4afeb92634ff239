"""Keeps the page that the user wanted through every step of signing in, however many there are."""

from collections.abc import Callable
from urllib.parse import urlsplit

from allauth.account.stages import LoginStage
from allauth.account.utils import get_next_redirect_url, passthrough_next_redirect_url
from django.contrib.auth import REDIRECT_FIELD_NAME
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.urls import reverse

STEPS = [
    "account_login",
    "account_request_login_code",
    "account_confirm_login_code",
    "account_email_verification_sent",
    "account_reset_password",
    "account_confirm_password_reset_code",
    "account_complete_password_reset",
    "account_request_reauthentication_code",
    "mfa_authenticate",
]


class NextUrlStage(LoginStage):
    """Notes the wanted page when a sign-in starts, so that a second factor or a code in between does not lose it."""

    key = "wanted_page"

    def handle(self) -> tuple[HttpResponse | None, bool]:
        """Note the page and continue: there is nothing to ask."""
        self.login.redirect_url = self.login.redirect_url or get_next_redirect_url(self.request)
        return None, True


class NextUrlMiddleware:
    """Adds the wanted page to each redirect from one step of signing in to another."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        step = response.headers.get("Location")
        if step and step in [reverse(name) for name in STEPS]:
            wanted = get_next_redirect_url(request)
            if urlsplit(wanted or "").path != step:  # at sign-out, `next` is that step itself
                response.headers["Location"] = passthrough_next_redirect_url(request, step, REDIRECT_FIELD_NAME)
        return response
