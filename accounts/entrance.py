"""allauth's own sign-in and sign-up forms, in the site's words.

Apart from `forms.py`, which allauth itself imports: its sign-up form is built on the one there.
"""

from typing import Any

from allauth.account.forms import LoginForm, SignupForm


class SignInForm(LoginForm):
    """Sign-in by email address and password."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["remember"].label = "Keep me signed in on this device (not on a shared computer)"
        self.fields["login"].error_messages["required"] = "Enter your email address."
        self.fields["password"].error_messages["required"] = "Enter your password."
        _drop_placeholders(self)


class SignUpForm(SignupForm):
    """Sign-up, with what `ProfessionalSignupForm` asks."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["email"].error_messages["required"] = "Enter your email address."
        self.fields["password1"].error_messages["required"] = "Choose a password."
        self.fields["password1"].help_text = "At least 10 characters, not a common password, not like your email."
        _drop_placeholders(self)


def _drop_placeholders(form: Any) -> None:
    """A placeholder repeats the label and is hard to read."""
    for field in form.fields.values():
        field.widget.attrs.pop("placeholder", None)
