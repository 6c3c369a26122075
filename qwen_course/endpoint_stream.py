"""Read one reply of a server: a thread talks to it, the caller iterates and never waits longer than agreed.

The thread is there for the time limit: a library's own limit starts anew with each byte, so a server that drips bytes
without ever completing an event would hold us for ever.
"""

import json
from collections.abc import Callable
from queue import Empty, Queue
from threading import Event, Thread
from time import perf_counter

from .endpoint_errors import (
    EndpointBadReply,
    EndpointDown,
    EndpointError,
    clear_error,
    half_an_answer,
    not_a_completion,
    retry_after,
    too_slow,
)
from .endpoint_text import TextParser
from .reply import Piece, Reply, ToolCall
from .streaming import ReplyStream

_TRIES = 4  # of a request that is told to come back later


class _Waiting(float):
    """Seconds that the thread waits because the server said so: no silence of the server's."""


class EndpointStream(ReplyStream):
    """The ReplyStream of an endpoint. `send` opens the request and returns the raw response of the openai client."""

    def __init__(
        self, send: Callable[[], object], parser: TextParser, *, url: str, key: str | None, seconds: float
    ) -> None:
        self._send = send
        self._parser = parser
        self._url, self._key, self._seconds = url, key, seconds
        self._tokens = _Inbox(url, seconds)
        self._gone = Event()
        self._ready: list[Piece] = []
        self._started = self._ended = False
        self._reply: Reply | None = None
        self._calls: dict[int, dict] = {}  # index -> id, name, arguments as text
        self._usage = None
        self._finish: str | None = None
        self._begin = self._first = self._last = 0.0
        self._deltas = 0

    def _start(self) -> None:
        self._started = True
        self._begin = perf_counter()
        arguments = (self._send, self._tokens, self._gone, self._seconds)
        Thread(target=_talk, args=arguments, name="qwen-endpoint", daemon=True).start()

    def _take(self, item) -> None:
        if isinstance(item, Exception):
            self._ended = True
            self._gone.set()
            raise self._clear(item) from None  # the client's own error may hold the request, and so the key
        if item is None:
            self._end()
            return
        time, chunk = item
        try:
            self._read(chunk, time)
        except (AttributeError, TypeError, KeyError, IndexError, ValueError) as error:
            self._ended = True
            self._gone.set()
            raise not_a_completion(self._url, f"{type(error).__name__} in what it sent") from None

    def _clear(self, error: Exception) -> EndpointError:
        said = self._parser.thinking + self._parser.text
        clear = clear_error(error, url=self._url, key=self._key, seconds=self._seconds)
        if self._deltas and isinstance(clear, EndpointDown):
            return half_an_answer(self._url, said)
        clear.partial = clear.partial or said
        return clear

    def _read(self, chunk, time: float) -> None:
        self._usage = getattr(chunk, "usage", None) or self._usage
        for choice in (chunk.choices or [])[:1]:
            # one piece of a stream has a delta; a server that does not stream sends the whole message
            delta = getattr(choice, "delta", None) or getattr(choice, "message", None)
            self._finish = choice.finish_reason or self._finish
            if delta is None:
                continue
            thinking = getattr(delta, "reasoning_content", None) or getattr(delta, "reasoning", None)
            if thinking:
                self._ready += self._parser.feed_thinking(thinking)
            if delta.content:
                self._ready += self._parser.feed(delta.content)
            for position, call in enumerate(delta.tool_calls or []):
                index = getattr(call, "index", None)
                entry = self._calls.setdefault(position if index is None else index, {"id": "", "name": "", "text": ""})
                entry["id"] = entry["id"] or call.id or ""
                entry["name"] += (call.function and call.function.name) or ""
                entry["text"] += (call.function and call.function.arguments) or ""
            if thinking or delta.content or delta.tool_calls:
                self._deltas += 1
                self._last = time
                self._first = self._first or time

    def _end(self) -> None:
        self._ended = True
        if self._finish is None:
            said = self._parser.thinking + self._parser.text
            if not self._deltas:
                raise not_a_completion(self._url, "it sent no event of a completion")
            raise half_an_answer(self._url, said)
        self._ready += self._parser.finish()
        calls = self._tool_calls()
        reason = "tool_calls" if calls and self._finish != "length" else self._finish
        usage, thinking, text = self._usage, self._parser.thinking, self._parser.text
        completion = getattr(usage, "completion_tokens", None) or self._deltas
        details = getattr(usage, "completion_tokens_details", None)
        told = getattr(details, "reasoning_tokens", None)
        share = len(thinking) / max(1, len(thinking) + len(text) + sum(len(e["text"]) for e in self._calls.values()))
        last = self._last or perf_counter()
        self._reply = Reply(
            text=text,
            thinking=thinking,
            tool_calls=calls,
            prompt_tokens=getattr(usage, "prompt_tokens", None) or 0,
            completion_tokens=completion,
            thinking_tokens=told if told else round(completion * share),
            time_to_first_token=(self._first or last) - self._begin,
            seconds=last - self._begin,
            finish_reason=reason if reason in ("stop", "length", "tool_calls") else "stop",
        )

    def _tool_calls(self) -> list[ToolCall]:
        found = list(self._parser.tool_calls)
        for index, entry in sorted(self._calls.items()):
            try:
                arguments = json.loads(entry["text"] or "{}")
            except ValueError:
                arguments = None
            if not isinstance(arguments, dict) or not entry["name"]:
                if self._finish == "length":  # cut off in the middle of a call
                    continue
                raise EndpointBadReply(
                    f"{self._url} sent a tool call whose arguments are no JSON object: {entry['text'][:80]!r}. "
                    "Does its tool parser fit the model?"
                )
            found.append(ToolCall(entry["id"] or f"call_{index}", entry["name"], arguments))
        return found


