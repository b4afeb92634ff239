"""What readers tell the editors, in the admin: error reports and pages that they miss."""

from typing import Any

from django.contrib import admin, messages
from django.db.models import QuerySet
from django.http import HttpRequest

from accounts.lists import LeanAdmin
from content import error_reports
from content.models import ErrorReport, MissingPage


class FromReadersAdmin(LeanAdmin):
    """Something that readers sent. Editors mark it as resolved, and nobody changes or deletes it."""

    list_filter = [("resolved_at", admin.EmptyFieldListFilter)]
    actions = ["mark_resolved"]

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: it comes from readers."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: what a person sent is kept."""
        return False

    @admin.action(description="Mark as resolved", permissions=["change"])
    def mark_resolved(self, request: HttpRequest, queryset: QuerySet[Any]) -> None:
        """Mark these as resolved now by this person."""
        by: Any = request.user
        count = error_reports.resolve(queryset, by=by)
        self.message_user(request, f"Marked as resolved: {count}.", messages.SUCCESS)


@admin.register(ErrorReport)
class ErrorReportAdmin(FromReadersAdmin):
    """What readers say is wrong, with the page and the version they were reading."""

    list_display = ["page", "version_number", "beginning", "email", "reported_at", "resolved_at", "resolved_by_name"]
    list_select_related = ["page"]
    search_fields = ["text", "page__slug", "email"]
    readonly_fields = [
        "page", "version_number", "text", "email", "reported_at", "resolved_at", "resolved_by_name",
    ]  # fmt: skip

    @admin.display(description="what is wrong")
    def beginning(self, report: ErrorReport) -> str:
        """Return the first 120 characters."""
        return report.text[:120]


@admin.register(MissingPage)
class MissingPageAdmin(FromReadersAdmin):
    """What readers looked for and did not find."""

    list_display = ["asked", "beginning", "email", "reported_at", "resolved_at", "resolved_by_name"]
    search_fields = ["asked", "expected", "email"]
    readonly_fields = ["asked", "expected", "email", "reported_at", "resolved_at", "resolved_by_name"]

    @admin.display(description="what they expected")
    def beginning(self, missing: MissingPage) -> str:
        """Return the first 120 characters."""
        return missing.expected[:120]
