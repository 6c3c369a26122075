"""QwenService in front of an OpenAI-compatible server: bounded requests, and errors that say nothing of the inside."""

import asyncio
import threading
import time

import pytest
from bad_server import DONE, USAGE, bad_server, chunk
from serving import balanced, wait_until

import qwen_course as qc

SIZES = {"max_concurrent": 3, "max_queue": 50, "timeout_seconds": 30}


@pytest.fixture
def server(monkeypatch):
    monkeypatch.delenv("QWEN_COURSE_API_KEY", raising=False)
    monkeypatch.setenv("QWEN_COURSE_TIMEOUT", "20")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with bad_server() as told:
        yield told


def echo(handler, body):
    """Answer with the question, in capitals and in two pieces."""
    text = body["messages"][-1]["content"].upper()
    handler.stream(chunk({"content": text[:3]}), chunk({"content": text[3:]}), chunk({}, "stop", USAGE), DONE)


def serve(server, work, **options):
    async def run():
        with qc.load(server.url) as qwen:
            async with qc.QwenService(qwen, **{**SIZES, **options}) as service:
                return await work(service), service

    return asyncio.run(run())


def test_each_client_gets_its_own_reply_and_the_server_never_more_than_agreed(server):
    running, most, lock = 0, 0, threading.Lock()

    def answer(handler, body):
        nonlocal running, most
        with lock:
            running += 1
            most = max(most, running)
        time.sleep(0.02)
        echo(handler, body)
        with lock:
            running -= 1

    server.answer = answer
    texts = [f"question {i}" for i in range(30)]

    async def work(service):
        assert "does the batching" in service.reason
        return await asyncio.gather(*(service.chat(text, user="ada") for text in texts))

    replies, service = serve(server, work)
    assert [reply.text for reply in replies] == [text.upper() for text in texts]
    # The server still tidies up while the client, which has its reply, is already replaced: hence one more at times
    assert 2 <= most <= SIZES["max_concurrent"] + 1
    assert service.counts.answered == 30 and balanced(service.counts)


def test_a_stream_passes_the_servers_pieces_on(server):
    server.answer = echo

    async def work(service):
        stream = service.stream("abcdef", user="ada")
        return [str(piece) async for piece in stream], stream.reply

    (pieces, reply), _ = serve(server, work)
    assert pieces == ["ABC", "DEF"] and reply.text == "ABCDEF"


def test_a_client_that_leaves_a_silent_server_frees_its_place(server):
    silent = threading.Event()

    def answer(handler, body):
        if body["messages"][-1]["content"] == "wait":
            silent.wait(20)
        echo(handler, body)

    server.answer = answer

    async def work(service):
        task = asyncio.create_task(service.chat("wait", user="ada"))
        await wait_until(lambda: service.counts.running == 1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert service.counts.running == 0
        try:
            return await service.chat("abc", user="ada")
        finally:
            silent.set()

    reply, service = serve(server, work, max_concurrent=1)
    assert reply.text == "ABC" and service.counts.cancelled == 1 and balanced(service.counts)


@pytest.mark.parametrize(
    ("status", "said", "kind"),
    [
        (500, "CUDA out of memory at 10.0.0.7", "EndpointBadReply"),
        (401, "wrong key sk-123", "EndpointDenied"),
        (400, "unknown model /srv/secret", "EndpointRefused"),
    ],
)
def test_what_the_server_says_about_itself_is_not_passed_on(server, status, said, kind, caplog):
    server.answer = lambda handler, _: handler.json({"error": {"message": said}}, status)

    async def work(service):
        with pytest.raises(qc.GenerationFailed) as failed:
            await service.chat("Hi", user="ada")
        return failed.value

    failure, service = serve(server, work)
    for secret in ("10.0.0.7", "sk-123", "secret", server.url):
        assert secret not in str(failure)
    assert failure.__cause__ is None and failure.__context__ is None
    assert failure.incident in caplog.text and kind in caplog.text, "the log names the kind of error, and no more"
    assert not any(secret in caplog.text for secret in ("10.0.0.7", "sk-123", "/srv"))
    assert service.counts.failed == 1 and balanced(service.counts)


def test_a_server_that_is_busy_makes_a_service_that_is_overloaded(server, monkeypatch):
    monkeypatch.setenv("QWEN_COURSE_TIMEOUT", "1")
    server.answer = lambda handler, _: handler.json({"error": {"message": "busy"}}, 429, Retry_After=7)

    async def work(service):
        with pytest.raises(qc.ServiceOverloaded) as refused:
            await service.chat("Hi", user="ada")
        return refused.value.retry_after

    seconds, service = serve(server, work)
    assert seconds == 7 and balanced(service.counts)


def test_a_silent_server_does_not_hold_a_client_longer_than_the_services_time_limit(server):
    silent = threading.Event()
    server.answer = lambda handler, body: silent.wait(20)

    async def work(service):
        try:
            with pytest.raises(qc.ServiceTimeout, match="within 0.5 s"):
                await service.chat("Hi", user="ada")
        finally:
            silent.set()
        return service.counts.running

    running, service = serve(server, work, timeout_seconds=0.5)
    assert running == 0 and service.counts.timed_out == 1 and balanced(service.counts)


def test_leaving_the_block_finishes_what_was_accepted(server):
    def answer(handler, body):
        time.sleep(0.05)
        echo(handler, body)

    server.answer = answer

    async def work(service):
        tasks = [asyncio.create_task(service.chat(f"question {i}", user="ada")) for i in range(12)]
        await wait_until(lambda: service.counts.accepted == 12)
        return tasks

    async def run():
        with qc.load(server.url) as qwen:
            async with qc.QwenService(qwen, **SIZES) as service:
                tasks = await work(service)
            with pytest.raises(qc.ServiceClosed):
                await service.chat("Hi", user="ada")
            return [task.result().text for task in tasks]

    assert asyncio.run(run()) == [f"QUESTION {i}" for i in range(12)]


def test_bad_input_never_reaches_the_server(server):
    async def work(service):
        for options in ({"messages": []}, {"max_new_tokens": 0}, {"messages": [{"role": "usr", "content": "x"}]}):
            with pytest.raises(ValueError):
                await service.chat(**{"messages": "Hi", "user": "ada", **options})

    _, service = serve(server, work)
    assert server.requests == [] and service.counts.refused == 3
