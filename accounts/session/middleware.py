"""The end of a session after the idle time, over HTTP; the rule is in `timeout.py`."""

import logging
from collections.abc import Callable
from typing import Any

from allauth.usersessions.models import UserSession
from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.contrib.sessions.backends.base import UpdateError
from django.db import DatabaseError, transaction
from django.http import HttpResponse, HttpResponseBase
from django.utils import timezone

from accounts import audit
from accounts.http import Request, View

from .timeout import RECORD, SessionLifetime
from .unsaved_text import save_for_owner

logger = logging.getLogger("accounts.idle_end")  # its name since the first release


def background_request(view: View) -> View:
    """Mark a view that open pages call by themselves: a GET of it does not count as activity."""
    view.background_request = True  # type: ignore[attr-defined]
    return view


class SessionTimeoutMiddleware:
    """Sign a user out after the idle time without activity, and tell them on the next page they see.

    It notes activity once in `noted_every`, so that a request that only reads seldom writes. It does not carry out a
    form with text that is sent after the end: it keeps the text for the session's owner and does not show it, because
    someone else may be sending the form now.
    """

    def __init__(self, get_response: Callable[[Request], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponseBase:
        request.session_lifetime = request.ended_for = None
        if request.user.is_authenticated:
            record, now = request.session.get(RECORD), timezone.now()
            lifetime = (
                SessionLifetime.from_record(record, now, settings.IDLE_TIME)
                if record
                else SessionLifetime.begin(now, settings.IDLE_TIME)
            )
            if lifetime.has_ended:
                self._end(request, lifetime)
            else:
                request.session_lifetime = lifetime
        return self.get_response(request)

    def process_view(self, request: Request, view: View, args: Any, kwargs: Any) -> HttpResponse | None:
        """Note activity. Return the answer to a request after the end, or None to serve the view."""
        if request.ended_for:
            return save_for_owner(request.ended_for, request)
        is_background = request.method != "POST" and hasattr(view, "background_request")
        if (
            request.session_lifetime
            and not is_background
            and (RECORD not in request.session or request.session_lifetime.is_worth_noting)
        ):
            self._note(request, request.session_lifetime.noted())
        return None

    def _end(self, request: Request, lifetime: SessionLifetime) -> None:
        request.ended_for = request.user
        audit.record("idle_end", request=request, account=request.user)
        logout(request)
        why = (
            f"because {settings.KEEP_SIGNED_IN_DAYS} days have passed since you signed in"
            if lifetime.kept_until
            else f"after {settings.IDLE_MINUTES} minutes without activity"
        )
        kept = "We have kept anything you typed: sign in to see it."
        messages.warning(request, f"You were signed out {why}. {kept}", extra_tags="signed-out")

    def _note(self, request: Request, lifetime: SessionLifetime) -> None:
        session = request.session
        was_modified = session.modified
        session[RECORD] = lifetime.to_record()
        try:
            with transaction.atomic():
                session.save()
                UserSession.objects.filter(session_key=session.session_key).update(last_seen_at=lifetime.now)
            request.session_lifetime = lifetime
        except (DatabaseError, UpdateError):  # the person can continue to read
            logger.exception("The last activity of a session could not be saved")
        session.modified = was_modified
