"""What is kept of a reply once it has been answered: numbers, and no word of it.

An average hides the requests that annoy people, so these numbers are read as percentiles. A window holds the latest
ones only: a monitor that remembered everything would itself become what fills the memory.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from math import ceil
from threading import Lock
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas

    from .reply import Reply


@dataclass(frozen=True, slots=True)
class Observation:
    """The figures of one reply. Times are in seconds; `time_per_output_token` is None below two tokens."""

    seconds: float
    time_to_first_token: float
    time_per_output_token: float | None
    prompt_tokens: int
    completion_tokens: int
    thinking_tokens: int
    finish_reason: str


def observe(reply: Reply) -> Observation:
    """Return the figures of a reply.

    The time per output token is that of all tokens after the first, as OpenTelemetry's GenAI conventions define it.
    """
    after_first = reply.completion_tokens - 1
    return Observation(
        seconds=reply.seconds,
        time_to_first_token=reply.time_to_first_token,
        time_per_output_token=(reply.seconds - reply.time_to_first_token) / after_first if after_first > 0 else None,
        prompt_tokens=reply.prompt_tokens,
        completion_tokens=reply.completion_tokens,
        thinking_tokens=reply.thinking_tokens,
        finish_reason=reply.finish_reason,
    )


def percentile(values: Sequence[float], share: float) -> float:
    """Return the smallest of the values that at least this share of them does not exceed (nearest rank).

    It is a value that was really measured. Raises ValueError for no values, or a share outside 0 to 1. Introduced in
    notebook 06.

    percentile([1, 2, 3, 4, 50], 0.8) -> 4
    """
    if not values:
        raise ValueError("There are no values; a percentile needs at least one.")
    if not 0 <= share <= 1:
        raise ValueError(f"share is {share!r}; expected a number from 0 to 1, e.g. 0.95.")
    ranked = sorted(values)
    # rounded, as 0.07 * 100 is a little above 7 in floating point
    return ranked[max(1, ceil(round(share * len(ranked), 9))) - 1]


class Window:
    """The latest observations, at most `size` of them; safe to use from several threads."""

    def __init__(self, size: int) -> None:
        if isinstance(size, bool) or not isinstance(size, int) or size < 1:
            raise ValueError(f"window is {size!r}; expected a whole number of at least 1.")
        self._kept: deque[Observation] = deque(maxlen=size)
        self._lock = Lock()

    def add(self, observation: Observation) -> None:
        """Take one more; the oldest goes where there is no room."""
        with self._lock:
            self._kept.append(observation)

    def latest(self) -> list[Observation]:
        """Return what is kept, oldest first."""
        with self._lock:
            return list(self._kept)


_ROWS = {
    "time to first token (s)": "time_to_first_token",
    "time per output token (s)": "time_per_output_token",
    "end to end (s)": "seconds",
    "prompt tokens": "prompt_tokens",
    "output tokens": "completion_tokens",
    "of these thinking": "thinking_tokens",
}


def table(observations: Iterable[Observation]) -> pandas.DataFrame:
    """Return one row per figure with its mean, percentiles and maximum, and how many replies gave it."""
    import pandas as pd

    observations = list(observations)
    rows = {}
    for name, field in _ROWS.items():
        values = [value for one in observations if (value := getattr(one, field)) is not None]
        rows[name] = _row(values)
    return pd.DataFrame.from_dict(rows, orient="index").astype({"n": int})


def _row(values: list[float]) -> dict[str, float]:
    if not values:
        return {"mean": float("nan"), "p50": float("nan"), "p95": float("nan"), "p99": float("nan"),
                "max": float("nan"), "n": 0}  # fmt: skip
    shares = {f"p{share}": percentile(values, share / 100) for share in (50, 95, 99)}
    figures = {"mean": sum(values) / len(values), **shares, "max": max(values)}
    return {**{name: round(value, 4) for name, value in figures.items()}, "n": len(values)}
