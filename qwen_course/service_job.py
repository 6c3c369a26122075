"""One accepted request on its way through a service: what an engine needs, and the way back to the client.

An engine runs in threads, a client waits in an event loop. All that crosses between them goes through `Job.inbox`.
"""

import asyncio
from time import perf_counter
from typing import Protocol

from .reply import Piece, Reply
from .service_errors import ServiceClosed


class EngineError(Exception):
    """An engine's failure that is none of the client's doing. A service tells it to its log only."""


def shut_down() -> ServiceClosed:
    """Return what a client is told whose reply was not complete when its engine stopped."""
    return ServiceClosed("The service was shut down before this reply was complete.")


class Inbox:
    """Carry pieces, and at last a Reply or an exception, from an engine's thread to the loop that made the inbox.

    `on_end` is called in that loop with the last event, read or not: a slow reader keeps no place occupied.
    """

    def __init__(self, on_end) -> None:
        self._loop = asyncio.get_running_loop()
        self._events: asyncio.Queue[Piece | Reply | Exception] = asyncio.Queue()
        self._on_end = on_end
        self._ended = False

    def put(self, events: list[Piece | Reply | Exception]) -> None:
        """Hand events over, from any thread; what comes after the end is dropped."""
        try:
            self._loop.call_soon_threadsafe(self._take, events)
        except RuntimeError:  # the loop was closed: nobody waits any more
            pass

    def _take(self, events: list[Piece | Reply | Exception]) -> None:
        for event in events:
            if self._ended:
                return
            self._events.put_nowait(event)
            if isinstance(event, (Reply, Exception)):
                self._ended = True
                self._on_end()

    async def get(self) -> Piece | Reply | Exception:
        """Return the next event."""
        return await self._events.get()


class Job:
    """A request in the hands of an engine. `gone`: its client has left, so that nothing more need be done for it."""

    def __init__(self, options: dict, *, streaming: bool, on_end) -> None:
        self.options = options  # what the client asked for, as keywords of qwen.chat
        self.streaming = streaming
        self.inbox = Inbox(lambda: on_end(self))
        self.gone = False
        self.cost = 0  # of the engine's capacity
        self.placed = False  # it has a place in the engine; else it waits
        self.begun = 0.0  # when it got there

    def fail(self, error: Exception) -> None:
        """Answer with an error."""
        self.inbox.put([error])


class TokenJob(Job):
    """A job for a local model: prompt ids in, new ids out, cut into pieces as they come."""

    def __init__(self, qwen, options: dict, *, streaming: bool, on_end) -> None:
        super().__init__(options, streaming=streaming, on_end=on_end)
        self._qwen = qwen
        self.start = perf_counter()
        self.id = ""
        self.request = None

    def prepare(self) -> None:
        """Check and tokenize. Raises ValueError for what the client did wrong."""
        self.request = self._qwen.prepare(**self.options)
        self.seed = self.options["seed"]
        self._stops = set(self._qwen.stop_ids)
        self._clear()

    def _clear(self) -> None:
        self._parser = self._qwen.parser(self.request)
        self.tokens: list[int] = []
        self._times: list[float] = []
        self._stopped = False

    @property
    def ids(self) -> list[int]:
        """The prompt and what has been generated so far: where an engine has to go on."""
        return self.request.ids + self.tokens

    @property
    def room(self) -> int:
        """How many more tokens may come."""
        return self.request.max_new_tokens - len(self.tokens)

    @property
    def complete(self) -> bool:
        """Whether nothing more is to be generated."""
        return self.gone or self._stopped or self.room == 0

    def restart(self) -> None:
        """Prepare for a second attempt. Pieces that a client has read cannot be taken back: go on from there."""
        if not self.streaming:
            self._clear()

    def feed(self, tokens: list[int], times: list[float]) -> None:
        """Take new ids with the moment of each; what comes after the end of the reply is ignored."""
        pieces: list[Piece | Reply | Exception] = []
        for token_id, time in zip(tokens, times, strict=True):
            if self.complete:
                break
            self.tokens.append(token_id)
            self._times.append(time)
            if token_id in self._stops:
                self._stopped = True
            else:
                pieces += self._parser.feed(token_id)
        if pieces and self.streaming:
            self.inbox.put(pieces)

    def finish(self) -> None:
        """Hand out the reply. Its seconds count from the arrival of the request, waiting included."""
        rest = self._parser.finish()
        reply = self._parser.reply(
            prompt_tokens=len(self.request.ids),
            completion_tokens=len(self.tokens),
            stopped=self._stopped,
            time_to_first_token=self._times[0] - self.start,
            seconds=self._times[-1] - self.start,
        )
        self.inbox.put([*rest, reply] if self.streaming else [reply])


class Engine(Protocol):
    """What a service asks of an engine. None of these waits for a reply."""

    reason: str  # one line: which engine this is, and why
    capacity: int | None  # the sum of costs that fits at once; None: only the number of jobs counts

    def job(self, options: dict, *, streaming: bool, on_end) -> Job:
        """Return a job for these options."""

    def prepare(self, job: Job) -> None:
        """Do, in any thread, what can be done before there is a place. Raises ValueError for what cannot be served."""

    def submit(self, job: Job) -> None:
        """Begin with a job. Raises ServiceClosed after `close`."""

    def cancel(self, job: Job) -> None:
        """Stop a job whose client has left."""

    def close(self) -> None:
        """Stop at once; what is not complete is answered with ServiceClosed."""
