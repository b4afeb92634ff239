"""What readers and visitors see: pages, their history, and the form for reporting an error."""

from collections.abc import Sequence
from datetime import date, datetime, time
from typing import Any

from django.contrib import messages
from django.core.paginator import Paginator
from django.db.models import Min, Q, Window
from django.db.models.functions import Lag
from django.http import Http404, HttpResponse, JsonResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import NoReverseMatch, reverse
from django.utils import timezone
from django.utils.http import urlencode
from django.views.decorators.cache import cache_control, never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_http_methods, require_safe

from accounts.http import Request
from accounts.middleware import metered
from accounts.session.unsaved_text import put_back, takes_text_back

from . import clock, error_reports, knowledge_request, knowledge_response
from . import home as home_lists
from . import infobutton as infobuttons
from .comparison.comparison import Reading, compare
from .comparison.display import show
from .comparison.source import compare_fields
from .error_reports import ErrorReportForm, MissingPageForm
from .knowledge_request import KnowledgeRequest
from .markup.references import Reference
from .models import LATELY, CitedRetraction, Code, Page, Review, Topic, Version, VersionQuerySet
from .page_list import A_PAGE, Listed, in_title_order
from .references import csl, notices
from .search import query, unfound
from .search.index import Unavailable
from .titles import divide


@require_safe
def home(request: Request) -> HttpResponse:
    """Show the way in: a search, what there is by drug and by problem, and what changed lately.

    A reader finds their own pages first, which the template adds, and needs no examples of what to search for.
    """
    found = home_lists.find(with_examples=not request.user.is_authenticated)
    return render(request, "content/home.html", {"home": found})


@require_safe
def page_list(request: Request) -> HttpResponse:
    """List all guidance, or that of the topic in `?topic=`, in the order of its titles."""
    slug = request.GET.get("topic", "")
    topic = get_object_or_404(Topic, slug=slug) if slug else None
    pages: Any = Listed(in_title_order(topic.pk) if topic else in_title_order())
    context: dict[str, Any] = {
        "topic": topic,
        "topics": Page.objects.live().guidance().topics(),
        "shown": Paginator(pages, A_PAGE).get_page(request.GET.get("page")),
    }
    return render(request, "content/page_list.html", context)


@require_safe
def changes(request: Request) -> HttpResponse:
    """Show what was published lately, and the feeds that tell it."""
    topics = Page.objects.published().guidance().topics()
    listed = {"versions": Version.objects.announced()[:LATELY], "topics": topics}
    return render(request, "content/changes.html", listed)


def page_refused(request: Request, slug: str, **which: Any) -> HttpResponse:
    """Show a visitor who has no free pages left the page's title, dates and summary, but never its text.

    A withdrawn page shows its withdrawal instead.
    """
    version = get_object_or_404(_live(Page.Kind.GUIDANCE), page__slug=slug)
    if version.kind == Version.Kind.WITHDRAWAL:
        return _withdrawn(request, version)
    opened = Page.objects.live().filter(slug__in=request.meter.opened)
    context = _about(version) | {"opened": opened}
    return render(request, "content/page_refused.html", context, status=403)


@require_safe
@metered(refusal=page_refused)
def page_detail(request: Request, slug: str) -> HttpResponse:
    """Show the live version of a guidance page, or its withdrawal."""
    version = get_object_or_404(_live(Page.Kind.GUIDANCE), page__slug=slug)
    if version.kind == Version.Kind.WITHDRAWAL:
        return _withdrawn(request, version)
    return render(request, "content/page_detail.html", _about(version))


@require_safe
@metered(refusal=page_refused)
def page_history(request: Request, slug: str) -> HttpResponse:
    """Show a page's published versions, newest first."""
    version = get_object_or_404(_live(Page.Kind.GUIDANCE), page__slug=slug)
    versions = version.page.versions.published().select_related("page").order_by("-number")
    versions = versions.annotate(before=Window(Lag("number"), order_by="number"))
    return render(request, "content/page_history.html", _about(version) | {"versions": versions})


