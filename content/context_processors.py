from django.conf import settings
from django.http import HttpRequest


def publisher(request: HttpRequest) -> dict[str, str]:
    """Return the settings about the site and its publisher that every page shows."""
    names = ("SITE_NAME", "SITE_URL", "PUBLISHER", "COPYRIGHT", "FUNDING_STATEMENT", "AUTHORING_TEAM", "CONTACT_EMAIL")
    return {name: getattr(settings, name) for name in names}
