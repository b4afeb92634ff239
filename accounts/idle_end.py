"""Nothing done for the idle time ends a session: the HTTP shell around `stay.py`."""

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

from . import audit
from .middleware import Request, View
from .stay import RECORD, Stay
from .typed_text import keep_for

logger = logging.getLogger(__name__)


def asked_by_the_page(view: View) -> View:
    """Mark a view that open pages ask by themselves: a GET of it is nothing that a person did."""
    view.asked_by_the_page = True  # type: ignore[attr-defined]
    return view


class StayMiddleware:
    """Whoever does nothing for the idle time is signed out, and told so on the next page they see.

    What is done is noted at most once a minute, so that reading stays reading. A form that is sent after the end does
    nothing; what was typed in it is kept for its owner, and not shown: whoever sends it now may be somebody else.
    """

    def __init__(self, get_response: Callable[[Request], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: Request) -> HttpResponseBase:
        request.stay = request.ended_for = None
        if request.user.is_authenticated:
            record, now = request.session.get(RECORD), timezone.now()
            stay = Stay.from_record(record, now, settings.IDLE_TIME) if record else Stay.begin(now, settings.IDLE_TIME)
            if stay.has_ended:
                self._end(request, stay)
            else:
                request.stay = stay
        return self.get_response(request)

    def process_view(self, request: Request, view: View, args: Any, kwargs: Any) -> HttpResponse | None:
        """Note that something is done; answer what was sent after the end."""
        if request.ended_for:
            return keep_for(request.ended_for, request)
        is_asked_by_page = request.method != "POST" and hasattr(view, "asked_by_the_page")
        if request.stay and not is_asked_by_page and (RECORD not in request.session or request.stay.is_worth_noting):
            self._note(request, request.stay.noted())
        return None

    def _end(self, request: Request, stay: Stay) -> None:
        request.ended_for = request.user
        audit.record("idle_end", request=request, account=request.user)
        logout(request)
        why = (
            f"because {settings.KEEP_SIGNED_IN_DAYS} days have passed since you signed in"
            if stay.kept_until
            else f"after {settings.IDLE_MINUTES} minutes without activity"
        )
        kept = "We have kept anything you typed: sign in to see it."
        messages.warning(request, f"You were signed out {why}. {kept}", extra_tags="signed-out")

    def _note(self, request: Request, stay: Stay) -> None:
        session = request.session
        was_modified = session.modified
        session[RECORD] = stay.to_record()
        try:
            with transaction.atomic():
                session.save()
                UserSession.objects.filter(session_key=session.session_key).update(last_seen_at=stay.now)
            request.stay = stay
        except (DatabaseError, UpdateError):  # reading goes on
            logger.exception("That somebody is active could not be noted")
        session.modified = was_modified
