"""The editors' page of what was searched for and not found, by day and word."""

from typing import Any

from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render

from content.models import UNFOUND_DAYS, UnfoundWord

A_PAGE = 200  # rows


def unfound_list(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """Show the words of the last 90 days, the newest day first and on it the most frequent."""
    user: Any = request.user
    if not user.has_perm("content.view_unfoundword"):
        raise PermissionDenied
    rows = Paginator(UnfoundWord.objects.active(), A_PAGE).get_page(request.GET.get("page"))
    context |= {"title": "Searched for and not found", "rows": rows, "days": UNFOUND_DAYS}
    return render(request, "admin/content/unfound.html", context)
