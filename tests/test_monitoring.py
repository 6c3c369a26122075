"""QwenMonitor and measure: counters that agree with what was sent, percentiles, bounded memory, and not a word kept."""

import asyncio
import gc
import json
import re
import threading
import tracemalloc
import urllib.request

import pytest
from prometheus_client.parser import text_string_to_metric_families
from serving import GREEDY, ask_all, brittle, prompts, slowed, wait_until

import qwen_course as qc
from qwen_course.grafana import queries
from qwen_course.monitor_metrics import ERROR_TYPES, OTHER
from qwen_course.observations import observe, table
from qwen_course.service import ServiceCounts

SIZES = {"max_concurrent": 4, "max_queue": 8, "timeout_seconds": 60}
DURATION = "gen_ai_server_request_duration_seconds"
USAGE = "gen_ai_client_inference_usage"


def samples(text: str) -> dict[str, float]:
    """Return name{the labels that tell series apart} -> value."""
    told = ("outcome", "error_type", "finish_reason", "hw_id")
    found = {}
    for family in text_string_to_metric_families(text):
        for sample in family.samples:
            labels = ",".join(f"{name}={sample.labels[name]}" for name in told if sample.labels.get(name))
            if "le" not in sample.labels:
                found[f"{sample.name}{{{labels}}}" if labels else sample.name] = sample.value
    return found


def serve(qwen, work, **options):
    monitor = qc.QwenMonitor(qwen)

    async def run():
        async with qc.QwenService(qwen, **{**SIZES, **options}, monitor=monitor) as service:
            return await work(service), service

    result, service = asyncio.run(run())
    return result, service.counts, monitor


def reply(**changes) -> qc.Reply:
    figures = {"text": "text", "prompt_tokens": 10, "completion_tokens": 5, "time_to_first_token": 0.1, "seconds": 0.5}
    return qc.Reply(**{**figures, **changes})


@pytest.mark.parametrize("style", ["qwen3", "qwen3.5"])
def test_counters_agree_with_what_was_sent_and_with_what_the_service_counts(loaded, style):
    qwen, poison = loaded(style), "strychnine, arsenic and cyanide for dinner"

    async def work(service):
        replies = await ask_all(service, prompts(6), max_new_tokens=6)
        with pytest.raises(qc.InputTooLong):
            await service.chat("x" * 500, user="a")
        with pytest.raises(qc.RateLimited):
            for _ in range(20):
                await service.chat("Hi", user="again", sampling=GREEDY, max_new_tokens=1)
        with brittle(qwen, poison), pytest.raises(qc.GenerationFailed):
            await service.chat(poison, user="b", sampling=GREEDY, max_new_tokens=2)
        stream = service.stream("Hi", user="c", sampling=GREEDY, max_new_tokens=9)
        async for _ in stream:
            pass
        return [*replies, stream.reply]

    guard = qc.Guard(max_characters=300, rate="3/minute")
    replies, counts, monitor = serve(qwen, work, guard=guard)
    found = samples(monitor.text())
    ended = {name: value for name, value in found.items() if name.startswith("qwen_course_requests_total") and value}
    assert ended == {
        "qwen_course_requests_total{outcome=answered}": counts.answered,
        "qwen_course_requests_total{outcome=refused,error_type=InputTooLong}": 1,
        "qwen_course_requests_total{outcome=refused,error_type=RateLimited}": 1,
        "qwen_course_requests_total{outcome=failed,error_type=GenerationFailed}": 1,
    }
    assert counts.answered == len(replies) + 3 and sum(ended.values()) == counts.sent
    assert found[f"{DURATION}_count"] == counts.answered
    assert found[f"{DURATION}_count{{error_type=GenerationFailed}}"] == 1
    assert found["gen_ai_server_time_to_first_token_seconds_count"] == counts.answered
    assert found[f"{USAGE}_output_tokens_total"] == sum(one.completion_tokens for one in replies) + 3
    assert found["qwen_course_requests_running"] == found["qwen_course_requests_waiting"] == 0
    assert monitor.snapshot().outcomes == {
        name: getattr(counts, name) for name in ("answered", "refused", "failed", "timed_out", "cancelled")
    }


