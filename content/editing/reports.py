"""Error reports from readers, in the admin."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from content import error_reports
from content.models import ErrorReport


@admin.register(ErrorReport)
class ErrorReportAdmin(admin.ModelAdmin):
    """What readers say is wrong, with the page and the version they were reading."""

    list_display = ["page", "version_number", "beginning", "email", "reported_at", "resolved_at", "resolved_by_name"]
    list_filter = [("resolved_at", admin.EmptyFieldListFilter)]
    list_select_related = ["page"]
    search_fields = ["text", "page__slug", "email"]
    readonly_fields = [
        "page", "version_number", "text", "email", "reported_at", "resolved_at", "resolved_by_name",
    ]  # fmt: skip
    actions = ["mark_resolved"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: reports come from the pages."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: what a person reported is kept."""
        return False

    @admin.display(description="what is wrong")
    def beginning(self, report: ErrorReport) -> str:
        """Return the first 120 characters."""
        return report.text[:120]

    @admin.action(description="Mark as resolved", permissions=["change"])
    def mark_resolved(self, request: HttpRequest, queryset: QuerySet[ErrorReport]) -> None:
        """Mark these reports as resolved now by this person."""
        by: Any = request.user
        count = error_reports.resolve(queryset, by=by)
        self.message_user(request, f"Marked as resolved: {count}.", messages.SUCCESS)
