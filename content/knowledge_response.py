"""The answer to an infobutton for a program: an Atom feed with an entry for each page or section that answers."""

from collections.abc import Iterable
from typing import Any

from django.conf import settings
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape

from .infobutton import Answer
from .knowledge_request import HTML, KnowledgeRequest

FOR_PROFESSIONALS = "This site is intended for healthcare professionals."
FOR_PATIENTS = (
    "These pages are written for healthcare professionals, not for patients. "
    "Ask your doctor, nurse or pharmacist what they mean for you."
)


class KnowledgeResponse(Atom1Feed):
    """An Atom feed whose categories are the parameters that say what was asked, each under its name."""

    def add_root_elements(self, handler: Any) -> None:
        """Write what Django writes of a feed, and the categories."""
        super().add_root_elements(handler)
        for name, value in self.feed["context"]:
            handler.addQuickElement("category", "", {"scheme": name, "term": value})


def write(asked: KnowledgeRequest, found: Iterable[Answer]) -> str:
    """Return the feed of what was found for a request, as XML. It says nothing that the answer as a page would not."""
    feed = KnowledgeResponse(
        title=settings.SITE_NAME,
        link=f"{settings.SITE_URL}{asked.address(HTML)}",
        description="",
        subtitle=FOR_PATIENTS if asked.is_for_patient else FOR_PROFESSIONALS,
        language="en-GB",
        author_name=settings.PUBLISHER,
        feed_url=f"{settings.SITE_URL}{asked.address()}",
        feed_copyright=f"{settings.COPYRIGHT} {settings.RIGHTS_STATEMENT}".strip(),
        context=asked.context(),
    )
    for each in found:
        title = f"{each.version.title} – {each.heading}" if each.heading else each.version.title
        address = f"{settings.SITE_URL}{each.address}"
        summary = escape(each.version.summary)
        feed.add_item(title, address, summary, unique_id=address, updateddate=each.version.published_at)
    return feed.writeString("utf-8")
