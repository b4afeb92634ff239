"""What the admin shows of content: importing these registers their pages."""

from .editing import drafts, pages, reports, versions  # noqa: F401
