"""allauth's pages for emailed codes, where each way a code can end says what to do next."""

import time
from collections.abc import Mapping
from typing import Any

from allauth.account import views
from allauth.account.adapter import get_adapter
from allauth.account.internal.stagekit import get_pending_stage
from allauth.account.models import EmailAddress
from allauth.account.stages import LoginStage
from allauth.core import ratelimit
from allauth.core.exceptions import ImmediateHttpResponse
from allauth.socialaccount.models import SocialAccount
from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import redirect
from django.utils.cache import add_never_cache_headers
from django.views.generic import FormView

from accounts import audit
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
    """Whether the emailed code that allauth keeps in `state` may be tried once more; that is a try."""
    return bool(ratelimit.consume(request, action=EMAILED_CODE, key=f"{state['email']} {state['at']}"))


def forget_ways_in(user: User) -> bool:
    """Take away how else an account is entered whose address nobody has confirmed; return whether that is so.

    Whoever made it may have typed another person's address, and wait with their own password or single sign-on until
    that person, asking for a code, confirms it.
    """
    if EmailAddress.objects.filter(user=user, verified=True).exists():
        return False
    user.set_unusable_password()
    user.save(update_fields=["password"])
    SocialAccount.objects.filter(user=user).delete()
    audit.record("ways_in_removed", account=user)
    return True


def may_open(user: User, email: str) -> bool:
    """Whether what was sent to `email` opens this account: it is its address still, or none was ever confirmed."""
    confirmed = EmailAddress.objects.filter(user=user, verified=True).values_list("email", flat=True)
    return not confirmed or email.lower() in {address.lower() for address in confirmed}


