"""QwenMonitor: what a service does, as numbers for people and for Prometheus; and `measure`, the same for one model.

It sees replies and keeps their figures: no prompt, no answer, no name of a user is ever stored. Whether the figures are
good is for `health.py` to say.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import nan
from pathlib import PurePath
from threading import Lock
from time import perf_counter
from typing import TYPE_CHECKING

from . import fast
from .fast import fast_mode
from .monitor_metrics import OUTCOMES, Metrics
from .observations import Observation, Window, observe, percentile, table

if TYPE_CHECKING:
    import pandas

    from .reply import Reply
    from .sampling import Sampling
    from .service import ServiceCounts


@dataclass(frozen=True)
class Snapshot:
    """A monitor's state at one moment. `p50` and `p95` are seconds end to end over the window; NaN without a reply."""

    outcomes: dict[str, int]
    running: int
    waiting: int
    p50: float
    p95: float
    first_token_p95: float
    output_tokens: int

    @property
    def ended(self) -> int:
        """How many requests have ended, in whatever way."""
        return sum(self.outcomes.values())

    @property
    def error_share(self) -> float:
        """Return failed and timed-out requests as a share of those that the model was to answer."""
        tried = sum(self.outcomes[name] for name in ("answered", "failed", "timed_out"))
        return (self.outcomes["failed"] + self.outcomes["timed_out"]) / tried if tried else 0.0


class QwenMonitor:
    """Watch a service: `qc.QwenService(qwen, ..., monitor=qc.QwenMonitor(qwen))`.

    Counters hold all requests since the start; percentiles are over the latest `window` replies. `serve` opens an
    endpoint for Prometheus, `text` returns what it would read there; the names are OpenTelemetry's (see
    `monitor_metrics.py`). Safe to use from several threads. Introduced in notebook 06.
    """

    def __init__(self, qwen=None, *, window: int = 1000) -> None:
        self.model = _label(qwen)
        self._window = Window(window)
        self._metrics = Metrics(self.model)
        self._lock = Lock()
        self._outcomes = dict.fromkeys(OUTCOMES, 0)
        self._running = self._waiting = self._output_tokens = 0

    def record(
        self,
        event: str,
        reply: Reply | None,
        counts: ServiceCounts | None,
        *,
        error: str | None = None,
        seconds: float | None = None,
    ) -> None:
        """Take note of what happened to a request; a service calls this.

        `event` is "accepted", or how the request ended: "answered", "refused", "failed", "timed_out", "cancelled".
        `error` is the name of the exception's class, `seconds` the time since the request came.
        """
        if event != "accepted" and event not in OUTCOMES:
            raise ValueError(f"event is {event!r}; expected 'accepted' or one of {', '.join(map(repr, OUTCOMES))}.")
        if counts is not None:
            with self._lock:
                self._running, self._waiting = counts.running, counts.waiting
            self._metrics.running.set(counts.running)
            self._metrics.waiting.set(counts.waiting)
        if event == "accepted":
            return
        one = None if reply is None else observe(reply)
        with self._lock:
            self._outcomes[event] += 1
            self._output_tokens += 0 if one is None else one.completion_tokens
        self._metrics.ended(event, error, seconds if one is None else one.seconds)
        if one is not None:
            self._window.add(one)
            self._metrics.replied(one)

    def canaries(self, share: float) -> None:
        """Publish the share of canary problems that the model solved; see `run_canaries`."""
        self._metrics.canaries.set(share)

    def table(self) -> pandas.DataFrame:
        """Return mean, percentiles and maximum of each figure over the window."""
        return table(self._window.latest())

    def snapshot(self) -> Snapshot:
        """Return the counts so far and the percentiles over the window."""
        latest = self._window.latest()
        seconds = [one.seconds for one in latest]
        first = [one.time_to_first_token for one in latest]
        with self._lock:
            return Snapshot(
                outcomes=dict(self._outcomes),
                running=self._running,
                waiting=self._waiting,
                p50=percentile(seconds, 0.5) if seconds else nan,
                p95=percentile(seconds, 0.95) if seconds else nan,
                first_token_p95=percentile(first, 0.95) if first else nan,
                output_tokens=self._output_tokens,
            )

    def text(self) -> str:
        """Return all metrics in Prometheus' text format."""
        from prometheus_client import generate_latest

        return generate_latest(self._metrics.registry).decode()

    def serve(self, port: int = 0, *, address: str = "127.0.0.1") -> MetricsEndpoint:
        """Open the endpoint that Prometheus scrapes, at `/metrics`; port 0 takes one that is free.

        The default address lets in this machine only: metrics tell strangers how much a service is used.
        """
        from prometheus_client import start_http_server

        server, thread = start_http_server(port, addr=address, registry=self._metrics.registry)
        return MetricsEndpoint(server, thread, address)