@require_safe
@metered(refusal=page_refused)
def version_detail(request: Request, slug: str, number: int) -> HttpResponse:
    """Show one published version of a guidance page."""
    versions = _published(slug).with_retractions().with_before().with_page_facts()
    version = get_object_or_404(versions.select_related("rendering"), number=number)
    live = get_object_or_404(_live(Page.Kind.GUIDANCE), page__slug=slug)
    return render(request, "content/version_detail.html", _about(version) | {"live": live})


@require_safe
@metered(refusal=page_refused)
def version_references(request: Request, slug: str, number: int) -> HttpResponse:
    """Answer with the references of one published version as CSL-JSON, in the order of their numbers."""
    version = get_object_or_404(_published(slug).select_related("rendering"), number=number)
    items = [csl.to_item(Reference.from_record(record)) for record in version.rendering.references]
    return JsonResponse(
        items, safe=False, content_type=csl.MEDIA_TYPE, json_dumps_params={"ensure_ascii": False, "indent": 2}
    )


@require_safe
@metered(refusal=page_refused)
def version_compare(request: Request, slug: str, old: int, new: int) -> HttpResponse:
    """Show what changed between two published versions of a guidance page, from `old` to `new`."""
    versions = _published(slug).order_by("-number")
    compared = {
        each.number: each for each in versions.filter(Q(number=old) | Q(number=new)).select_related("rendering")
    }
    if not compared.keys() >= {old, new}:
        raise Http404
    before, after = compared[old], compared[new]
    context = {
        "before": before,
        "after": after,
        "page": after.page,
        "versions": (every := list(versions.defer("body"))),
        "notes": [each for each in every if min(old, new) < each.number <= max(old, new)],
        "shown": show(compare(_reading(before), _reading(after))),
        "source": compare_fields(before.to_fields(), after.to_fields()) if request.user.is_staff else [],
    }
    return render(request, "content/version_compare.html", context)


@require_safe
def version_choose(request: Request, slug: str) -> HttpResponse:
    """Redirect the form on a page's history to the comparison it asks for.

    Without script, a form cannot write that address itself (docs/decisions/0005-addresses-of-the-history.md).
    """
    try:
        return redirect("version-compare", slug, request.GET.get("old", ""), request.GET.get("new", ""))
    except NoReverseMatch as error:
        raise Http404 from error


@require_safe
@metered(refusal=page_refused)
def page_on(request: Request, slug: str, day: date) -> HttpResponse:
    """Redirect to the version that was live when `day` ended in the UK or, for today, to the one that is live now."""
    versions, end = _published(slug), timezone.make_aware(datetime.combine(day, time.max))
    version = versions.filter(published_at__lte=end).order_by("-number").first()
    is_over = day <= clock.today()
    if version and is_over:
        return redirect(version)
    first = get_object_or_404(versions, number=versions.aggregate(first=Min("number"))["first"])
    context = {"first": first, "page": first.page, "day": day, "is_over": is_over}
    return render(request, "content/page_on_missing.html", context, status=404)


@require_safe
def about_detail(request: Request, slug: str) -> HttpResponse:
    """Show a page about the site itself; it is never metered."""
    version = get_object_or_404(_live(Page.Kind.ABOUT), page__slug=slug)
    if version.kind == Version.Kind.WITHDRAWAL:
        return _withdrawn(request, version)
    return render(request, "content/about_detail.html", _about(version))


@require_http_methods(["GET", "HEAD", "POST"])
@takes_text_back
def error_report(request: Request, slug: str, number: int) -> HttpResponse:
    """Report an error on one version of a page. Until the report is saved, the typed text stays in the form."""
    versions = Version.objects.published().select_related("page")
    version = get_object_or_404(versions, page__slug=slug, number=number)
    form = ErrorReportForm(request.POST or None, initial=put_back(request, request.path, ErrorReportForm.base_fields))
    context: dict[str, Any] = {"form": form, "version": version, "page": version.page}
    if not form.is_valid():
        return render(request, "content/error_report.html", context, status=422 if form.is_bound else 200)
    if not error_reports.has_room(request):
        context["limit"] = error_reports.FULL
        return render(request, "content/error_report.html", context, status=503)
    error_reports.keep(form.save(commit=False), version, request)
    messages.success(request, "Thank you. The editors have your report.")
    response = redirect(version.page.get_absolute_url())
    error_reports.count(request, response)
    return response