def test_tokens_in_out_and_thinking_are_those_of_the_replies(loaded):
    monitor = qc.QwenMonitor()
    for number in range(3):
        monitor.record("answered", reply(thinking_tokens=number, finish_reason="length"), None)
    found = samples(monitor.text())
    totals = [found[f"{USAGE}_{kind}_tokens_total"] for kind in ("input", "output", "reasoning_output")]
    assert totals == [30, 15, 3]
    assert found["qwen_course_replies_total{finish_reason=length}"] == 3


def test_the_queue_is_seen_while_it_is_there(loaded):
    qwen = loaded("qwen3")

    async def work(service):
        with slowed(qwen, 0.05):
            tasks = [asyncio.create_task(service.chat("Hi", user="a", max_new_tokens=8)) for _ in range(5)]
            await wait_until(lambda: service.counts.accepted == 5 and service.counts.waiting == 3)
            seen = service_monitor(service).snapshot()
            await asyncio.gather(*tasks)
        return seen

    def service_monitor(service):
        return service._monitor

    seen, _, monitor = serve(qwen, work, max_concurrent=2)
    assert (seen.running, seen.waiting) == (2, 3)
    assert (monitor.snapshot().running, monitor.snapshot().waiting) == (0, 0)


def test_a_request_that_timed_out_counts_among_the_durations_and_a_refused_one_does_not(loaded):
    async def work(service):
        with slowed(loaded("qwen3"), 0.05), pytest.raises(qc.ServiceTimeout):
            await service.chat("Hi", user="a", max_new_tokens=500, sampling=GREEDY)
        with pytest.raises(ValueError):
            await service.chat("Hi", user="a", max_new_tokens=0)

    _, counts, monitor = serve(loaded("qwen3"), work, timeout_seconds=0.6)
    found = samples(monitor.text())
    assert counts.timed_out == counts.refused == 1
    assert found[f"{DURATION}_count{{error_type=ServiceTimeout}}"] == 1
    assert found[f"{DURATION}_sum{{error_type=ServiceTimeout}}"] >= 0.6
    assert found["qwen_course_requests_total{outcome=refused,error_type=ValueError}"] == 1
    assert found[f"{DURATION}_count{{error_type=ValueError}}"] == 0


def test_times_are_those_that_the_conventions_define():
    one = observe(reply(completion_tokens=5, time_to_first_token=0.1, seconds=0.5))
    assert one.time_per_output_token == pytest.approx((0.5 - 0.1) / 4)
    assert observe(reply(completion_tokens=1)).time_per_output_token is None


@pytest.mark.parametrize(
    ("values", "share", "expected"),
    [([5], 0.99, 5), ([1, 2, 3, 4], 0.5, 2), (list(range(1, 101)), 0.95, 95), (list(range(1, 101)), 0.07, 7),
     ([3, 1, 2], 1, 3), ([3, 1, 2], 0, 1), ([1] * 99 + [100], 0.99, 1)],
)  # fmt: skip
def test_a_percentile_is_a_measured_value_that_the_share_does_not_exceed(values, share, expected):
    assert qc.percentile(values, share) == expected


@pytest.mark.parametrize(("values", "share", "message"), [([], 0.5, "no values"), ([1], 95, "from 0 to 1")])
def test_a_percentile_of_nothing_or_by_hundreds_is_refused(values, share, message):
    with pytest.raises(ValueError, match=message):
        qc.percentile(values, share)


def test_the_table_has_mean_and_percentiles_and_says_of_how_many():
    shown = table([observe(reply(seconds=float(i), completion_tokens=1)) for i in range(1, 101)])
    assert list(shown.loc["end to end (s)"]) == [50.5, 50, 95, 99, 100, 100]
    assert shown.loc["time per output token (s)", "n"] == 0
    assert table([]).loc["end to end (s)", "n"] == 0


