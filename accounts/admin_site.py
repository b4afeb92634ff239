"""The editing site is open to staff who have shown a second factor in this session."""

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

WANTED = "wanted_in_admin"  # in the session: the page that the user wanted before they had to set up a second factor


class AdminSite(admin.AdminSite):
    """The admin, where staff sign in through the site's own pages and show a second factor."""

    site_header = site_title = "Editing"
    index_title = "What would you like to do?"

    def has_permission(self, request: HttpRequest) -> bool:
        """Return whether the user is staff, has a second factor and has shown one in this session."""
        return super().has_permission(request) and second_factor_rules.is_shown(request)

    def admin_view(self, view: Callable[..., Any], cacheable: bool = False) -> Any:
        """Return `view` as a page of the admin; the log records the first such page that a session opens."""
        return super().admin_view(recorded_entry(view), cacheable)

    def login(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """Redirect to the next step that is missing (sign in, set up a second factor, show one), then to `next`.

        Raises `PermissionDenied` if the account may not enter the admin.
        """
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
        """Redirect to the site's page: only that one limits attempts, writes to the log and sends an email."""
        return redirect("account_change_password")