@require_safe
@cache_control(private=True)
def search(request: Request) -> HttpResponse:
    """Show the pages and sections that say what was searched for. It is never metered.

    Of a page that a visitor may no longer open, it shows no more than the refusal does: title, dates and summary.
    """
    typed = request.GET.get("q", "")
    try:
        results = query.search(typed, as_typed="as-typed" in request.GET)
    except Unavailable:
        nothing = {"results": query.Results(typed[: query.LONGEST_QUERY])}
        response = render(request, "content/search_unavailable.html", nothing, status=503)
        response["X-Robots-Tag"] = "noindex"
        return response
    if unfound.is_counted(request):
        unfound.record(results)
    hits = _shown(request, results.hits)
    context = {
        "results": results,
        "hits": hits,
        "answer": _quotation(results.answer, hits),
        "is_cut": len(results.hits) >= query.MOST_PAGES,
    }
    if results.asked and not (results.hits or results.meanings):
        context |= _what_there_is()
    response = render(request, "content/search.html", context)
    response["X-Robots-Tag"] = "noindex"
    return response


@require_http_methods(["GET", "HEAD", "POST"])
@cache_control(private=True)
@takes_text_back
def missing_page(request: Request) -> HttpResponse:
    """Tell the editors what was not found. Until it is saved, the typed text stays in the form."""
    asked = request.GET.get("q", "")[: query.LONGEST_QUERY]
    typed = put_back(request, request.path, MissingPageForm.base_fields)
    form = MissingPageForm(request.POST or None, initial={"asked": asked, **typed})
    context: dict[str, Any] = {"form": form}
    if not form.is_valid():
        response = render(request, "content/missing_page.html", context, status=422 if form.is_bound else 200)
    elif not error_reports.has_room(request):
        context["limit"] = error_reports.FULL
        response = render(request, "content/missing_page.html", context, status=503)
    else:
        error_reports.keep_missing(form.save(commit=False), request)
        messages.success(request, "Thank you. The editors have your message.")
        response = redirect("home")
        error_reports.count(request, response)
    response["X-Robots-Tag"] = "noindex"
    return response


@require_safe
@cache_control(private=True)
def suggest(request: Request) -> HttpResponse:
    """Return as JSON what the search field suggests for `q`: to a visitor who may not open a page, only its title."""
    try:
        suggested = query.suggest(request.GET.get("q", ""))
    except Unavailable:
        suggested = []  # nobody asked for suggestions: the search itself says what is wrong
    found = [
        _suggested(each)
        for each in suggested
        if not each.anchor or not request.meter.applies or request.meter.value.allows(each.slug)
    ]
    response = JsonResponse({"suggestions": found})
    response["X-Robots-Tag"] = "noindex"
    return response


@require_safe
def code(request: Request, system: str, code: str) -> HttpResponse:
    """Redirect to the page of a clinical code, offer a choice if there are several, and search if there is none."""
    name = Code.System.named(system)
    pages = Page.objects.coded(code, name)
    if len(pages) == 1:
        return redirect(pages[0])
    if not pages:
        return redirect(f"{reverse('search')}?{urlencode({'q': code})}")
    return render(request, "content/code.html", {"pages": pages, "system": name, "code": code})


