from django.conf import settings
from django.http import HttpRequest


def publisher(request: HttpRequest) -> dict[str, str]:
    """What every page says of the site and its publisher, from settings."""
    names = ("SITE_NAME", "SITE_URL", "PUBLISHER", "COPYRIGHT", "FUNDING_STATEMENT", "AUTHORING_TEAM", "CONTACT_EMAIL")
    return {name: getattr(settings, name) for name in names}
