"""QwenService: the same replies as the model's own, places and queue, streams, time limits, cancelling, errors."""

import asyncio
import logging
import threading

import pytest
import torch
from serving import GREEDY, ask_all, balanced, brittle, expected, prompts, slowed, wait_until

import qwen_course as qc

SIZES = {"max_concurrent": 4, "max_queue": 8, "timeout_seconds": 60}


def serve(qwen, work, **options):
    """Run `work(service)` in a service of its own; return its result and the service."""

    async def run():
        async with qc.QwenService(qwen, **{**SIZES, **options}) as service:
            return await work(service), service

    return asyncio.run(run())


@pytest.mark.parametrize("style", ["qwen2.5", "qwen3", "qwen3-moe", "qwen3.5"])
def test_each_client_gets_the_reply_that_the_model_itself_would_give(loaded, style):
    qwen = loaded(style)
    texts = prompts(12)
    replies, service = serve(qwen, lambda service: ask_all(service, texts, max_new_tokens=6))
    assert [(reply.thinking, reply.text) for reply in replies] == expected(qwen, texts, max_new_tokens=6)
    assert service.counts.answered == 12 and balanced(service.counts)


def test_the_engine_follows_from_the_architecture_and_its_reason_is_told(loaded):
    async def reason(service):
        return service.reason

    assert serve(loaded("qwen3"), reason)[0].startswith("Continuous batching")
    assert "linear_attention" in serve(loaded("qwen3.5"), reason)[0]


def test_a_model_whose_own_sampling_continuous_batching_has_not_is_served_by_batches(loaded, monkeypatch):
    qwen = loaded("qwen2.5")
    monkeypatch.setattr(qwen.model.generation_config, "repetition_penalty", 1.05)  # as Qwen2.5 ships it

    async def work(service):
        return service.reason, await service.chat("Hi", user="ada", max_new_tokens=8)

    (reason, reply), _ = serve(qwen, work)
    assert reason.startswith("Batches of generate") and "repetition_penalty=1.05" in reason
    assert reply.text == qwen.chat("Hi", max_new_tokens=8).text


@pytest.mark.parametrize("style", ["qwen3", "qwen3.5"])
def test_a_service_leaves_no_hook_in_the_model(loaded, style):
    qwen = loaded(style)

    def hooks() -> int:
        return sum(len(part._forward_hooks) + len(part._forward_pre_hooks) for part in qwen.model.modules())

    before = hooks()
    for _ in range(2):
        serve(qwen, lambda service: ask_all(service, prompts(2), max_new_tokens=2))
    assert hooks() == before


@pytest.mark.parametrize("style", ["qwen3", "qwen3.5"])
def test_a_stream_gives_the_pieces_of_the_reply_and_then_the_reply(loaded, style):
    async def work(service):
        stream = service.stream("Hi", user="ada", sampling=GREEDY, max_new_tokens=12)
        with pytest.raises(RuntimeError, match="read to its end"):
            _ = stream.reply
        return [piece async for piece in stream], stream.reply

    (pieces, reply), _ = serve(loaded(style), work)
    assert "".join(piece for piece in pieces if piece.kind == "answer") == reply.text
    assert "".join(piece for piece in pieces if piece.kind == "thinking") == reply.thinking
    alone = loaded(style).chat("Hi", sampling=GREEDY, max_new_tokens=12)
    assert (reply.thinking, reply.text) == (alone.thinking, alone.text)
    assert reply.completion_tokens == alone.completion_tokens and reply.finish_reason == alone.finish_reason
    assert 0 < reply.time_to_first_token <= reply.seconds


