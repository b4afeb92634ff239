"""Passwords are hashed one at a time in each process of the server, and after everything else that it does.

A hash takes a third of a second of a processor, on purpose. Whoever sends many passwords waits for those before, or is
told to come back: reading does not (docs/decisions/0085-not-to-be-stopped.md).
"""

import os
import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

from django.contrib.auth.hashers import PBKDF2PasswordHasher

IN_LINE = 4  # passwords in hand in a process beyond which a form is refused; fewer than its threads for forms
BUSY = "Too many people are signing in. Try again in a minute."

_in_hand = 0
_lock = threading.Lock()


def _step_back() -> None:
    """Let everything else have the processor first."""
    with suppress(AttributeError, OSError):  # only Linux has priorities of threads
        os.setpriority(os.PRIO_PROCESS, threading.get_native_id(), 10)


_one = ThreadPoolExecutor(1, thread_name_prefix="hashing", initializer=_step_back)


def has_room() -> bool:
    """Return whether one more password would be hashed soon."""
    return _in_hand < IN_LINE


class PatientHasher(PBKDF2PasswordHasher):
    """Django's own hasher, which waits for its turn."""

    def encode(self, password: str, salt: str, iterations: int | None = None) -> str:
        """Return the hash of `password`."""
        global _in_hand
        with _lock:
            _in_hand += 1
        try:
            return _one.submit(super().encode, password, salt, iterations).result()
        finally:
            with _lock:
                _in_hand -= 1
