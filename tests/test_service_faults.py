"""The service broken on purpose: crowds, vanishing clients, errors, shutdown under load, hostile input, odd clocks."""

import asyncio
import json
import random
import re
import time
from collections import Counter

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from serving import GREEDY, ask_all, balanced, brittle, expected, prompts, slowed, wait_until

import qwen_course as qc
from qwen_course.templates import ChatTemplate

KEY = "0123456789abcdef0123456789abcdef"
CANARY = "canary7f3a"
ENGINES = pytest.mark.parametrize("style", ["qwen3", "qwen3.5"], ids=["continuous", "batches"])


def essence(reply) -> tuple[str, str]:
    return reply.thinking, reply.text


@pytest.mark.slow
@ENGINES
def test_200_clients_on_a_queue_of_32_are_each_answered_once_and_rightly_or_refused(loaded, style):
    qwen, texts = loaded(style), prompts(200)

    async def run():
        async with qc.QwenService(qwen, max_concurrent=16, max_queue=32, timeout_seconds=300) as service:
            with slowed(qwen, 0.01):
                outcomes = await ask_all(service, texts, max_new_tokens=6)
            return outcomes, service.counts

    outcomes, counts = asyncio.run(run())
    answered = {i: outcome for i, outcome in enumerate(outcomes) if isinstance(outcome, qc.Reply)}
    refused = [outcome for outcome in outcomes if isinstance(outcome, qc.ServiceOverloaded)]
    assert len(answered) + len(refused) == len(outcomes) == counts.sent == 200
    assert len(answered) == 48 and all(error.retry_after >= 1 for error in refused), "16 places and a queue of 32"
    assert (counts.answered, counts.refused) == (48, 152) and balanced(counts)
    right = expected(qwen, [texts[i] for i in answered], max_new_tokens=6)
    assert [essence(reply) for reply in answered.values()] == right


@pytest.mark.slow
@ENGINES
def test_200_clients_who_come_back_as_told_are_all_answered(loaded, style):
    qwen, texts = loaded(style), prompts(200)

    async def run():
        async with qc.QwenService(qwen, max_concurrent=16, max_queue=32, timeout_seconds=300) as service:

            async def insist(text: str, user: str):
                while True:
                    try:
                        return await service.chat(text, user=user, sampling=GREEDY, max_new_tokens=4)
                    except qc.ServiceOverloaded as error:
                        await asyncio.sleep(error.retry_after * 0.2)  # told seconds; the test need not be that patient

            replies = await asyncio.gather(*(insist(text, f"user-{i}") for i, text in enumerate(texts)))
            return replies, service.counts

    replies, counts = asyncio.run(run())
    assert [essence(reply) for reply in replies] == expected(qwen, texts, max_new_tokens=4)
    assert counts.answered == 200 and balanced(counts)


@pytest.mark.slow
@ENGINES
@pytest.mark.parametrize("seed", [0, 1, 2])
def test_clients_that_leave_at_random_take_nobody_with_them(loaded, style, seed):
    qwen, texts, rng = loaded(style), prompts(80), random.Random(seed)

    async def client(service, i: int, leaves: float | None):
        task = asyncio.current_task()
        if leaves is not None:
            asyncio.get_running_loop().call_later(leaves, task.cancel)
        await asyncio.sleep(rng.random() * 0.2)
        if i % 2:
            stream = service.stream(texts[i], user="a", sampling=GREEDY, max_new_tokens=10)
            async for _ in stream:
                pass
            return stream.reply
        return await service.chat(texts[i], user="a", sampling=GREEDY, max_new_tokens=10)

    async def run():
        async with qc.QwenService(qwen, max_concurrent=8, max_queue=80, timeout_seconds=300) as service:
            with slowed(qwen, 0.005):
                leaving = [rng.random() if rng.random() < 0.5 else None for _ in texts]
                tasks = [asyncio.create_task(client(service, i, leaves)) for i, leaves in enumerate(leaving)]
                outcomes = await asyncio.gather(*tasks, return_exceptions=True)
            await wait_until(lambda: service.counts.running == service.counts.waiting == 0)
            after = await ask_all(service, texts[:8], max_new_tokens=10)
            return outcomes, after, leaving, service.counts

    outcomes, after, leaving, counts = asyncio.run(run())
    right = expected(qwen, texts, max_new_tokens=10)
    for outcome, wanted, leaves in zip(outcomes, right, leaving, strict=True):
        if isinstance(outcome, asyncio.CancelledError):
            assert leaves is not None
        else:
            assert essence(outcome) == wanted
    assert [essence(reply) for reply in after] == right[:8]
    assert counts.failed == counts.timed_out == counts.refused == 0 and balanced(counts)


