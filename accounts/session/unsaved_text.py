"""Nothing typed is lost: if the site cannot accept a form, it keeps its text for the owner or shows it, to copy."""

from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render, resolve_url
from django.urls import reverse

from accounts.http import page_before
from accounts.models import User
from accounts.seal import Seal


def posted_texts(request: HttpRequest) -> list[tuple[str, str]]:
    """Return the texts in the posted form that a person typed, as pairs of a label and the text.

    If the browser says that another site sent the form, there are none: the words are not the person's own.
    """
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        return []
    seal = Seal.read(request.POST.get("seal", ""))
    posted = ((name, str(value)) for name, value in request.POST.items())
    return [(name.replace("_", " ").capitalize(), value) for name, value in posted if seal.is_text(name, value)]


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
    texts = posted_texts(request) if request.method == "POST" else []
    if texts:
        owner.keep_unsaved(page_before(request, "/"), texts)
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
    """Keep for its owner, or show, the text of a form that was posted after their session ended."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.status_code != 302:
            return response
        if response.headers["Location"].partition("?")[0] not in (
            resolve_url(settings.LOGIN_URL),
            reverse("admin:login"),
        ):
            return response
        happened = "Your session ended before this was saved"
        if request.user.is_authenticated:
            happened = "Editing needs your second sign-in step again, so this was not saved"
        return save_or_show(request, happened) or response
