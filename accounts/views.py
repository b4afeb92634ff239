from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from .typed_text import typed_text_page


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer what this account may not do: what was typed is still there to copy."""
    page = request.method == "POST" and typed_text_page(request, "Your account may not do this, so nothing was saved")
    return page or render(request, "403.html", status=403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form that did not carry this session's secret: what was typed is still there to copy."""
    page = typed_text_page(request, "This form was opened before you last signed in or out, so it was not saved")
    return page or render(request, "accounts/csrf_failure.html", status=403)
