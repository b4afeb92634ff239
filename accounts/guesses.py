"""Tries of a code are counted: of an emailed one for each code, of a second factor's for each account and day.

For second factors allauth allows ten codes in five minutes, which over a year is time enough to find six digits. Only
who has the password or the mailbox gets as far as that question, so its limit may be strict without locking anybody out
from outside.
"""

from collections.abc import Mapping
from typing import Any

from allauth.account.adapter import get_adapter
from allauth.core import context, ratelimit
from django import forms
from django.http import HttpRequest

# Their limits are in ACCOUNT_RATE_LIMITS.
ACTION = "second_factor_failed"
EMAILED_CODE = "emailed_code"
NO_GUESS = ("too_many_login_attempts", "used_code")  # the code was not even looked at, or was right


def may_try(request: HttpRequest, state: Mapping[str, Any]) -> bool:
    """Whether the emailed code that allauth keeps in `state` may be tried once more; that is a try."""
    return bool(ratelimit.consume(request, action=EMAILED_CODE, key=f"{state['email']} {state['at']}"))


class CountedCode(forms.Form):
    """A code that may be wrong only so often in a day."""

    user: Any

    def clean_code(self) -> Any:
        """The code, when it is right; else one more is counted, and past the limit not even a right one is taken."""
        request, key = context.request, str(self.user.pk)
        if not ratelimit.consume(request, action=ACTION, key=key, dry_run=True):
            raise get_adapter().validation_error("too_many_second_factors")
        try:
            return super().clean_code()  # type: ignore[misc]
        except forms.ValidationError as error:
            if error.code not in NO_GUESS:
                ratelimit.consume(request, action=ACTION, key=key)
            raise
