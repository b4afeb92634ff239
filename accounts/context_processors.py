from django.conf import settings
from django.http import HttpRequest


def codes(request: HttpRequest) -> dict[str, object]:
    """What pages and emails say of an emailed code: how long it works, and from whom the email comes."""
    return {"CODE_MINUTES": settings.CODE_MINUTES, "SENDER": settings.DEFAULT_FROM_EMAIL}