def test_requests_keep_their_own_length_and_sampling_in_one_batch(loaded):
    async def work(service):
        hot = qc.Sampling(temperature=2.0, top_p=0.9, top_k=0)
        return await asyncio.gather(
            *(service.chat("Hi", user="a", sampling=GREEDY, max_new_tokens=n) for n in (1, 5, 9)),
            *(service.chat("Hi", user="b", sampling=hot, max_new_tokens=12) for _ in range(4)),
            service.chat("Hi", user="c", sampling=qc.Sampling(temperature=1.5, top_k=1), max_new_tokens=9),
            service.chat("Hi", user="c", sampling=qc.Sampling(temperature=1.5, top_p=1e-6), max_new_tokens=9),
        )

    (*short, d1, d2, d3, d4, few, sure), _ = serve(loaded("qwen3"), work)
    assert [reply.completion_tokens for reply in short] == [1, 5, 9]
    assert len({reply.thinking + reply.text for reply in (d1, d2, d3, d4)}) > 1, "sampled replies should differ"
    greedy = loaded("qwen3").chat("Hi", sampling=GREEDY, max_new_tokens=9)
    for almost in (few, sure):  # top_k=1 and a tiny top_p leave the likeliest only
        assert (almost.thinking, almost.text) == (greedy.thinking, greedy.text)


def test_the_model_can_be_used_beside_its_service_and_is_the_same_afterwards(loaded):
    qwen, texts = loaded("qwen3"), prompts(8)
    before, right = qwen.model.config.to_dict(), expected(qwen, texts, max_new_tokens=6)

    async def work(service):
        serving = asyncio.create_task(ask_all(service, texts * 6, max_new_tokens=6))
        beside = await asyncio.to_thread(expected, qwen, texts * 2, max_new_tokens=6)
        return beside, await serving

    (beside, replies), _ = serve(qwen, work, max_queue=48)
    assert beside == right * 2
    assert [(reply.thinking, reply.text) for reply in replies] == right * 6
    assert qwen.model.config.to_dict() == before


def test_serving_does_not_touch_torchs_random_state(loaded):
    before = torch.get_rng_state()
    serve(loaded("qwen3"), lambda service: ask_all(service, prompts(2), max_new_tokens=2))
    assert torch.equal(before, torch.get_rng_state())


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"sampling": qc.Sampling(min_p=0.1)}, "min_p=0.1.*temperature, top_p and top_k"),
        ({"sampling": qc.Sampling(presence_penalty=1.5)}, "presence_penalty=1.5"),
        ({"sampling": qc.Sampling(temperature=0.7), "seed": 3}, "seed cannot be kept"),
        ({"max_new_tokens": 0}, "max_new_tokens is 0"),
        ({"max_new_tokens": 10**6, "messages": "x " * 5000}, "tokens"),
        ({"messages": [{"role": "usr", "content": "Hi"}]}, "role 'usr'"),
        ({"user": ""}, "user is ''"),
    ],
)
def test_what_cannot_be_served_is_refused_with_the_way_out(loaded, options, message):
    async def work(service):
        with pytest.raises(ValueError, match=message):
            await service.chat(**{"messages": "Hi", "user": "ada", **options})
        return await service.chat("Hi", user="ada", sampling=GREEDY, max_new_tokens=2)

    reply, service = serve(loaded("qwen3"), work)
    assert reply.completion_tokens == 2 and balanced(service.counts)


def test_the_batch_engine_keeps_seeds_and_every_sampling(loaded):
    qwen, sampling = loaded("qwen3.5"), qc.Sampling(temperature=1.5, min_p=0.05, presence_penalty=1.0)
    options = {"sampling": sampling, "seed": 7, "max_new_tokens": 8}
    reply, _ = serve(qwen, lambda service: service.chat("Hi", user="ada", **options))
    assert reply.text == qwen.chat("Hi", **options).text


@pytest.mark.parametrize("style", ["qwen3", "qwen3.5"])
def test_a_full_queue_refuses_at_once_and_says_when_to_come_back(loaded, style):
    async def work(service):
        with slowed(loaded(style), 0.05):
            tasks = [
                asyncio.create_task(service.chat(t, user="a", max_new_tokens=8, sampling=GREEDY)) for t in prompts(5)
            ]
            await wait_until(lambda: service.counts.running == 2 and service.counts.waiting == 3)
            with pytest.raises(qc.ServiceOverloaded, match="Come back in") as refused:
                async with asyncio.timeout(0.05):
                    await service.chat("One more", user="b")
            assert refused.value.retry_after >= 1
            return await asyncio.gather(*tasks)

    replies, service = serve(loaded(style), work, max_concurrent=2, max_queue=3)
    assert len(replies) == 5 and service.counts.refused == 1 and balanced(service.counts)


