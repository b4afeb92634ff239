"""What readers tell the editors: errors on a page, and pages that they miss. No account is needed.

All of it is kept, however much comes. Only the emails about it are limited: five a day for one browser, counted in a
signed cookie, and 25 an hour in all. The disk has one limit: those who are not signed in share 60 a minute
(docs/decisions/0086-all-reports-are-kept.md).
"""

import logging
import time
from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.core import signing
from django.core.mail import EmailMessage
from django.db.models import QuerySet
from django.http import HttpRequest, HttpResponse
from django.utils import timezone

from accounts.mail import try_to_send
from accounts.models import User

from .models import ErrorReport, FromReader, MissingPage, Version

COOKIE = "reports"
SALT = "content.reporting"
MODELS = (ErrorReport, MissingPage)
DAY = 24 * 60 * 60
EMAILED_FROM_ONE = 5  # a day
EMAILED = 25  # an hour
KEPT = 60  # a minute, from people who are not signed in

FULL = (
    "Very many messages are arriving at the moment, so yours was not sent. Your text is still here: send it again in a "
    "minute."
)
LAST = f"This is number {EMAILED} within an hour. You will get no email about those that follow: look at the list.\n"

log = logging.getLogger("content.reporting")


class AnswerableForm(forms.ModelForm):
    """Something for the editors, and the address for an answer if the reader wants one."""

    email = forms.EmailField(label="Your email address", required=False, help_text="Only if you would like an answer.")

    def clean_email(self) -> str:
        """Refuse an address with characters that are not allowed in the head of an email."""
        email = str(self.cleaned_data["email"])
        if not email.isprintable():
            raise forms.ValidationError("Enter a valid email address.")
        return email


class ErrorReportForm(AnswerableForm):
    """What is wrong on a page."""

    text = forms.CharField(
        label="What is wrong?",
        max_length=4_000,
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text="Say which sentence or number, and what it should be. Do not include anything that could identify "
        "a patient.",
        error_messages={"required": "Say what is wrong, then send it."},
    )

    class Meta:
        model = ErrorReport
        fields = ["text", "email"]


class MissingPageForm(AnswerableForm):
    """What someone looked for and did not find."""

    asked = forms.CharField(
        label="What did you look for?",
        max_length=300,
        help_text="Do not include anything that could identify a patient.",
        error_messages={"required": "Say what you looked for, then send it."},
    )
    expected = forms.CharField(
        label="What did you expect to find?",
        required=False,
        max_length=4_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text="For example the question that the page should answer.",
    )

    class Meta:
        model = MissingPage
        fields = ["asked", "expected", "email"]


def has_room(request: HttpRequest) -> bool:
    """Return whether the site keeps one more now: always from a person who is signed in."""
    return request.user.is_authenticated or _lately(timedelta(minutes=1), KEPT) < KEPT


def keep(report: ErrorReport, version: Version, request: HttpRequest) -> None:
    """Save the report about `version`, then email it. If the email cannot be sent, log that and keep the report."""
    report.page, report.version_number = version.page, version.number
    report.save()
    subject = f"Error reported on {' '.join(version.title.split())}"
    _email(report, request, subject, f"{settings.SITE_URL}{version.get_absolute_url()}\n\n{report.text}")


def keep_missing(missing: MissingPage, request: HttpRequest) -> None:
    """Save what a reader misses, then email it, as a report is."""
    missing.save()
    _email(
        missing, request, "A page that a reader misses", f"Looked for: {missing.asked}\n\n{missing.expected}".strip()
    )


def _lately(within: timedelta, most: int) -> int:
    """Return how many came in that time until now, of the `most` newest of each kind: no more need be read."""
    since = timezone.now() - within
    newest = [model.objects.order_by("-pk").values_list("reported_at", flat=True)[:most] for model in MODELS]
    return sum(at > since for times in newest for at in times)


def _email(kept: FromReader, request: HttpRequest, subject: str, text: str) -> None:
    lately = _lately(timedelta(hours=1), EMAILED + 1)
    if not settings.CONTACT_EMAIL or len(_sent(request)) >= EMAILED_FROM_ONE or lately > EMAILED:
        return
    message = EmailMessage(
        subject,
        f"{LAST if lately == EMAILED else ''}{text}\n\nFrom: {kept.email or 'no address given'}\n"
        f"All reports: {settings.SITE_URL}/admin/content/{kept._meta.model_name}/\n",
        to=[settings.CONTACT_EMAIL],
        reply_to=[kept.email] if kept.email else [],
    )
    try_to_send(message, name="error_report" if isinstance(kept, ErrorReport) else "missing_page", log=log)


def resolve(reports: QuerySet[Any], *, by: User) -> int:
    """Mark the open ones among `reports` as resolved by `by` now, and return how many there were."""
    return reports.filter(resolved_at=None).update(resolved_at=timezone.now(), resolved_by_name=by.name or by.email)


def count(request: HttpRequest, response: HttpResponse) -> None:
    """Count one more report in the visitor's cookie. It holds no more than decide about an email."""
    sent = [*_sent(request), int(time.time())][-EMAILED_FROM_ONE:]
    response.set_cookie(
        COOKIE, signing.dumps(sent, salt=SALT), max_age=DAY, secure=settings.SECURE, httponly=True, samesite="Lax"
    )


def _sent(request: HttpRequest) -> list[int]:
    """Return the times of this visitor's reports in the last 24 hours. A forged cookie counts as none."""
    try:
        sent = signing.loads(request.COOKIES.get(COOKIE, ""), salt=SALT)
    except signing.BadSignature:
        return []
    return [moment for moment in sent if moment > time.time() - DAY]
