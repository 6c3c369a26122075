"""health_check: is this model well? A few questions, each answer held against a limit that can be set.

It asks the model itself, so a check from outside (a load balancer) sees what users would see. It does not repair
anything; each check says what to do.
"""

from __future__ import annotations

from dataclasses import dataclass
from statistics import median
from textwrap import shorten
from typing import TYPE_CHECKING, Literal

from .canaries import Canaries, run_canaries
from .monitor_memory import gpu_memory, memory_share
from .sampling import Sampling

if TYPE_CHECKING:
    import pandas

    from .monitoring import QwenMonitor

State = Literal["healthy", "degraded", "unhealthy", "not measured"]
_ORDER = ("not measured", "healthy", "degraded", "unhealthy")
_PROBE = "What is 7 + 8?"
_PROBES = 3


@dataclass(frozen=True, kw_only=True)
class Limits:
    """What still counts as healthy. Times in seconds, shares from 0 to 1. Introduced in notebook 06."""

    first_token: float = 2.0  # at most, median of the probes
    tokens_per_second: float = 5.0  # at least
    memory: float = 0.9  # at most, of what the process can get
    gpu_memory: float = 0.97  # at most
    canaries_right: float = 0.5  # at least
    canaries_lost: float = 0.15  # at most, of all canaries, against a baseline
    errors: float = 0.05  # at most, of the requests that a monitor saw
    waiting: int = 50  # at most, in the queue that a monitor saw

    def __post_init__(self) -> None:
        for name, value in vars(self).items():
            if isinstance(value, bool) or not isinstance(value, (int, float)) or not value >= 0:
                raise ValueError(f"{name} is {value!r}; expected a number of at least 0.")


@dataclass(frozen=True)
class HealthCheck:
    """One check: what was measured, the limit it was held against, and what to do where it is not healthy."""

    name: str
    value: float | None  # None: it could not be measured
    limit: str  # with its direction and unit, e.g. "at most 2 s"
    state: State
    advice: str = ""


@dataclass(frozen=True, repr=False)
class HealthReport:
    """The outcome of `health_check`; `status` is the worst state of its checks. Introduced in notebook 06."""

    checks: tuple[HealthCheck, ...]
    canaries: Canaries | None

    @property
    def status(self) -> Literal["healthy", "degraded", "unhealthy"]:
        worst = max(_ORDER.index(check.state) for check in self.checks)
        return _ORDER[max(worst, 1)]

    def table(self) -> pandas.DataFrame:
        """Return one row per check."""
        import pandas as pd

        rows = {
            check.name: {
                "value": "-" if check.value is None else f"{check.value:.3g}",
                "limit": check.limit,
                "state": check.state,
                "advice": check.advice,
            }
            for check in self.checks
        }
        return pd.DataFrame.from_dict(rows, orient="index")

    def __repr__(self) -> str:
        lines = [f"{self.status}:"]
        for check in self.checks:
            value = "-" if check.value is None else f"{check.value:.3g}"
            line = f"  {check.name}: {value} ({check.limit}), {check.state}"
            lines.append(f"{line}: {check.advice}" if check.advice else line)
        return "\n".join(lines)

    def _repr_html_(self) -> str:
        return f"<p><strong>{self.status}</strong></p>{self.table().to_html()}"


def health_check(
    qwen,
    *,
    limits: Limits | None = None,
    baseline: Canaries | None = None,
    canaries: int = 24,
    monitor: QwenMonitor | None = None,
) -> HealthReport:
    """Ask the model a few questions and return a report: healthy, degraded or unhealthy, check by check.

    `baseline` is a run of `run_canaries` from when the model was well: what was lost since has a limit of its own.
    `canaries` is how many are asked, 0 for none. With a `monitor`, errors and queue of the real traffic are looked at
    too, and the canaries' share is published there. An error of the model is part of the report and is not raised.
    Introduced in notebook 06.
    """
    limits = limits or Limits()
    if baseline is not None and canaries:
        canaries = baseline.n
    checks = [*_probe(qwen, limits), *_memory(limits)]
    found = None
    if canaries:
        try:
            found = run_canaries(qwen, n=canaries)
        except Exception as error:
            checks.append(HealthCheck("canaries solved", None, _least(limits.canaries_right), "unhealthy", _say(error)))
        else:
            checks += _judge_canaries(found, baseline, limits)
    if monitor is not None:
        checks += _traffic(monitor, limits)
        if found is not None:
            monitor.canaries(found.share)
    return HealthReport(tuple(checks), found)


