"""A door in front of a model: OpenAI's API over a QwenService, for clients that are known and may misbehave.

The service behind it may hold a local model or pass on to an upstream server (vLLM, transformers serve). In the order
in which a request meets them: the key, the limit per key, size and time of the body, its form, the guard, the queue.
"""

from collections import Counter
from contextlib import ExitStack, asynccontextmanager

from fastapi import Request

from .api_keys import ApiKeys
from .gateway_body import parse, read_body
from .gateway_errors import GatewayError, answer
from .gateway_leaving import ClientLeft, event_stream, while_there
from .gateway_reply import Chunks, completion, event
from .guard import Guard
from .guard_errors import GuardError, InputNotAllowed
from .guard_text import all_texts, control_pattern
from .monitoring import QwenMonitor
from .service import QwenService
from .service_errors import ServiceError

_ROLES = ("system", "user", "assistant", "tool")


class Gateway:
    """Serve `qwen` under OpenAI's API: `Gateway(qwen, keys, ...).app` is a FastAPI app for uvicorn.

    Each key has at most `per_key` requests in work or waiting, and the `rate` that a Guard takes; each request at most
    `max_bytes`, its body complete within `body_seconds`, its reply within `timeout_seconds` and of at most
    `max_new_tokens`. System and tool turns are allowed: the clients are applications. Introduced in notebook 07.
    """

    def __init__(
        self,
        qwen,
        keys: ApiKeys,
        *,
        name: str | None = None,
        max_concurrent: int = 8,
        max_queue: int = 32,
        per_key: int = 8,
        max_bytes: int = 200_000,
        body_seconds: float = 10.0,
        timeout_seconds: float = 120.0,
        max_new_tokens: int = 1024,
        rate: str = "60/minute",
    ) -> None:
        self.monitor = QwenMonitor(qwen)
        self.model = name or self.monitor.model
        self._keys, self._busy, self._per_key = keys, Counter(), per_key
        self._max_bytes, self._body_seconds, self._max_new_tokens = max_bytes, body_seconds, max_new_tokens
        # An upstream server builds the prompt itself, so what looks like a control token must not get there
        self._control = None if hasattr(qwen, "tokenizer") else control_pattern()
        self._service = QwenService(
            qwen,
            max_concurrent=max_concurrent,
            max_queue=max_queue,
            timeout_seconds=timeout_seconds,
            guard=Guard(qwen, max_characters=50_000, roles=_ROLES, rate=rate),
            monitor=self.monitor,
        )
        self.app = self._make_app()

    def _make_app(self):
        from fastapi import FastAPI

        @asynccontextmanager
        async def lifespan(app):
            async with self._service:
                yield

        app = FastAPI(title="Qwen gateway", lifespan=lifespan, docs_url=None, redoc_url=None, openapi_url=None)
        app.add_api_route("/health", self.health, methods=["GET"])
        app.add_api_route("/metrics", self.metrics, methods=["GET"], response_model=None)
        app.add_api_route("/v1/models", self.models, methods=["GET"], response_model=None)
        app.add_api_route("/v1/chat/completions", self.chat, methods=["POST"], response_model=None)
        for kind in (GatewayError, ClientLeft, GuardError, ServiceError, ValueError):
            app.add_exception_handler(kind, _refuse)
        app.add_exception_handler(Exception, _refuse)  # answered, then raised again for the server's log
        app.add_exception_handler(404, _no_such_page)
        app.add_exception_handler(405, _no_such_page)
        return app

    async def health(self) -> dict:
        """Say that the process answers and how busy it is; nothing that only its owner may know."""
        return {"status": "ok", "running": self._service.counts.running, "waiting": self._service.counts.waiting}

    async def metrics(self, request: Request):
        """Return the figures of all requests for Prometheus, which has a key of its own."""
        from fastapi.responses import PlainTextResponse

        self._who(request)
        return PlainTextResponse(self.monitor.text(), media_type="text/plain; version=0.0.4")

    async def models(self, request: Request) -> dict:
        """List the one model that is served here."""
        self._who(request)
        entry = {"id": self.model, "object": "model", "created": 0, "owned_by": "qwen-course"}
        return {"object": "list", "data": [entry]}

    async def chat(self, request: Request):
        """Answer a chat completion, whole or as a stream of events."""
        from fastapi.responses import JSONResponse

        user = self._who(request)
        if self._busy[user] >= self._per_key:
            message = f"This key has {self._per_key} requests in work already, which is as many as it may have."
            raise GatewayError(429, "too_many_requests", message, retry_after=1)
        self._busy[user] += 1
        release = ExitStack()
        release.callback(self._release, user)
        with release:
            body = await read_body(request, max_bytes=self._max_bytes, seconds=self._body_seconds)
            options, stream, usage = parse(body, model=self.model, max_new_tokens=self._max_new_tokens)
            self._refuse_control(options["messages"])
            if not stream:
                reply = await while_there(request, self._service.chat(user=user, **options))
                return JSONResponse(completion(reply, self.model))
            source = self._service.stream(user=user, **options)
            pieces = aiter(source)
            first = await while_there(request, anext(pieces, None))  # an error before it still has its own status
            events = self._events(source, pieces, first, usage)
            return event_stream(events, source, release.pop_all())

    async def _events(self, source, pieces, first, usage: bool):
        chunks = Chunks(self.model)
        try:
            if first is not None:
                yield chunks.piece(first)
                async for piece in pieces:
                    yield chunks.piece(piece)
            yield chunks.end(source.reply, usage=usage)
        except Exception as error:  # the status has been sent: the stream itself has to say it
            yield event(answer(error)[1])

    def _who(self, request: Request) -> str:
        """Return whose key came with a request; it is all that is known before a byte of the body is read."""
        kind, _, key = request.headers.get("authorization", "").partition(" ")
        user = self._keys.name_of(key.strip()) if kind.lower() == "bearer" else None
        if user is None:
            raise GatewayError(401, "invalid_api_key", "No valid API key: send the header Authorization: Bearer KEY.")
        return user

    def _release(self, user: str) -> None:
        self._busy[user] -= 1
        if not self._busy[user]:
            del self._busy[user]

    def _refuse_control(self, messages) -> None:
        if self._control is None:
            return
        for text in all_texts(messages, max_characters=self._max_bytes):
            if found := self._control.search(text):
                raise InputNotAllowed(f"The text holds {found[0]!r}, a control token of the model. Remove it.")


async def _refuse(request: Request, error: Exception):
    from fastapi.responses import JSONResponse, Response

    if isinstance(error, ClientLeft):
        return Response(status_code=499)  # nobody reads it; the access log does
    status, body, headers = answer(error)
    return JSONResponse(body, status_code=status, headers=headers)


async def _no_such_page(request: Request, error):
    message = f"{error.detail}: this gateway has /v1/chat/completions, /v1/models, /health and /metrics."
    return await _refuse(request, GatewayError(error.status_code, "not_found", message))
