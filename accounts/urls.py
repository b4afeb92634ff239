from allauth.account.views import password_set
from django.contrib.auth.decorators import login_required
from django.urls import path

from . import views
from .sign_in import emailed_codes, reauthentication
from .single_sign_on import views as single_sign_on

urlpatterns = [
    path("", views.account_overview, name="account-overview"),
    path("delete/", views.account_delete, name="account-delete"),
    path("deleted/", views.account_deleted, name="account-deleted"),
    path("download/", views.account_download, name="account-download"),
    path("profile/", views.profile, name="account-profile"),
    path("session/", views.session_left, name="account-session"),
    path("sessions/<int:pk>/end/", views.session_end, name="session-end"),
    path("unsaved/", views.unsaved, name="account-unsaved"),
    path("unsaved/keep/", views.unsaved_keep, name="account-unsaved-keep"),
    path("unsaved/<int:pk>/delete/", views.unsaved_delete, name="account-unsaved-delete"),
    # allauth's own views, with what the site adds to the pages for codes.
    path("confirm-email/", emailed_codes.EmailCode.as_view()),
    path("login/code/confirm/", emailed_codes.SignInCode.as_view()),
    path("password/reset/complete/", emailed_codes.NewPassword.as_view()),
    path("password/reset/confirm/", emailed_codes.PasswordResetCode.as_view()),
    path("reauthenticate/code/", emailed_codes.AskForReauthenticationCode.as_view()),
    path("reauthenticate/code/confirm/", login_required(emailed_codes.ReauthenticationCode.as_view())),
    # allauth's own view, which after the reauthentication would carry out, unseen, a form sent before it.
    path("password/set/", login_required(reauthentication.reauthentication_required(password_set))),
    # allauth's own view, as long as the new user may still be at the computer.
    path("3rdparty/signup/", single_sign_on.signup),
    # allauth's own view, with an explanation if a provider does not answer as it should.
    path("oidc/<provider_id>/login/callback/", single_sign_on.callback),
]
