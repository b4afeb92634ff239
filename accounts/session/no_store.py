"""No cache, not even the browser's, keeps a signed-in user's pages, so that the next person cannot see them."""

from collections.abc import Callable
from typing import Any

from django.contrib.auth.signals import user_logged_out
from django.dispatch import receiver
from django.http import HttpRequest, HttpResponseBase

from accounts.allauth_private import drop_unread_messages


class PrivatePagesMiddleware:
    """Keep a signed-in user's pages out of every cache, so that the next person at that computer cannot see them."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        signed_in = request.user.is_authenticated
        response = self.get_response(request)
        if signed_in or request.user.is_authenticated:
            response.headers["Cache-Control"] = "no-store, private"
        if signed_in and not request.user.is_authenticated:
            response.headers["Clear-Site-Data"] = '"cache"'  # not the cookies: one is the meter's
        return response


@receiver(user_logged_out)
def forget_messages(request: HttpRequest, **_: Any) -> None:
    """Drop unread messages at sign-out: they are in a cookie, and the next person at this computer would see them."""
    drop_unread_messages(request)
