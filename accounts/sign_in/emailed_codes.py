"""allauth's pages for emailed codes. However a code ends, the page says what to do next."""

import time
from collections.abc import Mapping
from typing import Any

from allauth.account import views
from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from allauth.account.stages import LoginStage
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.cache import add_never_cache_headers
from django.views.generic import FormView

from accounts import audit
from accounts.allauth_private import get_pending_stage, ratelimit
from accounts.models import User

from .forms import ReauthenticationCodeRequestForm

GONE = (
    "This code has expired or has been used. A code works once, within {minutes} minutes, in the browser you asked "
    "from."
)
WRONG = "You entered a wrong code {tries} times, so the code no longer works."
SOON = "We have only just sent you a code. Wait 10 seconds before you ask for another."
SENT = "We have sent you a new code. The previous one no longer works."

ONLY_BY_EMAIL = (
    "Your email address had not been confirmed, so any password or single sign-on that this account was created with "
    "no longer works. You can set a password in your account."
)

EMAILED_CODE = "emailed_code"  # its limit is in ACCOUNT_RATE_LIMITS


def consume_attempt(request: HttpRequest, state: Mapping[str, Any]) -> bool:
    """Count a try of the emailed code that allauth keeps in `state`, and return whether the limit allows it."""
    return bool(ratelimit.consume(request, action=EMAILED_CODE, key=f"{state['email']} {state['at']}"))


def forget_ways_in(user: User) -> bool:
    """Remove the password and single sign-on of an account without a confirmed address, and return whether it was one.

    Someone may have created it with another person's address, and be waiting, with their own password or single
    sign-on, until that person asks for a code and so confirms the address.
    """
    if EmailAddress.objects.filter(user=user, verified=True).exists():
        return False
    user.set_unusable_password()
    user.save(update_fields=["password"])
    SocialAccount.objects.filter(user=user).delete()
    audit.record("ways_in_removed", account=user)
    return True


def may_open(user: User, email: str) -> bool:
    """Return whether a code sent to `email` opens this account: it has that address, or no confirmed address."""
    confirmed = EmailAddress.objects.filter(user=user, verified=True).values_list("email", flat=True)
    return not confirmed or email.lower() in {address.lower() for address in confirmed}


class CodeStep:
    """A page that works only while a code is valid; after that, it tells the person and leads to a new code.

    A code ends with its purpose: anyone who reads the mailbox of an address that the account no longer has gets
    nothing.
    """

    request: HttpRequest
    start: str  # the URL name of the page that asks for a new code
    way_on = "Ask for a new one."
    _process: Any = None  # allauth's record of the code, if there is one

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the page, or say that there is no valid code."""
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        add_never_cache_headers(response)  # it shows an address, and Back would show the person's entries
        return response if self._process else self.start_again(GONE)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the form, or end a code that is no longer valid."""
        return super().get(request, *args, **kwargs) if self.still_holds() else self.end(GONE)  # type: ignore[misc]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Accept the form, or end a code that is no longer valid."""
        return super().post(request, *args, **kwargs) if self.still_holds() else self.end(GONE)  # type: ignore[misc]

    def still_holds(self) -> bool:
        """Return whether the account is still as it was when the code was asked for; True if there was no account."""
        user, state = self._process.user, self._process.state
        return may_open(user, state["email"]) if user else "user_id" not in state

    def end(self, reason: str) -> HttpResponse:
        """Make the code invalid, and start again."""
        self._process.abort()
        return self.start_again(reason)

    def start_again(self, reason: str) -> HttpResponse:
        """Redirect to the page that asks for a new code, with a message that says why."""
        reason = reason.format(minutes=settings.CODE_MINUTES, tries=settings.CODE_TRIES)
        messages.error(self.request, f"{reason} {self.way_on}")
        return redirect(self.start)


class ResendsAlike:
    """A view of allauth's for a code, which sends the first email again if there is no code to send.

    allauth shows the same page for an address without an account or, at sign-up, with one. The second time, it sends
    nothing, and the time that sending takes would reveal the difference.
    """

    request: HttpRequest
    _process: Any

    def _resend_form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super()._resend_form_valid(form)  # type: ignore[misc]
        state = self._process.state
        if self._process.user:
            return response
        if state.get("initiated_by_user"):
            get_adapter().send_mail("account/email/unknown_account", state["email"], {})
        else:
            get_adapter().send_account_already_exists_mail(state["email"])
        return response


class CodePage(CodeStep):
    """A page with a field for a code."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Limit the tries of a code, even if many arrive at once: the session's own count would miss some."""
        if request.POST.get("code", "").strip() and not consume_attempt(request, self._process.state):
            return self.end(WRONG)
        return super().post(request, *args, **kwargs)

    def form_invalid(self, form: Any) -> HttpResponse:
        """Let the person try again, or end the code after the last wrong try; an empty field is not a try."""
        if not form.data.get("code", "").strip() or self._process.record_invalid_attempt():
            return FormView.form_invalid(self, form)  # type: ignore[arg-type]
        return self.start_again(WRONG)

    def _resend_form_valid(self, form: Any) -> HttpResponse:
        """Send a new code, which is valid for as long as the first, and say so."""
        self._process.state["at"] = time.time()
        try:
            response: HttpResponse = super()._resend_form_valid(form)  # type: ignore[misc]
        except ImmediateHttpResponse:
            messages.error(self.request, SOON)
            return redirect(self.request.path)
        messages.success(self.request, SENT)
        return response


