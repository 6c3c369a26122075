"""The places of a service and the queue before them: bounded, first come first served, empty again at the end.

All of it happens in one event loop, so it needs no lock.
"""

import asyncio
from collections import deque
from math import ceil
from time import perf_counter

from .service_errors import ServiceOverloaded
from .service_job import Engine, Job

_NEWEST = 0.1  # weight of the latest job in the moving average of their seconds


class Places:
    """At most `max_concurrent` jobs are with the engine and `max_queue` wait."""

    def __init__(self, engine: Engine, *, max_concurrent: int, max_queue: int) -> None:
        self._engine = engine
        self._max_concurrent = max_concurrent
        self._max_queue = max_queue
        self._queue: deque[Job] = deque()
        self._preparing = 0
        self._used = 0  # of the engine's capacity
        self._seconds_per_job = 0.0
        self.running = 0
        self._idle = asyncio.Event()
        self._idle.set()

    @property
    def waiting(self) -> int:
        """How many have been let in and have no place yet."""
        return len(self._queue) + self._preparing

    def check(self) -> None:
        """Raise ServiceOverloaded where one more would wait too many; it says when to come back."""
        if self.waiting - (self._max_concurrent - self.running) < self._max_queue:
            return
        seconds = float(max(1, ceil(self._seconds_per_job * (self.waiting + 1) / self._max_concurrent)))
        raise ServiceOverloaded(
            f"The service is busy: {self.running} requests are worked on and {self.waiting} are waiting. "
            f"Come back in {seconds:g} s.",
            retry_after=seconds,
        )

    async def prepare(self, job: Job) -> None:
        """Let the engine prepare a job, which counts as waiting meanwhile."""
        self._preparing += 1
        self._idle.clear()
        try:
            await asyncio.to_thread(self._engine.prepare, job)  # long texts take long to tokenize
        finally:
            self._preparing -= 1
            self._rest()

    def enter(self, job: Job) -> None:
        """Put a job into the queue, and into a place as soon as there is one."""
        self._idle.clear()
        self._queue.append(job)
        self._fill()

    def leave(self, job: Job) -> None:
        """Take out a job that nobody waits for any more, wherever it is; nothing happens where it has ended."""
        if job.placed:
            self._engine.cancel(job)
            self.ended(job)
        elif job in self._queue:
            job.gone = True
            self._queue.remove(job)
            self._rest()

    def ended(self, job: Job) -> None:
        """Give the place of a job to the next one."""
        if not job.placed:
            return
        job.placed = False
        self.running -= 1
        self._used -= job.cost
        if not job.gone:
            seconds = perf_counter() - job.begun
            self._seconds_per_job += (seconds - self._seconds_per_job) * (_NEWEST if self._seconds_per_job else 1)
        self._fill()
        self._rest()

    async def empty(self) -> None:
        """Wait until nobody is waiting or running."""
        while self.waiting or self.running:  # asked again, as somebody may just be on the way from one to the other
            await self._idle.wait()

    def _fill(self) -> None:
        capacity = self._engine.capacity
        while self._queue and self.running < self._max_concurrent:
            if capacity is not None and self._used + self._queue[0].cost > capacity:
                return
            job = self._queue.popleft()
            job.placed, job.begun = True, perf_counter()
            self.running += 1
            self._used += job.cost
            try:
                self._engine.submit(job)
            except Exception as error:
                job.fail(error)

    def _rest(self) -> None:
        if not (self.waiting or self.running):
            self._idle.set()
