"""QwenService at its edges: starts and ends that are given up, memory that is short, trouble in the guard."""

import asyncio
import logging
import threading

import pytest
from serving import GREEDY, ask_all, balanced, brittle, expected, prompts, slowed, wait_until

import qwen_course as qc
from qwen_course import engine_continuous
from qwen_course.memory import kv_cache_bytes

ENGINES = pytest.mark.parametrize("style", ["qwen3", "qwen3.5"], ids=["continuous", "batches"])
SIZES = {"max_concurrent": 4, "max_queue": 8, "timeout_seconds": 60}


def threads_of_engines() -> list[threading.Thread]:
    return [thread for thread in threading.enumerate() if thread.name.startswith(("qwen-continuous", "qwen-batches"))]


@ENGINES
def test_a_shutdown_that_is_broken_off_stops_at_once_and_says_so_to_all(loaded, style):
    async def serve(service, tasks):
        async with service:
            for text in prompts(6):
                tasks.append(asyncio.create_task(service.chat(text, user="a", max_new_tokens=500, sampling=GREEDY)))
            await wait_until(lambda: service.counts.accepted == 6 and service.counts.running == 2)

    async def run():
        service, tasks = qc.QwenService(loaded(style), **{**SIZES, "max_concurrent": 2}), []
        with slowed(loaded(style), 0.02):
            leaving = asyncio.create_task(serve(service, tasks))
            await wait_until(lambda: len(tasks) == 6 and not service._open)  # it waits for what it accepted
            leaving.cancel()
            with pytest.raises(asyncio.CancelledError):
                await leaving
            outcomes = await asyncio.gather(*tasks, return_exceptions=True)
        return outcomes, service.counts

    outcomes, counts = asyncio.run(run())
    assert all(isinstance(outcome, qc.ServiceClosed) for outcome in outcomes)
    assert counts.failed == 6 and counts.running == counts.waiting == 0 and balanced(counts)
    assert not threads_of_engines()


@ENGINES
def test_a_start_that_is_given_up_leaves_no_thread_behind(loaded, style):
    async def run():
        starting = asyncio.create_task(qc.QwenService(loaded(style), **SIZES).__aenter__())
        await asyncio.sleep(0)
        starting.cancel()
        with pytest.raises(asyncio.CancelledError):
            await starting

    asyncio.run(run())
    assert not threads_of_engines()


def test_requests_that_reserve_more_memory_than_there_is_wait_for_each_other(loaded, monkeypatch):
    qwen, texts = loaded("qwen3"), prompts(2)
    monkeypatch.setattr(
        engine_continuous, "_free_bytes", lambda model: page_bytes(qwen) * 32 / engine_continuous._SHARE
    )

    async def run():
        async with qc.QwenService(qwen, **SIZES) as service:
            assert "1,024 tokens at once" in service.reason
            with pytest.raises(ValueError, match="room for 1024 in all"):
                await service.chat("Hi", user="a", max_new_tokens=1024)
            asked, most = asyncio.create_task(ask_all(service, texts, max_new_tokens=500)), 0
            while not asked.done():
                most = max(most, service.counts.running)
                await asyncio.sleep(0.005)
            return await asked, most

    replies, most = asyncio.run(run())
    assert most == 1, "500 tokens and a prompt leave no room for a second of that size"
    assert [(reply.thinking, reply.text) for reply in replies] == expected(qwen, texts, max_new_tokens=500)


def page_bytes(qwen) -> int:
    return kv_cache_bytes(qwen.model.config, tokens=engine_continuous._PAGE, bytes_per_value=qwen.model.dtype.itemsize)


def test_a_manager_that_cannot_be_replaced_at_first_is_replaced_later(loaded, monkeypatch):
    qwen, poison, texts = loaded("qwen3"), "strychnine, arsenic and cyanide for dinner", prompts(4)
    start, failures = engine_continuous._Lane._start, []

    def refuse(lane):
        if len(failures) < 2:
            failures.append(lane)
            raise MemoryError("no memory at address 0x7f")
        return start(lane)

    async def run():
        async with qc.QwenService(qwen, **SIZES) as service:
            with brittle(qwen, poison), monkeypatch.context() as patched:
                patched.setattr(engine_continuous._Lane, "_start", refuse)
                with pytest.raises(qc.GenerationFailed):
                    await service.chat(poison, user="b", max_new_tokens=4, sampling=GREEDY)
                await wait_until(lambda: len(failures) == 2)
                for _ in range(50):  # whoever comes meanwhile may fail too, and is told nothing of the inside
                    outcomes = await ask_all(service, texts, max_new_tokens=4)
                    if all(isinstance(outcome, qc.Reply) for outcome in outcomes):
                        break
                    assert "0x7f" not in "".join(map(str, outcomes))
            return outcomes, service.counts

    outcomes, counts = asyncio.run(run())
    assert [(reply.thinking, reply.text) for reply in outcomes] == expected(qwen, texts, max_new_tokens=4)
    assert len(failures) == 2 and balanced(counts)


class Full:
    """An audit log whose disk is full once `event` is to be written."""

    def __init__(self, event: str) -> None:
        self._event = event

    def write(self, event: str, user: str, **figures) -> None:
        if event == self._event:
            raise OSError(28, "No space left on device", "/srv/audit.jsonl")


@pytest.mark.parametrize("event", ["accepted", "answered"])
def test_what_the_guard_cannot_record_is_not_answered_and_nobody_hears_why(loaded, event, caplog):
    caplog.set_level(logging.INFO)

    async def run():
        guard = qc.Guard(audit=Full(event))
        async with qc.QwenService(loaded("qwen3"), guard=guard, **SIZES) as service:
            with pytest.raises(qc.GenerationFailed) as failed:
                await service.chat("Hi", user="ada", sampling=GREEDY, max_new_tokens=2)
            return failed.value, service.counts

    error, counts = asyncio.run(run())
    assert "/srv" not in str(error) and error.__cause__ is None and error.__context__ is None
    assert f"incident {error.incident}: OSError" in caplog.text and "/srv" not in caplog.text
    assert counts.running == counts.waiting == 0 and balanced(counts)
