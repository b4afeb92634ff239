from typing import Any

from allauth.usersessions.adapter import DefaultUserSessionsAdapter

from accounts import audit


class UserSessionsAdapter(DefaultUserSessionsAdapter):
    """Writes down that somebody ended sessions of theirs."""

    def end_sessions(self, sessions: Any) -> None:
        """End these sessions."""
        for session in sessions:
            audit.record("session_ended", account=session.user_id)
        super().end_sessions(sessions)