@pytest.mark.slow
@ENGINES
def test_errors_again_and_again_inside_the_model_hit_only_those_at_fault(loaded, style):
    qwen, poison = loaded(style), "strychnine, arsenic and cyanide for dinner"
    texts = [f"{poison} {i}" if i % 7 == 3 else text for i, text in enumerate(prompts(60))]

    async def run():
        async with qc.QwenService(qwen, max_concurrent=8, max_queue=60, timeout_seconds=300) as service:
            with brittle(qwen, poison):
                return await ask_all(service, texts, max_new_tokens=6), service.counts

    outcomes, counts = asyncio.run(run())
    good = [i for i, text in enumerate(texts) if poison not in text]
    assert [essence(outcomes[i]) for i in good] == expected(qwen, [texts[i] for i in good], max_new_tokens=6)
    assert all(isinstance(outcomes[i], qc.GenerationFailed) for i in range(60) if i not in good)
    assert counts.failed == 60 - len(good) and balanced(counts)


@pytest.mark.slow
@ENGINES
def test_a_shutdown_under_load_finishes_what_was_accepted_and_refuses_the_rest(loaded, style):
    qwen, texts = loaded(style), prompts(100)

    async def run():
        async with qc.QwenService(qwen, max_concurrent=8, max_queue=100, timeout_seconds=300) as service:
            with slowed(qwen, 0.002):
                tasks = [asyncio.create_task(ask_all(service, texts[:60], max_new_tokens=6))]
                await wait_until(lambda: service.counts.accepted == 60)
                tasks.append(asyncio.create_task(late(service)))
        return [await task for task in tasks], service.counts

    async def late(service):
        await asyncio.sleep(0.01)
        return await ask_all(service, texts[60:], max_new_tokens=6)

    (early, too_late), counts = asyncio.run(run())
    assert [essence(reply) for reply in early] == expected(qwen, texts[:60], max_new_tokens=6)
    assert all(isinstance(outcome, qc.ServiceClosed) for outcome in too_late)
    assert (counts.answered, counts.refused) == (60, 40) and balanced(counts)


@pytest.mark.slow
@ENGINES
def test_two_services_in_one_process_on_the_same_model_do_not_mix_up_anything(loaded, style):
    qwen, texts = loaded(style), prompts(60)
    sizes = {"max_concurrent": 8, "max_queue": 60, "timeout_seconds": 300}

    async def run():
        async with qc.QwenService(qwen, **sizes) as one, qc.QwenService(qwen, **sizes) as two:
            return await asyncio.gather(
                ask_all(one, texts[:40], max_new_tokens=8),
                ask_all(two, texts[20:], max_new_tokens=8),
                asyncio.to_thread(qwen.chat_batch, texts[:8], sampling=GREEDY, max_new_tokens=8),
            )

    first, second, batch = asyncio.run(run())
    right = expected(qwen, texts, max_new_tokens=8)
    assert [essence(reply) for reply in first] == right[:40]
    assert [essence(reply) for reply in second] == right[20:]
    assert [essence(reply) for reply in batch] == right[:8]


@pytest.mark.parametrize("jump", [-86_400.0, 86_400.0])
def test_a_clock_that_jumps_neither_ends_nor_holds_up_a_request(loaded, monkeypatch, jump):
    real = time.time

    async def run():
        guard = qc.Guard(rate="100/minute")
        async with qc.QwenService(
            loaded("qwen3"), max_concurrent=2, max_queue=8, timeout_seconds=60, guard=guard
        ) as service:
            with slowed(loaded("qwen3"), 0.01):
                asked = asyncio.create_task(ask_all(service, prompts(6), max_new_tokens=8))
                await wait_until(lambda: service.counts.running == 2)
                monkeypatch.setattr(time, "time", lambda: real() + jump)
                return await asked

    replies = asyncio.run(run())
    assert all(isinstance(reply, qc.Reply) and 0 < reply.seconds < 60 for reply in replies)


CONTROL = ["<|im_end|>", "<|im_start|>system\n", "<|endoftext|>", "<think>", "</think>", "<tool_call>", "</tool_call>"]
PIECES = st.one_of(
    st.sampled_from(CONTROL),
    st.sampled_from(
        ["\u200b", "\u200f", "\u202e", "\ufeff", "\U000e0041", "\ufdd0", "\ufdd1", "\ufdd2", "\ud800", "\x00"]
    ),
    st.sampled_from(
        ["<|im_", "end|>", "<", "<th", "ink>", "{{ 7 * 7 }}", "{% raw %}", "\n", "assistant\n", "x" * 3000]
    ),
    st.text(max_size=12),
    st.characters(exclude_categories=[]).map(str),
)
TEXTS = st.lists(PIECES, max_size=6).map("".join)
NESTED = st.recursive(
    TEXTS | st.none() | st.integers(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXTS, inner, max_size=3),
    max_leaves=6,
)
CALLS = st.lists(st.fixed_dictionaries({"name": TEXTS, "arguments": NESTED}), max_size=2)
MESSAGES = st.one_of(
    TEXTS,
    NESTED,
    st.lists(
        st.fixed_dictionaries(
            {"role": st.sampled_from(["user", "assistant"]), "content": TEXTS},
            optional={"tool_calls": CALLS, "name": TEXTS, "reasoning_content": TEXTS},
        ),
        max_size=4,
    ),
    st.lists(
        st.fixed_dictionaries({"role": st.sampled_from(["user", "assistant"]), "content": TEXTS}),
        min_size=1,
        max_size=4,
    ).map(lambda turns: [*turns, {"role": "user", "content": CANARY}]),
    st.integers(1, 200).map(lambda depth: [{"role": "user", "content": json.loads("[" * depth + "]" * depth)}]),
)


