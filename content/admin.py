"""The content pages of the admin: importing these modules registers them."""

from .editing import drafts, home, pages, reports, search_terms, versions  # noqa: F401