class _Inbox(Queue):
    """A queue that gives up after so many seconds of silence."""

    def __init__(self, url: str, seconds: float) -> None:
        super().__init__()
        self._url, self._seconds = url, seconds

    def get(self):
        allowed = self._seconds
        while True:
            try:
                item = super().get(timeout=allowed)
            except Empty:
                return too_slow(self._url, self._seconds)
            if not isinstance(item, _Waiting):
                return item
            allowed = item + self._seconds


def _talk(send: Callable[[], object], inbox: _Inbox, gone: Event, patience: float) -> None:
    """Send the request and pass on (time, chunk) for each event, then None; or the exception that ended it."""
    try:
        response = _send_patiently(send, inbox, gone, patience)
        if response is None:
            return
        try:
            for chunk in _chunks(response):
                if gone.is_set():
                    return
                inbox.put((perf_counter(), chunk))
        finally:
            response.http_response.close()  # a server that is not listened to stops writing
        inbox.put(None)
    except Exception as error:  # whatever it is, it belongs to the caller, who would otherwise wait for ever
        inbox.put(error)


def _send_patiently(send: Callable[[], object], inbox: _Inbox, gone: Event, patience: float):
    """Send; when told to come back later, do so, as long as that takes no longer than we wait for anything."""
    import openai

    waited = 0.0
    for attempt in range(_TRIES):
        try:
            return send()
        except openai.APIStatusError as error:
            told = retry_after(error)
            if error.status_code != 429 and not (error.status_code == 503 and told is not None):
                raise
            pause = 2.0**attempt if told is None else told
            if attempt == _TRIES - 1 or waited + pause > patience:
                raise
            waited += pause
            inbox.put(_Waiting(pause))
            if gone.wait(pause):
                return None


def _chunks(response):
    """Yield what the client made of each event; one whole completion where the server does not stream."""
    from openai.types.chat import ChatCompletion

    if "application/json" in response.headers.get("content-type", ""):
        body = json.loads(response.http_response.read())
        if not isinstance(body, dict) or "choices" not in body:
            raise ValueError("a JSON document without 'choices'")
        yield ChatCompletion.model_validate(body)
        return
    yield from response.parse()
