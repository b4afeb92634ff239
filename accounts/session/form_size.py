"""How much a form may send: reading much of it takes seconds, so only people who edit may send much."""

from collections.abc import Callable

from django.core.exceptions import RequestDataTooBig
from django.http import HttpRequest, HttpResponseBase

LARGEST = 2_621_440  # bytes, Django's own limit; DATA_UPLOAD_MAX_MEMORY_SIZE is for those who edit


class FormSizeMiddleware:
    """Refuse a form of more than `LARGEST` bytes unless the person may enter the admin, where they write long texts."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        size = request.META.get("CONTENT_LENGTH") or "0"
        if size.isdigit() and int(size) > LARGEST and not getattr(request.user, "is_staff", False):
            raise RequestDataTooBig(f"A form of {size} bytes was refused.")
        return self.get_response(request)