class MetricsEndpoint:
    """An open endpoint; `url` is its address. Close it with `close()` or as a context manager."""

    def __init__(self, server, thread, address: str) -> None:
        self._server, self._thread = server, thread
        self.port: int = server.server_port
        self.url = f"http://{address}:{self.port}/metrics"

    def close(self) -> None:
        """Stop answering and free the port."""
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def __enter__(self) -> MetricsEndpoint:
        return self

    def __exit__(self, *exception) -> None:
        self.close()


@dataclass(frozen=True, repr=False)
class Measurement:
    """The outcome of `measure`. `seconds` is the time for all prompts; `observations` hold figures, no text."""

    observations: tuple[Observation, ...]
    seconds: float

    @property
    def tokens_per_second(self) -> float:
        """Return all tokens generated over the whole time."""
        return sum(one.completion_tokens for one in self.observations) / self.seconds

    def table(self) -> pandas.DataFrame:
        """Return one row per figure: mean, percentiles, maximum."""
        return table(self.observations)

    def __repr__(self) -> str:
        return f"{self.table()}\n{self._footer()}"

    def _repr_html_(self) -> str:
        return f"{self.table().to_html()}<p>{self._footer()}</p>"

    def _footer(self) -> str:
        n = len(self.observations)
        return f"{n} prompts one after the other in {self.seconds:.1f} s, {self.tokens_per_second:.0f} tokens/s"


def measure(
    qwen,
    prompts: Sequence[str | list[dict]],
    *,
    thinking: bool | None = None,
    sampling: Sampling | None = None,
    max_new_tokens: int = 256,
    seed: int = 0,
    monitor: QwenMonitor | None = None,
) -> Measurement:
    """Ask the prompts one after the other and return a table of times and tokens: mean, p50, p95, p99, maximum.

    The first prompt is asked once more beforehand, unmeasured: the first reply of a process is slower than all later
    ones. Each reply is also told to `monitor`. QWEN_COURSE_FAST=1 asks 4. Errors are raised. Introduced in notebook 06.
    """
    from tqdm import tqdm

    if isinstance(prompts, str) or not prompts:
        raise ValueError("prompts must be a list of texts or conversations with at least one entry; see chat for one.")
    if fast_mode():
        prompts = prompts[: fast.PROBLEMS]
    options = {"thinking": thinking, "sampling": sampling, "max_new_tokens": max_new_tokens}
    qwen.chat(prompts[0], seed=seed, **options)
    observations, start = [], perf_counter()
    for number, prompt in enumerate(tqdm(prompts, unit="prompt", leave=False)):
        reply = qwen.chat(prompt, seed=seed + number, **options)
        observations.append(observe(reply))
        if monitor is not None:
            monitor.record("answered", reply, None)
    return Measurement(tuple(observations), perf_counter() - start)


def _label(qwen) -> str:
    """Return a model's name for a label, without the folders or the address that it may come with."""
    if qwen is None:
        return "unknown"
    name = getattr(qwen, "model_id", None) or qwen.name
    path = PurePath(name)
    return path.name if path.is_absolute() or name.startswith((".", "~")) else name
