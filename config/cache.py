"""The cache: Redis, and the memory of this process while Redis is away, so that nobody is refused because of it."""

import logging
import threading
import time
from typing import Any

from django.core.cache.backends.locmem import LocMemCache
from django.core.cache.backends.redis import RedisCache
from redis.exceptions import RedisError

ENTRIES = 50_000  # kept in memory: with Django's 300, guessing at 300 addresses would forget the count of all others
PAUSE = 5  # seconds until Redis is tried again
PATIENCE = {"socket_connect_timeout": 0.3, "socket_timeout": 0.5}  # seconds that a page waits for Redis

log = logging.getLogger(__name__)
_away_until: dict[str, float] = {}
_lock = threading.Lock()


def _either(name: str) -> Any:
    """The operation `name`: on Redis, or in memory while Redis is away."""

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
    """Django's Redis cache that goes on in memory when Redis does not answer, and says so once."""

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
        with _lock:
            first = self._where not in _away_until
            _away_until[self._where] = time.monotonic() + PAUSE
        if first:
            self._memory.clear()
            log.error("Redis does not answer (%s). Each process counts for itself until it does.", type(error).__name__)

    def _came_back(self) -> None:
        if _away_until.pop(self._where, None) is not None:
            log.warning("Redis answers again.")
