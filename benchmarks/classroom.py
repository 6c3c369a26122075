"""One server, a whole class: `python -m benchmarks.classroom [MODEL] [--learners 30] [--questions 2]`.

Starts a real `transformers serve` for Pocket (or another folder), first as it comes, which answers one request after
the other, then with continuous batching. Learners, each a client of its own in a thread of its own, ask at the same
moment and ask again as soon as they have their reply: the worst minute of a lesson, when everybody runs the same cell.
Printed are waiting times, failures, and the memory that the server took at most. Nothing is asserted, and the figures
are those of this machine.
"""

from __future__ import annotations

import argparse
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median, quantiles

import psutil

import qwen_course as qc
from qwen_course.models import POCKET

BATCHING = ("--continuous-batching", "--cb-num-blocks", "256", "--cb-max-batch-tokens", "512")
GREEDY = qc.Sampling.greedy()


@contextmanager
def server(folder: Path = POCKET, *options: str) -> Iterator[tuple[str, psutil.Process]]:
    """Start `transformers serve` for a folder; yield what `qc.load` takes, and the process. Stopped at the end.

    Raises RuntimeError with the end of its log where it does not come up within five minutes.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    command = [Path(sys.executable).parent / "transformers", "serve", str(folder), "--port", str(port), *options]
    environment = os.environ | {"HF_HUB_OFFLINE": "1", "PYTHONUNBUFFERED": "1"}
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, env=environment)
        try:
            end = time.monotonic() + 300
            while not _is_up(port):
                if process.poll() is not None or time.monotonic() > end:
                    log.seek(0)
                    raise RuntimeError(
                        f"transformers serve did not start:\n{log.read()[-2000:].decode(errors='replace')}"
                    )
                time.sleep(0.5)
            yield f"http://127.0.0.1:{port}/v1#{folder}", psutil.Process(process.pid)
        finally:
            process.terminate()
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _is_up(port: int) -> bool:
    direct = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    try:
        return direct.open(f"http://127.0.0.1:{port}/health", timeout=5).status == 200
    except OSError:
        return False


@dataclass
class Lesson:
    """What a class experienced: seconds waited for each reply, failures, and what all replies held."""

    waited: list[float] = field(default_factory=list)
    failures: list[str] = field(default_factory=list)
    texts: dict[tuple[int, int], str] = field(default_factory=dict)  # (learner, question) -> the reply
    tokens: int = 0
    seconds: float = 0.0


def lesson(address: str, *, learners: int, questions: int) -> Lesson:
    """Let so many learners ask so many questions each, all at once, and return what they experienced."""
    asked = [problem.messages for problem in qc.problems("arithmetic", learners * questions, seed=1)]
    held, lock, start = Lesson(), threading.Lock(), threading.Barrier(learners + 1)

    def learn(number: int) -> None:
        with qc.load(address) as qwen:
            start.wait()
            for question in range(questions):
                begin = time.perf_counter()
                try:
                    reply = qwen.chat(
                        asked[number * questions + question], thinking=False, sampling=GREEDY, max_new_tokens=64
                    )
                except Exception as error:  # a learner who gets no answer is a result
                    with lock:
                        held.failures.append(f"{type(error).__name__}: {error}")
                    continue
                with lock:
                    held.waited.append(time.perf_counter() - begin)
                    held.texts[number, question] = reply.text
                    held.tokens += reply.completion_tokens

    threads = [threading.Thread(target=learn, args=(number,)) for number in range(learners)]
    for thread in threads:
        thread.start()
    start.wait()
    begin = time.perf_counter()
    for thread in threads:
        thread.join()
    held.seconds = time.perf_counter() - begin
    return held


@contextmanager
def watched(process: psutil.Process) -> Iterator[list[int]]:
    """Within the block, note the resident bytes of a process, ten times a second."""
    sizes, stop = [process.memory_info().rss], threading.Event()

    def look() -> None:
        while not stop.wait(0.1):
            sizes.append(process.memory_info().rss)

    thread = threading.Thread(target=look)
    thread.start()
    try:
        yield sizes
    finally:
        stop.set()
        thread.join()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("model", nargs="?", type=Path, default=POCKET, help="a folder; default: Pocket")
    parser.add_argument("--learners", type=int, default=30)
    parser.add_argument("--questions", type=int, default=2)
    given = parser.parse_args()
    print("| server | learners | answered | failed | p50 s | p95 s | worst s | answers/s | tokens/s | server MiB |")
    print("|---|---|---|---|---|---|---|---|---|---|")
    for name, options in {"as it comes": (), "continuous batching": BATCHING}.items():
        with server(given.model, *options) as (address, process):
            lesson(address, learners=2, questions=1)  # the first requests warm it up
            for learners in (1, given.learners):
                with watched(process) as sizes:
                    held = lesson(address, learners=learners, questions=given.questions)
                cells = [name, learners, len(held.waited), len(held.failures), *_spread(held.waited)]
                cells += [f"{len(held.waited) / held.seconds:.1f}", f"{held.tokens / held.seconds:,.0f}"]
                print("|", " | ".join(map(str, [*cells, round(max(sizes) / 2**20)])), "|", flush=True)
                for failure in sorted(set(held.failures)):
                    print(f"  {failure[:200]}")


def _spread(waited: list[float]) -> list[str]:
    if len(waited) < 2:
        return ["-"] * 3
    return [
        f"{seconds:.2f}" for seconds in (median(waited), quantiles(waited, n=20, method="inclusive")[-1], max(waited))
    ]


if __name__ == "__main__":
    main()
