"""The editors' page of references: each source once, where it is cited, and its correction on every page."""

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse, QueryDict
from django.shortcuts import redirect, render

from accounts.characters import refuse_unseen
from accounts.session.unsaved_text import posted_text_page
from content import corrections
from content.markup import cleaning
from content.references import overview
from content.references.overview import Source

from .forms import tell

A_PAGE = 50  # sources
SHOW: dict[str, tuple[str, Callable[[Source], bool]]] = {
    "retracted": ("Retracted or doubted", lambda source: source.notice is not None),
    "differs": ("Different words", lambda source: source.differs),
    "shape": ("Wrong identifier or address", lambda source: bool(source.faults)),
    "unidentified": ("No identifier or address", lambda source: not source.reference.is_identified),
}


class CorrectionForm(forms.Form):
    """The new words of a reference, why they change, and the pages where they do."""

    typed = forms.CharField(
        label="The reference",
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3, "class": "vLargeTextField"}),
        help_text="In Markdown, with its identifiers in its own words: doi:10.1056/NEJMoa044397, PMID 16510744, "
        "NICE TA127, an address, accessed 26 November 2026.",
    )
    change_note = forms.CharField(
        max_length=500,
        widget=forms.Textarea(attrs={"rows": 2, "class": "vLargeTextField"}),
        help_text="For readers of each page: what changed and why.",
    )
    places = forms.MultipleChoiceField(
        label="Correct it on",
        widget=forms.CheckboxSelectMultiple,
        error_messages={
            "required": "Choose at least one page.",
            "invalid_choice": "A page has changed since you opened this form. Check the list, then send it again.",
        },
    )

    def __init__(self, source: Source, posted: QueryDict | None) -> None:
        initial = {
            "typed": source.wordings[0],
            "change_note": "Reference corrected.",
            "places": [citing.choice for citing in source.alike],
        }
        super().__init__(posted, initial=initial)
        self.notices: list[cleaning.Notice] = []
        self.citings = {citing.choice: citing for citing in source.citings}
        self.fields["places"].choices = [  # type: ignore[attr-defined]
            (choice, f"{citing.title}: {citing.reference.words}") for choice, citing in self.citings.items()
        ]
        for name in ("typed", "change_note"):
            self.fields[name].widget.attrs.pop("maxlength", None)  # browsers would cut what is pasted

    def clean_typed(self) -> str:
        """Remove what nobody can see, and put the words on one line, as they stand in a text."""
        typed, self.notices = cleaning.remove_unseen(self.cleaned_data["typed"])
        refuse_unseen(typed)
        return " ".join(typed.split())

    def clean_change_note(self) -> str:
        """Remove what nobody can see."""
        note, notices = cleaning.remove_unseen(self.cleaned_data["change_note"])
        self.notices += notices
        refuse_unseen(note)
        return note


def reference_list(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    """Show what live pages cite, each source once. `?q=` finds words, identifiers and pages; `?show=` is in `SHOW`."""
    _require(request, "content.view_draft")
    sources = overview.find_sources()
    query, show = request.GET.get("q", "").strip(), request.GET.get("show", "")
    shown = [each for each in sources if query.casefold() in each.searched]
    counts = [(name, label, sum(map(rule, shown))) for name, (label, rule) in SHOW.items()]
    found = list(filter(SHOW[show][1], shown)) if show in SHOW else shown
    rows = Paginator(found, A_PAGE).get_page(request.GET.get("page"))
    context |= {
        "title": "References",
        "rows": rows,
        "total": len(shown),
        "counts": counts,
        "query": query,
        "show": show,
    }
    return render(request, "admin/content/references.html", context)


def reference_correct(request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
    """Show the form that corrects a source; on POST, start a draft for each chosen page and say what came of each."""
    _require(request, "content.add_draft")
    source = next((each for each in overview.find_sources() if each.name == name), None)
    if source is None:
        return _gone(request)
    form = CorrectionForm(source, request.POST or None)
    context |= {"title": "Correct a reference", "source": source, "form": form}
    if not form.is_valid():
        status = 422 if form.is_bound else 200
        return render(request, "admin/content/reference_correct.html", context, status=status)
    by: Any = request.user
    outcomes = corrections.correct(
        citings=[form.citings[choice] for choice in form.cleaned_data["places"]],
        typed=form.cleaned_data["typed"],
        change_note=form.cleaned_data["change_note"],
        by=by,
    )
    tell(request, (notice.describe() for notice in form.notices))
    context |= {"title": "What was done", "outcomes": outcomes, "typed": form.cleaned_data["typed"]}
    return render(request, "admin/content/reference_corrected.html", context)


def _gone(request: HttpRequest) -> HttpResponse:
    """Say that no page has this reference any more, and show what was typed so that it can be copied."""
    said = "The pages do not have this reference any more, so nothing was done"
    page = request.method == "POST" and posted_text_page(request, said)
    if page:
        return page
    messages.warning(request, f"{said}. Choose it again below.")
    return redirect("admin:content_page_references")


def _require(request: HttpRequest, permission: str) -> None:
    user: Any = request.user
    if not user.has_perm(permission):
        raise PermissionDenied
