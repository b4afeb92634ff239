from django.conf import settings
from django.http import HttpRequest


def codes(request: HttpRequest) -> dict[str, object]:
    """Return what pages and emails say about an emailed code: how long it works, and who sends the email."""
    return {"CODE_MINUTES": settings.CODE_MINUTES, "SENDER": settings.DEFAULT_FROM_EMAIL}
