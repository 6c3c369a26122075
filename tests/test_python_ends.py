"""Python ends as it should, whatever still generates: with its own exit status, never by an abort inside torch."""

import subprocess
import sys

import pytest

START = """
import asyncio, sys, threading
import qwen_course as qc
qwen = qc.load({model!r}, device="cpu")
kept = []  # as a notebook or a module keeps things: nothing is tidied up before Python ends

async def enter():
    return await qc.QwenService(qwen, max_concurrent=2, max_queue=2, timeout_seconds=60).__aenter__()

async def ask(service, n):
    return await service.chat("What is 2 + 3?", user="ada", sampling=qc.Sampling.greedy(), max_new_tokens=n)
"""
IDLE = """
async def main():
    service = await enter()
    print((await ask(service, 2)).completion_tokens > 0)

asyncio.run(main())
"""
BUSY = """
async def main():
    service = await enter()
    stream = service.stream("Tell me a story.", user="ada", max_new_tokens=1000)
    pieces = aiter(stream)
    await anext(pieces)
    kept.extend([service, stream, pieces, asyncio.ensure_future(ask(service, 1000))])
    print(True)

asyncio.new_event_loop().run_until_complete(main())
"""
STREAM = """
stream = qwen.stream("Tell me a story.", max_new_tokens=1000)
kept.append(iter(stream))
next(kept[0])
print(True)
"""
BREAK = """
for piece in qwen.stream("Tell me a story.", max_new_tokens=1000):
    break
print(True)
"""


def run(code: str, model) -> tuple[int, str, str]:
    command = [sys.executable, "-c", START.format(model=str(model)) + code]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=240)
    return ended.returncode, ended.stdout, ended.stderr


@pytest.mark.slow
@pytest.mark.parametrize("style", ["qwen3", "qwen3.5"], ids=["continuous", "batches"])
@pytest.mark.parametrize(
    ("moment", "last", "status"),
    [
        (IDLE, "", 0),
        (IDLE, "raise KeyError('x')", 1),
        (BUSY, "", 0),
        (BUSY, "raise KeyError('x')", 1),
        (BUSY, "sys.exit(3)", 3),
    ],
    ids=["idle", "idle, error", "busy", "busy, error", "busy, exit"],
)
def test_where_somebody_forgot_to_leave_the_service(checkpoint, style, moment, last, status):
    code, out, err = run(moment + last, checkpoint(style))
    assert (code, out) == (status, "True\n") and "terminate called" not in err, err


@pytest.mark.slow
@pytest.mark.parametrize("moment", [STREAM, BREAK], ids=["unread", "left"])
def test_where_a_stream_of_the_model_was_not_read_to_its_end(checkpoint, moment):
    code, out, err = run(moment, checkpoint("qwen3"))
    assert (code, out, err) == (0, "True\n", "")


@pytest.mark.slow
def test_a_thread_that_reads_on_after_the_scripts_last_line_gets_the_whole_reply(checkpoint):
    work = """
options = {"sampling": qc.Sampling.greedy(), "max_new_tokens": 300}
asked = qwen.chat("What is 2 + 3?", **options).completion_tokens

def read():
    stream = qwen.stream("What is 2 + 3?", **options)
    next(stream)
    threading.main_thread().join()
    list(stream)
    print(stream.reply.completion_tokens == asked)

threading.Thread(target=read).start()
"""
    code, out, err = run(work, checkpoint("qwen3"))
    assert (code, out) == (0, "True\n"), err