class SignInCode(CodePage, ResendsAlike, views.ConfirmLoginCodeView):
    """The code that signs in."""

    start = "account_request_login_code"

    def start_again(self, reason: str) -> HttpResponse:
        """Redirect a signed-in user, who needs no code, to the home page."""
        return redirect("home") if self.request.user.is_authenticated else super().start_again(reason)

    def _verify_form_valid(self, form: Any) -> HttpResponse:
        """Leave the account to the first person who shows that the address is theirs, and to nobody else."""
        is_first = forget_ways_in(self._process.user)
        response: HttpResponse = super()._verify_form_valid(form)
        if is_first:
            messages.warning(self.request, ONLY_BY_EMAIL)
        return response


class EmailCode(CodePage, ResendsAlike, views.ConfirmEmailVerificationCodeView):
    """The code that confirms an email address, of a new account or after a change."""

    def still_holds(self) -> bool:
        """Return whether a signed-in user's code is their own: one that another person left at this computer ends."""
        user = self.request.user
        return self._process.user == user if user.is_authenticated else super().still_holds()

    @property
    def start(self) -> str:  # type: ignore[override]
        """The page for a new code: a signed-in user was changing their address; others get a code by signing in."""
        return "account_email" if self.request.user.is_authenticated else "account_login"

    @property
    def way_on(self) -> str:  # type: ignore[override]
        """What to do on that page."""
        if self.request.user.is_authenticated:
            return "Start the change again to get a new one."
        return "Sign in with your email address and password, and we will send you a new one."


class PasswordResetCode(CodePage, views.ConfirmPasswordResetCodeView):
    """The code that lets a person choose a new password."""

    start = "account_reset_password"

    def form_valid(self, form: Any) -> HttpResponse:
        """Leave the account to the first person who shows that the address is theirs, and to nobody else."""
        forget_ways_in(self._process.user)
        self._process.state["password"] = self._process.user.get_session_auth_hash()
        response: HttpResponse = super().form_valid(form)
        return response


class NewPassword(CodeStep, views.CompletePasswordResetView):
    """The new password, after a correct code. It replaces only the password that the account had at that time."""

    start = "account_reset_password"

    def still_holds(self) -> bool:
        """Return also False if the password has changed since, or the account is closed or gone."""
        user = self._process.user
        unchanged = user and self._process.state.get("password") == user.get_session_auth_hash()
        return unchanged and user.is_active and super().still_holds()


class AskForReauthenticationCode(views.RequestReauthenticationCodeView):
    """Asking for a code to reauthenticate, for a person who has neither a password nor a second factor."""

    form_class = ReauthenticationCodeRequestForm

    def form_valid(self, form: Any) -> HttpResponse:
        """Send a code, which ends the one before. Its limit is separate from that of codes for signing in."""
        refusal = ratelimit.consume_or_429(self.request, action="proof_code", user=self.request.user)
        return refusal or super().form_valid(form)


class ReauthenticationCode(CodePage, views.ConfirmReauthenticationCodeView):
    """The code that reauthenticates."""

    start = "account_request_reauthentication_code"
    _action = "verify"  # a person asks for another code on the page of the first, which counts it

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Accept the form as often in a minute as the form that asks for the password."""
        refusal = ratelimit.consume_or_429(request, action="reauthenticate", user=request.user)
        return refusal or super().post(request, *args, **kwargs)

    def still_holds(self) -> bool:
        """Return False if the account no longer has the address, or now has a stronger method than an emailed code."""
        user = self._process.user
        address = EmailAddress.objects.get_verified(user)
        by_code = get_adapter().get_reauthentication_methods(user)[0]["id"] == "reauthenticate_by_code"
        return by_code and address is not None and address.email == self._process.state["email"]


class UnchangedStage(LoginStage):
    """Lets a sign-in that waited for a code continue only if the password has not changed since."""

    key = "unchanged"

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        if self.login.user:  # the first time is when the sign-in starts
            self.state.setdefault("password", self.login.user.get_session_auth_hash())

    def handle(self) -> tuple[HttpResponse | None, bool]:
        """Continue, or start again at sign-in."""
        if self.login.user.get_session_auth_hash() == self.state["password"]:
            return None, True
        messages.error(self.request, "This account’s password has changed. Sign in again.")
        return redirect("account_login"), False


class MayStartAgain:
    """A page where signing in starts, even while another sign-in waits for its code: that may be someone else's."""

    request: HttpRequest

    def _redirect_to_pending_stage(self, request: HttpRequest, stage: Any) -> None:
        """Stay on this page; allauth would redirect to the sign-in that waits."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the page where the waiting sign-in continues, but not whose it is."""
        stage = get_pending_stage(self.request)
        context: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]
        return context | {"waiting": stage.urlname if stage and stage.is_resumable(self.request) else None}


class SignIn(MayStartAgain, views.LoginView):
    """Signing in with a password, and links to all other ways."""


class AskForSignInCode(MayStartAgain, views.RequestLoginCodeView):
    """Asking for a code that signs in."""
