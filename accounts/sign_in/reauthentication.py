"""A fresh proof of who is there, for what cannot be taken back.

allauth asks for the password or a second factor. It lets those pass who have neither, because they sign in through
another organisation; here they are sent a code by email instead.
"""

import time
from collections.abc import Callable
from functools import wraps
from typing import Any

from allauth.account import app_settings
from allauth.account.adapter import get_adapter
from allauth.account.authentication import get_authentication_records
from allauth.account.internal.flows.code_verification import AbstractCodeVerificationProcess
from allauth.account.internal.flows.login import record_authentication
from allauth.account.internal.flows.reauthentication import STATE_SESSION_KEY
from allauth.account.models import EmailAddress
from allauth.account.views import BaseReauthenticateView
from allauth.core import ratelimit
from allauth.core.exceptions import ReauthenticationRequired
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.decorators import method_decorator

from accounts import audit
from accounts.models import User

from .emailed_codes import consume_attempt
from .forms import LoginCodeForm

SESSION_KEY = "account_proof_code"
View = Callable[..., HttpResponse]


def proof_required(view: View) -> View:
    """Ask for a proof first, unless one was given in this session in the last five minutes.

    A form that is sent too late leads back to its page through the proof, so that nothing happens unseen.
    """

    @wraps(view)
    def check(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.method == "POST" and not _proved_recently(request):
            return redirect(request.path)
        require_proof(request)
        return view(request, *args, **kwargs)

    return check


def require_proof(request: HttpRequest) -> None:
    """Raise ReauthenticationRequired unless a proof was given lately.

    What waited for one before is forgotten: it may be what somebody else began at this computer.
    """
    if not _proved_recently(request):
        request.session.pop(STATE_SESSION_KEY, None)
        raise ReauthenticationRequired


def _proved_recently(request: HttpRequest) -> bool:
    """Whether this session holds a proof that is not older than allauth's limit."""
    user: Any = request.user
    proofs = [each["at"] for each in get_authentication_records(request, user) if each.get("reauthenticated")]
    return bool(proofs) and time.time() - proofs[-1] < app_settings.REAUTHENTICATION_TIMEOUT


class EmailedProof(AbstractCodeVerificationProcess):
    """A code sent to the confirmed address of somebody who is signed in; it lives in their session."""

    def __init__(self, request: HttpRequest, user: User, state: dict[str, Any]) -> None:
        self.request = request
        super().__init__(
            state=state,
            user=user,
            timeout=app_settings.LOGIN_BY_CODE_TIMEOUT,
            max_attempts=app_settings.LOGIN_BY_CODE_MAX_ATTEMPTS,
        )

    @classmethod
    def start(cls, request: HttpRequest, user: User, email: str) -> None:
        """Send a new code; one sent before stops working."""
        proof = cls(request, user, cls.initial_state(user, email))
        proof.send()
        proof.persist()

    @classmethod
    def resume(cls, request: HttpRequest, user: User) -> "EmailedProof | None":
        """The code that was sent last, while it works."""
        state = request.session.get(SESSION_KEY)
        return cls(request, user, state).abort_if_invalid() if state else None

    def send(self) -> None:
        """Make the code and send it."""
        adapter = get_adapter()
        self.state["code"] = adapter.generate_login_code()
        adapter.send_mail("account/email/proof_code", self.state["email"], {"code": self.code})

    def persist(self) -> None:
        """Keep it in the session."""
        self.request.session[SESSION_KEY] = self.state

    def abort(self) -> None:
        """Let it work no more."""
        self.request.session.pop(SESSION_KEY, None)


@method_decorator(login_required, name="dispatch")
class ReauthenticateByCodeView(BaseReauthenticateView):
    """Asks for a code by email, then for the code; the email is sent only when the person says so."""

    form_class = LoginCodeForm
    template_name = "account/reauthenticate_by_code.html"

    def setup(self, request: HttpRequest, *args: Any, **kwargs: Any) -> None:
        """Find the address, and the code that was sent last."""
        super().setup(request, *args, **kwargs)
        self.email: str | None = None
        self.proof: EmailedProof | None = None
        if request.user.is_authenticated:
            confirmed = EmailAddress.objects.filter(user=request.user, verified=True).order_by("-primary")
            self.email = confirmed.values_list("email", flat=True).first()
            self.proof = EmailedProof.resume(request, request.user)
            if self.proof and self.proof.state["email"] != self.email:  # which was changed meanwhile
                self.proof = None

    def post(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        """Send a code, or check the one that was typed."""
        user: Any = request.user
        if request.POST.get("action") == "send" and self.email:
            if refusal := ratelimit.consume_or_429(request, action="proof_code", user=user):
                return refusal
            EmailedProof.start(request, user, self.email)
            return redirect(request.get_full_path())
        if self.proof and request.POST.get("code", "").strip() and not consume_attempt(request, self.proof.state):
            self.proof.abort()
            self.proof = None
        if self.proof is None:
            messages.error(request, "That code no longer works. Ask for a new one.")
            return redirect(request.get_full_path())
        return super().post(request, *args, **kwargs)

    def get_form_kwargs(self) -> dict[str, Any]:
        """The form checks against the code that was sent."""
        return super().get_form_kwargs() | {"code": self.proof.code if self.proof else None}

    def form_invalid(self, form: Any) -> HttpResponse:
        """Count the attempt; after too many the code stops working, and an empty field is no try."""
        if not form.data.get("code", "").strip():
            return super().form_invalid(form)
        audit.record("reauthentication_failed", account=self.request.user, how="code")
        if self.proof and not self.proof.record_invalid_attempt():
            messages.error(self.request, "Too many attempts. Ask for a new code.")
            return redirect(self.request.get_full_path())
        return super().form_invalid(form)

    def form_valid(self, form: Any) -> HttpResponse:
        """Remember the proof, and go on to what it was asked for."""
        if self.proof:
            self.proof.abort()
        record_authentication(self.request, self.request.user, method="code", email=self.email, reauthenticated=True)
        return super().form_valid(form)

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the address and whether a code is on its way."""
        return super().get_context_data(**kwargs) | {"email": self.email, "is_sent": self.proof is not None}
