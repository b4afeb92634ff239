"""What people type and what it means here: a page's own search terms, and the site's synonyms with their history."""

from typing import Any

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.forms import BaseInlineFormSet
from django.http import HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path

from accounts.lists import LeanAdmin
from content.models import SearchTerm, Synonym

from .forms import GuidanceForm, tell

MOST_SHOWN = 500  # steps of the history of synonyms, the newest


class SearchTermFormSet(BaseInlineFormSet):
    """The search terms of a page, of which existing ones are shown and not sent again."""

    def delete_existing(self, obj: SearchTerm, commit: bool = True) -> None:
        """Delete a term as it is stored, so that the history names it."""
        obj.refresh_from_db()
        super().delete_existing(obj, commit)


class SearchTermInline(admin.StackedInline):
    """The search terms of a page: one is added or deleted, so that the page's history says each."""

    model = SearchTerm
    form = GuidanceForm
    formset = SearchTermFormSet
    extra = 1

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: a term that was changed in place would not stand in the page's history."""
        return False


@admin.register(Synonym)
class SynonymAdmin(LeanAdmin):
    """Words that people type, and what they mean on this site. They are added and deleted, never changed."""

    form = GuidanceForm
    list_display = ["words", "meaning"]
    search_fields = ["words", "meaning"]
    change_list_template = "admin/content/synonym/change_list.html"

    def get_urls(self) -> list[URLPattern]:
        """Add the history of all synonyms."""
        view = self.admin_site.admin_view(self.all_history_view)
        return [path("history/", view, name="content_synonym_all_history"), *super().get_urls()]

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        """Refuse: a synonym that was changed in place would not stand in the history."""
        return False

    def save_model(self, request: HttpRequest, obj: Synonym, form: Any, change: bool) -> None:
        """Save the synonym, and say what was removed from its words."""
        super().save_model(request, obj, form, change)
        tell(request, form.notices)

    def all_history_view(self, request: HttpRequest) -> HttpResponse:
        """Show who added and deleted which synonym, and when, the newest first."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        kind = ContentType.objects.get_for_model(Synonym)
        steps = LogEntry.objects.filter(content_type=kind).select_related("user").order_by("-action_time", "-pk")
        context = {
            **self.admin_site.each_context(request),
            "title": "History of synonyms",
            "opts": Synonym._meta,
            "steps": steps[:MOST_SHOWN],
        }
        return TemplateResponse(request, "admin/content/synonym/history.html", context)
