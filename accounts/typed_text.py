"""Nothing typed is lost: a form that could not be accepted shows what was in it, to copy."""

import re
from collections.abc import Callable
from typing import Any

from django.contrib.auth.views import redirect_to_login
from django.core.signing import BadSignature
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render, resolve_url
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme

from .models import User

NOT_TYPED = {
    "csrfmiddlewaretoken",
    "next",
    "action",
    "back",
    "page",
    "revision",
    "shown_revision",
    "began_from",
    "sha256",
    "shown",
    "at",
    "on_version",
    "overtaken",
    "label",
    "heading",
    "no_patient",
    "is_professional",
    "remember",
    "seal",
    # in My account and Editing
    "account",
    "groups",
    "index",
    "is_active",
    "is_staff",
    "is_sure",
    "outcome",
    "passwordless",
    "post",
    "process",
    "select_across",
    "usable_password",
}
OF_A_ROW = re.compile(r".*-(id|page|DELETE|(TOTAL|INITIAL|MIN_NUM|MAX_NUM)_FORMS)")
SECRET = re.compile(r"(old|new)?_?password\d?|code|credential|.*token")


def is_text(name: str, value: Any) -> bool:
    """Whether a form's field holds what a person typed, and no secret."""
    if name in NOT_TYPED or name.startswith(("_", "initial-")) or OF_A_ROW.fullmatch(name) or SECRET.fullmatch(name):
        return False
    return bool(str(value).strip())


def typed_texts(request: HttpRequest) -> list[tuple[str, str]]:
    """Each text that was typed into the posted form, with its label.

    A form sent from another site has none: its words are not the person's own.
    """
    if request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        return []
    return [
        (name.replace("_", " ").capitalize(), str(value))
        for name, value in request.POST.items()
        if is_text(name, value)
    ]


def typed_text_page(request: HttpRequest, what_happened: str, leads_to: str = "") -> HttpResponse | None:
    """A page, status 403, that says `what_happened`, shows each posted text and links to sign in.

    It leads on to the address `leads_to` or back to the page before. None when nothing was typed.
    """
    texts = typed_texts(request)
    if not texts:
        return None
    context = {"what_happened": what_happened, "texts": texts, "next": leads_to or page_before(request, "/")}
    response = render(request, "accounts/typed_text.html", context, status=403)
    response["Cache-Control"] = "no-store"
    return response


def sealed_owner(request: HttpRequest) -> User | None:
    """Whom the posted form was made for, if it says so."""
    try:
        return User.objects.from_seal(request.POST.get("seal", ""))
    except (BadSignature, User.DoesNotExist):
        return None


def session_ended() -> HttpResponse:
    """Tell a page that asked by htmx: its own script keeps what else is typed, and clears the screen."""
    return HttpResponse(status=401, headers={"HX-Trigger": "session-ended"})


def keep_for(owner: User, request: HttpRequest) -> HttpResponse | None:
    """Keep what was typed for its owner and show none of it: whoever sent the form now may be somebody else.

    None when there is nothing to say.
    """
    texts = typed_texts(request) if request.method == "POST" else []
    if texts:
        owner.keep_unsaved(page_before(request, "/"), texts)
    if "HX-Request" in request.headers:
        return session_ended()
    return render(request, "accounts/kept_text.html", status=403) if texts else None


def refuse(request: HttpRequest, what_happened: str) -> HttpResponse | None:
    """The answer to what nobody, or somebody else than it was made for, is signed in for; None when nothing was typed.

    A form that carries the seal of the person it was made for is kept for them; of any other the text is shown.
    """
    owner = sealed_owner(request)
    if owner and owner != request.user:
        return keep_for(owner, request)
    if "HX-Request" in request.headers:  # all that is typed stays in the page
        return HttpResponse(status=403) if request.user.is_authenticated else session_ended()
    return typed_text_page(request, what_happened) if request.method == "POST" else None


def page_before(request: HttpRequest, otherwise: Any) -> str:
    """The address on this site of the page that held the form or the link, or the address of `otherwise`."""
    referer = request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(referer, {request.get_host()}):
        return referer
    return resolve_url(otherwise)


class TypedTextMiddleware:
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
        return refuse(request, happened) or response
