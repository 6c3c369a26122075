"""What the tests of the service share: models made slow or brittle, and clients that keep a tally."""

import asyncio
from contextlib import contextmanager
from time import sleep

import qwen_course as qc

GREEDY = qc.Sampling.greedy()


@contextmanager
def slowed(qwen, seconds: float):
    """Within the block, each step of the model takes that much longer."""
    handle = qwen.model.lm_head.register_forward_hook(lambda module, inputs, logits: sleep(seconds))
    try:
        yield
    finally:
        handle.remove()


@contextmanager
def brittle(qwen, poison: str, *, numbers: bool = False):
    """Within the block, the model breaks whenever the text `poison` is among what it reads. Yields a list of those.

    It raises RuntimeError; with `numbers` its logits become NaN. Half of `poison` is enough: continuous batching
    reads a long line of prompts in several passes, and may cut it in two anywhere.
    """
    ids = qwen.tokenizer.encode(poison, add_special_tokens=False)[1:-1]  # the ends may join with their neighbours
    assert len(ids) >= 6
    half = len(ids) // 2
    halves = {tuple(ids[i : i + half]) for i in range(len(ids) - half + 1)}
    broken: list[int] = []

    spoiled = False

    def read(module, arguments, options):
        nonlocal spoiled
        input_ids = options["input_ids"] if "input_ids" in options else arguments[0]
        spoiled = any(tuple(row[i : i + half]) in halves for row in input_ids.tolist() for i in range(len(row)))
        if spoiled:
            broken.append(len(input_ids[0]))
            if not numbers:
                raise RuntimeError(f"the model choked on {poison}")

    def spoil(module, inputs):
        return (inputs[0] * float("nan"),) if spoiled else None

    handles = [
        qwen.model.register_forward_pre_hook(read, with_kwargs=True),
        qwen.model.lm_head.register_forward_pre_hook(spoil),
    ]
    try:
        yield broken
    finally:
        for handle in handles:
            handle.remove()


def prompts(n: int) -> list[str]:
    """Return n questions, all different, of mixed lengths."""
    return [f"What is {i} + {i * 7}? " + "Please think well. " * (i % 5) for i in range(n)]


def expected(qwen, texts: list[str], **options) -> list[tuple[str, str]]:
    """Return what the model itself answers, as (thinking, text), asked one by one."""
    replies = [qwen.chat(text, sampling=GREEDY, **options) for text in texts]
    return [(reply.thinking, reply.text) for reply in replies]


async def ask_all(service, texts: list[str], **options) -> list:
    """Send all at once, each as its own user; return a reply or an exception for each, in order."""
    asked = (service.chat(text, user=f"user-{i}", sampling=GREEDY, **options) for i, text in enumerate(texts))
    return await asyncio.gather(*asked, return_exceptions=True)


async def wait_until(condition, seconds: float = 30.0) -> None:
    """Wait for a condition; fail if it does not come true in time."""
    for _ in range(int(seconds / 0.01)):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError("what was waited for did not happen")


def balanced(counts) -> bool:
    """Whether every request is accounted for, once."""
    ended = counts.answered + counts.failed + counts.timed_out + counts.cancelled
    return (
        counts.sent == counts.accepted + counts.refused and counts.accepted == counts.running + counts.waiting + ended
    )
