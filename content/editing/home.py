"""The places of pages on home, in the admin."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from content.models import HomeEntry, Page

from .forms import GuidanceForm, tell


class HomeEntryForm(GuidanceForm):
    """A page's place on home. What it stands below is chosen among the pages, and stored by its slug."""

    page = forms.ModelChoiceField(Page.objects.guidance())
    below = forms.ModelChoiceField(
        Page.objects.guidance(),
        to_field_name="slug",
        required=False,
        help_text="For a page that belongs to another one: its link stands below that page's entry in the same list.",
    )

    def clean_below(self) -> str:
        """Return the slug of the page."""
        below: Page | None = self.cleaned_data["below"]
        return below.slug if below else ""


@admin.register(HomeEntry)
class HomeEntryAdmin(admin.ModelAdmin):
    """What home lists by drug and by problem, and in which order."""

    form = HomeEntryForm
    fields = ["page", "section", "label", "note", "position", "below"]
    list_display = ["label", "section", "position", "note", "page", "below"]
    list_editable = ["position"]
    list_filter = ["section"]
    list_select_related = ["page"]
    search_fields = ["label", "note", "page__slug"]
    ordering = ["section", "position", "label"]

    def save_model(self, request: HttpRequest, obj: HomeEntry, form: Any, change: bool) -> None:
        """Save the entry, and say what was removed from its words."""
        super().save_model(request, obj, form, change)
        tell(request, getattr(form, "notices", ()))
