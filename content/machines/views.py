"""What is for machines: how to cite a version, and the site's files for programs."""

from datetime import UTC, datetime, time, timedelta
from functools import wraps
from typing import Any
from urllib.parse import quote

from django.conf import settings
from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils import timezone
from django.views.decorators.http import conditional_page, require_safe

from accounts.http import Request, View
from accounts.middleware import metered
from content.files import exporting
from content.models import Page, Version
from content.views import page_refused

from . import citation

SECURITY_LASTS = timedelta(days=180)  # it is made each time that it is asked for, so it never gets that old


def by_content(view: View) -> View:
    """Return a view that sends its answer again only if its content has changed, whatever the newest time in it.

    When the newest version is redacted or withdrawn, that time becomes an earlier one: a program that asks by it alone
    would keep what was redacted.
    """

    @require_safe
    @conditional_page
    @wraps(view, assigned=())
    def answer(request: Request, *args: Any, **kwargs: Any) -> HttpResponse:
        response = view(request, *args, **kwargs)
        response.headers.pop("Last-Modified", None)
        return response

    return answer


@by_content
def version_cite(request: Request, slug: str, number: int, form: str) -> HttpResponse:
    """Say how to cite a published version, in one of `citation.FORMATS`. It is never metered, and has no text of it."""
    if form not in citation.FORMATS:
        raise Http404
    versions = Version.objects.published().filter(page__kind=Page.Kind.GUIDANCE).select_related("page").defer("body")
    cited = citation.cite(get_object_or_404(versions, page__slug=slug, number=number))
    media_type, write = citation.FORMATS[form]
    response = HttpResponse(write(cited), content_type=media_type)
    response["Content-Disposition"] = f'inline; filename="{cited.key}.{form}"'
    response["X-Robots-Tag"] = "noindex"
    return response


@require_safe
@metered(refusal=page_refused)
@conditional_page
def page_source(request: Request, slug: str) -> HttpResponse:
    """Answer with the live version's Markdown below its front matter. A withdrawn page shows its withdrawal."""
    versions = Version.objects.live().filter(page__kind=Page.Kind.GUIDANCE).select_related("page", "redaction")
    version = get_object_or_404(versions.with_page_facts(), page__slug=slug)
    if version.kind == Version.Kind.WITHDRAWAL:
        return page_refused(request, slug)
    response = HttpResponse(exporting.export_public(version), content_type="text/markdown; charset=utf-8")
    response["Content-Disposition"] = f'inline; filename="{slug}.md"'
    response["X-Robots-Tag"] = "noindex"
    return response


@by_content
def robots(request: Request) -> HttpResponse:
    """Tell robots where there is nothing for them, and where the sitemap is."""
    return render(request, "content/robots.txt", content_type="text/plain; charset=utf-8")


@by_content
def security(request: Request) -> HttpResponse:
    """Say where to report a weakness of the site (RFC 9116); a site that has given no address has no such file."""
    contact = settings.SECURITY_CONTACT or settings.CONTACT_EMAIL
    if not contact:
        raise Http404
    expires = datetime.combine(timezone.now().date() + SECURITY_LASTS, time(), UTC)
    lines = [f"Contact: {_to_uri(contact)}", f"Expires: {expires:%Y-%m-%dT%H:%M:%SZ}", "Preferred-Languages: en"]
    if settings.SECURE:  # the file's own address has to be https
        lines.append(f"Canonical: {settings.SITE_URL}{request.path}")
    return HttpResponse("".join(f"{line}\n" for line in lines), content_type="text/plain; charset=utf-8")


def _to_uri(contact: str) -> str:
    """Return the address to write to as a URI, which RFC 9116 asks for."""
    return contact if contact.startswith("https://") else f"mailto:{quote(contact, safe='@')}"
