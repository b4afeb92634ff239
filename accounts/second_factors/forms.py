"""allauth's forms for second factors, in the site's words. They limit the wrong codes of each account in a day.

allauth allows ten codes in five minutes, which in a year is enough to find six digits. Only someone who has passed the
first step of signing in gets as far as this, so a strict limit lets no outsider lock an account.
"""

import struct
from typing import Any

from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base import forms as base
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn import forms as webauthn
from django import forms
from django.core.exceptions import ValidationError

from accounts import audit
from accounts.allauth_private import context, ratelimit

from . import rules as second_factor_rules

ACTION = "second_factor_failed"  # its limit is in ACCOUNT_RATE_LIMITS
NO_GUESS = ("too_many_login_attempts", "used_code")  # allauth did not check the code, or it was right
NAME_LENGTH = 60
NONSENSE = (LookupError, ValueError, TypeError, AttributeError, struct.error)  # what parsing a bad answer raises


class CountedCode(forms.Form):
    """A form for a code, with a limit on wrong codes in a day."""

    user: Any

    def clean_code(self) -> Any:
        """Return the code if it is right; count a wrong one and raise. Past the limit, refuse even a right code."""
        request, key = context.request, str(self.user.pk)
        if not ratelimit.consume(request, action=ACTION, key=key, dry_run=True):
            raise get_account_adapter().validation_error("too_many_second_factors")
        try:
            return super().clean_code()  # type: ignore[misc]
        except forms.ValidationError as error:
            if error.code not in NO_GUESS:
                ratelimit.consume(request, action=ACTION, key=key)
            raise


class _CodeForm(forms.Form):
    """A form for a code; each code works once."""

    user: Any

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.types = set(self.user.authenticator_set.values_list("type", flat=True))
        code = self.fields["code"]
        code.label = "Recovery code"
        code.help_text = "8 digits. Each recovery code works once."
        if self.asks_for_app:
            code.label = "Code from your authenticator app"
            code.help_text = "6 digits, which change every 30 seconds. A recovery code works too."
        code.error_messages["required"] = "Enter the code."
        code.widget = forms.TextInput(attrs={"autocomplete": "one-time-code", "inputmode": "numeric"})

    @property
    def asks_for_app(self) -> bool:
        """Whether the account has an authenticator app."""
        return Authenticator.Type.TOTP in self.types

    @property
    def takes_passkey(self) -> bool:
        """Whether the account has a passkey."""
        return Authenticator.Type.WEBAUTHN in self.types

    def clean_code(self) -> str:
        """Return the code; raise `ValidationError` if it is wrong or has been used."""
        code: str = super().clean_code()  # type: ignore[misc]
        if not second_factor_rules.use_up(self.user, code):
            raise get_adapter().validation_error("used_code")
        return code


class AuthenticateForm(CountedCode, _CodeForm, base.AuthenticateForm):
    """The second step of signing in, with a code."""


class ReauthenticateForm(CountedCode, _CodeForm, base.ReauthenticateForm):
    """Reauthentication with a code."""


class ActivateAppForm(_CodeForm, ActivateTOTPForm):
    """The form that sets up an authenticator app: its first code shows that the app has the key."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"].label = "Code that the app shows now"
        self.fields["code"].help_text = "6 digits, which change every 30 seconds."

    @property
    def key_in_groups(self) -> str:
        """The key in groups of four, for a person to type if they cannot scan the picture."""
        return " ".join(self.secret[at : at + 4] for at in range(0, len(self.secret), 4))


NO_SCRIPT = "A passkey needs JavaScript, which is off in this browser. Choose another way."


class _PasskeyForm(forms.Form):
    """A form for a passkey: it records a wrong passkey in the log, and does not call it a wrong code."""

    user: Any
    failure = "sign_in_failed"  # the event that a wrong passkey is

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["credential"].error_messages["required"] = NO_SCRIPT

    def clean_credential(self) -> Any:
        """Return the passkey; raise `ValidationError` if it is not valid for this account."""
        try:
            return super().clean_credential()  # type: ignore[misc]
        except (ValidationError, *NONSENSE) as error:
            audit.record(self.failure, account=self.user, how="passkey")
            if isinstance(error, ValidationError) and error.code != "incorrect_code":
                raise
            raise get_adapter().validation_error("unknown_passkey") from error


class AuthenticatePasskeyForm(_PasskeyForm, webauthn.AuthenticateWebAuthnForm):
    """The second step of signing in, with a passkey."""


class SignInPasskeyForm(_PasskeyForm, webauthn.LoginWebAuthnForm):
    """Signing in with a passkey alone."""


class ReauthenticatePasskeyForm(_PasskeyForm, webauthn.ReauthenticateWebAuthnForm):
    """Reauthentication with a passkey."""

    failure = "reauthentication_failed"


class AddPasskeyForm(webauthn.AddWebAuthnForm):
    """The form that adds a passkey."""

    name = forms.CharField(
        label="Name",
        required=False,
        help_text="So that you can tell your passkeys apart.",
        widget=forms.TextInput(attrs={"autocomplete": "off", "maxlength": NAME_LENGTH}),
    )
    passwordless = forms.BooleanField(
        label="Sign in with this passkey alone",
        required=False,
        initial=True,
        help_text="No password needed: your device asks for your fingerprint, your face or its PIN. Untick this for a "
        "security key without a PIN.",
    )

    def clean_name(self) -> str:
        """Return the name, cut to fit: the device has made the passkey already, so a long name must not refuse it."""
        name: str = super().clean_name()
        return name[:NAME_LENGTH]

    def clean(self) -> dict[str, Any]:
        """Check the passkey that the browser made; raise `ValidationError` if it is not valid."""
        try:
            cleaned: dict[str, Any] = super().clean()
        except (ValidationError, *NONSENSE) as error:
            raise get_adapter().validation_error("passkey_not_added") from error
        return cleaned


class RenamePasskeyForm(webauthn.EditWebAuthnForm):
    """The form that renames a passkey."""

    name = forms.CharField(
        label="Name",
        max_length=NAME_LENGTH,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": "Enter a name."},
    )
