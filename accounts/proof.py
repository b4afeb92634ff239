"""A fresh proof of who is there, for what cannot be taken back: the adapter says by which methods."""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account import app_settings
from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.reauthentication import STATE_SESSION_KEY
from allauth.core.exceptions import ReauthenticationRequired
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect

View = Callable[..., HttpResponse]


def proof_required(view: View) -> View:
    """Ask for a proof first, unless one was given in this session in the last five minutes.

    A form that is sent too late leads back to its page through the proof, so that nothing happens unseen.
    """

    @wraps(view)
    def check(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST" and not _proved_recently(request):
            return redirect(request.path)
        require_proof(request)
        return view(request, *args, **kwargs)

    return check


def require_proof(request: HttpRequest) -> None:
    """Raise ReauthenticationRequired unless a proof was given lately.

    What waited for one before is forgotten: it may be what somebody else began at this computer.
    """
    if not _proved_recently(request):
        request.session.pop(STATE_SESSION_KEY, None)
        raise ReauthenticationRequired


def _proved_recently(request: HttpRequest) -> bool:
    """Whether this session holds a proof that is not older than allauth's limit."""
    user: Any = request.user
    proofs = [each["at"] for each in get_authentication_records(request, user) if each.get("reauthenticated")]
    return bool(proofs) and time.time() - proofs[-1] < app_settings.REAUTHENTICATION_TIMEOUT
