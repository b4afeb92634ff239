from collections.abc import Callable

from allauth.account import views as account
from allauth.account.decorators import secure_admin_login
from django.contrib import admin
from django.http import HttpResponseBase
from django.urls import include, path
from django.views.generic import RedirectView

# The admin signs in through the site.
admin.site.login = secure_admin_login(admin.site.login)  # type: ignore[method-assign]


def to(name: str) -> Callable[..., HttpResponseBase]:
    """A view that redirects to the named URL, with the query."""
    return RedirectView.as_view(pattern_name=name, query_string=True)


handler403 = "accounts.views.permission_denied"
urlpatterns = [
    path("", include("content.urls")),
    path("", include("annotations.urls")),
    path("admin/logout/", to("account_logout")),
    path("admin/", admin.site.urls),
    # One address each: allauth's own paths, and a trailing slash, redirect.
    path("account/login/", to("account_login")),
    path("account/signup/", to("account_signup")),
    path("account/logout/", to("account_logout")),
    path("sign-in/", to("account_login")),
    path("sign-up/", to("account_signup")),
    path("sign-out/", to("account_logout")),
    path("account/", include("allauth.urls")),
    # Last, so that reverse() gives these.
    path("sign-in", account.login, name="account_login"),
    path("sign-up", account.signup, name="account_signup"),
    path("sign-out", account.logout, name="account_logout"),
]
admin.site.site_header = admin.site.site_title = "Editing"
admin.site.index_title = "What would you like to do?"
