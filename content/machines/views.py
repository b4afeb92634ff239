"""What is for machines: how to cite a version, and the site's files for programs."""

from django.http import Http404, HttpResponse
from django.shortcuts import get_object_or_404
from django.views.decorators.http import conditional_page, require_safe

from accounts.http import Request
from content.models import Page, Version

from . import citation


@require_safe
@conditional_page
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
