"""The places of pages on home, in the admin."""

from typing import Any

from django import forms
from django.contrib import admin
from django.http import HttpRequest

from accounts.lists import LeanAdmin
from content.models import HomeEntry, Page

from .forms import GuidanceForm, tell


class HomeEntryForm(GuidanceForm):
    """A page's place on home. What it stands below is one of the pages, typed and stored by its slug."""

    below = forms.ModelChoiceField(
        Page.objects.guidance(),
        to_field_name="slug",
        required=False,
        widget=forms.TextInput,
        help_text="For a page that belongs to another one, the slug of that one: its link stands below that page's "
        "entry in the same list.",
        error_messages={"invalid_choice": "There is no guidance page with this slug."},
    )

    def clean_below(self) -> str:
        """Return the slug of the page."""
        below: Page | None = self.cleaned_data["below"]
        return below.slug if below else ""


@admin.register(HomeEntry)
class HomeEntryAdmin(LeanAdmin):
    """What home lists by drug and by problem, and in which order."""

    form = HomeEntryForm
    fields = ["page", "section", "label", "note", "position", "below"]
    list_display = ["label", "section", "position", "note", "page", "below"]
    list_editable = ["position"]
    list_filter = ["section"]
    list_select_related = ["page"]
    autocomplete_fields = ["page"]
    search_fields = ["label", "note", "page__slug"]
    ordering = ["section", "position", "label"]

    def formfield_for_foreignkey(self, db_field: Any, request: HttpRequest, **kwargs: Any) -> Any:
        """Let no page about the site be arranged."""
        return super().formfield_for_foreignkey(db_field, request, queryset=Page.objects.guidance(), **kwargs)

    def save_model(self, request: HttpRequest, obj: HomeEntry, form: Any, change: bool) -> None:
        """Save the entry, and say what was removed from its words."""
        super().save_model(request, obj, form, change)
        tell(request, getattr(form, "notices", ()))
