"""Limits per user, by the `limits` library, on a clock that nobody can set.

The library's own store in memory reads the wall clock, where an hour set back locks users out for an hour, and its
moving windows never forget a user. So it is given a store of its own kind: monotonic, and holding active users only.
"""

from collections import OrderedDict, deque
from collections.abc import Callable
from threading import Lock
from time import monotonic

from limits import RateLimitItem, parse_many
from limits.storage import MovingWindowSupport, Storage
from limits.strategies import MovingWindowRateLimiter

from .guard_errors import RateLimited


class _Windows(Storage, MovingWindowSupport):
    """The moments of each key's hits, oldest key first."""

    STORAGE_SCHEME = ["qwen-course-monotonic"]
    base_exceptions = (KeyError,)

    def __init__(self, clock: Callable[[], float]) -> None:
        super().__init__()
        self._clock = clock
        self._hits: OrderedDict[str, tuple[deque[float], float]] = OrderedDict()  # moments, and seconds to keep them

    def acquire_entry(self, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        hits = self._recent(key, expiry)
        if len(hits) + amount > limit:
            return False
        hits.extend([self._clock()] * amount)
        self._hits[key] = (hits, expiry)
        self._hits.move_to_end(key)
        self._forget()
        return True

    def get_moving_window(self, key: str, limit: int, expiry: int) -> tuple[float, int]:
        hits = self._recent(key, expiry)
        return (hits[0] if hits else self._clock()), len(hits)

    def _recent(self, key: str, expiry: float) -> deque[float]:
        hits, _ = self._hits.get(key, (deque(), expiry))
        while hits and hits[0] <= self._clock() - expiry:
            hits.popleft()
        return hits

    def _forget(self) -> None:
        """Drop up to two keys whose window is over, longest unused first: faster than new ones can come."""
        for _ in range(2):
            key, (hits, expiry) = next(iter(self._hits.items()))
            if hits and hits[-1] > self._clock() - expiry:
                return
            del self._hits[key]

    def __len__(self) -> int:
        return len(self._hits)

    def clear(self, key: str) -> None:
        self._hits.pop(key, None)

    def reset(self) -> int:
        count = len(self._hits)
        self._hits.clear()
        return count

    def check(self) -> bool:
        return True

    def incr(self, key: str, expiry: int, amount: int = 1) -> int:
        raise NotImplementedError("This store has moving windows only.")

    def get(self, key: str) -> int:
        raise NotImplementedError("This store has moving windows only.")

    def get_expiry(self, key: str) -> float:
        raise NotImplementedError("This store has moving windows only.")


class Rates:
    """One or several limits for every user, written as the limits library reads them: "20/minute; 500/day".

    A refused attempt is not counted. Raises ValueError for a text that is no limit.
    """

    def __init__(self, rates: str, *, clock: Callable[[], float] = monotonic) -> None:
        try:
            self._limits: list[RateLimitItem] = parse_many(rates)
        except ValueError as error:
            raise ValueError(
                f"rate is {rates!r}; expected a limit such as '20/minute' or '20/minute; 500/day'."
            ) from error
        self._clock = clock
        self._store = _Windows(clock)
        self._limiter = MovingWindowRateLimiter(self._store)
        self._lock = Lock()

    def __len__(self) -> int:
        """How many windows are held, for all users."""
        return len(self._store)

    def hit(self, user: str) -> None:
        """Count a request. Raises RateLimited, with the seconds until the next one is let in."""
        with self._lock:
            for limit in self._limits:
                if not self._limiter.test(limit, user):
                    seconds = self._limiter.get_window_stats(limit, user).reset_time - self._clock()
                    seconds = float(max(1, round(seconds + 0.5)))
                    raise RateLimited(f"More than {limit} requests. Come back in {seconds:g} s.", retry_after=seconds)
            for limit in self._limits:
                self._limiter.hit(limit, user)
