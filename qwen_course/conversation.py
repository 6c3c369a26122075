"""Messages in, Reply out: the object that load() returns, for single replies, streams and batches.

Each step has its own file: `messages.py` checks, `templates.py` renders, `generation.py` runs the model, `parsing.py`
cuts what comes back, `streaming.py` does so piece by piece.
"""

from collections.abc import Callable
from dataclasses import dataclass
from time import perf_counter

from .fast import NEW_TOKENS, fast_mode
from .generation import Watch, generate
from .messages import check_messages, check_tools, tools_of_each
from .model_facts import context_tokens, stop_ids
from .parsing import ReplyParser, TokenBytes
from .parts import pictures_of
from .reply import Piece, Reply, ToolCall
from .sampling import Sampling
from .streaming import ReplyStream
from .templates import ChatTemplate
from .vision import Pictures, Vision, place_pictures

__all__ = ["LocalQwen", "Piece", "Reply", "ReplyStream", "Sampling", "ToolCall"]

ROWS_PER_BATCH = 64  # bounds the memory of a batch; more rows hardly raise the speed


@dataclass(frozen=True)
class Request:
    """All that one reply needs, checked."""

    ids: list[int]
    opened: bool  # the prompt ends inside a think block
    thinking: bool
    max_new_tokens: int
    sampling: Sampling
    tools: list[dict] | None
    pictures: Pictures | None = None


class LocalQwen:
    """A local model ready to chat. `model` and `tokenizer` are the plain transformers objects; `stop_ids` end a reply.
    `vision` is what it does with pictures, None for a model that reads text only.

    Made by `load`; make one yourself to chat with a model that is already in memory. Introduced in notebook 02.
    """

    def __init__(
        self, *, name: str, reason: str, model, tokenizer, sampling: str | None = None, vision: Vision | None = None
    ) -> None:
        self.name = name
        self.reason = reason
        self.model = model
        self.tokenizer = tokenizer
        self.template = ChatTemplate(tokenizer)
        self.thinking_modes = self.template.thinking_modes
        self.context_tokens = context_tokens(model.config)
        self.vision = vision
        self._card = sampling
        self._token_bytes = TokenBytes(tokenizer)
        self.stop_ids = stop_ids(model, tokenizer, self.template)

    def __repr__(self) -> str:
        return f"LocalQwen({self.name!r}: {self.reason})"

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
        """Return the model's reply to a string or a list of messages.

        `thinking=None` takes the model's default mode, `sampling=None` what its card recommends for that mode.
        `tools` are OpenAI schemas or Python functions with hints and docstring. Where prompt and max_new_tokens exceed
        the context, the reply may only fill what is left. Raises ValueError for bad input and unsupported modes.
        """
        request = self.prepare(messages, thinking, system, tools, max_new_tokens, sampling, seed)
        return self.run([request], [seed])[0]

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
    ) -> ReplyStream:
        """Return an iterator over the reply's pieces; its `.reply` is there after the end. Options as for `chat`.

        Leaving the loop early stops the model.
        """
        request = self.prepare(messages, thinking, system, tools, max_new_tokens, sampling, seed)

        def run(watch: Watch) -> None:
            self.generate_rows([request], [seed], watch)

        return ReplyStream(run, self.parser(request), self.stop_ids, prompt_tokens=len(request.ids))

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
        """Return one reply per conversation, in the order given. Options as for `chat`, the same for all.

        Only `tools` may also be a list of lists, one for each conversation. Conversation i is drawn with seed + i.
        `seconds` counts from the start of the batch to that reply's last token.
        """
        if isinstance(conversations, str) or not isinstance(conversations, (list, tuple)):
            raise ValueError(f"chat_batch takes a list of conversations, not {type(conversations).__name__}; see chat.")
        requests = [
            self.prepare(messages, thinking, system, own, max_new_tokens, sampling, seed)
            for messages, own in zip(conversations, tools_of_each(tools, len(conversations)), strict=True)
        ]
        # Rows of like length together: less padding to compute
        order = sorted(range(len(requests)), key=lambda i: len(requests[i].ids))
        replies: dict[int, Reply] = {}
        for start in range(0, len(order), ROWS_PER_BATCH):
            rows = order[start : start + ROWS_PER_BATCH]
            seeds = [None if seed is None else seed + i for i in rows]
            replies.update(zip(rows, self.run([requests[i] for i in rows], seeds), strict=True))
        return [replies[i] for i in range(len(requests))]

    def recommended_sampling(self, *, thinking: bool) -> Sampling:
        """Return the sampling that this model's card advises for a mode, else what the checkpoint itself ships."""
        if self._card is not None:
            try:
                return Sampling.recommended(self._card, thinking=thinking)
            except ValueError:  # a checkpoint whose card says nothing, e.g. a base model
                pass
        shipped = Sampling.from_generation_config(self.model.generation_config)
        thinking_card = Sampling.recommended("Qwen/Qwen3-0.6B", thinking=True)
        if shipped == thinking_card and len(self.thinking_modes) == 2 and not thinking:
            # Qwen3's file holds one mode only, that of thinking
            return Sampling.recommended("Qwen/Qwen3-0.6B", thinking=False)
        return shipped

    def close(self) -> None:
        """Give the memory back. Chatting afterwards raises RuntimeError."""
        import gc

        import torch

        self.model = self.tokenizer = self.template = self._token_bytes = None
        gc.collect()
        if torch.cuda.is_available():
            torch.cuda.empty_cache()

    def __enter__(self) -> "LocalQwen":
        return self

    def __exit__(self, *exception) -> None:
        self.close()

    def prepare(self, messages, thinking, system, tools, max_new_tokens, sampling, seed) -> Request:
        """Return the options of `chat`, checked and tokenized: where a reply begins, also that of a service."""
        if self.model is None:
            raise RuntimeError(f"{self.name!r} was closed; load it again with load({self.name!r}).")
        max_new_tokens = check_options(max_new_tokens, sampling, seed)
        mode = self._mode(thinking)
        schemas = check_tools(tools)
        checked = check_messages(messages, system=system)
        prompt = self.template.prompt(checked, thinking=mode, tools=schemas)
        ids, pictures = place_pictures(self.vision, self.name, prompt.ids, pictures_of(checked))
        room = max_new_tokens
        if self.context_tokens is not None:
            room = self.context_tokens - len(ids)
            if room < 1:
                raise ValueError(
                    f"The prompt has {len(ids)} tokens, but {self.name!r} takes {self.context_tokens} in all, "
                    "reply included. Shorten the text, or drop the oldest messages."
                )
        return Request(
            ids=ids,
            opened=prompt.opened,
            thinking=mode,
            max_new_tokens=min(max_new_tokens, room),
            sampling=sampling if sampling is not None else self.recommended_sampling(thinking=mode),
            tools=schemas,
            pictures=pictures,
        )

    def _mode(self, thinking: bool | None) -> bool:
        if thinking is None:
            return self.template.default_thinking
        if not isinstance(thinking, bool):
            raise ValueError(f"thinking is {thinking!r}; expected True, False or None (the model's default).")
        if thinking in self.thinking_modes:
            return thinking
        raise mode_error(self.name, thinking)

    def parser(self, request: Request) -> ReplyParser:
        """Return what cuts the tokens of that request's reply."""
        return ReplyParser(
            self._token_bytes,
            self.template.tags,
            thinking=request.thinking,
            opened=request.opened,
            tools=request.tools,
        )

    def generate_rows(
        self,
        requests: list[Request],
        seeds: list[int | None],
        watch: Watch,
        *,
        constraint: Callable | None = None,
        also_stop: tuple[int, ...] = (),
    ) -> list[list[int]]:
        """Return the new ids of each request, stop id included: what all replies are made of.

        `constraint` rules tokens out (see `generation.generate`); `also_stop` are more ids that end a row.
        """
        pad_id = self.tokenizer.pad_token_id
        return generate(
            self.model,
            [request.ids for request in requests],
            max_new_tokens=max(request.max_new_tokens for request in requests),
            sampling=requests[0].sampling,
            seeds=seeds,
            stop_ids=[*self.stop_ids, *also_stop],
            pad_id=self.stop_ids[0] if pad_id is None else pad_id,
            watch=watch,
            constraint=constraint,
            pictures=[request.pictures for request in requests],
        )

    def run(
        self, requests: list[Request], seeds: list[int | None], *, constraint: Callable | None = None
    ) -> list[Reply]:
        """Return the replies to prepared requests, computed as one batch."""
        watch = Watch()
        start = perf_counter()
        rows = self.generate_rows(requests, seeds, watch, constraint=constraint)
        replies = []
        for request, ids in zip(requests, rows, strict=True):
            ids = ids[: request.max_new_tokens]  # a shorter neighbour in the batch may have had more room
            parser = self.parser(request)
            stopped = ids[-1] in self.stop_ids
            for token_id in ids[:-1] if stopped else ids:
                parser.feed(token_id)
            parser.finish()
            replies.append(
                parser.reply(
                    prompt_tokens=len(request.ids),
                    completion_tokens=len(ids),
                    stopped=stopped,
                    time_to_first_token=watch.times[0] - start,
                    seconds=watch.times[len(ids) - 1] - start,
                )
            )
        return replies


