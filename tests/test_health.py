"""health_check and canaries: a healthy, a slowed, a broken and a worse model are told apart, with advice."""

import pytest
import torch
from serving import slowed

import qwen_course as qc
from qwen_course.canaries import SKILLS, Canaries
from qwen_course.health import HealthCheck
from qwen_course.service import ServiceCounts

EASY = qc.Limits(first_token=600, tokens_per_second=0, canaries_right=0)


def by_name(report) -> dict[str, HealthCheck]:
    return {check.name: check for check in report.checks}


def spoilt(qwen, value):
    """Return a hook's handle: within it all logits are `value`."""
    return qwen.model.get_output_embeddings().register_forward_hook(lambda *_: torch.full_like(_[2], value))


class Solves:
    """Stands in for a model: solves the first `solved` of the canary problems, by their own answers."""

    thinking_modes = (False,)

    def __init__(self, qwen, solved: int) -> None:
        self._qwen, self._solved = qwen, solved
        self.chat = qwen.chat

    def chat_batch(self, conversations, **options):
        from qwen_course.canaries import _SEED

        drawn = [qc.problems(skill, len(conversations) // len(SKILLS), seed=_SEED) for skill in SKILLS]
        texts = [problem.answer["content"] for row in zip(*drawn, strict=True) for problem in row]
        return [qc.Reply(text if i < self._solved else "no idea", completion_tokens=3) for i, text in enumerate(texts)]


def test_a_well_model_is_healthy_and_each_check_has_value_and_limit(loaded):
    report = qc.health_check(loaded("qwen3"), limits=EASY, canaries=4)
    checks = by_name(report)
    if report.canaries.share:  # random weights hardly solve any
        assert report.status == "healthy"
    assert checks["probes without a reply"].value == 0
    assert all(check.value is not None and check.limit for check in report.checks)
    assert all(check.state == "healthy" for name, check in checks.items() if name != "canaries solved")


def test_a_slowed_model_is_degraded_and_the_advice_says_where_to_look(loaded):
    with slowed(loaded("qwen3"), 0.05):
        report = qc.health_check(loaded("qwen3"), limits=qc.Limits(first_token=0.02, tokens_per_second=30), canaries=0)
    checks = by_name(report)
    assert report.status == "degraded" and report.canaries is None
    assert checks["time to first token"].value >= 0.05 and "queue" in checks["time to first token"].advice
    assert checks["tokens per second"].value <= 20 and checks["tokens per second"].advice
    assert checks["memory, share held"].state == "healthy" and not checks["memory, share held"].advice


def test_a_broken_model_is_unhealthy_and_nothing_is_raised(loaded):
    handle = spoilt(loaded("qwen3"), float("nan"))
    try:
        report = qc.health_check(loaded("qwen3"), limits=EASY, canaries=4)
    finally:
        handle.remove()
    checks = by_name(report)
    assert report.status == "unhealthy"
    assert checks["probes without a reply"].value == 1
    assert "FloatingPointError" in checks["probes without a reply"].advice
    assert checks["time to first token"].state == "not measured"
    assert checks["canaries solved"].value is None and checks["canaries solved"].state == "unhealthy"
    assert "unhealthy" in repr(report) and "unhealthy" in report._repr_html_()


@pytest.mark.parametrize(
    ("solved", "state"), [(8, "healthy"), (7, "healthy"), (6, "degraded"), (3, "degraded"), (0, "unhealthy")]
)
def test_canaries_notice_a_model_that_got_worse_than_it_was(loaded, solved, state):
    baseline = qc.run_canaries(Solves(loaded("qwen3"), 8), n=8)
    assert baseline.right == (True,) * 8
    report = qc.health_check(Solves(loaded("qwen3"), solved), limits=EASY, baseline=baseline)
    check = by_name(report)["canaries lost since the baseline"]
    assert (report.status, check.value) == (state, (8 - solved) / 8) and check.limit == "at most 0.15"
    assert (check.state == "healthy") == (state == "healthy")
    assert report.canaries.lost(baseline) == 8 - solved


@pytest.mark.parametrize(("solved", "state"), [(8, "healthy"), (4, "healthy"), (3, "degraded"), (0, "unhealthy")])
def test_without_a_baseline_canaries_are_held_against_a_share(loaded, solved, state):
    report = qc.health_check(Solves(loaded("qwen3"), solved), limits=qc.Limits(), canaries=8)
    assert by_name(report)["canaries solved"].state == state


def test_canaries_are_the_same_each_time_and_of_every_skill(loaded):
    first, again = (qc.run_canaries(loaded("qwen3"), n=8, max_new_tokens=4) for _ in range(2))
    assert first == again and first.n == 8 and "of 8" in str(first)
    with pytest.raises(ValueError, match="one problem per skill"):
        qc.run_canaries(loaded("qwen3"), n=2)
    with pytest.raises(ValueError, match="take both alike"):
        first.lost(Canaries((True,), 1))


def test_with_a_monitor_the_real_traffic_counts_and_canaries_are_published(loaded):
    monitor = qc.QwenMonitor()
    done = qc.Reply("text", completion_tokens=2, seconds=0.1)
    for _ in range(9):
        monitor.record("answered", done, None)
    monitor.record("timed_out", None, ServiceCounts(waiting=60), error="ServiceTimeout", seconds=9.0)
    report = qc.health_check(Solves(loaded("qwen3"), 6), limits=EASY, canaries=8, monitor=monitor)
    checks = by_name(report)
    assert checks["requests failed or timed out"].value == 0.1
    assert checks["requests failed or timed out"].state == checks["requests waiting"].state == "degraded"
    assert report.status == "degraded"
    assert "qwen_course_canaries_right_ratio" in monitor.text() and " 0.75" in monitor.text()


def test_limits_can_be_set_and_senseless_ones_are_refused(loaded):
    strict = qc.health_check(loaded("qwen3"), limits=qc.Limits(memory=0.0, tokens_per_second=0), canaries=0)
    assert by_name(strict)["memory, share held"].state == "degraded"
    with pytest.raises(ValueError, match="errors is -1"):
        qc.Limits(errors=-1)
    with pytest.raises(TypeError):
        qc.Limits(memroy=1)


def test_gpu_memory_is_checked_where_there_is_a_gpu(loaded, monkeypatch):
    from qwen_course.monitor_memory import GpuMemory

    full = [GpuMemory("cuda:0", process=70, used=99, total=100)]
    monkeypatch.setattr("qwen_course.health.gpu_memory", lambda: full)
    monkeypatch.setattr("qwen_course.monitor_metrics.gpu_memory", lambda: full)
    report = qc.health_check(loaded("qwen3"), limits=EASY, canaries=0)
    assert by_name(report)["memory of cuda:0"].state == "degraded"
    assert 'hw_gpu_memory_usage_bytes{hw_id="cuda:0"} 99.0' in qc.QwenMonitor().text()
