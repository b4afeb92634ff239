"""The status of a page whose form was refused because too many people are signing in."""

from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase
from django.template.response import TemplateResponse


class BusyMiddleware:
    """Answers a refused form with 503, and says when to try again."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponseBase]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        return self.get_response(request)

    def process_template_response(self, request: HttpRequest, response: TemplateResponse) -> TemplateResponse:
        """Look whether the form of the page was refused."""
        if getattr((response.context_data or {}).get("form"), "is_refused", False):
            response.status_code, response.headers["Retry-After"] = 503, "60"
        return response