def check_options(max_new_tokens: int, sampling: Sampling | None, seed: int | None) -> int:
    """Return max_new_tokens, smaller in fast mode; raise ValueError for what is no such option."""
    if isinstance(max_new_tokens, bool) or not isinstance(max_new_tokens, int) or max_new_tokens < 1:
        raise ValueError(f"max_new_tokens is {max_new_tokens!r}; expected a whole number of at least 1.")
    if sampling is not None and not isinstance(sampling, Sampling):
        raise ValueError(f"sampling is {sampling!r}; expected a Sampling, e.g. Sampling.greedy().")
    if seed is not None and (isinstance(seed, bool) or not isinstance(seed, int)):
        raise ValueError(f"seed is {seed!r}; expected a whole number, or None for another reply each time.")
    return min(max_new_tokens, NEW_TOKENS) if fast_mode() else max_new_tokens


def mode_error(name: str, thinking: bool) -> ValueError:
    """Return the error for a thinking mode that a model has not, with models that have it."""
    if thinking:
        return ValueError(
            f"{name!r} does not think. Models that can: Pocket, Qwen/Qwen3-0.6B (and every Qwen3 without a "
            "date in its name), Qwen/Qwen3-4B-Thinking-2507, Qwen/Qwen3.5-0.8B."
        )
    return ValueError(
        f"{name!r} always thinks. Models that answer without: Pocket, Qwen/Qwen3-0.6B (and every Qwen3 "
        "without a date in its name), Qwen/Qwen3-4B-Instruct-2507, Qwen/Qwen3.5-0.8B."
    )
