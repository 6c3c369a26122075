"""The same interface as a local model, over any OpenAI-compatible server: vLLM, transformers serve, Ollama, llama.cpp.

Here is what is said to the server; `endpoint_stream.py` listens, `endpoint_text.py` cuts text, `endpoint_errors.py` has
the errors. The server owns the weights and the template: what needs those takes `load(MODEL, local=True)`.
"""

import json
import os
import re
import warnings
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property

from .conversation import check_options, mode_error
from .endpoint_address import context_tokens, only_model, split_address, time_limit
from .endpoint_errors import (
    EndpointDenied,
    EndpointDown,
    EndpointError,
    EndpointRefused,
    EndpointTimeout,
    clear_error,
    server_text,
)
from .endpoint_stream import EndpointStream
from .endpoint_text import TextParser
from .messages import check_messages, check_tools, openai_messages, tools_of_each
from .reply import Reply
from .sampling import Sampling

_AT_ONCE = 8  # requests of a batch in flight: enough for a server that batches, no flood for one that does not
_OPTIONAL = ("top_k", "min_p", "repetition_penalty", "presence_penalty", "seed", "stream_options")


class EndpointQwen:
    """A model behind an OpenAI-compatible server, ready to chat. Made by `load("http://host:8000/v1#model")`.

    `model_id` is the name that the server has for it, `url` its address. The key comes from QWEN_COURSE_API_KEY; after
    QWEN_COURSE_TIMEOUT seconds (default 120) without a word the server counts as too slow. Introduced in notebook 07.
    """

    def __init__(self, address: str) -> None:
        self.url, model = split_address(address)
        self._key = os.environ.get("QWEN_COURSE_API_KEY", "").strip() or None
        self._seconds = time_limit()
        try:
            import openai
        except ImportError as error:
            raise ImportError("An endpoint needs the openai package: pip install openai") from error
        self._client = openai.OpenAI(
            base_url=self.url,
            api_key=self._key or "none",  # the client insists on one; servers without keys ignore it
            timeout=openai.Timeout(self._seconds, connect=min(10.0, self._seconds)),
            max_retries=0,  # the client's own retries would triple the time limit
        )
        try:
            served = self._served(model)
            self.model_id = model or only_model(served, self.url)
        except BaseException:
            self._client.close()
            raise
        self.name = f"{self.url}#{self.model_id}"
        self.context_tokens = context_tokens(served.get(self.model_id, {}))
        named = "as named" if model else "the only one there"
        self.reason = f"{self.model_id} ({named}) on the server {self.url}, which chose device and number format."
        self._refused: set[str] = set()  # options that this server does not take

    def __repr__(self) -> str:
        return f"EndpointQwen({self.name!r}: {self.reason})"

    def __getattr__(self, name: str) -> None:
        if name in ("model", "tokenizer", "template", "stop_ids"):
            raise AttributeError(
                f"An endpoint has no `{name}`: weights and tokenizer are on the server. Use load(MODEL, local=True)."
            )
        raise AttributeError(f"{type(self).__name__!r} object has no attribute {name!r}")

    def chat(
        self,
        messages: str | list[dict],
        *,
        thinking: bool | None = None,
        system: str | None = None,
        tools: list | None = None,
        max_new_tokens: int = 512,
        sampling: Sampling | None = None,
        seed: int | None = None,
    ) -> Reply:
        """Return the model's reply. Options as for a local model; `thinking=None` and, for a model whose card is not
        known, `sampling=None` leave the choice to the server.

        Where the server does not count them, `thinking_tokens` are estimated by the share of letters. Raises ValueError
        for bad input, and the errors of `endpoint_errors.py` for what goes wrong on the way.
        """
        stream = self.stream(
            messages,
            thinking=thinking,
            system=system,
            tools=tools,
            max_new_tokens=max_new_tokens,
            sampling=sampling,
            seed=seed,
        )
        for _ in stream:
            pass
        return stream.reply

    def stream(
        self,
        messages: str | list[dict],
        *,
        thinking: bool | None = None,
        system: str | None = None,
        tools: list | None = None,
        max_new_tokens: int = 512,
        sampling: Sampling | None = None,
        seed: int | None = None,
    ) -> EndpointStream:
        """Return an iterator over the reply's pieces; its `.reply` is there after the end. Options as for `chat`."""
        options = dict(system=system, tools=tools, max_new_tokens=max_new_tokens, sampling=sampling, seed=seed)
        return self.stream_as(messages, response_format=None, thinking=thinking, **options)

    def stream_as(
        self,
        messages: str | list[dict],
        *,
        response_format: dict | None,
        thinking: bool | None = None,
        system: str | None = None,
        tools: list | None = None,
        max_new_tokens: int = 512,
        sampling: Sampling | None = None,
        seed: int | None = None,
    ) -> EndpointStream:
        """Stream as `stream` does, with OpenAI's `response_format`: what the server may let its model write."""
        max_new_tokens = check_options(max_new_tokens, sampling, seed)
        schemas = check_tools(tools)
        checked = check_messages(messages, system=system)
        self._check_open()
        if thinking is not None:
            if not isinstance(thinking, bool):
                raise ValueError(f"thinking is {thinking!r}; expected True, False or None (the server's default).")
            if thinking not in self.thinking_modes:
                raise mode_error(self.name, thinking)
        body = {"model": self.model_id, "messages": openai_messages(checked), "max_tokens": max_new_tokens}
        if schemas:
            body["tools"] = schemas
        if response_format is not None:
            body["response_format"] = response_format
        extra: dict = {}
        if thinking is not None and len(self.thinking_modes) == 2:
            extra["chat_template_kwargs"] = {"enable_thinking": thinking}
        chosen = sampling if sampling is not None else self._card(thinking)
        if chosen is not None:
            body["temperature"], body["top_p"] = chosen.temperature, chosen.top_p
            # what changes nothing is not sent: some servers refuse options that they do not know
            for option, off in (("top_k", 0), ("min_p", 0), ("repetition_penalty", 1), ("presence_penalty", 0)):
                if getattr(chosen, option) != off and chosen.temperature > 0:
                    extra[option] = getattr(chosen, option)
        if seed is not None:
            extra["seed"] = seed
        return self._open(body, extra, TextParser(thinking=thinking, tools=schemas))

    def chat_batch(
        self,
        conversations: list[str | list[dict]],
        *,
        thinking: bool | None = None,
        system: str | None = None,
        tools: list | None = None,
        max_new_tokens: int = 512,
        sampling: Sampling | None = None,
        seed: int | None = None,
    ) -> list[Reply]:
        """Return one reply per conversation, in the order given; at most 8 are asked at once.

        Options as for `chat`, the same for all, but that `tools` may be one list for each; conversation i is drawn
        with seed + i. The first error is raised, and what was not yet asked is not asked any more.
        """
        if isinstance(conversations, str) or not isinstance(conversations, (list, tuple)):
            raise ValueError(f"chat_batch takes a list of conversations, not {type(conversations).__name__}; see chat.")
        check_options(max_new_tokens, sampling, seed)
        for messages in conversations:  # all input is checked before the first request
            check_messages(messages, system=system)
        if thinking is not None:
            _ = self.thinking_modes  # found out once, not by each thread
        options = dict(thinking=thinking, system=system, max_new_tokens=max_new_tokens, sampling=sampling)
        tools = tools_of_each(tools, len(conversations))
        with ThreadPoolExecutor(max_workers=_AT_ONCE, thread_name_prefix="qwen-batch") as pool:
            asked = [
                pool.submit(self.chat, messages, **options, tools=tools[i], seed=None if seed is None else seed + i)
                for i, messages in enumerate(conversations)
            ]
            try:
                return [reply.result() for reply in asked]
            except BaseException:
                pool.shutdown(wait=False, cancel_futures=True)
                raise

    @cached_property
    def thinking_modes(self) -> tuple[bool, ...]:
        """What the server can do: found by asking it twice for a few tokens, with thinking on and off.

        A template that knows the switch writes another prompt, so the prompt's tokens differ.
        """
        self._check_open()
        replies = []
        for mode in (True, False):
            body = {"model": self.model_id, "messages": [{"role": "user", "content": "?"}], "max_tokens": 8}
            extra = {"chat_template_kwargs": {"enable_thinking": mode}}
            stream = self._open(body, extra, TextParser(thinking=None, tools=None))
            try:
                for _ in stream:
                    pass
            except EndpointRefused as error:
                if "chat_template_kwargs" in str(error):  # a server without the switch
                    return (re.search(r"thinking|qwq", self.model_id.lower()) is not None,)
                raise
            replies.append(stream.reply)
        on, off = replies
        if on.prompt_tokens != off.prompt_tokens:
            return (False, True)
        named = re.search(r"-thinking-|qwq", self.model_id.lower()) is not None
        return (bool(off.thinking) or named,)

    def recommended_sampling(self, *, thinking: bool) -> Sampling:
        """Return the sampling that the model's card advises for a mode; Qwen3's where the name has no card."""
        return self._card(thinking) or Sampling.recommended("Qwen/Qwen3-0.6B", thinking=thinking)

    def close(self) -> None:
        """Close the connections. Chatting afterwards raises RuntimeError."""
        client, self._client = self._client, None
        if client is not None:
            client.close()

    def __enter__(self) -> "EndpointQwen":
        return self

    def __exit__(self, *exception) -> None:
        self.close()

    def _check_open(self) -> None:
        if self._client is None:
            raise RuntimeError(f"{self.name!r} was closed; load it again with load({self.name!r}).")

    def _card(self, thinking: bool | None) -> Sampling | None:
        try:
            return Sampling.recommended(self.model_id, thinking=thinking)
        except ValueError:
            return None

    def _open(self, body: dict, extra: dict, parser: TextParser) -> EndpointStream:
        return EndpointStream(
            lambda: self._send(body, extra), parser, url=self.url, key=self._key, seconds=self._seconds
        )

    def _send(self, body: dict, extra: dict):
        """Open the request; leave out, with a warning, what the server says that it does not take."""
        import openai

        extra = {**extra, "stream_options": {"include_usage": True}}
        while True:
            sent = {name: value for name, value in extra.items() if name not in self._refused}
            try:
                return self._client.chat.completions.with_raw_response.create(stream=True, **body, extra_body=sent)
            except (openai.BadRequestError, openai.UnprocessableEntityError) as error:
                said = server_text(error)
                named = {name for name in _OPTIONAL if name in sent and name in said}
                if not named:
                    raise
                self._refused |= named
                if lost := named - {"stream_options"}:
                    warnings.warn(
                        f"{self.url} does not take {', '.join(sorted(lost))}; the replies are made without.",
                        stacklevel=2,
                    )

    def _served(self, model: str | None) -> dict[str, dict]:
        """Return the server's models by name. One that has no list is fine where the model was named."""
        try:
            listed = self._client.models.with_raw_response.list()
            entries = json.loads(listed.http_response.read())["data"]
            return {entry["id"]: entry for entry in entries}
        except Exception as error:
            clear = clear_error(error, url=self.url, key=self._key, seconds=self._seconds)
            if model and not isinstance(clear, (EndpointDown, EndpointDenied, EndpointTimeout)):
                return {}
            if not model and not isinstance(clear, (EndpointDown, EndpointDenied, EndpointTimeout)):
                clear = EndpointError(f"{self.url} does not list its models, so name one: load('{self.url}#MODEL').")
        raise clear
