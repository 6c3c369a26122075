"""Time QwenService against what people write first: `make bench`, or `python -m benchmarks.serving [MODEL] [--small]`.

Every figure is a ratio of two things measured in turn in this one run. Each client sends its next request when it has
its reply. On a busy machine read the ratios per processor second: others slow a service of few threads more than 64
threads, which take 64 shares of the machine. Seconds are shown too, and mean something on this machine only.
"""

import argparse
import asyncio
import os
import secrets
import tempfile
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from itertools import count
from pathlib import Path
from statistics import median, quantiles

import psutil
import torch
import transformers

import qwen_course as qc

GREEDY = qc.Sampling.greedy()


def workload(n: int) -> list[list[dict]]:
    """Return n conversations of mixed lengths: sums, small talk, documents, in turn; none brings a system prompt."""
    kinds = []
    for skill in ("arithmetic", "smalltalk", "document"):
        drawn = [problem.messages for problem in qc.problems(skill, n)]
        kinds.append([messages for messages in drawn if messages[0]["role"] == "user"])
    mixed = [messages for row in zip(*kinds, strict=False) for messages in row]
    if len(mixed) < n:
        raise ValueError(f"{len(mixed)} conversations without a system prompt were drawn; expected {n}.")
    return mixed[:n]


class Timing:
    """Seconds for all and for each request, processor seconds for all, and what was generated."""

    def __init__(self, seconds: float, processor: float, each: list[float], tokens: int) -> None:
        self.seconds, self.processor, self.tokens, self.requests = seconds, processor, tokens, len(each)
        cuts = quantiles(each, n=100)
        self.p50, self.p95, self.p99 = median(each), cuts[94], cuts[98]

    @property
    def per_second(self) -> float:
        return self.requests / self.seconds

    def __str__(self) -> str:
        return (
            f"{self.per_second:.2f} requests/s, {self.tokens / self.seconds:,.0f} tokens/s, "
            f"p50 {self.p50:.2f} s, p95 {self.p95:.2f} s, {self.processor / self.requests:.2f} processor seconds each"
        )


def watch() -> Callable[[], tuple[float, float]]:
    """Return what gives the seconds from now on: on the clock, and of the processor in all threads."""
    start = time.perf_counter(), time.process_time()
    return lambda: (time.perf_counter() - start[0], time.process_time() - start[1])


def by_threads(qwen, work: list, *, clients: int, **options) -> Timing:
    """The pattern of the source: a pool of threads, each of which calls the model. One client: one by one."""

    def ask(messages) -> tuple[float, int]:
        begin = time.perf_counter()
        reply = qwen.chat(messages, **options)
        return time.perf_counter() - begin, reply.completion_tokens

    stop = watch()
    with ThreadPoolExecutor(clients) as pool:
        done = list(pool.map(ask, work))
    return Timing(*stop(), [each for each, _ in done], sum(tokens for _, tokens in done))


def by_service(qwen, work: list, *, clients: int, guard=None, monitor=None, **options) -> Timing:
    """QwenService with that many clients."""

    async def client(service, name: str, waiting: list, done: list) -> None:
        while waiting:
            messages = waiting.pop()
            begin = time.perf_counter()
            reply = await service.chat(messages, user=name, **options)
            done.append((time.perf_counter() - begin, reply.completion_tokens))

    async def run() -> Timing:
        waiting, done = list(reversed(work)), []
        async with qc.QwenService(
            qwen, max_concurrent=clients, max_queue=clients, timeout_seconds=600, guard=guard, monitor=monitor
        ) as service:
            stop = watch()
            await asyncio.gather(*(client(service, f"user-{i}", waiting, done) for i in range(clients)))
            seconds, processor = stop()
        return Timing(seconds, processor, [each for each, _ in done], sum(tokens for _, tokens in done))

    return asyncio.run(run())


def in_turn(
    first: Callable[[], Timing], second: Callable[[], Timing], *, pairs: int
) -> tuple[tuple[float, float], Timing, Timing]:
    """Return the medians of first over second, in requests per second and per processor second; the last timings."""
    ratios = []
    for number in range(pairs):
        if number % 2:
            one, two = first(), second()
        else:
            two, one = second(), first()
        ratios.append((one.per_second / two.per_second, two.processor / one.processor))
    return tuple(map(median, zip(*ratios, strict=True))), one, two


