"""Tries of an emailed code are counted for each code."""

from collections.abc import Mapping
from typing import Any

from allauth.core import ratelimit
from django.http import HttpRequest

EMAILED_CODE = "emailed_code"


def may_try(request: HttpRequest, state: Mapping[str, Any]) -> bool:
    """Whether the emailed code that allauth keeps in `state` may be tried once more; that is a try."""
    return bool(ratelimit.consume(request, action=EMAILED_CODE, key=f"{state['email']} {state['at']}"))
