"""Editing is open to staff whose session has shown a second factor."""

from collections.abc import Callable
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.account.utils import get_next_redirect_url
from django.contrib import admin
from django.contrib.auth.views import redirect_to_login
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse

from .audit import recorded_entry
from .second_factors import rules as second_factor_rules

WANTED = "wanted_in_admin"  # in the session: where somebody wanted to go who had to set up a second factor first


class AdminSite(admin.AdminSite):
    """The admin, which signs in through the site and asks for a second factor."""

    site_header = site_title = "Editing"
    index_title = "What would you like to do?"

    def has_permission(self, request: HttpRequest) -> bool:
        """Staff, with a second factor on the account that this session has shown."""
        return super().has_permission(request) and second_factor_rules.is_shown(request)

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Any:
        """Each page of the admin; the first that a session opens is written down."""
        return super().admin_view(recorded_entry(view), cacheable)

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Lead to whatever is missing: signing in, setting up a second factor, or showing it; then to `next`."""
        user: Any = request.user
        to = get_next_redirect_url(request) or request.session.get(WANTED) or reverse("admin:index")
        if user.is_anonymous:
            return redirect_to_login(to)
        if not super().has_permission(request):
            raise PermissionDenied
        if not user.has_second_factor:
            request.session[WANTED] = to
            return redirect("mfa_index")
        if not second_factor_rules.is_shown(request):
            return redirect_to_login(to, get_adapter().get_reauthentication_methods(user)[0]["url"])
        request.session.pop(WANTED, None)
        return redirect(to)

    def password_change(self, request: HttpRequest, extra_context: Any = None) -> Any:
        """There is one way to change a password of one's own: counted, written down and told by email."""
        return redirect("account_change_password")
