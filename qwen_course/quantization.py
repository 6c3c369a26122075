"""Measure what a number format costs: bytes, speed and quality of one model in several precisions, side by side.

`compare_precisions` loads the model once per precision, measures, closes it, and puts all figures into one table.
`perplexity` and `stored_bytes` are its instruments and useful alone. How numbers become 8 or 4 bits is written by hand
in notebook 04; here bitsandbytes does it, through `load`.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from qwen_course.evaluation import Score, evaluate, paired_difference
from qwen_course.machine import PRECISIONS
from qwen_course.memory import estimate_memory
from qwen_course.quiet import quiet_transformers
from qwen_course.sampling import Sampling
from qwen_course.skills import Problem, problems

if TYPE_CHECKING:
    import pandas
    import torch

    from qwen_course.conversation import LocalQwen

_PIECE = 1024  # tokens read at once by `perplexity`; logits of more would fill the memory of a laptop
_PROMPT, _TIMED_TOKENS, _REPEATS = "What is 4637 + 2985?", 32, 3


@dataclass(frozen=True)
class Measured:
    """What was measured on one loaded model. Sizes in bytes; `scores` by skill and mode."""

    predicted: int
    held: int
    on_disk: int
    tokens_per_second: float
    perplexity: float
    scores: Mapping[str, Score]


def compare_precisions(
    name: str | Path | None,
    precisions: Sequence[str],
    *,
    skills: Sequence[str],
    n: int = 100,
    seed: int = 0,
    device: str = "auto",
) -> pandas.DataFrame:
    """Return one row per precision: size, speed, perplexity, and for each skill accuracy and what changed.

    `name` as for `load`, precisions such as ["bf16", "int8", "nf4"]; the first is what the others are compared with.
    Each skill is asked `n` held-out problems in every thinking mode the model has, greedily, so that a changed reply
    is due to the precision and not to chance. Columns have two levels: what was measured on the weights, then one group
    per skill and mode. MB are 10**6 bytes; "predicted" comes from `estimate_memory`. "more than chance" says whether
    the 95 % interval for pairs (see `paired_difference`) leaves out 0. Perplexity is that of the right answers to the
    same problems, without thinking. Each model is closed before the next is loaded; its files are written to a
    temporary folder to be weighed. Raises ValueError for "auto", too few precisions or no skill, ImportError where
    bitsandbytes is missing. Introduced in notebook 04.
    """
    if isinstance(precisions, str) or len(precisions) < 2 or len(set(precisions)) < len(precisions):
        raise ValueError(f"precisions is {precisions!r}; expected a list of two or more, each once: ['bf16', 'nf4'].")
    if wrong := [one for one in precisions if one == "auto" or one not in PRECISIONS]:
        named = ", ".join(repr(one) for one in PRECISIONS if one != "auto")
        raise ValueError(f"precisions holds {wrong[0]!r}; expected {named}.")
    if isinstance(skills, str) or not skills:
        raise ValueError(f"skills is {skills!r}; expected a list of skills such as ['arithmetic'].")
    # short replies together: a batch takes as long as its longest
    asked = {skill: sorted(problems(skill, n, seed=seed), key=lambda one: len(one.thinking)) for skill in skills}
    rows = {precision: _measure(name, precision, asked, device) for precision in precisions}
    return _table(rows)


def perplexity(qwen: LocalQwen, texts: Iterable[str | list[dict]]) -> float:
    """Return how many tokens the model wavers between, on average, at each token of the texts: 1 is certainty.

    A text is a string, of which every token but the first counts, or a list of messages that ends with an assistant's
    turn, of which only that turn counts, answered without thinking where the model can. It is the exponential of the
    mean negative log-likelihood, over all tokens of all texts together. Strings are read in pieces of at most 1,024
    tokens, or of the context where that is less. Comparable only between models with the same tokenizer. Raises
    ValueError for a bare string and where there is no token to predict. Introduced in notebook 04.

    perplexity(qwen, ["Two and two are four."]) -> 12.3
    """
    if isinstance(texts, str):
        raise ValueError("texts is one string; expected a list of texts.")
    total, count = 0.0, 0
    for text in texts:
        pieces = _pieces(qwen, text) if isinstance(text, str) else [_turn(qwen, text)]
        for ids, known in pieces:
            total += _surprise(qwen.model, ids, known)
            count += len(ids) - known
    if not count:
        raise ValueError("texts hold no token to predict: give at least one text of two tokens or more.")
    mean = total / count
    return math.exp(mean) if mean < 700 else math.inf  # a float holds no more; weights at random come there


def stored_bytes(model: torch.nn.Module) -> int:
    """Return the bytes of all weights and buffers, with the scales of quantized ones.

    `get_memory_footprint()` of transformers leaves these scales out. Introduced in notebook 04.
    """
    tensors = [*model.parameters(), *model.buffers()]
    for weight in model.parameters():
        state = getattr(weight, "quant_state", None)  # 4 bits: scales, and with double quantization theirs
        while state is not None:
            tensors += [part for part in (state.absmax, state.code, state.offset) if part is not None]
            state = getattr(state, "state2", None)  # a CPU with AVX512-BF16 unpacks these scales at the first use
        if (scales := getattr(weight, "SCB", None)) is not None:  # 8 bits, until the layer is first used
            tensors.append(scales)
    for module in model.modules():
        if (scales := getattr(getattr(module, "state", None), "SCB", None)) is not None:  # 8 bits, from then on
            tensors.append(scales)
    return sum(tensor.numel() * tensor.element_size() for tensor in tensors)


def file_bytes(model: torch.nn.Module) -> int:
    """Return the bytes of the model's weight files, by saving it into a temporary folder. Introduced in notebook 04."""
    with TemporaryDirectory() as folder, quiet_transformers():  # quiet: it notes settings kept for generation
        model.save_pretrained(folder)
        return sum(path.stat().st_size for path in Path(folder).glob("*.safetensors"))


