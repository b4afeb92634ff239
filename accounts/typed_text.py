"""Nothing typed is lost: a form that could not be accepted shows what was in it, to copy."""

import re
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render, resolve_url
from django.utils.http import url_has_allowed_host_and_scheme

NOT_TYPED = {
    "csrfmiddlewaretoken",
    "next",
    "action",
    "page",
    "revision",
    "shown_revision",
    "began_from",
    "sha256",
    "shown",
    "at",
}
SECRET = re.compile(r"(old|new)?_?password\d?|oldpassword|code|.*token")


def typed_text_page(request: HttpRequest, what_happened: str) -> HttpResponse | None:
    """A page, status 403, that says `what_happened`, shows each posted text and links to sign in.

    None when nothing was typed. A form sent from another site is not shown: its words are not the person's own.
    """
    texts = [
        (name.replace("_", " ").capitalize(), value)
        for name, value in request.POST.items()
        if name not in NOT_TYPED
        and not name.startswith(("_", "initial-"))
        and not SECRET.fullmatch(name)
        and str(value).strip()
    ]
    if not texts or request.headers.get("Sec-Fetch-Site", "same-origin") not in ("same-origin", "none"):
        return None
    context = {"what_happened": what_happened, "texts": texts, "next": page_before(request, "/")}
    response = render(request, "accounts/typed_text.html", context, status=403)
    response["Cache-Control"] = "no-store"
    # Where htmx sent the form, this takes the place of all that was shown.
    response["HX-Retarget"], response["HX-Reswap"] = "body", "innerHTML"
    return response


def page_before(request: HttpRequest, otherwise: Any) -> str:
    """The address on this site of the page that held the form or the link, or the address of `otherwise`."""
    referer = request.headers.get("Referer", "")
    if url_has_allowed_host_and_scheme(referer, {request.get_host()}):
        return referer
    return resolve_url(otherwise)