@pytest.mark.parametrize("style", ["qwen3", "qwen3.5"])
def test_a_client_that_leaves_frees_its_place(loaded, style):
    qwen = loaded(style)

    async def work(service):
        with slowed(qwen, 0.02):
            task = asyncio.create_task(service.chat("Hi", user="a", max_new_tokens=500, sampling=GREEDY))
            await wait_until(lambda: service.counts.running == 1)
            task.cancel()
            with pytest.raises(asyncio.CancelledError):
                await task
            assert service.counts.running == 0
            async for _ in service.stream("Hi", user="a", max_new_tokens=500, sampling=GREEDY):
                break
            await wait_until(lambda: service.counts.running == 0)
            return await service.chat("Hi", user="a", max_new_tokens=3, sampling=GREEDY)

    reply, service = serve(qwen, work, max_concurrent=1, max_queue=0)
    assert reply.completion_tokens == 3
    assert service.counts.cancelled == 2 and balanced(service.counts)


@pytest.mark.parametrize("style", ["qwen3", "qwen3.5"])
def test_a_reply_that_takes_too_long_is_given_up_and_its_place_is_free(loaded, style):
    async def work(service):
        with slowed(loaded(style), 0.05):
            with pytest.raises(qc.ServiceTimeout, match="within 1 s"):
                await service.chat("Hi", user="a", max_new_tokens=500, sampling=GREEDY)
        assert service.counts.running == 0
        return await service.chat("Hi", user="a", max_new_tokens=2, sampling=GREEDY)

    reply, service = serve(loaded(style), work, timeout_seconds=1, max_concurrent=1)
    assert reply.completion_tokens == 2 and service.counts.timed_out == 1 and balanced(service.counts)


@pytest.mark.parametrize("numbers", [False, True], ids=["raises", "NaN"])
@pytest.mark.parametrize("style", ["qwen3", "qwen3.5"])
def test_an_error_in_the_model_hits_only_the_request_at_fault_and_tells_nothing_of_the_inside(
    loaded, style, numbers, caplog
):
    qwen, poison = loaded(style), "strychnine, arsenic and cyanide for dinner"
    kind = "FloatingPointError" if numbers else "RuntimeError"
    texts = prompts(6)
    caplog.set_level(logging.INFO)

    async def work(service):
        with brittle(qwen, poison, numbers=numbers) as broken:
            asked = [service.chat(t, user="a", max_new_tokens=8, sampling=GREEDY) for t in [*texts, poison]]
            outcomes = await asyncio.gather(*asked, return_exceptions=True)
        assert broken
        after = await ask_all(service, texts, max_new_tokens=8)
        return outcomes, after

    (outcomes, after), service = serve(qwen, work, max_concurrent=7)
    right = expected(qwen, texts, max_new_tokens=8)
    assert [(reply.thinking, reply.text) for reply in outcomes[:-1]] == right
    assert [(reply.thinking, reply.text) for reply in after] == right
    error = outcomes[-1]
    assert isinstance(error, qc.GenerationFailed) and error.incident in str(error)
    assert error.__cause__ is None and error.__context__ is None
    assert "choked" not in str(error) and "strychnine" not in str(error)
    lines = [record.getMessage() for record in caplog.records if record.name.startswith("qwen_course")]
    assert any(error.incident in line and kind in line for line in lines)
    assert not any("strychnine" in line for line in lines)
    assert service.counts.failed == 1 and balanced(service.counts)


