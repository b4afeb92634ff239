"""Nothing typed is lost: a form that could not be accepted shows what was in it, to copy."""

from collections.abc import Callable

from django.contrib.auth.views import redirect_to_login
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.urls import reverse

from accounts import audit
from accounts.http import page_before
from accounts.models import User
from accounts.seal import Seal


def posted_texts(request: HttpRequest) -> list[tuple[str, str]]:
    """Each text that was typed into the posted form, with its label.

    A form sent from another site has none: its words are not the person's own.
    """
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        return []
    seal = Seal.read(request.POST.get("seal", ""))
    posted = ((name, str(value)) for name, value in request.POST.items())
    return [(name.replace("_", " ").capitalize(), value) for name, value in posted if seal.is_text(name, value)]


def posted_text_page(request: HttpRequest, what_happened: str, leads_to: str = "") -> HttpResponse | None:
    """A page, status 403, that says `what_happened`, shows each posted text and links to sign in.

    It leads on to the address `leads_to` or back to the page before. None when nothing was typed.
    """
    texts = posted_texts(request)
    if not texts:
        return None
    context = {"what_happened": what_happened, "texts": texts, "next": leads_to or page_before(request, "/")}
    response = render(request, "accounts/typed_text.html", context, status=403)
    response["Cache-Control"] = "no-store"
    return response


def owner_of_form(request: HttpRequest) -> User | None:
    """Whom the posted form was made for, if it says so."""
    try:
        return User.objects.from_owner_token(request.POST.get("seal", ""))
    except User.DoesNotExist:
        return None


def session_ended() -> HttpResponse:
    """Tell a page that asked by htmx: its own script keeps what else is typed, and clears the screen."""
    return HttpResponse(status=401, headers={"HX-Trigger": "session-ended"})


def save_for_owner(owner: User, request: HttpRequest) -> HttpResponse | None:
    """Keep what was typed for its owner and show none of it: whoever sent the form now may be somebody else.

    None when there is nothing to say.
    """
    texts = posted_texts(request) if request.method == "POST" else []
    if texts:
        owner.keep_unsaved(page_before(request, "/"), texts)
    if "HX-Request" in request.headers:
        return session_ended()
    return render(request, "accounts/kept_text.html", status=403) if texts else None


def save_or_show(request: HttpRequest, what_happened: str) -> HttpResponse | None:
    """The answer to what nobody, or somebody else than it was made for, is signed in for; None when nothing was typed.

    A form that carries the seal of the person it was made for is kept for them; of any other the text is shown.
    """
    owner = owner_of_form(request)
    if owner and owner != request.user:
        return save_for_owner(owner, request)
    if "HX-Request" in request.headers:  # all that is typed stays in the page
        return HttpResponse(status=403) if request.user.is_authenticated else session_ended()
    return posted_text_page(request, what_happened) if request.method == "POST" else None


def permission_denied(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer what this account may not do: what was typed is still there to copy."""
    page = request.method == "POST" and posted_text_page(request, "Your account cannot do this, so nothing was saved")
    return page or render(request, "403.html", status=403)


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """Answer a form that did not carry this session's secret: what was typed is kept, or still there to copy."""
    page = save_or_show(request, "This form was opened before you last signed in or out, so it was not saved")
    return page or render(request, "accounts/csrf_failure.html", status=403)


def too_many_requests(request: HttpRequest) -> HttpResponse:
    """Answer what was tried too often: what happened, what to do, and what was typed to copy."""
    audit.limit_reached(request)
    response = render(request, "429.html", {"texts": posted_texts(request)}, status=429)
    response["Cache-Control"], response["Retry-After"] = "no-store", "60"
    return response


class UnsavedTextMiddleware:
    """Whatever a person typed into a form that was posted after their session ended is kept for them, or shown."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        response = self.get_response(request)
        if response.status_code != 302:
            return response
        to_sign_in = redirect_to_login(request.get_full_path()).url.partition("?")[0]
        if response.headers["Location"].partition("?")[0] not in (to_sign_in, reverse("admin:login")):
            return response
        happened = "Your session ended before this was saved"
        if request.user.is_authenticated:
            happened = "Editing needs your second sign-in step again, so this was not saved"
        return save_or_show(request, happened) or response