def a_guard(qwen, folder: str) -> qc.Guard:
    os.environ.setdefault("QWEN_COURSE_AUDIT_KEY", secrets.token_hex(32))
    audit = qc.AuditLog(Path(folder) / "audit.jsonl")
    return qc.Guard(qwen, max_tokens=1_000, rate="1000000/minute", audit=audit)


def memory_growth(qwen, *, requests: int, clients: int, folder: str) -> tuple[float, float]:
    """Return the MiB of this process after a tenth of the requests, and after all of them."""
    process, marks = psutil.Process(), []
    work = [[{"role": "user", "content": f"What is {i % 97} + {i % 89}?"}] for i in range(requests)]

    async def run() -> None:
        waiting, finished = list(enumerate(work)), count(1)
        mode = qwen.thinking_modes[0]
        options = {"thinking": mode, "sampling": GREEDY, "max_new_tokens": 8}

        async def client(service) -> None:
            while waiting:
                number, messages = waiting.pop()
                await service.chat(messages, user=f"user-{number}", **options)
                if next(finished) == requests // 10:
                    marks.append(process.memory_info().rss)

        async with qc.QwenService(
            qwen, max_concurrent=clients, max_queue=clients, timeout_seconds=600, guard=a_guard(qwen, folder)
        ) as service:
            await asyncio.gather(*(client(service) for _ in range(clients)))
            marks.append(process.memory_info().rss)

    asyncio.run(run())
    return marks[0] / 2**20, marks[-1] / 2**20


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.serving", description=__doc__.split("\n")[0])
    parser.add_argument("model", nargs="?", default="pocket")
    parser.add_argument("--small", action="store_true", help="fewer requests and one pair, to see that it runs")
    arguments = parser.parse_args()
    requests, many, pairs = (64, 500, 1) if arguments.small else (128, 5_000, 3)

    qwen = qc.load(arguments.model, local=True)
    options = {"thinking": qwen.thinking_modes[-1], "sampling": GREEDY, "max_new_tokens": 128}
    work = workload(requests)
    details = []

    def row(figure: str, measured: str, processor: str = "", goal: str = "") -> None:
        print(f"{figure:52}{measured:>10}{processor:>20}  {goal}".rstrip(), flush=True)

    print(f"{qwen.name}: {qwen.reason}")
    print(f"torch {torch.__version__}, transformers {transformers.__version__}, {torch.get_num_threads()} threads\n")
    row("figure", "measured", "processor seconds", "goal")
    by_service(qwen, work[:16], clients=16, **options)  # warms up
    for clients, goal in ((16, ">= 8"), (64, ">= 12")):
        service = partial(by_service, qwen, work, clients=clients, **options)
        threads = partial(by_threads, qwen, work, clients=clients, **options)
        single = partial(by_threads, qwen, work, clients=1, **options)
        ratio, ours, theirs = in_turn(service, threads, pairs=pairs)
        row(f"{clients} clients: service / thread per call", f"{ratio[0]:.1f}", f"{ratio[1]:.1f}", goal)
        row(f"{clients} clients: p95, thread per call / service", f"{theirs.p95 / ours.p95:.1f}")
        ratio, ours, alone = in_turn(service, single, pairs=pairs)
        row(f"{clients} clients: service / one by one", f"{ratio[0]:.1f}", f"{ratio[1]:.1f}", ">= 3")
        details += [
            (f"{clients} clients, service", ours),
            (f"{clients} clients, thread per call", theirs),
            ("one by one", alone),
        ]
    with tempfile.TemporaryDirectory() as folder:
        plain = partial(by_service, qwen, work, clients=16, **options)
        guarded = partial(by_service, qwen, work, clients=16, guard=a_guard(qwen, folder), **options)
        ratio, _, _ = in_turn(plain, guarded, pairs=2 * pairs + 1)
        row("without guard / with guard", f"{ratio[0]:.3f}", f"{ratio[1]:.3f}", "<= 1.03")
        before, after = memory_growth(qwen, requests=many, clients=16, folder=folder)
        row(f"memory after {many:,} requests / after {many // 10:,}", f"{after / before:.3f}", goal="<= 1.05")
        details.append(("memory", f"{before:.0f} MiB, then {after:.0f} MiB"))
    print()
    for name, timing in details:
        print(f"{name}: {timing}")


if __name__ == "__main__":
    main()