class CodeStep:
    """A page that is open only while a code waits; when that has run out, the person is told and led to a new one.

    A code ends with what it was for: whoever reads the mailbox of an address that the account has left gets nothing.
    """

    request: HttpRequest
    start: str  # where a new code is asked for
    way_on = "Ask for a new one."
    _process: Any = None  # what allauth keeps of the code, if one waits

    def dispatch(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        """Show the page, or say that no code waits."""
        response: HttpResponseBase = super().dispatch(request, *args, **kwargs)  # type: ignore[misc]
        add_never_cache_headers(response)  # it shows an address, and Back would show what was typed
        return response if self._process else self.start_again(GONE)

    def get(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Show the form."""
        return super().get(request, *args, **kwargs) if self.still_holds() else self.end(GONE)  # type: ignore[misc]

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Take the form."""
        return super().post(request, *args, **kwargs) if self.still_holds() else self.end(GONE)  # type: ignore[misc]

    def still_holds(self) -> bool:
        """Whether the account is still as it was when the code was asked for; always, where there was no account."""
        user, state = self._process.user, self._process.state
        return may_open(user, state["email"]) if user else "user_id" not in state

    def end(self, reason: str) -> HttpResponse:
        """Let the code work no more."""
        self._process.abort()
        return self.start_again(reason)

    def start_again(self, reason: str) -> HttpResponse:
        """Lead to where a new code is asked for, and say why."""
        reason = reason.format(minutes=settings.CODE_MINUTES, tries=settings.CODE_TRIES)
        messages.error(self.request, f"{reason} {self.way_on}")
        return redirect(self.start)


class ResendsAlike:
    """A view of allauth's for a code, which sends the first email again where there is no code to send.

    For an address without an account, or at sign-up for one with an account, allauth shows the same page and sends
    nothing the second time; the time that sending takes would tell the difference.
    """

    request: HttpRequest
    _process: Any

    def _resend_form_valid(self, form: Any) -> HttpResponse:
        response: HttpResponse = super()._resend_form_valid(form)  # type: ignore[misc]
        state, email = self._process.state, self._process.state["email"]
        if state.get("initiated_by_user") and not self._process.user:
            get_adapter().send_mail("account/email/unknown_account", email, {})
        elif not self._process.user or state.get("account_already_exists"):
            get_adapter().send_account_already_exists_mail(email)
        return response


class CodePage(CodeStep):
    """A page with a field for a code."""

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Look at a code only so often, however many arrive at once: the session's own count would miss some."""
        if request.POST.get("code", "").strip() and not consume_attempt(request, self._process.state):
            return self.end(WRONG)
        return super().post(request, *args, **kwargs)

    def form_invalid(self, form: Any) -> HttpResponse:
        """Let the person try again; after the last wrong code it is gone, and an empty field is no try."""
        if not form.data.get("code", "").strip() or self._process.record_invalid_attempt():
            return FormView.form_invalid(self, form)  # type: ignore[arg-type]
        return self.start_again(WRONG)

    def _resend_form_valid(self, form: Any) -> HttpResponse:
        """Send a new code, which lasts as long as the first, and say so."""
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
        """Whoever is signed in needs no code."""
        return redirect("home") if self.request.user.is_authenticated else super().start_again(reason)

    def _verify_form_valid(self, form: Any) -> HttpResponse:
        """The first to show that the address is theirs is alone with the account."""
        is_first = forget_ways_in(self._process.user)
        response: HttpResponse = super()._verify_form_valid(form)
        if is_first:
            messages.warning(self.request, ONLY_BY_EMAIL)
        return response


class EmailCode(CodePage, ResendsAlike, views.ConfirmEmailVerificationCodeView):
    """The code that confirms an email address: of a new account, or a changed one."""

    def still_holds(self) -> bool:
        """Whoever is signed in confirms an address of their own; what somebody before left at this computer ends."""
        user = self.request.user
        return self._process.user == user if user.is_authenticated else super().still_holds()

    @property
    def start(self) -> str:  # type: ignore[override]
        """Whoever is signed in was changing their address; anyone else gets a code by signing in."""
        return "account_email" if self.request.user.is_authenticated else "account_login"

    @property
    def way_on(self) -> str:  # type: ignore[override]
        """What to do at `start`."""
        if self.request.user.is_authenticated:
            return "Start the change again to get a new one."
        return "Sign in with your email address and password, and we will send you a new one."


class PasswordResetCode(CodePage, views.ConfirmPasswordResetCodeView):
    """The code that lets a new password be chosen."""

    start = "account_reset_password"

    def form_valid(self, form: Any) -> HttpResponse:
        """The first to show that the address is theirs is alone with the account."""
        forget_ways_in(self._process.user)
        self._process.state["password"] = self._process.user.get_session_auth_hash()
        response: HttpResponse = super().form_valid(form)
        return response


class NewPassword(CodeStep, views.CompletePasswordResetView):
    """The new password itself, once the code was right, in place of the one that the account had then."""

    start = "account_reset_password"

    def still_holds(self) -> bool:
        """A password that was changed meanwhile stays, and an account that is closed or gone gets none."""
        user = self._process.user
        unchanged = user and self._process.state.get("password") == user.get_session_auth_hash()
        return unchanged and user.is_active and super().still_holds()


class AskForReauthenticationCode(views.RequestReauthenticationCodeView):
    """Asking for a code that confirms who is there, for somebody who has neither a password nor a second factor."""

    form_class = ReauthenticationCodeRequestForm

    def form_valid(self, form: Any) -> HttpResponse:
        """Send a code, which ends the one before; so many in a day, apart from those that sign in."""
        refusal = ratelimit.consume_or_429(self.request, action="proof_code", user=self.request.user)
        return refusal or super().form_valid(form)


class ReauthenticationCode(CodePage, views.ConfirmReauthenticationCodeView):
    """The code that confirms who is there."""

    start = "account_request_reauthentication_code"
    _action = "verify"  # another code is asked for where the first was, and counted there

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Take the form, as often in a minute as the one that asks for the password."""
        refusal = ratelimit.consume_or_429(request, action="reauthenticate", user=request.user)
        return refusal or super().post(request, *args, **kwargs)

    def still_holds(self) -> bool:
        """Not for an address that the account has left, nor when something stronger than a code has come meanwhile."""
        user = self._process.user
        address = EmailAddress.objects.get_verified(user)
        by_code = get_adapter().get_reauthentication_methods(user)[0]["id"] == "reauthenticate_by_code"
        return by_code and address is not None and address.email == self._process.state["email"]


class UnchangedStage(LoginStage):
    """A sign-in that waited for a code goes on only if the password was not changed meanwhile."""

    key = "unchanged"

    def __init__(self, *args: Any) -> None:
        super().__init__(*args)
        if self.login.user:  # the first time is when the sign-in begins
            self.state.setdefault("password", self.login.user.get_session_auth_hash())

    def handle(self) -> tuple[HttpResponse | None, bool]:
        """Go on, or begin anew."""
        if self.login.user.get_session_auth_hash() == self.state["password"]:
            return None, True
        messages.error(self.request, "This account’s password has changed. Sign in again.")
        return redirect("account_login"), False


class MayStartAgain:
    """A page where signing in begins, also while another sign-in waits for a code: that may be somebody else's."""

    request: HttpRequest

    def _redirect_to_pending_stage(self, request: HttpRequest, stage: Any) -> None:
        """Stay here; allauth would lead on."""

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Say where the sign-in that waits goes on, but not whose it is."""
        stage = get_pending_stage(self.request)
        context: dict[str, Any] = super().get_context_data(**kwargs)  # type: ignore[misc]
        return context | {"waiting": stage.urlname if stage and stage.is_resumable(self.request) else None}


class SignIn(MayStartAgain, views.LoginView):
    """Signing in with a password, and the way to all others."""


class AskForSignInCode(MayStartAgain, views.RequestLoginCodeView):
    """Asking for a code that signs in."""