def harmless(value):
    """Return the same conversation with every text replaced by a letter; empty ones stay empty."""
    if isinstance(value, str):
        return "x" if value.strip() else value
    if isinstance(value, dict):
        return {key: item if key in ("role", "type") else harmless(item) for key, item in value.items()}
    return [harmless(item) for item in value] if isinstance(value, list) else value


def hostile_inputs(examples: int, qwen, tmp_path, monkeypatch) -> Counter:
    """Send that many made-up inputs through guard and template; return how many were accepted and refused."""
    monkeypatch.setenv("QWEN_COURSE_AUDIT_KEY", KEY)
    audit = qc.AuditLog(tmp_path / "audit.jsonl", max_bytes=50_000_000)
    guard = qc.Guard(qwen, max_characters=8_000, max_tokens=1_500, rate="1000000/minute", audit=audit)
    template: ChatTemplate = qwen.template
    control = set(qwen.tokenizer.added_tokens_encoder.values())
    seen: Counter = Counter()

    @settings(max_examples=examples, deadline=None, database=None, suppress_health_check=list(HealthCheck))
    @given(MESSAGES, TEXTS)
    def one(messages, name):
        try:
            checked = guard.check(f"user {CANARY} {name}", messages)
        except qc.GuardError:
            seen["refused"] += 1
            return
        seen["accepted"] += 1
        mode = qwen.thinking_modes[0]
        ids = [token_id for token_id in template.prompt(checked, thinking=mode).ids if token_id in control]
        plain = template.prompt(harmless(checked), thinking=mode).ids
        assert ids == [token_id for token_id in plain if token_id in control], "text became a control token"

    one()
    guard.check(f"user {CANARY}", CANARY)
    audit.close()
    log = (tmp_path / "audit.jsonl").read_text(encoding="utf-8")
    for line in map(json.loads, log.splitlines()):
        assert set(line) <= KNOWN
        assert all(isinstance(value, int) or HARMLESS.fullmatch(value) for value in line.values()), line
    assert CANARY not in log and "im_end" not in log
    return seen


KNOWN = {"time", "event", "key", "user", "text", "reason", "characters", "turns", "tokens"}
KNOWN |= {"control_tokens", "zero_width", "direction_marks"}
HARMLESS = re.compile(r"[0-9a-f]{8}|[0-9a-f]{32}|[\d:.+T-]{29}|accepted|refused|InputTooLong|InputNotAllowed")


def test_hostile_inputs_crash_nothing_forge_nothing_and_leave_no_text_in_the_log(loaded, tmp_path, monkeypatch):
    seen = hostile_inputs(150, loaded("qwen3"), tmp_path, monkeypatch)
    assert seen["accepted"] > 5 and seen["refused"] > 5


@pytest.mark.slow
def test_10_000_hostile_inputs(loaded, tmp_path, monkeypatch):
    seen = hostile_inputs(10_000, loaded("qwen3"), tmp_path, monkeypatch)
    assert seen.total() == 10_000 and seen["accepted"] > 1000 and seen["refused"] > 1000


@pytest.mark.slow
@ENGINES
def test_hostile_texts_go_through_the_whole_service(loaded, style, tmp_path, monkeypatch, caplog):
    monkeypatch.setenv("QWEN_COURSE_AUDIT_KEY", KEY)
    audit = qc.AuditLog(tmp_path / "audit.jsonl")
    rng = random.Random(0)
    parts = [*CONTROL, CANARY, "\u200b", "\u202e", "\ud800", "{{ 7 }}", "", "x" * 5000, " ", "\n"]
    texts = ["".join(rng.choices(parts, k=rng.randrange(5))) for _ in range(100)]

    async def run():
        guard = qc.Guard(loaded(style), max_tokens=1000, rate=None, audit=audit)
        async with qc.QwenService(
            loaded(style), max_concurrent=16, max_queue=100, timeout_seconds=300, guard=guard
        ) as service:
            return await ask_all(service, texts, max_new_tokens=3), service.counts

    outcomes, counts = asyncio.run(run())
    audit.close()
    assert all(isinstance(outcome, (qc.Reply, qc.GuardError)) for outcome in outcomes)
    assert counts.answered + counts.refused == 100 and counts.answered > 30 and balanced(counts)
    assert CANARY not in (tmp_path / "audit.jsonl").read_text(encoding="utf-8") and CANARY not in caplog.text
