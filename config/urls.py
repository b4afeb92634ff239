from collections.abc import Callable

from allauth.account import views as account
from allauth.mfa.webauthn import views as webauthn
from django.contrib import admin
from django.http import HttpResponseBase
from django.urls import include, path
from django.views.decorators.cache import never_cache
from django.views.generic import RedirectView

from accounts.sign_in import emailed_codes
from accounts.sign_in.forms import begins_sign_in
from accounts.single_sign_on import views as single_sign_on

from . import health


def to(name: str) -> Callable[..., HttpResponseBase]:
    """Return a view that redirects to the named URL, with the query."""
    return RedirectView.as_view(pattern_name=name, query_string=True)


handler404 = "content.not_found.page_not_found"
handler403 = "accounts.error_pages.permission_denied"
handler429 = "accounts.error_pages.too_many_requests"
urlpatterns = [
    path(".well-known/change-password", to("account_change_password")),  # where password managers look for it
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("", include("content.urls")),
    path("", include("annotations.urls")),
    path("admin/logout/", to("account_logout")),
    path("admin/", admin.site.urls),
    # Each page has one address: allauth's own paths, and a trailing slash, redirect to it.
    path("account/login/", to("account_login")),
    path("account/signup/", to("account_signup")),
    path("account/logout/", to("account_logout")),
    path("sign-in/", to("account_login")),
    path("sign-up/", to("account_signup")),
    path("sign-out/", to("account_logout")),
    # Views where a sign-in starts, with the mark for it. They come before allauth's, which are the same without it.
    path("account/login/code/", begins_sign_in(emailed_codes.AskForSignInCode.as_view())),
    path("account/password/reset/", never_cache(begins_sign_in(account.password_reset))),
    path("account/2fa/webauthn/login/", begins_sign_in(webauthn.login_webauthn)),
    path("account/oidc/<provider_id>/login/", begins_sign_in(single_sign_on.login)),
    path("account/", include("accounts.urls")),
    path("account/", include("allauth.urls")),
    # These come last, so that reverse() returns them.
    path("sign-in", begins_sign_in(emailed_codes.SignIn.as_view()), name="account_login"),
    path("sign-up", begins_sign_in(account.signup), name="account_signup"),
    path("sign-out", account.logout, name="account_logout"),
]
