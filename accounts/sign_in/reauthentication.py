"""Reauthentication: confirming who you are again before something that cannot be undone.

The adapter says by which methods a person can confirm it.
"""

import time
from functools import wraps
from typing import Any

from allauth.account import app_settings
from allauth.core.exceptions import ReauthenticationRequired
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

from accounts.allauth_private import REAUTHENTICATION_KEY, get_authentication_records
from accounts.http import View


def reauthentication_required(view: View) -> View:
    """Return a view that first asks the person to reauthenticate, unless this session did so in the last five minutes.

    A form that is sent too late leads back to its page through the reauthentication, so that nothing happens unseen.
    """

    @wraps(view)
    def check(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST" and not _is_recent(request):
            return redirect(request.path)
        require_reauthentication(request)
        return view(request, *args, **kwargs)

    return check


def require_reauthentication(request: HttpRequest) -> None:
    """Raise `ReauthenticationRequired` unless this session reauthenticated in the last five minutes.

    It drops any action that waited for a reauthentication: someone else may have started it at this computer.
    """
    if not _is_recent(request):
        request.session.pop(REAUTHENTICATION_KEY, None)
        raise ReauthenticationRequired


def _is_recent(request: HttpRequest) -> bool:
    """Return whether this session reauthenticated within allauth's limit."""
    user: Any = request.user
    confirmed = [each["at"] for each in get_authentication_records(request, user) if each.get("reauthenticated")]
    return bool(confirmed) and time.time() - confirmed[-1] < app_settings.REAUTHENTICATION_TIMEOUT
