from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from .typed_text import typed_text_page


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form that did not carry this session's secret: what was typed is still there to copy."""
    page = typed_text_page(request, "This form was opened before you last signed in or out, so it was not saved")
    return page or render(request, "accounts/csrf_failure.html", status=403)
