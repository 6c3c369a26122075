"""QwenService: many users, one model. Who may come in, who waits, who is told to come back, and how it all ends.

The generating is done by an engine: continuous batching where the model's layers allow it, else batches of `generate`,
or an endpoint's server. One service belongs to one event loop, and all its counting happens there, so it needs no lock.
"""

import asyncio
import logging
from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from pathlib import Path
from time import perf_counter
from traceback import extract_tb
from uuid import uuid4

from .background import Caller
from .engines import choose_engine
from .guard_errors import GuardError
from .parts import has_pictures
from .reply import Piece, Reply
from .sampling import Sampling
from .service_errors import GenerationFailed, ServiceClosed, ServiceError, ServiceOverloaded, ServiceTimeout
from .service_job import Engine, EngineError, Job
from .service_places import Places
from .service_stream import ServiceStream

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class ServiceCounts:
    """What became of all requests so far: sent = accepted + refused, accepted = running + waiting + those that ended
    (answered, failed, timed out, cancelled) + those whose reply is ready but not yet read.

    Introduced in notebook 07.
    """

    sent: int = 0
    accepted: int = 0
    refused: int = 0  # overloaded, by the guard, or not a valid request
    answered: int = 0
    failed: int = 0
    timed_out: int = 0
    cancelled: int = 0  # the client left
    running: int = 0
    waiting: int = 0


