"""allauth's own forms, in the site's words.

They are separate from `accounts/forms.py`, which allauth itself imports: its sign-up form is built on the one there.
"""

from collections.abc import Callable
from functools import wraps
from typing import Any, NamedTuple

from allauth.account import forms
from allauth.account.adapter import get_adapter
from allauth.account.models import EmailAddress
from django.conf import settings
from django.contrib.auth.hashers import make_password
from django.core.exceptions import ValidationError
from django.db import IntegrityError
from django.forms import BooleanField, Form
from django.forms.utils import ErrorDict
from django.http import HttpRequest, HttpResponse, HttpResponseBase

from accounts.allauth_private import clear_pending_signup
from accounts.models import User
from accounts.session.timeout import CHOICE

from . import hashing

LENGTH = settings.PASSWORD_LENGTH
GOOD_PASSWORD = f"At least {LENGTH} characters. It cannot be a common password, or like your name or email address."
KEEP_SIGNED_IN = "Keep me signed in on this device (not on a shared computer)"


def begins_sign_in(view: Callable[..., HttpResponseBase]) -> Callable[..., HttpResponseBase]:
    """Return a view where an attempt to sign in starts. It stores whether the user ticked “Keep me signed in”.

    The choice lasts for that attempt, through codes, second factors and other sites. A new attempt starts without it,
    because someone else may be at this computer now. For the same reason, it drops an unfinished sign-up with single
    sign-on.
    """

    @wraps(view)
    def begin(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if request.POST.get("remember"):
            request.session[CHOICE] = True
        else:
            request.session.pop(CHOICE, None)
        clear_pending_signup(request)
        return view(request, *args, **kwargs)

    return begin


class Words(NamedTuple):
    """A field's label, its message if it is empty, and its help text."""

    label: str
    required: str
    help_text: str = ""


FIELDS = {
    "login": Words("Email address", "Enter your email address."),
    "email": Words("Email address", "Enter your email address."),
    "password": Words("Password", "Enter your password."),
    "oldpassword": Words("Current password", "Enter your current password."),
    "password1": Words("New password", "Choose a new password.", GOOD_PASSWORD),
    "code": Words("Code", "Enter the code from our email.", "8 digits, like 1234-5678. You can leave out the dash."),
}


PASSWORDS = {"password", "password1", "oldpassword"}


class OwnWords:
    """A form with the site's words for its fields. It asks for a new password only once, as sign-up does."""

    fields: dict[str, Any]
    words: dict[str, Words] = {}
    is_bound: bool
    is_refused = False
    add_error: Callable[[str | None, Any], None]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields.pop("password2", None)
        for name, words in (FIELDS | self.words).items():
            if field := self.fields.get(name):
                field.label, field.help_text = words.label, words.help_text
                field.error_messages["required"] = words.required
                field.widget.attrs.pop("placeholder", None)  # it repeats the label and is hard to read
        for name in {"login", "email"} & set(self.fields):
            self.fields[name].error_messages["invalid"] = "Enter an email address like name@example.com."
            self.fields[name].widget.attrs["spellcheck"] = "false"
        if code := self.fields.get("code"):
            code.widget.attrs |= {"inputmode": "numeric", "spellcheck": "false"}

    def full_clean(self) -> None:
        """Check what was typed; refuse a password, unread, while too many others wait to be hashed."""
        self.is_refused = self.is_bound and bool(PASSWORDS & set(self.fields)) and not hashing.has_room()
        if not self.is_refused:
            super().full_clean()  # type: ignore[misc]
            return
        self._errors: Any = ErrorDict()
        self.cleaned_data: dict[str, Any] = {}
        self.add_error(None, hashing.BUSY)


class SignInForm(OwnWords, forms.LoginForm):
    """Signing in with an email address and a password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["remember"].label = KEEP_SIGNED_IN


class MayKeepSignedIn(OwnWords):
    """A form where an attempt to sign in starts, with the box that `begins_sign_in` reads."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["remember"] = BooleanField(label=KEEP_SIGNED_IN, required=False)


class MayLoseRace:
    """A sign-up form. If two sign-ups race for an address, the loser gets the answer for one that has an account."""

    cleaned_data: dict[str, Any]
    account_already_exists: bool
    validate_unique_email: Callable[[str], str]

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponse | None]:
        """Create the account, or give the answer for an address that has one."""
        save: Callable[..., tuple[User | None, HttpResponse | None]] = super().try_save  # type: ignore[misc]
        try:
            return save(request)
        except IntegrityError:
            self.validate_unique_email(self.cleaned_data["email"])
            if not self.account_already_exists:
                raise
            return save(request)


