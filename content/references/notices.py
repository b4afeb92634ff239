"""The notices that readers see where a version cites a retracted paper. The stored HTML stays as it is."""

import re
from collections.abc import Mapping
from html import escape

from content.markup.references import doi_address
from content.models import Retraction, Version

CITATION = re.compile(r'(<sup id="fnref\d*:([^"]+)"><button type="button" class="cite"[^>]*>[^<]*</button>)(?=</sup>)')
CARD = re.compile(r'(?=<p><a href="#fn:([^"]+)">Show in the list</a></p></div>)')
REFERENCE = re.compile(r'<li id="fn:([^"]+)">')


def html_of(version: Version) -> str:
    """Return the version's HTML as it is read on its page, with its notices, in one query."""
    rows = version.cited_retractions.select_related("retraction")
    return place(version.rendering.page_html, {row.key: row.retraction for row in rows})


def place(html: str, notices: Mapping[str, Retraction]) -> str:
    """Return `html` with a notice at each citation of the references that `notices` names by their keys, and in them.

    A notice at a citation stands inside its element, so that the name of a heading stays what it was.
    """
    marks = {escape(key): notice for key, notice in notices.items()}

    def at_citation(found: re.Match[str]) -> str:
        notice = marks.get(found[2])
        return f'{found[1]} <a class="retracted" href="#fn:{found[2]}">{notice.statement}</a>' if notice else found[0]

    def at_reference(found: re.Match[str]) -> str:
        notice = marks.get(found[1])
        return f'{found[0]}\n<p class="retraction">{_sentence(notice)}</p>' if notice else found[0]

    return REFERENCE.sub(at_reference, CARD.sub(at_reference, CITATION.sub(at_citation, html)))


def _sentence(notice: Retraction) -> str:
    """Return what the reference says of a notice, as HTML."""
    when = f" on {notice.notice_on:%-d %b %Y}" if notice.notice_on else ""
    if notice.nature == Retraction.Nature.RETRACTION:
        said = f"<strong>This paper was retracted{when}.</strong>"
    else:
        said = f"<strong>The journal has published an expression of concern about this paper{when}.</strong>"
    reason = f" Reason: {escape(notice.reason.rstrip('.'))}." if notice.reason else ""
    link = f' <a href="{escape(doi_address(notice.notice_doi))}">Read the notice</a>.' if notice.notice_doi else ""
    return f"{said}{reason}{link} Source: Retraction Watch."
