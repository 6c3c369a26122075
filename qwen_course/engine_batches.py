"""Serve by batches of `generate`: for architectures and sampling that continuous batching does not know.

A batch begins with all that waits and has the same sampling; who comes later waits for the next one. `run_safely` is
also how every local engine recovers from an error inside the model: it finds the request at fault by halving.
"""

from collections import deque
from collections.abc import Callable
from itertools import groupby
from threading import Condition, Thread
from time import perf_counter

from .background import Caller
from .generation import Watch, generate
from .service_job import TokenJob, shut_down


class _Complete(Exception):
    """Raised inside generate, to leave it, when every row has all it needs, or when all is over."""


def run_rows(qwen, jobs: list[TokenJob], *, over: Callable[[], bool]) -> None:
    """Generate for jobs with the same sampling in one batch, until each is complete; hand out tokens as they come."""
    if over():
        return

    def on_step(tokens: list[int]) -> None:
        now = perf_counter()
        for job, token_id in zip(jobs, tokens, strict=True):
            if not job.complete:
                job.feed([token_id], [now])
                if job.complete and not job.gone:
                    job.finish()
        if over() or all(job.complete for job in jobs):
            raise _Complete

    pad_id = qwen.tokenizer.pad_token_id
    try:
        generate(
            qwen.model,
            [job.ids for job in jobs],
            max_new_tokens=max(job.room for job in jobs),
            sampling=jobs[0].request.sampling,
            seeds=[job.seed for job in jobs],
            stop_ids=qwen.stop_ids,
            pad_id=qwen.stop_ids[0] if pad_id is None else pad_id,
            watch=Watch(on_step),
        )
    except _Complete:
        pass


def run_safely(qwen, jobs: list[TokenJob], *, over: Callable[[], bool]) -> None:
    """Generate for jobs with any sampling. Where that fails, try each half: who fails even alone gets the error.

    Once `over()` is true, it returns within one token, whatever is left.
    """
    jobs = [job for job in jobs if not job.complete]
    by_sampling = sorted(jobs, key=lambda job: repr(job.request.sampling))
    for _, group in groupby(by_sampling, key=lambda job: job.request.sampling):
        _run_group(qwen, list(group), over)


def _run_group(qwen, jobs: list[TokenJob], over: Callable[[], bool]) -> None:
    try:
        run_rows(qwen, jobs, over=over)
    except Exception as error:
        jobs = [job for job in jobs if not job.complete]
        if len(jobs) == 1:
            jobs[0].fail(error)
            return
        for half in (jobs[: len(jobs) // 2], jobs[len(jobs) // 2 :]):
            for job in half:
                job.restart()
            if half:
                _run_group(qwen, half, over)


class BatchEngine:
    """Run what waits in batches of at most `max_concurrent` rows, in one thread."""

    capacity = None

    def __init__(self, qwen, caller: Caller, *, max_concurrent: int, why: str) -> None:
        self.reason = f"Batches of generate with up to {max_concurrent} requests, as {why}."
        self._qwen, self._caller = qwen, caller
        self._rows = max_concurrent
        self._waiting: deque[TokenJob] = deque()
        self._changed = Condition()
        self._closing = False
        self._running: list[TokenJob] = []
        self._thread = Thread(target=self._work, name="qwen-batches", daemon=False)  # see background.py
        self._thread.start()

    def job(self, options: dict, *, streaming: bool, on_end) -> TokenJob:
        return TokenJob(self._qwen, options, streaming=streaming, on_end=on_end)

    def prepare(self, job: TokenJob) -> None:
        job.prepare()

    def submit(self, job: TokenJob) -> None:
        with self._changed:
            if self._closing:
                raise shut_down()
            self._waiting.append(job)
            self._changed.notify()

    def cancel(self, job: TokenJob) -> None:
        with self._changed:
            job.gone = True  # one that already runs is left out of its batch at the next token
            if job in self._waiting:
                self._waiting.remove(job)

    def close(self) -> None:
        with self._changed:
            self._closing = True
            self._changed.notify()
        self._thread.join()

    def _over(self) -> bool:
        return self._closing or self._caller.gone

    def _work(self) -> None:
        while True:
            with self._changed:
                while not (self._waiting or self._over()):
                    self._changed.wait(0.1)  # nobody rings when Python ends
                if self._over():
                    break
                first = self._waiting[0].request.sampling
                alike = [job for job in self._waiting if job.request.sampling == first]
                self._running = alike[: self._rows]
                for job in self._running:
                    self._waiting.remove(job)
            run_safely(self._qwen, self._running, over=self._over)
        with self._changed:
            self._closing = True
            for job in [*self._running, *self._waiting]:  # those that are complete do not hear it
                job.fail(shut_down())
