"""Versions and their clinical reviews, in the admin."""

from typing import Any

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.urls import URLPattern, path

from accounts.lists import LeanAdmin
from content import publishing
from content.models import Review, Version

from .forms import GuidanceForm, tell


class ReadOnlyAdmin(LeanAdmin):
    """Rows that can be read here, but never changed or deleted."""

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse."""
        return False


class WhenFilter(admin.SimpleListFilter):
    """Versions by whether they are scheduled or published."""

    title = "publication"
    parameter_name = "when"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        """Return the choices."""
        return [("scheduled", "Scheduled"), ("published", "Published")]

    def queryset(self, request: HttpRequest, queryset: Any) -> Any:
        """Return the versions that the choice selects."""
        if self.value() == "scheduled":
            return queryset.scheduled()
        return queryset.published() if self.value() else queryset


@admin.register(Version)
class VersionAdmin(ReadOnlyAdmin):
    """Versions to read. An old text can be restored as a draft, and a scheduled version can be cancelled."""

    list_display = ["title", "page", "number", "kind", "published_at", "author_name", "approver_name"]
    list_filter = [WhenFilter, "kind"]
    list_select_related = ["page"]
    list_defer = ("body", "credits", "reason", "writers")
    search_fields = ["title", "page__slug"]
    ordering = ["-published_at"]
    change_form_template = "admin/content/version/change_form.html"

    def has_add_permission(self, request: HttpRequest) -> bool:
        """Refuse: versions come from drafts."""
        return False

    def get_urls(self) -> list[URLPattern]:
        """Add the two actions on a version: restore and cancel."""
        return [
            path("<int:pk>/restore/", self.admin_site.admin_view(self.restore_view), name="content_version_restore"),
            path("<int:pk>/cancel/", self.admin_site.admin_view(self.cancel_view), name="content_version_cancel"),
            *super().get_urls(),
        ]

    def restore_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """On POST, create a draft with the text of this version."""
        version = get_object_or_404(Version.objects.select_related("page"), pk=pk)
        by: Any = request.user
        if request.method != "POST" or not by.has_perm("content.add_draft"):
            raise PermissionDenied
        try:
            draft = publishing.restore(version=version, by=by)
        except publishing.EditConflict as conflict:
            self.message_user(request, f"The page already has a draft. {conflict}", messages.ERROR)
            return redirect("admin:content_draft_changelist")
        except publishing.NotAllowed as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return redirect("admin:content_version_change", pk)
        return redirect("admin:content_draft_change", draft.pk)

    def cancel_view(self, request: HttpRequest, pk: int) -> HttpResponse:
        """On POST, cancel a scheduled version."""
        version = get_object_or_404(Version.objects.select_related("page"), pk=pk)
        by: Any = request.user
        if request.method != "POST" or not by.has_perm("content.publish_version"):
            raise PermissionDenied
        try:
            draft = publishing.cancel(version=version)
        except publishing.NotAllowed as refusal:
            self.message_user(request, str(refusal), messages.ERROR)
            return redirect("admin:content_version_change", pk)
        self.message_user(request, "Publication cancelled. The text is a draft again.", messages.SUCCESS)
        return redirect("admin:content_draft_change", draft.pk)


class ReviewForm(GuidanceForm):
    """What a clinician found in the live version."""

    class Meta:
        model = Review
        fields = ["version", "outcome", "note"]

    def clean_version(self) -> Version:
        """Refuse any version but the live text."""
        version: Version = self.cleaned_data["version"]
        if version != version.page.live_version or version.kind != Version.Kind.TEXT:
            raise forms.ValidationError("Another version is live now. Read and review that one.")
        return version


@admin.register(Review)
class ReviewAdmin(ReadOnlyAdmin):
    """Clinical reviews: recorded once, by the clinician who made them."""

    form = ReviewForm
    list_display = ["version", "outcome", "reviewer_name", "reviewed_at"]
    list_filter = ["outcome"]
    list_select_related = ["version__page"]
    list_defer = ("note", *(f"version__{name}" for name in ("body", "credits", "reason", "writers")))
    search_fields = ["version__page__slug", "version__title", "reviewer_name"]
    raw_id_fields = ["version"]

    def changeform_view(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Any:
        """If another version goes live between check and write, show the form again: its check then sees that."""
        try:
            return super().changeform_view(request, *args, **kwargs)
        except publishing.NotAllowed:
            return super().changeform_view(request, *args, **kwargs)

    def save_model(self, request: HttpRequest, obj: Review, form: Any, change: bool) -> None:
        """Save through the editorial rules."""
        by: Any = request.user
        review = publishing.record_review(version=obj.version, by=by, outcome=obj.outcome, note=obj.note)
        obj.__dict__.update(review.__dict__)
        tell(request, form.notices)
