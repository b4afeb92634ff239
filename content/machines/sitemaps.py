"""What search engines may find: every live page, with the time of its live version."""

from datetime import datetime
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.contrib.sitemaps import Sitemap
from django.contrib.sites.requests import RequestSite
from django.urls import reverse

from content.models import Page


class SiteSitemap(Sitemap):
    """Addresses beneath `SITE_URL`, by whatever name the site was asked."""

    def get_domain(self, site: RequestSite | None = None) -> str:  # type: ignore[override]
        """Return the host of the site, and its port if it has one."""
        return urlsplit(settings.SITE_URL).netloc

    def get_protocol(self, protocol: str | None = None) -> str:
        """Return http or https."""
        return urlsplit(settings.SITE_URL).scheme


class LivePages(SiteSitemap):
    """The live pages, those about the site too."""

    def items(self) -> Any:
        """Return the pages by their slugs."""
        return Page.objects.live().dated().order_by("slug")

    def lastmod(self, item: Any) -> datetime:
        """Return when the live version was published."""
        published_at: datetime = item.live_published_at
        return published_at


class Lists(SiteSitemap):
    """The pages that list other pages."""

    def items(self) -> list[str]:
        """Return the names of their addresses."""
        return ["home", "page-list", "changes"]

    def location(self, item: str) -> str:
        """Return the address with this name."""
        return reverse(item)


SITEMAPS: dict[str, type[Sitemap]] = {"pages": LivePages, "lists": Lists}
