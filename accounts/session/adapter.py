from typing import Any

from allauth.usersessions.adapter import DefaultUserSessionsAdapter

from accounts import audit


class UserSessionsAdapter(DefaultUserSessionsAdapter):
    """Records in the log of accounts that a person ended sessions of theirs."""

    def end_sessions(self, sessions: Any) -> None:
        """Record the end of these sessions, then end them."""
        for session in sessions:
            audit.record("session_ended", account=session.user_id)
        super().end_sessions(sessions)