def test_window_and_labels_stay_bounded_over_100_000_requests_of_the_oddest_kind():
    monitor = qc.QwenMonitor(window=500)
    series = monitor.text().count("\n")
    counts = ServiceCounts()

    def send(start: int, n: int) -> None:
        for number in range(start, start + n):
            one = reply(finish_reason=f"reason {number}", text=f"text {number}", seconds=0.01 * (number % 700))
            monitor.record("answered", one, counts, seconds=1.0)
            monitor.record("failed", None, counts, error=f"Error{number}", seconds=1.0)

    tracemalloc.start()
    try:
        send(0, 5_000)
        gc.collect()
        before, _ = tracemalloc.get_traced_memory()
        send(5_000, 45_000)
        gc.collect()
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert after - before < 100_000, "bytes; a thousandth of what 90,000 kept observations would take"
    assert monitor.text().count("\n") == series
    assert monitor.table()["n"].max() == 500
    assert monitor.snapshot().ended == 100_000
    found = samples(monitor.text())
    assert found[f"qwen_course_requests_total{{outcome=failed,error_type={OTHER}}}"] == 50_000
    assert found[f"qwen_course_replies_total{{finish_reason={OTHER}}}"] == 50_000


def everything_reachable(start) -> str:
    """Return all texts that can be reached from an object, types and modules aside."""
    seen, waiting, texts = set(), [start], []
    skipped = (type, type(threading), type(samples))
    while waiting:
        item = waiting.pop()
        if id(item) in seen or isinstance(item, skipped):
            continue
        seen.add(id(item))
        if isinstance(item, (str, bytes)):
            texts.append(str(item))
        waiting += gc.get_referents(item)
    return "\n".join(texts)


def test_the_monitor_keeps_no_word_of_users_or_model_and_no_name(loaded):
    qwen = loaded("qwen3")

    async def work(service):
        return await service.chat("my secret is xyzzy", user="ada-lovelace", sampling=GREEDY, max_new_tokens=8)

    answer, _, monitor = serve(qwen, work, guard=qc.Guard(qwen))
    kept = everything_reachable(monitor) + monitor.text()
    assert "gen_ai_server" in kept, "the search finds what is there"
    said = [text for text in (answer.text, answer.thinking) if len(text) > 4]
    assert said
    for word in ("xyzzy", "ada-lovelace", *said):
        assert word not in kept


def test_the_endpoint_answers_what_text_says_and_frees_its_port():
    monitor = qc.QwenMonitor()
    monitor.record("answered", reply(), ServiceCounts(running=2, waiting=1))
    before = threading.active_count()
    with monitor.serve() as endpoint:
        assert endpoint.url == f"http://127.0.0.1:{endpoint.port}/metrics"
        with urllib.request.urlopen(endpoint.url, timeout=10) as answer:
            assert answer.headers["Content-Type"].startswith("text/plain")
            body = answer.read().decode()
    found, expected = samples(body), samples(monitor.text())
    assert found.pop("process_memory_usage_bytes") > 1e6 and expected.pop("process_memory_usage_bytes") > 1e6
    assert {name: value for name, value in found.items() if value == value} == {
        name: value
        for name, value in expected.items()
        if value == value  # all but NaN
    }
    assert (found["qwen_course_requests_running"], found["qwen_course_requests_waiting"]) == (2, 1)
    assert threading.active_count() == before
    with pytest.raises(OSError):
        urllib.request.urlopen(endpoint.url, timeout=10)


def test_two_monitors_share_nothing():
    one, other = qc.QwenMonitor(), qc.QwenMonitor()
    one.record("answered", reply(), None)
    assert other.snapshot().ended == 0 and samples(other.text())["qwen_course_requests_total{outcome=answered}"] == 0


