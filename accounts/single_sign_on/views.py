"""Going to a provider and coming back: whatever it answers, we tell the person what happened and what to do."""

import logging
import time
from typing import Any

from allauth.socialaccount.adapter import get_adapter
from allauth.socialaccount.providers.openid_connect import views as openid_connect
from allauth.socialaccount.views import signup as signup_view
from django.conf import settings
from django.contrib import messages
from django.core.exceptions import ImproperlyConfigured
from django.http import HttpRequest, HttpResponse
from django.utils.cache import add_never_cache_headers
from requests import RequestException

from accounts.allauth_private import clear_pending_signup, get_pending_signup, get_states, render_authentication_error

logger = logging.getLogger("accounts.single_sign_on")

# What allauth does not catch if a provider cannot be reached, or if its answer is not one of OpenID.
UNUSABLE_ANSWER = (RequestException, ImproperlyConfigured, LookupError, TypeError, ValueError, AttributeError)


def login(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Send the person to the provider, or explain why that failed."""
    return _explain(openid_connect.login, request, provider_id)


def signup(request: HttpRequest) -> HttpResponse:
    """Ask a new user what sign-up asks everyone. After the idle time, end it: someone else may be there now."""
    arrival = get_pending_signup(request)
    if arrival and time.time() - arrival.state["came_at"] > settings.IDLE_TIME.total_seconds():
        clear_pending_signup(request)
        messages.error(request, f"That took longer than {settings.IDLE_MINUTES} minutes. Sign in again.")
    response: HttpResponse = signup_view(request)
    add_never_cache_headers(response)
    return response


def callback(request: HttpRequest, provider_id: str) -> HttpResponse:
    """Accept the provider's answer, or tell the person what happened and what to do."""
    return _explain(openid_connect.callback, request, provider_id)


def _explain(view: Any, request: HttpRequest, provider_id: str) -> HttpResponse:
    state, *_ = get_states(request).get(request.GET.get("state", ""), [None])
    try:
        return view(request, provider_id)
    except UNUSABLE_ANSWER as error:
        if not isinstance(error, RequestException):
            logger.exception("The answer of provider %s could not be used", provider_id)
        provider = get_adapter(request).get_provider(request, provider_id)
        return render_authentication_error(request, provider, exception=error, extra_context={"state": state})