@csrf_exempt  # a form is refused unread: the page that refuses others would repeat what it says of a patient
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def infobutton(request: Request) -> HttpResponse:
    """Answer what a clinical records system asks: lead to the page or section, offer a choice, or give it a feed."""
    if request.method == "POST":
        return HttpResponse(status=403)
    query_string = request.META.get("QUERY_STRING", "")
    asked = knowledge_request.read(query_string)
    found = infobuttons.find(asked, lambda slug: not request.meter.applies or request.meter.value.allows(slug))
    if asked.wants_feed:
        answer = knowledge_response.write(asked, found)
        response = HttpResponse(answer, content_type=f"{asked.media_type}; charset=utf-8")
    elif address := infobuttons.leads_to(asked, found, query_string):
        response = redirect(address)
    else:
        return _choice(request, asked, found)
    response["Referrer-Policy"] = "no-referrer"
    response["X-Robots-Tag"] = "noindex"
    return response


@require_safe
def opensearch(request: Request) -> HttpResponse:
    """Describe the search to browsers, so that the site can be searched from the address bar."""
    return render(request, "content/opensearch.xml", content_type="application/opensearchdescription+xml")


def _choice(request: Request, asked: KnowledgeRequest, found: Sequence[infobuttons.Answer]) -> HttpResponse:
    """Show what answers an infobutton, or that nothing does."""
    context: dict[str, Any] = {"asked": asked, "found": found, "for_patients": knowledge_response.FOR_PATIENTS}
    if not found:
        context |= _what_there_is()
    response = render(request, "content/infobutton.html", context)
    response["X-Robots-Tag"] = "noindex"
    return response


def _what_there_is() -> dict[str, Any]:
    """Return what a page needs that found nothing: the topics of the site, and its pages as home lists them."""
    return {"topics": Page.objects.live().guidance().topics(), "home": home_lists.find(with_examples=False)}


def _suggested(found: query.Suggestion) -> dict[str, str]:
    """Return one suggestion. Its `line` goes below its title: the rest of a long title, or the page of a section."""
    address = reverse("page-detail", args=[found.slug])
    if found.anchor:
        return {"kind": "section", "title": found.heading, "line": found.title, "address": f"{address}#{found.anchor}"}
    title, line = divide(found.title)
    return {"kind": "page", "title": title, "line": line, "address": address}


def _shown(request: Request, hits: Sequence[query.Hit]) -> list[dict[str, Any]]:
    """Return each page that was found with its clinical review, and whether this reader may read it."""
    reviews = Review.objects.about({hit.page_id: hit.number for hit in hits})
    meter = request.meter
    return [
        {
            "hit": hit,
            "review": reviews.get(hit.page_id),
            "may_read": not meter.applies or meter.value.allows(hit.slug),
        }
        for hit in hits
    ]


def _quotation(answer: query.Answer | None, hits: Sequence[dict[str, Any]]) -> dict[str, Any] | None:
    """Return the key point that answers, with its page, if this reader may read that page.

    What a review found unsafe, and a page that cites a retracted paper, is read with the warning that stands there.
    """
    if answer is None:
        return None
    found = next((each for each in hits if each["hit"] == answer.page and each["may_read"]), None)
    if found is None or getattr(found["review"], "outcome", "") == Review.Outcome.UNSAFE:
        return None
    cited = CitedRetraction.objects.filter(version__page=answer.page.page_id, version__number=answer.page.number)
    return None if cited.exists() else found | {"html": answer.html}


def _published(slug: str) -> VersionQuerySet:
    return Version.objects.published().select_related("page").filter(page__kind=Page.Kind.GUIDANCE, page__slug=slug)


def _reading(version: Version) -> Reading:
    return Reading(version.to_facts(), version.html)


def _live(kind: str) -> Any:
    live = Version.objects.live().with_retractions().with_before().with_page_facts()
    return live.select_related("page", "rendering").filter(page__kind=kind)


def _about(version: Version) -> dict[str, Any]:
    """Return what the templates need to show a version. Its HTML gets notices of retracted papers, if it cites any."""
    if getattr(version, "cites_retracted", False):
        version.rendering.page_html = notices.html_of(version)
    return {"version": version, "page": version.page, "review": version.last_review}


def _withdrawn(request: Request, version: Version) -> HttpResponse:
    replacement = Page.objects.live().guidance().filter(slug=version.replacement).first()
    context = _about(version) | {"replacement": replacement}
    return render(request, "content/page_withdrawn.html", context, status=410)
