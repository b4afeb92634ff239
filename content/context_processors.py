from django.conf import settings
from django.http import HttpRequest

NAMES = (
    "SITE_NAME",
    "SITE_URL",
    "PUBLISHER",
    "COPYRIGHT",
    "RIGHTS_STATEMENT",
    "FUNDING_STATEMENT",
    "AUTHORING_TEAM",
    "CONTACT_EMAIL",
)


def publisher(request: HttpRequest) -> dict[str, str]:
    """Return the settings about the site and its publisher that every page shows."""
    return {name: getattr(settings, name) for name in NAMES}