class SignUpForm(MayLoseRace, MayKeepSignedIn, forms.SignupForm):
    """Sign-up, with the questions of `ProfessionalSignupForm`."""

    words = {"password1": Words("Password", "Choose a password.", GOOD_PASSWORD)}

    def clean(self) -> dict[str, Any]:
        """Compare the password with the name, too: allauth compares it with the email address only."""
        cleaned: dict[str, Any] = super().clean()
        if password := cleaned.get("password1"):
            person = User(email=cleaned.get("email", ""), name=cleaned.get("name", ""))
            try:
                get_adapter().clean_password(password, user=person)
            except ValidationError as refusal:
                self.add_error("password1", refusal)
        if self.errors and "password1" not in self.errors:
            self["password1"].help_text = "Type it again: we never send a password back to you."
        return cleaned

    def try_save(self, request: HttpRequest) -> tuple[User | None, HttpResponse | None]:
        """Create the account. If the address has one, compute a hash too, so that the time does not reveal that."""
        if self.account_already_exists:
            make_password(self.cleaned_data["password1"])
        return super().try_save(request)


class SignInCodeForm(MayKeepSignedIn, forms.RequestLoginCodeForm):
    """Asking for a code that signs in."""


class PasswordResetForm(MayKeepSignedIn, forms.ResetPasswordForm):
    """Asking for a code that lets a person choose a new password."""


class NewPasswordForm(OwnWords, forms.ResetPasswordKeyForm):
    """The new password after a code."""


class LoginCodeForm(OwnWords, forms.ConfirmLoginCodeForm):
    """The code that signs in."""


class EmailCodeForm(OwnWords, forms.ConfirmEmailVerificationCodeForm):
    """The code that confirms an email address."""


class PasswordResetCodeForm(OwnWords, forms.ConfirmPasswordResetCodeForm):
    """The code that lets a person choose a new password."""


class ReauthenticationForm(OwnWords, forms.ReauthenticateForm):
    """Reauthentication with the password."""


class ReauthenticationCodeRequestForm(Form):
    """Asking for a code to reauthenticate. It goes to the confirmed address, so there is no field."""

    def __init__(self, *args: Any, user: User, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        address = EmailAddress.objects.get_verified(user)
        self.email: str | None = address.email if address else None

    def clean(self) -> dict[str, Any]:
        """Return the address for the code; raise `ValidationError` if the account has no confirmed one."""
        if not self.email:
            raise ValidationError("Your account has no confirmed email address.")
        return {"email": self.email}


class ReauthenticationCodeForm(OwnWords, forms.ConfirmReauthenticationCodeForm):
    """The code that reauthenticates."""


class EmailChangeForm(OwnWords, forms.AddEmailForm):
    """A new email address to replace the old one."""

    words = {"email": Words("New email address", "Enter the new email address.")}


class PasswordChangeForm(OwnWords, forms.ChangePasswordForm):
    """A new password to replace the old one."""


class PasswordSetForm(OwnWords, forms.SetPasswordForm):
    """A first password, for a user who signs in without one."""

    words = {"password1": Words("Password", "Choose a password.", GOOD_PASSWORD)}