def test_a_stream_goes_on_where_it_was_when_a_neighbour_breaks_the_model(loaded):
    qwen, poison = loaded("qwen3"), "strychnine, arsenic and cyanide for dinner"

    async def read(service):
        stream = service.stream("Hi", user="a", max_new_tokens=40, sampling=GREEDY)
        return "".join([piece async for piece in stream if piece.kind == "answer"])

    async def work(service):
        with brittle(qwen, poison), slowed(qwen, 0.02):
            reading = asyncio.create_task(read(service))
            await wait_until(lambda: service.counts.running == 1)
            await asyncio.sleep(0.3)
            with pytest.raises(qc.GenerationFailed):
                await service.chat(poison, user="b", max_new_tokens=4, sampling=GREEDY)
            return await reading

    text, _ = serve(qwen, work)
    assert text == qwen.chat("Hi", sampling=GREEDY, max_new_tokens=40).text


@pytest.mark.parametrize("style", ["qwen3", "qwen3.5"])
def test_leaving_the_block_finishes_what_was_accepted_and_takes_nothing_new(loaded, style):
    async def run():
        service = qc.QwenService(loaded(style), **SIZES)
        with pytest.raises(qc.ServiceClosed):
            await service.chat("Hi", user="a")
        async with service:
            tasks = [asyncio.create_task(service.chat(t, user="a", max_new_tokens=5)) for t in prompts(8)]
            await wait_until(lambda: service.counts.accepted == 8)
        assert service.counts.running == service.counts.waiting == 0
        with pytest.raises(qc.ServiceClosed):
            await service.chat("Hi", user="a")
        return await asyncio.gather(*tasks)

    before = threading.active_count()
    assert len(asyncio.run(run())) == 8
    assert threading.active_count() <= before, "a service leaves no thread behind"


def test_guard_and_monitor_see_every_request_and_their_own_trouble_stays_inside(loaded):
    class Monitor:
        def __init__(self):
            self.events = []

        def record(self, event, reply, counts, *, error, seconds):
            assert seconds >= 0
            self.events.append((event, error))
            raise OSError("disk full")

    async def work(service):
        reply = await service.chat("Hi", user="a", sampling=GREEDY, max_new_tokens=2)
        with pytest.raises(qc.InputTooLong):
            await service.chat("x" * 200, user="a")
        with pytest.raises(qc.RateLimited) as refused:
            await service.chat("Hi", user="a")
        assert 1 <= refused.value.retry_after <= 61
        return reply

    monitor, guard = Monitor(), qc.Guard(max_characters=100, rate="2/minute")
    reply, service = serve(loaded("qwen3"), work, guard=guard, monitor=monitor)
    assert reply.completion_tokens == 2
    assert monitor.events == [
        ("accepted", None), ("answered", None), ("refused", "InputTooLong"), ("refused", "RateLimited")
    ]  # fmt: skip
    assert balanced(service.counts)


@pytest.mark.parametrize("style", ["qwen3", "qwen3.5"])
def test_a_model_that_repeats_itself_without_end_is_stopped_by_the_guard(loaded, style):
    qwen = loaded(style)
    mark = qwen.tokenizer.encode("!", add_special_tokens=False)[0]

    def again(module, inputs, logits):
        logits[..., mark] = 1e4
        return logits

    async def work(service):
        with pytest.raises(qc.RunawayReply):
            await service.chat("Hi", user="a", max_new_tokens=100, sampling=GREEDY)
        seen = 0
        with pytest.raises(qc.RunawayReply):
            async for piece in service.stream("Hi", user="a", max_new_tokens=1000, sampling=GREEDY):
                seen += len(piece)
        assert seen < 500, "a stream is stopped while the model writes"

    handle = qwen.model.lm_head.register_forward_hook(again)
    try:
        _, service = serve(qwen, work, guard=qc.Guard(max_repeated=60))
    finally:
        handle.remove()
    assert service.counts.failed == 2 and service.counts.running == 0 and balanced(service.counts)


@pytest.mark.parametrize(
    "wrong", [{"max_concurrent": 0}, {"max_queue": -1}, {"timeout_seconds": 0}, {"timeout_seconds": float("nan")}]
)
def test_sizes_that_make_no_sense_are_refused(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        qc.QwenService(None, **{**SIZES, **wrong})
