from smtplib import SMTPRecipientsRefused
from typing import Any

from django.core.mail.backends.base import BaseEmailBackend


class EmailBackend(BaseEmailBackend):
    """A mail server that takes no recipient, in the words of a real one."""

    def send_messages(self, email_messages: list[Any]) -> int:
        """Refuse."""
        raise SMTPRecipientsRefused({email_messages[0].to[0]: (550, b"5.1.1 User unknown")})
