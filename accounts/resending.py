"""Another code on request is one email, whether or not there is an account to send a code to.

For an address without an account, or at sign-up for one with an account, allauth shows the same page and sends nothing
the second time; the time that sending takes would tell the difference.
"""

from typing import Any

from allauth.account.adapter import get_adapter
from django.http import HttpRequest, HttpResponse


class ResendsAlike:
    """A view of allauth's for a code, which sends the first email again where there is no code to send."""

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