class QwenService:
    """Serve one model to many users: `async with qc.QwenService(qwen, ...) as service: await service.chat(...)`.

    At most `max_concurrent` requests are worked on and `max_queue` wait; who comes then is refused at once with
    ServiceOverloaded. A request may take `timeout_seconds`, waiting included. `guard` is a Guard (see there). A
    `monitor` is a QwenMonitor, or any object with `record(event: str, reply: Reply | None, counts: ServiceCounts, *,
    error: str | None, seconds: float)`, called when a request is "accepted", "refused", "answered", "failed",
    "timed_out" or "cancelled"; `error` names the exception's class, `seconds` count from the request's arrival.
    Leaving the block finishes all that was accepted. `reason` says which engine was chosen and why. Introduced in
    notebook 07.
    """

    def __init__(
        self, qwen, *, max_concurrent: int, max_queue: int, timeout_seconds: float, guard=None, monitor=None
    ) -> None:
        for name, value, least in (("max_concurrent", max_concurrent, 1), ("max_queue", max_queue, 0)):
            if isinstance(value, bool) or not isinstance(value, int) or value < least:
                raise ValueError(f"{name} is {value!r}; expected a whole number of at least {least}.")
        if (
            isinstance(timeout_seconds, bool)
            or not isinstance(timeout_seconds, (int, float))
            or not timeout_seconds > 0
        ):
            raise ValueError(f"timeout_seconds is {timeout_seconds!r}; expected a number above 0.")
        self._qwen, self._guard, self._monitor = qwen, guard, monitor
        self._max_concurrent, self._max_queue, self._timeout = max_concurrent, max_queue, float(timeout_seconds)
        self._engine: Engine | None = None
        self._places: Places | None = None
        self._loop: asyncio.AbstractEventLoop | None = None
        self._open = False
        self._counts = ServiceCounts()

    @property
    def reason(self) -> str:
        """One line: which engine serves, and why. Raises ServiceClosed before the service is entered."""
        if self._engine is None:
            raise ServiceClosed("The service has not started; use: async with QwenService(...) as service.")
        return self._engine.reason

    @property
    def counts(self) -> ServiceCounts:
        """What became of all requests so far."""
        if self._places is None:
            return self._counts
        return replace(self._counts, running=self._places.running, waiting=self._places.waiting)

    async def __aenter__(self) -> "QwenService":
        if self._open:
            raise RuntimeError("This service runs already; make a second QwenService for a second block.")
        self._loop = asyncio.get_running_loop()
        making = asyncio.ensure_future(
            asyncio.to_thread(choose_engine, self._qwen, self._max_concurrent, caller=Caller())
        )
        try:
            self._engine = await asyncio.shield(making)
        except asyncio.CancelledError:
            await asyncio.to_thread((await making).close)  # a start that was given up must not leave an engine behind
            raise
        self._places = Places(self._engine, max_concurrent=self._max_concurrent, max_queue=self._max_queue)
        self._open = True
        return self

    async def __aexit__(self, *exception) -> None:
        self._open = False
        try:
            await self._places.empty()  # each request has its own time limit, so this ends
        finally:
            await asyncio.to_thread(self._engine.close)

    async def chat(
        self,
        messages: str | list[dict],
        *,
        user: str,
        thinking: bool | None = None,
        system: str | None = None,
        tools: list | None = None,
        max_new_tokens: int = 512,
        sampling: Sampling | None = None,
        seed: int | None = None,
    ) -> Reply:
        """Return the reply; options as for `qwen.chat`, `user` says who asks. Cancelling the task frees its place.

        The reply's seconds count from the arrival of the request. Raises ValueError for bad input and for options that
        the engine has not, the errors of the guard, ServiceOverloaded, ServiceTimeout, GenerationFailed, ServiceClosed.
        """
        options = _options(messages, thinking, system, tools, max_new_tokens, sampling, seed)
        async for event in self._events(user, options, streaming=False):
            reply = event  # the only one
        return reply

    def stream(
        self,
        messages: str | list[dict],
        *,
        user: str,
        thinking: bool | None = None,
        system: str | None = None,
        tools: list | None = None,
        max_new_tokens: int = 512,
        sampling: Sampling | None = None,
        seed: int | None = None,
    ) -> ServiceStream:
        """Return an async iterator over the reply's pieces; its `.reply` is there after the end. Options as for `chat`.

        The request is sent when the first piece is asked for. Leaving the loop early frees the place.
        """
        options = _options(messages, thinking, system, tools, max_new_tokens, sampling, seed)
        return ServiceStream(self._events(user, options, streaming=True))

    async def _events(self, user: str, options: dict, *, streaming: bool) -> AsyncIterator[Piece | Reply]:
        """Yield the pieces of one reply (if streaming), then the Reply; count it once, whatever happens."""
        deadline = perf_counter() + self._timeout  # a clock that nobody can set
        job = await self._admit(user, options, streaming, deadline)
        watch = None if self._guard is None else self._guard.watch()
        outcome, reply, problem = "cancelled", None, None
        try:
            while reply is None:
                async with asyncio.timeout(max(0.0, deadline - perf_counter())):
                    event = await job.inbox.get()
                if isinstance(event, Exception):
                    raise event
                if watch is not None:
                    watch.see(event)  # raises where the model repeats itself without end
                if isinstance(event, Reply):
                    reply = event
                else:
                    yield event
            outcome = "answered"
        except Exception as error:  # not that the client left: that is a BaseException
            outcome, problem = self._explain(error)
        finally:
            self._places.leave(job)
            trouble = self._close_books(user, outcome, reply, problem, deadline)
        # Raised here, where no other exception is being handled: a client sees no context of it
        if problem is not None or trouble is not None:
            raise problem or trouble
        yield reply

    async def _admit(self, user: str, options: dict, streaming: bool, deadline: float) -> Job:
        """Return a job in the queue or in its place; count it as accepted or refused."""
        self._check_user(user)
        self._count(sent=1)
        outcome, problem = "cancelled", None
        try:
            if not self._open:
                raise ServiceClosed("The service takes no requests: it has not started, or it is shutting down.")
            self._places.check()
            if self._guard is not None:
                options["messages"] = self._guard.check(user, options["messages"])
            job = self._engine.job(options, streaming=streaming, on_end=self._places.ended)
            async with asyncio.timeout(max(0.0, deadline - perf_counter())):
                await self._places.prepare(job)
            outcome = "accepted"
        except (ValueError, GuardError, ServiceOverloaded, ServiceClosed) as error:  # what the client is meant to read
            outcome, problem = "refused", error
        except Exception as error:
            outcome, problem = self._explain(error)
        finally:
            if outcome != "refused":
                self._count(accepted=1)
            if outcome != "accepted":
                self._close_books(user, outcome, None, problem, deadline, recorded=isinstance(problem, GuardError))
        if problem is not None:
            raise problem
        self._places.enter(job)
        self._tell("accepted", None, None, deadline)  # now that the counts know whether it runs or waits
        return job

    def _check_user(self, user: str) -> None:
        if not isinstance(user, str) or not user:
            raise ValueError(f"user is {user!r}; expected a name that tells users apart, e.g. user='ada'.")
        if self._loop is not None and asyncio.get_running_loop() is not self._loop:
            raise RuntimeError("This service was started in another event loop; use it there, or start one here.")

    def _explain(self, error: Exception) -> tuple[str, Exception]:
        """Return what to count an error as, and what a client may know; the log gets the rest, but no text."""
        if isinstance(error, TimeoutError):
            return "timed_out", ServiceTimeout(
                f"The reply was not complete within {self._timeout:g} s; try again later."
            )
        if isinstance(error, (GuardError, ServiceError)):
            return "failed", error
        incident = uuid4().hex[:12]
        frames = [f"{Path(frame.filename).name}:{frame.lineno}" for frame in extract_tb(error.__traceback__)[-5:]]
        what = str(error) if isinstance(error, EngineError) else type(error).__name__  # whose text is ours
        _log.error("incident %s: %s at %s", incident, what, " < ".join(reversed(frames)) or "?")
        return "failed", GenerationFailed(incident)

    def _close_books(
        self,
        user: str,
        outcome: str,
        reply: Reply | None,
        problem: Exception | None,
        deadline: float,
        *,
        recorded: bool = False,
    ) -> Exception | None:
        """Count, tell and record how a request ended. What cannot be recorded is not answered: return that error."""
        self._count(**{outcome: 1})
        self._tell(outcome, reply, problem, deadline)
        if self._guard is None or recorded:
            return None
        try:
            self._guard.ended(user, outcome, reply)
        except Exception as error:
            return self._explain(error)[1]

    def _count(self, **changes: int) -> None:
        self._counts = replace(self._counts, **{key: getattr(self._counts, key) + n for key, n in changes.items()})

    def _tell(self, event: str, reply: Reply | None, problem: Exception | None, deadline: float) -> None:
        if self._monitor is None:
            return
        try:
            error = None if problem is None else type(problem).__name__
            seconds = perf_counter() - (deadline - self._timeout)
            self._monitor.record(event, reply, self.counts, error=error, seconds=seconds)
        except Exception as error:  # watching must not disturb what is watched
            _log.warning("the monitor failed with %s", type(error).__name__)


def _options(messages, thinking, system, tools, max_new_tokens, sampling, seed) -> dict:
    if has_pictures(messages):  # a user's message must not make the server open its files or fetch addresses
        raise ValueError("This service takes text only; a picture goes to the model itself: qwen.chat(...).")
    return {
        "messages": messages,
        "thinking": thinking,
        "system": system,
        "tools": tools,
        "max_new_tokens": max_new_tokens,
        "sampling": sampling,
        "seed": seed,
    }
