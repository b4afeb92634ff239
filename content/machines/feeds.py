"""What was published lately, as Atom: of all guidance, and of one topic.

A feed says what was published: titles, change notes, dates, and the reason of a withdrawal. It has no word of a text,
and nothing of a version that was redacted.
"""

import re
from datetime import datetime
from typing import Any

from django.conf import settings
from django.contrib.syndication.views import Feed
from django.db.models import QuerySet
from django.http import HttpRequest
from django.shortcuts import get_object_or_404
from django.urls import reverse
from django.utils.feedgenerator import Atom1Feed
from django.utils.html import escape

from content.models import LATELY, Page, Topic, Version

from .citation import cite

CONTROL = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")  # what XML cannot contain


class LatestChanges(Feed):
    """The newest versions of all guidance pages, withdrawals too."""

    feed_type = Atom1Feed

    def title(self) -> str:
        """Return the name of the feed."""
        return f"{settings.SITE_NAME}: latest changes"

    def link(self) -> str:
        """Return the address of the page that shows the same."""
        return f"{settings.SITE_URL}{reverse('changes')}"

    def feed_url(self) -> str:
        """Return the feed's own address."""
        return f"{settings.SITE_URL}{reverse('feed')}"

    feed_guid = feed_url

    def author_name(self) -> str:
        """Return who is behind every entry: Atom asks for a name."""
        return str(settings.SITE_NAME)

    def items(self) -> QuerySet[Version]:
        """Return the versions."""
        return Version.objects.announced()[:LATELY]

    def item_title(self, item: Version) -> str:
        """Return the title, which says of a withdrawal that it is one."""
        return CONTROL.sub(" ", cite(item).title)

    def item_description(self, item: Version) -> str:
        """Return why the page was withdrawn and what changed. A feed reader takes it for HTML, so it is escaped."""
        said = " ".join(text for text in (item.reason, item.change_note) if text)
        return escape(CONTROL.sub(" ", said or "No change note was given."))

    def item_link(self, item: Version) -> str:
        """Return the address of the version."""
        return f"{settings.SITE_URL}{item.get_absolute_url()}"

    def item_pubdate(self, item: Version) -> datetime:
        """Return when the version was published."""
        return item.published_at

    item_updateddate = item_pubdate


class TopicChanges(LatestChanges):
    """The newest versions of the pages of one topic."""

    def get_object(self, request: HttpRequest, *args: Any, **kwargs: Any) -> Topic:
        """Return the topic. Raises `Http404` if no page of it has been published: its name may belong to a draft."""
        return get_object_or_404(Page.objects.published().guidance().topics(), slug=kwargs["slug"])

    def title(self, topic: Topic) -> str:  # type: ignore[override]
        """Return the name of the feed."""
        return f"{settings.SITE_NAME}: latest changes in {topic.name}"

    def feed_url(self, topic: Topic) -> str:  # type: ignore[override]
        """Return the feed's own address."""
        return f"{settings.SITE_URL}{reverse('topic-feed', args=[topic.slug])}"

    feed_guid = feed_url  # type: ignore[assignment]

    def items(self, topic: Topic) -> QuerySet[Version]:  # type: ignore[override]
        """Return the versions."""
        return Version.objects.announced().filter(page__topics=topic)[:LATELY]
