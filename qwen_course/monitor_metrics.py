"""The figures of a service as Prometheus metrics, named by OpenTelemetry's semantic conventions for generative AI.

The conventions (github.com/open-telemetry/semantic-conventions-genai, docs/gen-ai/gen-ai-metrics.md and
gen-ai-token-metrics.md, status "Development") write `gen_ai.server.request.duration` with unit s; in Prometheus that is
`gen_ai_server_request_duration_seconds`. They have no name for places and queue: those begin with `qwen_course_`.
Every label has a fixed set of values. What users choose (names, texts) is never a label.
"""

from __future__ import annotations

from collections.abc import Iterator

from .guard_errors import InputNotAllowed, InputTooLong, RateLimited, RunawayReply
from .monitor_memory import gpu_memory, process_memory
from .observations import Observation
from .service_errors import GenerationFailed, ServiceClosed, ServiceOverloaded, ServiceTimeout

OUTCOMES = ("answered", "refused", "failed", "timed_out", "cancelled")
FINISH_REASONS = ("stop", "length", "tool_calls")
_ERRORS = (
    GenerationFailed, InputNotAllowed, InputTooLong, RateLimited, RunawayReply, ServiceClosed, ServiceOverloaded,
    ServiceTimeout, ValueError,
)  # fmt: skip
ERROR_TYPES = tuple(error.__name__ for error in _ERRORS)
OTHER = "_OTHER"  # the conventions' own word for an error without a name of its own

# Bucket bounds in seconds, as the conventions advise; the three below 10 ms are ours, as small models are that quick.
DURATION_BUCKETS = (0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92)
FIRST_TOKEN_BUCKETS = (0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0)
PER_TOKEN_BUCKETS = (
    0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0, 2.5,
)  # fmt: skip

_COMMON = {"gen_ai_operation_name": "chat", "gen_ai_provider_name": "qwen_course"}


def known(value: str | None, words: tuple[str, ...]) -> str:
    """Return the value if it is one of the words, "" for None, else "_OTHER"."""
    return "" if value is None else value if value in words else OTHER


class Metrics:
    """The metrics of one model in a registry of their own."""

    def __init__(self, model: str) -> None:
        from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram

        self.registry = CollectorRegistry()
        self._common = {**_COMMON, "gen_ai_request_model": model}
        names = tuple(self._common)

        def histogram(name: str, text: str, buckets: tuple[float, ...], *labels: str) -> Histogram:
            return Histogram(name, text, (*names, *labels), buckets=buckets, registry=self.registry)

        def counter(name: str, text: str, *labels: str) -> Counter:
            return Counter(name, text, (*names, *labels), registry=self.registry)

        def gauge(name: str, text: str) -> Gauge:
            return Gauge(name, text, names, registry=self.registry).labels(**self._common)

        self._duration = histogram(
            "gen_ai_server_request_duration_seconds", "From arrival to the last token.", DURATION_BUCKETS, "error_type"
        )
        first = histogram(
            "gen_ai_server_time_to_first_token_seconds",
            "From arrival to the first token, waiting included.",
            FIRST_TOKEN_BUCKETS,
        )
        each = histogram("gen_ai_server_time_per_output_token_seconds", "Per token after the first.", PER_TOKEN_BUCKETS)
        usage, modality = "gen_ai_client_inference_usage", "gen_ai_token_modality"
        given = counter(f"{usage}_input_tokens", "Tokens of prompts.", modality)
        made = counter(f"{usage}_output_tokens", "Tokens generated, thinking included.", modality)
        thought = counter(f"{usage}_reasoning_output_tokens", "Tokens generated between the think tags.", modality)
        self._first, self._each = first.labels(**self._common), each.labels(**self._common)
        self._given, self._made, self._thought = (
            one.labels(**self._common, gen_ai_token_modality="text") for one in (given, made, thought)
        )
        requests = counter("qwen_course_requests", "Requests by how they ended.", "outcome", "error_type")
        replies = counter("qwen_course_replies", "Replies by why they ended.", "finish_reason")
        self._requests = {outcome: self._per_error(requests, outcome) for outcome in OUTCOMES}
        self._seconds = {error: self._duration.labels(**self._common, error_type=error) for error in _error_labels()}
        self._replies = {
            reason: replies.labels(**self._common, finish_reason=reason) for reason in (*FINISH_REASONS, OTHER)
        }
        self.running = gauge("qwen_course_requests_running", "Requests that the model works on.")
        self.waiting = gauge("qwen_course_requests_waiting", "Requests in the queue.")
        self.canaries = gauge("qwen_course_canaries_right_ratio", "Canary problems that the model still solves.")
        self.canaries.set(float("nan"))  # not asked yet
        self.registry.register(_Memory())

    def _per_error(self, requests, outcome: str) -> dict:
        """All series exist from the start: a counter that appears with its first error has no increase to alert on."""
        errors = ("",) if outcome in ("answered", "cancelled") else _error_labels()[1:]
        return {error: requests.labels(**self._common, outcome=outcome, error_type=error) for error in errors}

    def ended(self, outcome: str, error: str | None, seconds: float | None) -> None:
        """Count how a request ended, and how long that took."""
        error = known(error, ERROR_TYPES)
        of_outcome = self._requests[outcome]
        of_outcome[error if error in of_outcome else next(iter(of_outcome))].inc()
        if seconds is not None and outcome in ("answered", "failed", "timed_out"):  # what the model was asked to do
            self._seconds[error].observe(seconds)

    def replied(self, one: Observation) -> None:
        """Count what a reply took and gave."""
        self._first.observe(one.time_to_first_token)
        if one.time_per_output_token is not None:
            self._each.observe(one.time_per_output_token)
        self._given.inc(one.prompt_tokens)
        self._made.inc(one.completion_tokens)
        self._thought.inc(one.thinking_tokens)
        self._replies[known(one.finish_reason, FINISH_REASONS)].inc()


def _error_labels() -> tuple[str, ...]:
    return ("", *ERROR_TYPES, OTHER)


class _Memory:
    """Read the memory when Prometheus asks. The names are those of OpenTelemetry's process and hardware metrics."""

    def collect(self) -> Iterator:
        from prometheus_client.core import GaugeMetricFamily

        yield GaugeMetricFamily(
            "process_memory_usage_bytes", "Main memory that the process holds.", value=process_memory()
        )
        used = GaugeMetricFamily("hw_gpu_memory_usage_bytes", "GPU memory in use by all processes.", labels=["hw_id"])
        limit = GaugeMetricFamily("hw_gpu_memory_limit_bytes", "GPU memory that there is.", labels=["hw_id"])
        for gpu in gpu_memory():
            used.add_metric([gpu.name], gpu.used)
            limit.add_metric([gpu.name], gpu.total)
        yield used
        yield limit
