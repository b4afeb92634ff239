"""What is for machines: how to cite a version, and the site's files for programs."""

from functools import wraps
from typing import Any

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import conditional_page, require_safe

from accounts.http import Request, View
from content.models import Page, Version

from . import citation


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


@by_content
def robots(request: Request) -> HttpResponse:
    """Tell robots where there is nothing for them, and where the sitemap is."""
    return render(request, "content/robots.txt", content_type="text/plain; charset=utf-8")
