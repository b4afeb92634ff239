"""What is answered where something may not be done: what was typed is always still there to copy."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from . import audit
from .typed_text import refuse, typed_text_page, typed_texts


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer what this account may not do: what was typed is still there to copy."""
    page = request.method == "POST" and typed_text_page(request, "Your account cannot do this, so nothing was saved")
    return page or render(request, "403.html", status=403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form that did not carry this session's secret: what was typed is kept, or still there to copy."""
    page = refuse(request, "This form was opened before you last signed in or out, so it was not saved")
    return page or render(request, "accounts/csrf_failure.html", status=403)


def too_many_requests(request: HttpRequest) -> HttpResponse:
    """Answer what was tried too often: what happened, what to do, and what was typed to copy."""
    audit.limit_reached(request)
    response = render(request, "429.html", {"texts": typed_texts(request)}, status=429)
    response["Cache-Control"], response["Retry-After"] = "no-store", "60"
    return response
