"""Give a model a budget of tokens for its thinking: two calls, the first for the thinking, the second for the answer.

No option of a model limits its thinking: `max_new_tokens` would cut the answer off with it. So the first call thinks,
at most for the budget. Where `</think>` did not come, a sentence and the tag are written for the model, and the second
call goes on behind them. Procedure and sentence are Qwen's own (Qwen3 Technical Report, arXiv:2505.09388, section 4.3).
Needs a local model: a server that takes messages only does not let us write into the model's turn.
"""

from collections.abc import Callable
from dataclasses import replace
from time import perf_counter

from .conversation import ROWS_PER_BATCH, LocalQwen, Request, check_options
from .fast import NEW_TOKENS, fast_mode
from .generation import Watch
from .messages import tools_of_each
from .reply import Reply
from .sampling import Sampling

STOP_SENTENCE = (
    "\n\nConsidering the limited time by the user, I have to give the solution based on the thinking directly now."
)


class ThinkingBudget:
    """A model that thinks for at most `tokens` tokens, with the model's own `chat` and `chat_batch`.

    Raises ValueError for an endpoint and for a model that cannot think. In a reply `thinking` and `thinking_tokens`
    are the model's own, without the sentence that stopped it; `max_new_tokens` counts for the answer alone. With
    tokens=0 the think block stays empty. Introduced in notebook 03.

    qc.evaluate(qc.ThinkingBudget(qwen, 32), "arithmetic", n=50)
    """

    thinking_modes = (True,)

    def __init__(self, qwen: LocalQwen, tokens: int) -> None:
        if isinstance(tokens, bool) or not isinstance(tokens, int) or tokens < 0:
            raise ValueError(f"tokens is {tokens!r}; expected a whole number of at least 0.")
        check_can_think(qwen)
        self.name = f"{qwen.name}, thinking at most {tokens} tokens"
        self.tokens = tokens
        self._qwen = qwen

    def __repr__(self) -> str:
        return f"ThinkingBudget({self.name!r})"

    def chat(
        self,
        messages: str | list[dict],
        *,
        thinking: bool | None = True,
        system: str | None = None,
        tools: list | None = None,
        max_new_tokens: int = 512,
        sampling: Sampling | None = None,
        seed: int | None = None,
    ) -> Reply:
        """Return one reply. Options as for the model's own `chat`; `thinking=False` is a ValueError."""
        options = dict(thinking=thinking, system=system, tools=tools, max_new_tokens=max_new_tokens, sampling=sampling)
        return self.chat_batch([messages], **options, seed=seed)[0]

    def chat_batch(
        self,
        conversations: list[str | list[dict]],
        *,
        thinking: bool | None = True,
        system: str | None = None,
        tools: list | None = None,
        max_new_tokens: int = 512,
        sampling: Sampling | None = None,
        seed: int | None = None,
    ) -> list[Reply]:
        """Return one reply per conversation. Options as for the model's `chat_batch`, `thinking` as for `chat`."""
        if thinking is False:
            raise ValueError("thinking=False together with a thinking budget: ask the model itself, or take tokens=0.")
        room = check_options(max_new_tokens, sampling, seed)
        requests = [
            self._qwen.prepare(messages, True, system, own, room, sampling, seed)
            for messages, own in zip(conversations, tools_of_each(tools, len(conversations)), strict=True)
        ]
        replies: list[Reply] = []
        for start in range(0, len(requests), ROWS_PER_BATCH):
            rows = requests[start : start + ROWS_PER_BATCH]
            seeds = [None if seed is None else seed + i for i in range(start, start + len(rows))]
            replies += answer_after_thinking(self._qwen, rows, seeds, thinking_tokens=self.tokens, answer_tokens=room)
        return replies


def check_can_think(qwen) -> None:
    """Raise ValueError where the two calls are not possible: an endpoint, or a model that cannot think."""
    if not isinstance(qwen, LocalQwen):
        raise ValueError(
            f"{qwen.name!r} is an endpoint, which does not let us write into the model's turn. Limit its thinking by "
            "an option of the server, if it has one, or load a local model: load(MODEL, local=True)."
        )
    if True not in qwen.thinking_modes:
        raise ValueError(
            f"{qwen.name!r} cannot think, so there is no thinking to limit. Models that can: Pocket, Qwen/Qwen3-0.6B."
        )