def _measure(name: str | Path | None, precision: str, asked: dict[str, list[Problem]], device: str) -> Measured:
    from qwen_course.models import load

    answers = [
        [*problem.messages, {"role": "assistant", "content": problem.answer.get("content") or problem.expected}]
        for drawn in asked.values()
        for problem in drawn
    ]
    with load(name, precision=precision, device=device, local=True) as qwen:
        # Before the first use: bitsandbytes then repacks the weights for some CPUs, and rounds the scales.
        held, on_disk = stored_bytes(qwen.model), file_bytes(qwen.model)
        scores = {
            f"{skill}, {'thinking' if mode else 'direct'}": evaluate(
                qwen, drawn, thinking=mode, sampling=Sampling.greedy()
            )
            for skill, drawn in asked.items()
            for mode in qwen.thinking_modes
        }
        return Measured(
            predicted=estimate_memory(qwen.model.config, precision=precision, tokens=0).weights,
            held=held,
            on_disk=on_disk,
            tokens_per_second=_speed(qwen),
            perplexity=perplexity(qwen, answers),
            scores=scores,
        )


def _speed(qwen: LocalQwen) -> float:
    """Return the median of tokens per second after the first token, in one conversation."""
    rates = []
    for _ in range(_REPEATS):
        reply = qwen.chat(
            _PROMPT, thinking=qwen.thinking_modes[-1], sampling=Sampling.greedy(), max_new_tokens=_TIMED_TOKENS
        )
        after = reply.seconds - reply.time_to_first_token
        rates.append((reply.completion_tokens - 1) / after if after > 0 else reply.tokens_per_second)
    return median(rates)


def _table(rows: Mapping[str, Measured]) -> pandas.DataFrame:
    import pandas as pd

    (first, baseline), *_ = rows.items()
    table = {}
    for precision, row in rows.items():
        figures: dict[tuple[str, str], object] = {
            ("weights", "MB predicted"): round(row.predicted / 1e6, 2),
            ("weights", "MB measured"): round(row.held / 1e6, 2),
            ("weights", "MB on disk"): round(row.on_disk / 1e6, 2),
            ("weights", "tokens/s"): round(row.tokens_per_second, 1),
            ("weights", "perplexity"): round(row.perplexity, 4),
        }
        for label, score in row.scores.items():
            figures |= {(label, name): value for name, value in _quality(score, baseline.scores[label], first).items()}
        table[precision] = figures
    # from columns, so that each keeps its own type
    columns = {name: [figures[name] for figures in table.values()] for name in table[first]}
    return pd.DataFrame(columns, index=pd.Index(table, name="precision"))


def _quality(score: Score, baseline: Score, first: str) -> dict[str, object]:
    difference = paired_difference(baseline, score)
    low, high = (round(100 * value, 1) for value in (difference.low, difference.high))
    pairs = zip(baseline.results, score.results, strict=True)
    changed = sum(
        (one.reply.thinking, one.reply.text, one.reply.tool_calls)
        != (other.reply.thinking, other.reply.text, other.reply.tool_calls)
        for one, other in pairs
    )
    same = score is baseline
    return {
        "right (%)": round(100 * score.accuracy, 1),
        "at least (%)": round(100 * score.low, 1),
        "at most (%)": round(100 * score.high, 1),
        f"points above {first}": "" if same else f"{100 * difference.estimate:+.1f} ({low:+.1f} to {high:+.1f})",
        "more than chance": "" if same else "yes" if low > 0 or high < 0 else "no",
        "replies changed (%)": round(100 * changed / score.n, 1),
    }


def _pieces(qwen: LocalQwen, text: str) -> list[tuple[list[int], int]]:
    """Return (ids, how many of them are given and not predicted) for each piece of a text."""
    ids = qwen.tokenizer(text)["input_ids"]
    length = min(_PIECE, qwen.context_tokens or _PIECE)
    pieces = [ids[start : start + length] for start in range(0, len(ids), length)]
    return [(piece, 1) for piece in pieces if len(piece) > 1]


def _turn(qwen: LocalQwen, messages: list[dict]) -> tuple[list[int], int]:
    if not messages or messages[-1].get("role") != "assistant" or not messages[-1].get("content"):
        raise ValueError("A list of messages must end with an assistant's turn that has a text: that is what counts.")
    prompt = qwen.prepare(messages[:-1], qwen.thinking_modes[0], None, None, 1, None, None).ids
    answer = qwen.tokenizer(messages[-1]["content"])["input_ids"] + qwen.stop_ids[:1]
    return prompt + answer, len(prompt)


def _surprise(model: torch.nn.Module, ids: list[int], known: int) -> float:
    """Return the summed negative log-likelihood of ids[known:], each given all before it."""
    import torch

    row = torch.tensor([ids], device=model.device)
    with torch.no_grad():
        logits = model(row).logits[0, known - 1 : -1].float()  # (predicted tokens, vocabulary)
    return torch.nn.functional.cross_entropy(logits, row[0, known:], reduction="sum").item()
