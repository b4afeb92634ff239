"""Emails about what has been done: if one cannot be sent, nothing is undone."""

from email.errors import MessageError
from logging import Logger
from smtplib import SMTPException
from typing import Any

from allauth.account.adapter import get_adapter
from django.conf import settings
from django.core.mail import EmailMessage

SITE = ("SITE_NAME", "SITE_URL", "CONTACT_EMAIL")


def compose(template: str, address: str, **context: Any) -> EmailMessage:
    """Return the email to `address` whose subject and text are in `templates/accounts/email/`, under this name."""
    site = {name: getattr(settings, name) for name in SITE}  # also for a command, which has no request
    message: EmailMessage = get_adapter().render_mail(f"accounts/email/{template}", address, site | context)
    return message


def try_to_send(message: EmailMessage, *, name: str, log: Logger) -> None:
    """Send the email. If that fails, log its `name` and the kind of error: the error's text may contain an address."""
    try:
        message.send()
    except (OSError, SMTPException, MessageError, ValueError) as error:
        log.error("An email could not be sent: %s (%s)", name, type(error).__name__)