def test_every_error_of_guard_and_service_has_a_label_of_its_own():
    from qwen_course.guard_errors import GuardError

    def leaves(error):
        below = error.__subclasses__()
        return {name for sub in below for name in leaves(sub)} if below else {error.__name__}

    assert leaves(GuardError) | leaves(qc.ServiceError) <= set(ERROR_TYPES)


def test_an_unknown_event_and_a_window_of_nothing_are_refused():
    with pytest.raises(ValueError, match="event is 'done'"):
        qc.QwenMonitor().record("done", None, None)
    with pytest.raises(ValueError, match="window is 0"):
        qc.QwenMonitor(window=0)


@pytest.mark.parametrize(
    ("name", "label"),
    [("Qwen/Qwen3-0.6B", "Qwen/Qwen3-0.6B"), ("/data/models/mine", "mine"), ("./mine", "mine"), ("pocket", "pocket")],
)
def test_the_models_label_tells_no_folder(name, label):
    class Named:
        pass

    qwen = Named()
    qwen.name = name
    assert qc.QwenMonitor(qwen).model == label


def test_measure_gives_figures_of_every_prompt_and_no_text(loaded):
    monitor = qc.QwenMonitor()
    found = qc.measure(loaded("qwen3"), prompts(5), sampling=GREEDY, max_new_tokens=4, monitor=monitor)
    assert [one.completion_tokens for one in found.observations] == [4] * 5
    assert monitor.snapshot().outcomes["answered"] == 5
    assert {"mean", "p50", "p95", "p99", "max", "n"} == set(found.table().columns)
    assert found.tokens_per_second == pytest.approx(20 / found.seconds)
    assert "tokens/s" in repr(found) and "<table" in found._repr_html_()
    with pytest.raises(ValueError, match="list of texts"):
        qc.measure(loaded("qwen3"), "Hi")


def test_the_live_dashboard_leaves_one_static_picture_with_alt_text(monkeypatch):
    shown, updates = [], []

    class Handle:
        def update(self, data, **options):
            updates.append((data, options))

    def display(data, **options):
        shown.append(data)
        return Handle()

    monkeypatch.setattr("IPython.display.display", display)
    monitor = qc.QwenMonitor()

    async def work():
        async with qc.live_dashboard(monitor, seconds=0.1):
            monitor.record("answered", reply(), ServiceCounts(running=1, waiting=2))
            await wait_until(lambda: updates)
            await asyncio.sleep(0.11)  # now another picture is being drawn, which knows nothing of what follows
            monitor.record("answered", reply(), ServiceCounts(running=1, waiting=2))

    asyncio.run(work())
    assert len(shown) == 1 and len(updates) >= 2, "the last state is drawn when the work is over"
    data, options = updates[-1]
    assert set(data) == {"image/png", "text/plain"} and options["raw"]
    assert "2 answered; 1 running, 2 waiting; p50 0.50 s" in options["metadata"]["image/png"]["alt"]


def test_the_grafana_dashboard_asks_only_for_metrics_that_are_there():
    dashboard = qc.grafana_dashboard()
    families = text_string_to_metric_families(qc.QwenMonitor().text())
    exposed = {sample.name for family in families for sample in family.samples}
    exposed |= {"hw_gpu_memory_usage_bytes"}  # only where there is a GPU
    words = re.compile(r"\b(?:gen_ai_(?:server|client)_|qwen_course_|process_|hw_)\w+")
    asked = {name for exprs in queries(dashboard).values() for expr in exprs for name in words.findall(expr)}
    assert asked <= exposed and len(asked) >= 9
    json.dumps(dashboard)
    panels = dashboard["panels"]
    assert len({panel["id"] for panel in panels}) == len(panels)
    assert all(panel["description"] and panel["fieldConfig"]["defaults"]["unit"] for panel in panels)
    assert not any("$" in expr for exprs in queries(dashboard).values() for expr in exprs)
