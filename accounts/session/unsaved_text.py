"""Nothing typed is lost: if the site cannot accept a form, it keeps its text for the owner or shows it, to copy.

A kept text goes back into the form that it came from, and stays kept until that form was saved or the owner discards
it. Reasons: docs/decisions/0078-kept-text-goes-back-into-its-form.md.
"""

from collections.abc import Callable, Iterable
from datetime import datetime
from urllib.parse import urlsplit, urlunsplit

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import Resolver404, resolve, reverse
from django.utils import timezone

from accounts.http import View, page_before
from accounts.models import MOST_KEPT, PUT_BACK, UnsavedText, User
from accounts.seal import Seal


def takes_text_back(view: View) -> View:
    """Mark a view, a GET of whose address shows the form with the texts that `put_back` returns."""
    view.takes_text_back = True  # type: ignore[attr-defined]
    return view


def put_back_address(kept: UnsavedText) -> str:
    """Return the address that shows this text in the form it came from; empty if its form takes no text back."""
    address = urlsplit(kept.form)
    try:
        view = resolve(address.path).func if kept.form and kept.field else None
    except Resolver404:
        return ""
    if not hasattr(view, "takes_text_back"):
        return ""
    return urlunsplit(address._replace(query=f"{address.query}&{PUT_BACK}={kept.pk}".lstrip("&"), fragment=""))


def put_back(request: HttpRequest, form: str, fields: Iterable[str]) -> dict[str, str]:
    """Return the person's own kept texts that the address asks to put back into the form sent to `form`, by field.

    With the kept text that the address names come those that were kept with it. Only texts of `fields` are returned.
    """
    number = request.GET.get(PUT_BACK, "") if request.method in ("GET", "HEAD") else ""
    if not (is_number(number) and request.user.is_authenticated):
        return {}
    mine = request.user.unsaved_texts
    kept = mine.active().filter(pk=number).first()
    if not kept or urlsplit(kept.form).path != form:
        return {}
    texts = {each.field: each for each in reversed(mine.typed_with(kept).filter(field__in=list(fields)))}
    request.put_back = {field: each.pk for field, each in texts.items()}  # type: ignore[attr-defined]
    return {field: each.text for field, each in texts.items()}


def is_number(said: str) -> bool:
    """Return whether `said` can be the number of a row."""
    return said.isascii() and said.isdigit() and len(said) < 19


def marks_of_put_back(request: HttpRequest, names: Iterable[str]) -> list[str]:
    """Return the numbers of the kept texts that stand in a form with the fields `names`, for it to name when sent."""
    if request.method == "POST":
        return [number for number in request.POST.getlist(PUT_BACK) if is_number(number)]
    return [str(number) for field, number in getattr(request, "put_back", {}).items() if field in names]


def forget_saved(request: HttpRequest, response: HttpResponseBase, since: datetime) -> None:
    """Delete the kept texts that the posted form was filled with, if it was saved.

    Those that were kept again `since` the request came stay.
    """
    numbers = marks_of_put_back(request, ()) if request.method == "POST" else []
    is_saved = response.status_code in (302, 303) or (response.status_code == 200 and "HX-Request" in request.headers)
    if numbers and is_saved and request.user.is_authenticated:
        for kept in request.user.unsaved_texts.filter(pk__in=numbers[:MOST_KEPT], saved_at__lt=since):
            if urlsplit(kept.form).path == request.path:
                kept.delete()


def posted_texts(request: HttpRequest) -> list[tuple[str, str]]:
    """Return the texts in the posted form that a person typed, as pairs of a label and the text.

    If the browser says that another site sent the form, there are none: the words are not the person's own.
    """
    return [(label, text) for label, text, _ in posted_fields(request)]


def posted_fields(request: HttpRequest) -> list[tuple[str, str, str]]:
    """Return what `posted_texts` does, with the name of each field."""
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        return []
    seal = Seal.read(request.POST.get("seal", ""))
    posted = ((name, str(value)) for name, value in request.POST.items())
    return [(name.replace("_", " ").capitalize(), value, name) for name, value in posted if seal.is_text(name, value)]


def posted_text_page(request: HttpRequest, what_happened: str, leads_to: str = "") -> HttpResponse | None:
    """Return a page, status 403, that says `what_happened`, shows each posted text and links to sign in.

    From there it leads to the address `leads_to`, or back to the page with the form. None if there is no text.
    """
    texts = posted_texts(request)
    if not texts:
        return None
    context = {"what_happened": what_happened, "texts": texts, "next": leads_to or page_before(request, "/")}
    response = render(request, "accounts/typed_text.html", context, status=403)
    response["Cache-Control"] = "no-store"
    return response


def owner_of_form(request: HttpRequest) -> User | None:
    """Return the account that the posted form's seal names, or None."""
    try:
        return User.objects.from_seal(request.POST.get("seal", ""))
    except User.DoesNotExist:
        return None


def session_ended() -> HttpResponse:
    """Return a 401 for a request by htmx: the page's script then sends us other unsaved text and clears the screen."""
    return HttpResponse(status=401, headers={"HX-Trigger": "session-ended"})


def save_for_owner(owner: User, request: HttpRequest) -> HttpResponse | None:
    """Keep the posted text for `owner` and return a page without it: someone else may have sent the form now.

    None if there is nothing to say.
    """
    texts = posted_fields(request) if request.method == "POST" else []
    if texts:
        owner.keep_unsaved(page_before(request, "/"), texts, request.get_full_path())
    if "HX-Request" in request.headers:
        return session_ended()
    return render(request, "accounts/kept_text.html", status=403) if texts else None


def save_or_show(request: HttpRequest, what_happened: str) -> HttpResponse | None:
    """Return the answer to a form that the site cannot accept in this session; None if there is nothing to say.

    If the form's seal names someone who is not signed in here, we keep the text for them. Otherwise, we show it.
    """
    owner = owner_of_form(request)
    if owner and owner != request.user:
        return save_for_owner(owner, request)
    if "HX-Request" in request.headers:  # the page still has all the text
        return HttpResponse(status=403) if request.user.is_authenticated else session_ended()
    return posted_text_page(request, what_happened) if request.method == "POST" else None


class UnsavedTextMiddleware:
    """Keep for its owner, or show, the text of a form that was posted after their session ended.

    A form that was filled with kept text, and is saved, is the end of that text.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        since = timezone.now()
        response = self.get_response(request)
        if not self._leads_to_sign_in(response):
            forget_saved(request, response, since)
            return response
        happened = "Your session ended before this was saved"
        if request.user.is_authenticated:
            happened = "Editing needs your second sign-in step again, so this was not saved"
        return save_or_show(request, happened) or response

    def _leads_to_sign_in(self, response: HttpResponseBase) -> bool:
        if response.status_code != 302:
            return False
        to_sign_in = redirect_to_login("/").url.partition("?")[0]
        return response.headers["Location"].partition("?")[0] in (to_sign_in, reverse("admin:login"))
