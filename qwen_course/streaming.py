"""Hand out a reply while it is written: generate runs in a thread, the caller iterates.

The thread only passes token ids on; they are cut and decoded in the caller's thread, so the model never waits for that.
"""

from collections.abc import Callable, Iterator
from queue import SimpleQueue
from threading import Event, Thread
from time import perf_counter

from .background import Caller
from .generation import Watch
from .parsing import ReplyParser
from .reply import Piece, Reply


class _Stopped(Exception):
    """Raised inside generate, to leave it, when the reader has gone."""


class ReplyStream:
    """Iterate over a reply's pieces (see Piece); afterwards `.reply` holds the whole Reply. Made by `qwen.stream`.

    Generation begins when the first piece is asked for; an error in it is raised from the loop. Leaving the loop early
    (break, return, an error), `close()`, the end of a `with` block, dropping the stream, or the end of Python stop it
    within one token. Introduced in notebook 02.
    """

    def __init__(
        self, run: Callable[[Watch], object], parser: ReplyParser, stop_ids: list[int], *, prompt_tokens: int
    ) -> None:
        self._run = run
        self._parser = parser
        self._stop_ids = stop_ids
        self._prompt_tokens = prompt_tokens
        self._tokens: SimpleQueue = SimpleQueue()  # one id per step, then None or an exception
        self._gone = Event()
        self._ready: list[Piece] = []
        self._times: list[float] = []  # of each id, after that of the start
        self._started = self._stopped = self._ended = False
        self._reply: Reply | None = None

    def __iter__(self) -> Iterator[Piece]:
        try:
            while True:
                try:
                    piece = next(self)
                except StopIteration:
                    return
                yield piece
        finally:  # Python gets here when the loop ends, and also when it is left by break or an error
            self.close()

    def __next__(self) -> Piece:
        while not self._ready:
            if self._ended or self._gone.is_set():
                raise StopIteration
            if not self._started:
                self._start()
            self._take(self._tokens.get())
        return self._ready.pop(0)

    @property
    def reply(self) -> Reply:
        """Return the whole reply. Raises RuntimeError before the end of the stream, and if it was left early."""
        if self._reply is None:
            raise RuntimeError(
                "The reply is complete only when the stream was read to its end (for piece in stream: ...)."
            )
        return self._reply

    def close(self) -> None:
        """Stop generating, if it still goes on."""
        self._gone.set()

    def __enter__(self) -> "ReplyStream":
        return self

    def __exit__(self, *exception) -> None:
        self.close()

    def __del__(self) -> None:
        # The thread holds the queue and the event, never the stream; so a stream that was dropped gets here.
        self._gone.set()

    def _start(self) -> None:
        self._started = True
        self._times.append(perf_counter())
        arguments = (self._run, self._tokens, self._gone, Caller())
        Thread(target=_generate, args=arguments, name="qwen-stream", daemon=False).start()  # see background.py

    def _take(self, item: tuple[int, float] | Exception | None) -> None:
        if isinstance(item, Exception):
            self._ended = True
            raise item
        if item is None:
            self._end()
            return
        token_id, time = item
        self._times.append(time)
        if token_id in self._stop_ids:
            self._stopped = True
        else:
            self._ready += self._parser.feed(token_id)

    def _end(self) -> None:
        self._ended = True
        self._ready += self._parser.finish()
        start, *times = self._times
        self._reply = self._parser.reply(
            prompt_tokens=self._prompt_tokens,
            completion_tokens=len(times),
            stopped=self._stopped,
            time_to_first_token=times[0] - start,
            seconds=times[-1] - start,
        )


def _generate(run: Callable[[Watch], object], tokens: SimpleQueue, gone: Event, caller: Caller) -> None:
    def pass_on(step: list[int]) -> None:
        if gone.is_set():
            raise _Stopped
        if caller.gone:
            raise RuntimeError("Python is ending, and so is this reply; read it before the program's last line.")
        tokens.put((step[0], perf_counter()))

    try:
        run(Watch(pass_on))
        tokens.put(None)
    except _Stopped:
        pass
    except Exception as error:  # whatever it is, it belongs to the caller, who would otherwise wait for ever
        tokens.put(error)
