"""Run `model.generate` for the helper: one way for single replies, streams and batches.

Sampling is done in a logits processor with its own random generator per row. So a seed gives the same reply alone, in
a batch and in a stream, and torch's global random state, which belongs to the caller, is neither used nor changed.
"""

from collections.abc import Callable
from time import perf_counter

from .quiet import quiet_transformers
from .sampling import Sampling
from .vision import Pictures, picture_inputs


class Watch:
    """What `generate` calls a streamer: note when each step's tokens came, and hand them to `on_step`."""

    def __init__(self, on_step: Callable[[list[int]], None] | None = None) -> None:
        self._on_step = on_step
        self._prompt_seen = False
        self.times: list[float] = []  # one per step

    def put(self, tokens) -> None:
        if not self._prompt_seen:  # generate shows the prompt first
            self._prompt_seen = True
            return
        self.times.append(perf_counter())
        if self._on_step is not None:
            self._on_step(tokens.tolist())

    def end(self) -> None:
        """Nothing to do: generate returns right after."""


def generate(
    model,
    prompts: list[list[int]],
    *,
    max_new_tokens: int,
    sampling: Sampling,
    seeds: list[int | None],
    stop_ids: list[int],
    pad_id: int,
    watch: Watch,
    constraint: Callable | None = None,
    pictures: list[Pictures | None] | None = None,
) -> list[list[int]]:
    """Return the new ids of each row, up to and including its first stop id.

    Rows are padded on the left, whatever the tokenizer's padding_side says: a model continues from the last column.
    `constraint` is called as constraint(new ids, logits) before anything is chosen, and rules tokens out. `pictures`
    are those of each row.
    """
    import torch
    from transformers import GenerationConfig, LogitsProcessorList

    width = max(map(len, prompts))
    ids = torch.full((len(prompts), width), pad_id)  # (batch, tokens)
    mask = torch.zeros_like(ids)
    for row, prompt in enumerate(prompts):
        ids[row, width - len(prompt) :] = torch.tensor(prompt)
        mask[row, width - len(prompt) :] = 1
    # All values are given, because generate fills gaps from the checkpoint's own generation_config, which may sample.
    config = GenerationConfig(
        max_new_tokens=max_new_tokens,
        do_sample=False,
        temperature=1.0,
        top_p=1.0,
        top_k=50,
        repetition_penalty=1.0,
        num_beams=1,
        eos_token_id=stop_ids,
        pad_token_id=pad_id,
    )
    rules = [] if constraint is None else [lambda ids, scores: constraint(ids[:, width:], scores)]
    with quiet_transformers():
        output = model.generate(
            ids.to(model.device),
            attention_mask=mask.to(model.device),
            **picture_inputs(model, ids, pictures or []),
            generation_config=config,
            logits_processor=LogitsProcessorList([*rules, *_processors(sampling, seeds, width, pad_id, model.device)]),
            streamer=watch,
        )
    stops = set(stop_ids)
    return [_until_stop(row, stops) for row in output[:, width:].tolist()]


def _until_stop(ids: list[int], stops: set[int]) -> list[int]:
    for index, token_id in enumerate(ids):
        if token_id in stops:
            return ids[: index + 1]
    return ids


def _processors(sampling: Sampling, seeds: list[int | None], width: int, pad_id: int, device) -> list[Callable]:
    """Return what changes the logits, in transformers' order: penalties, temperature, top-k, top-p, min-p, draw."""
    from transformers.generation import logits_process as hf

    steps: list[Callable] = [check_numbers]
    if sampling.repetition_penalty != 1 or sampling.presence_penalty != 0:
        steps.append(_penalties(sampling, width, pad_id))
    if sampling.temperature == 0:
        return steps  # generate itself takes the likeliest
    if sampling.temperature != 1:
        steps.append(hf.TemperatureLogitsWarper(float(sampling.temperature)))
    if sampling.top_k:
        steps.append(hf.TopKLogitsWarper(int(sampling.top_k)))
    if sampling.top_p < 1:
        steps.append(hf.TopPLogitsWarper(float(sampling.top_p)))
    if sampling.min_p:
        steps.append(hf.MinPLogitsWarper(float(sampling.min_p)))
    return [*steps, _draw(seeds, device)]


def check_numbers(ids, scores):  # (batch, tokens), (batch, vocabulary)
    """Raise FloatingPointError where the logits are no numbers: argmax then takes token 0 for ever, Qwen's "!"."""
    if not bool((scores < float("inf")).all()):  # false for NaN too; -inf is a token ruled out
        raise FloatingPointError(
            "The model computes no numbers any more (its logits are NaN or infinite); going on would only print "
            "'!!!!'. In float16 that is an overflow, which Qwen models are known for: load it with precision='fp32', "
            "'bf16' or 'nf4'. In another format its weights are damaged: copy or download them again."
        )
    return scores


def _penalties(sampling: Sampling, width: int, pad_id: int) -> Callable:
    """Make tokens that were there less likely: repetition scales their logit (prompt included), presence subtracts.

    transformers has no presence penalty, and its repetition penalty would also count the padding of a batch.
    """
    import torch

    def penalise(ids, scores):  # (batch, tokens), (batch, vocabulary)
        if sampling.repetition_penalty != 1:
            seen = torch.zeros_like(scores, dtype=torch.bool).scatter(1, ids, True)
            seen[:, pad_id] = False
            factor = sampling.repetition_penalty
            scores = torch.where(seen, torch.where(scores > 0, scores / factor, scores * factor), scores)
        if sampling.presence_penalty != 0:
            written = torch.zeros_like(scores, dtype=torch.bool).scatter(1, ids[:, width:], True)
            scores = scores - sampling.presence_penalty * written
        return scores

    return penalise


def _draw(seeds: list[int | None], device) -> Callable:
    """Draw a token per row by the exponential race: the largest p/e, with e exponential, is a sample of p."""
    import torch

    generators = [torch.Generator(device=device) for _ in seeds]
    for generator, seed in zip(generators, seeds, strict=True):
        generator.seed() if seed is None else generator.manual_seed(seed)

    def draw(ids, scores):
        noise = torch.empty_like(scores)
        for row, generator in zip(noise, generators, strict=True):
            row.exponential_(generator=generator)
        return scores.softmax(-1) / noise.clamp_min(torch.finfo(noise.dtype).tiny)

    return draw
