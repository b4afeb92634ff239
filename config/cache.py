"""The cache: Redis or, while Redis is down, the memory of each process.

An outage must not lock anyone out: limits become more generous instead (docs/decisions/0050-without-redis.md).
"""

import logging
import threading
import time
from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

ENTRIES = 50_000  # most entries in memory: with Django's 300, guesses at 300 addresses would push out every other count
PAUSE = 5  # seconds before Redis is tried again
PATIENCE = {"socket_connect_timeout": 0.3, "socket_timeout": 0.5}  # seconds that a page waits for Redis

log = logging.getLogger(__name__)
_away_until: dict[str, float] = {}
_lock = threading.Lock()


def _either(name: str) -> Any:
    """Return a cache operation that uses Redis or, while Redis is down, memory."""

    def operation(self: "FallbackCache", *args: Any, **kwargs: Any) -> Any:
        if time.monotonic() >= _away_until.get(self._where, 0):
            try:
                answer = getattr(RedisCache, name)(self, *args, **kwargs)
            except (RedisError, OSError) as error:
                self._went_away(error)
            else:
                self._came_back()
                return answer
        return getattr(self._memory, name)(*args, **kwargs)

    return operation


class FallbackCache(RedisCache):
    """Django's Redis cache, which uses memory for `PAUSE` seconds at a time while Redis does not answer.

    It logs when Redis stops answering and when it answers again, once each. Counts in memory start from zero.
    """

    def __init__(self, server: Any, params: dict[str, Any]) -> None:
        options = params.get("OPTIONS", {})
        super().__init__(server, params | {"OPTIONS": PATIENCE | options})
        self._where = str(server)
        self._memory = LocMemCache(self._where, params | {"OPTIONS": {"MAX_ENTRIES": ENTRIES}})

    add = _either("add")
    get = _either("get")
    set = _either("set")
    touch = _either("touch")
    delete = _either("delete")
    get_many = _either("get_many")
    set_many = _either("set_many")
    delete_many = _either("delete_many")
    has_key = _either("has_key")
    incr = _either("incr")
    clear = _either("clear")

    def _went_away(self, error: Exception) -> None:
        """Use memory for the next `PAUSE` seconds; if Redis answered until now, empty the memory and log an error."""
        with _lock:
            first = self._where not in _away_until
            _away_until[self._where] = time.monotonic() + PAUSE
        if first:
            self._memory.clear()
            log.error("Redis does not answer (%s). Each process counts for itself until it does.", type(error).__name__)

    def _came_back(self) -> None:
        """Use Redis again, and log it if Redis was down."""
        if _away_until.pop(self._where, None) is not None:
            log.warning("Redis answers again.")