def answer_after_thinking(
    qwen: LocalQwen,
    requests: list[Request],
    seeds: list[int | None],
    *,
    thinking_tokens: int,
    answer_tokens: int,
    constraint: Callable | None = None,
) -> list[Reply]:
    """Return one reply per request of the thinking mode: think freely within the budget, then answer.

    `constraint` rules tokens out of the answer alone (see `constrained.py`). Where the context is short, the thinking
    gets at most half of what is left of it. Raises ValueError where no room for an answer is left.
    """
    start = perf_counter()
    watches = Watch(), Watch()
    thoughts = _think(qwen, requests, seeds, watches[0], thinking_tokens)
    going_on = [
        _go_on(qwen, request, thought, answer_tokens) for request, thought in zip(requests, thoughts, strict=True)
    ]
    rows = qwen.generate_rows(going_on, seeds, watches[1], constraint=constraint)
    first = (watches[0].times + watches[1].times)[0]
    replies = []
    for request, longer, thought, ids in zip(requests, going_on, thoughts, rows, strict=True):
        ids = ids[: longer.max_new_tokens]  # a neighbour in the batch may have had more room
        stopped = ids[-1] in qwen.stop_ids
        parser = qwen.parser(replace(longer, opened=True))
        ended = (qwen.template.tags["</think>"], *qwen.stop_ids)
        own = [token_id for token_id in thought if token_id not in ended]
        for token_id in [*own, ended[0], *(ids[:-1] if stopped else ids)]:
            parser.feed(token_id)
        parser.finish()
        replies.append(
            parser.reply(
                prompt_tokens=len(request.ids),
                completion_tokens=len(thought) + len(ids),
                stopped=stopped,
                time_to_first_token=first - start,
                seconds=watches[1].times[len(ids) - 1] - start,
            )
        )
    return replies


def _think(
    qwen: LocalQwen, requests: list[Request], seeds: list[int | None], watch: Watch, tokens: int
) -> list[list[int]]:
    """Return the new ids of the first call, </think> included where it came. The think block is open already."""
    if fast_mode():
        tokens = min(tokens, NEW_TOKENS)
    opened = [replace(request, ids=_opened(qwen, request)) for request in requests]
    if qwen.context_tokens is not None:
        tokens = min(tokens, (qwen.context_tokens - max(len(request.ids) for request in opened)) // 2)
    if tokens < 1:
        return [[] for _ in requests]
    opened = [replace(request, max_new_tokens=tokens) for request in opened]
    return qwen.generate_rows(opened, seeds, watch, also_stop=(qwen.template.tags["</think>"],))


def _opened(qwen: LocalQwen, request: Request) -> list[int]:
    """Return the prompt inside a think block; a hybrid Qwen writes the opening tag itself, so here it is written."""
    return request.ids if request.opened else [*request.ids, *qwen.template.encode("<think>\n")]


def _go_on(qwen: LocalQwen, request: Request, thought: list[int], answer_tokens: int) -> Request:
    """Return the second call: the prompt, the thinking, what closes it, and room for the answer."""
    if thought and thought[-1] == qwen.template.tags["</think>"]:
        closing = "\n\n"
    else:
        closing = f"{STOP_SENTENCE if thought else ''}\n</think>\n\n"
        thought = [token_id for token_id in thought if token_id not in qwen.stop_ids]
    ids = [*_opened(qwen, request), *thought, *qwen.template.encode(closing)]
    if qwen.context_tokens is not None:
        answer_tokens = min(answer_tokens, qwen.context_tokens - len(ids))
    if answer_tokens < 1:
        raise ValueError(
            f"Prompt and thinking have {len(ids)} tokens, and {qwen.name!r} takes {qwen.context_tokens} in all: no "
            "room for an answer is left. Shorten the text, or give less budget."
        )
    return replace(request, ids=ids, max_new_tokens=answer_tokens)