def _probe(qwen, limits: Limits) -> list[HealthCheck]:
    options = {"sampling": Sampling.greedy(), "max_new_tokens": 32}
    replies, problem = [], None
    for number in range(_PROBES + 1):
        try:
            reply = qwen.chat(_PROBE, thinking=qwen.thinking_modes[0], **options)
        except Exception as error:  # whatever it is, the report says it
            problem = error
        else:
            replies += [reply] * (number > 0)  # the first one warms up
    failed = 1 - len(replies) / _PROBES
    advice = "" if problem is None else _say(problem)
    state: State = "unhealthy" if not replies else "degraded" if problem is not None else "healthy"
    answers = HealthCheck("probes without a reply", max(0.0, failed), "none", state, advice)
    first = median(reply.time_to_first_token for reply in replies) if replies else None
    speed = median(reply.tokens_per_second for reply in replies) if replies else None
    return [
        answers,
        _at_most(
            "time to first token",
            first,
            limits.first_token,
            " s",
            "Look at the queue and at long prompts; fewer requests at once, or more machines.",
        ),
        _at_least(
            "tokens per second",
            speed,
            limits.tokens_per_second,
            "Look for other work on this machine, threads and number format (notebook 02), quantization (notebook 04).",
        ),
    ]


def _memory(limits: Limits) -> list[HealthCheck]:
    advice = "Find what grows (queue, histories, cache) before the system ends the process; then restart."
    checks = [_at_most("memory, share held", memory_share(), limits.memory, "", advice)]
    for gpu in gpu_memory():
        advice = "Fewer tokens at once, a smaller model, or a GPU of its own."
        checks.append(_at_most(f"memory of {gpu.name}", gpu.used / gpu.total, limits.gpu_memory, "", advice))
    return checks


def _judge_canaries(found: Canaries, baseline: Canaries | None, limits: Limits) -> list[HealthCheck]:
    advice = "Are these the right weights, template and number format?"
    check = _at_least("canaries solved", found.share, limits.canaries_right, advice)
    if found.share == 0:
        check = HealthCheck(check.name, 0.0, check.limit, "unhealthy", advice)
    if baseline is None:
        return [check]
    lost = found.lost(baseline) / found.n
    advice = "The model answers worse than at its baseline: what was changed? Go back to the release before."
    return [check, _at_most("canaries lost since the baseline", lost, limits.canaries_lost, "", advice)]


def _traffic(monitor: QwenMonitor, limits: Limits) -> list[HealthCheck]:
    now = monitor.snapshot()
    return [
        _at_most(
            "requests failed or timed out",
            now.error_share,
            limits.errors,
            "",
            "Read the log under the incidents' numbers.",
        ),
        _at_most("requests waiting", now.waiting, limits.waiting, "", "More comes in than goes out: limit or scale."),
    ]


def _at_most(name: str, value: float | None, limit: float, unit: str, advice: str) -> HealthCheck:
    return _held(name, value, f"at most {limit:.3g}{unit}", value is not None and value <= limit, advice)


def _at_least(name: str, value: float | None, limit: float, advice: str) -> HealthCheck:
    return _held(name, value, _least(limit), value is not None and value >= limit, advice)


def _least(limit: float) -> str:
    return f"at least {limit:.3g}"


def _held(name: str, value: float | None, limit: str, good: bool, advice: str) -> HealthCheck:
    if value is None:
        return HealthCheck(name, None, limit, "not measured")
    return HealthCheck(name, float(value), limit, "healthy" if good else "degraded", "" if good else advice)


def _say(error: Exception) -> str:
    return f"{type(error).__name__}: {shorten(str(error), 150, placeholder=' ...')}"
