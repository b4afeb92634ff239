"""What takes reading every page to say, like how many there are, is found once for each change of the content.

A process keeps it in memory, together with the state of the content that it was found in: the stamps of `changes.py`,
and when the next scheduled version goes live. So it is never older than what readers see, it costs one small query, and
no counter is stored that could disagree with the history. Reasons: docs/decisions/0087-flat.md.
"""

import threading
from collections import OrderedDict
from collections.abc import Callable
from functools import wraps
from typing import Any, TypeVar

from django.db.models import Subquery

from .models import ContentChange, Version

MOST = 64  # answers of one function, for different arguments: the least used are forgotten

Found = TypeVar("Found")


def state() -> tuple[Any, ...]:
    """Return what is the same as long as no reader sees anything else, in one query; nothing if nobody notices."""
    scheduled = Subquery(Version.objects.scheduled().values("published_at")[:1])
    return tuple(ContentChange.objects.order_by("pk").values_list("stamp", scheduled))


def until_changed(find: Callable[..., Found]) -> Callable[..., Found]:
    """Return `find`, which remembers what it returned as long as the content is the same.

    What it returns must not be changed, and must depend on nothing but its arguments, which can be hashed, the tables
    that `changes` watches and which versions are published.
    """
    kept: OrderedDict[Any, tuple[Any, Found]] = OrderedDict()
    lock = threading.Lock()

    @wraps(find)
    def look(*arguments: Any, **named: Any) -> Found:
        now = state()  # before anything else is read, which is then as new as that, or newer
        asked = arguments, tuple(named.items())
        before = kept.get(asked)
        found = before[1] if now and before and before[0] == now else find(*arguments, **named)
        with lock:
            kept[asked] = now, found
            kept.move_to_end(asked)
            if len(kept) > MOST:
                kept.popitem(last=False)
        return found

    return look
