"""What the site answers to a form that it does not accept: 403 or 429, with any text that was typed into the form."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from . import audit
from .session.unsaved_text import posted_text_page, posted_texts, save_or_show


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request that this account may not make; show any posted text, to copy."""
    page = request.method == "POST" and posted_text_page(request, "Your account cannot do this, so nothing was saved")
    return page or render(request, "403.html", status=403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form without this session's CSRF token; keep its text for its owner, or show it, to copy."""
    page = save_or_show(request, "This form was opened before you last signed in or out, so it was not saved")
    return page or render(request, "accounts/csrf_failure.html", status=403)


def too_many_requests(request: HttpRequest) -> HttpResponse:
    """Answer too many attempts: say so in the log, and show what to do and any posted text, to copy."""
    audit.limit_reached(request)
    response = render(request, "429.html", {"texts": posted_texts(request)}, status=429)
    response["Cache-Control"], response["Retry-After"] = "no-store", "60"
    return response
