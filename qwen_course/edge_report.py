"""The proof that engines answer alike: the same prompts for all, the replies graded, one table.

`edge_prompts` draws problems and renders them, `run_engine` lets an engine answer, `engines_table` grades and compares.
Where an engine is not installed, `recorded_engines` has what it did on Pocket elsewhere, with date and versions;
`python -m benchmarks.edge --record` wrote that.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from .edge_run import EngineRun
from .evaluation import Result, Score
from .fast import PROBLEMS, fast_mode
from .sampling import Sampling

if TYPE_CHECKING:
    import pandas

    from .conversation import LocalQwen, Request
    from .skills import Problem

RECORDED = Path(__file__).parent / "edge_recorded.json"
LIMIT = 192  # new tokens


@dataclass(frozen=True)
class EdgePrompts:
    """Problems with their rendered prompts. `ids` are what every engine gets, one list of token ids for each."""

    problems: tuple[Problem, ...]
    requests: tuple[Request, ...]

    @property
    def ids(self) -> list[list[int]]:
        return [request.ids for request in self.requests]


def edge_prompts(qwen: LocalQwen, skills: Sequence[str], *, n: int = 100, seed: int = 0) -> EdgePrompts:
    """Draw `n` held-out problems, as many of each skill, and render them with the model's own template.

    Arithmetic is asked with thinking where the model can, all else without where it can: the replies stay short.
    QWEN_COURSE_FAST=1 draws 4. Introduced in notebook 08.
    """
    from .skills import problems

    drawn = [one for skill in skills for one in problems(skill, -(-n // len(skills)), seed=seed)][:n]
    if fast_mode():
        drawn = drawn[:: -(-len(drawn) // PROBLEMS)]
    modes = [qwen.thinking_modes[-1 if one.skill == "arithmetic" else 0] for one in drawn]
    asked = [ask(qwen, [one], thinking=mode) for one, mode in zip(drawn, modes, strict=True)]
    return EdgePrompts(tuple(drawn), tuple(request for one in asked for request in one.requests))


def ask(qwen: LocalQwen, problems: Sequence[Problem], *, thinking: bool) -> EdgePrompts:
    """Render problems with the model's own template. Introduced in notebook 08."""
    greedy = Sampling.greedy()
    requests = (qwen.prepare(one.messages, thinking, None, one.tools, LIMIT, greedy, None) for one in problems)
    return EdgePrompts(tuple(problems), tuple(requests))


def engine_scores(qwen: LocalQwen, prompts: EdgePrompts, run: EngineRun) -> dict[str, Score]:
    """Return a score for each skill, from the token ids that an engine wrote. Introduced in notebook 08."""
    results: dict[str, list[Result]] = {}
    for problem, request, ids in zip(prompts.problems, prompts.requests, run.replies, strict=True):
        parser, stopped = qwen.parser(request), ids[-1] in qwen.stop_ids
        for token in ids[:-1] if stopped else ids:
            parser.feed(token)
        parser.finish()
        reply = parser.reply(
            prompt_tokens=len(request.ids),
            completion_tokens=len(ids),
            stopped=stopped,
            time_to_first_token=0.0,
            seconds=0.0,
        )
        results.setdefault(problem.skill, []).append(Result(problem, reply, problem.grade(reply)))
    return {skill: Score(tuple(found), asked=len(found), seconds=0.0) for skill, found in results.items()}


def same_share(run: EngineRun, reference: EngineRun) -> float:
    """Return the share of prompts on which both wrote the same ids, all of them. Introduced in notebook 08."""
    pairs = list(zip(run.replies, reference.replies, strict=True))
    return sum(one == other for one, other in pairs) / len(pairs)


def engines_table(qwen: LocalQwen, prompts: EdgePrompts, runs: Mapping[str, EngineRun]) -> pandas.DataFrame:
    """Return one row per run: what it costs, how often it is right, and how often it answers as the first run does.

    MB are 10**6 bytes. Accuracies stand with their 95 % intervals. Introduced in notebook 08.
    """
    import pandas as pd

    reference = next(iter(runs.values()))
    rows = {}
    for name, run in runs.items():
        rows[name] = {
            "file (MB)": round(run.file_bytes / 1e6, 2),
            "load (s)": round(run.load_seconds, 2),
            "first token (ms)": round(1e3 * run.first_token_seconds, 1),
            "tokens/s": round(run.tokens_per_second),
            "memory (MB)": round(run.memory_bytes / 1e6),
            "of it the engine (MB)": round(run.library_bytes / 1e6),
            "same replies (%)": round(100 * same_share(run, reference), 1),
        }
        for skill, score in engine_scores(qwen, prompts, run).items():
            low, high = 100 * score.low, 100 * score.high
            rows[name][f"{skill} (%)"] = f"{100 * score.accuracy:.0f} ({low:.0f} to {high:.0f})"
        rows[name]["measured"] = f"here, {run.engine}"
    columns = dict.fromkeys(column for row in rows.values() for column in row)  # keeps their order
    return pd.DataFrame.from_dict(rows, orient="index").reindex(columns=list(columns))


def recorded_engines() -> pandas.DataFrame:
    """Return the same table as it was recorded for Pocket: its last column says when and with which version.

    Introduced in notebook 08.
    """
    import pandas as pd

    stored = json.loads(RECORDED.read_text(encoding="utf-8"))["pocket"]
    return pd.DataFrame.from_dict(stored, orient="index")


def recorded_speeds() -> pandas.DataFrame:
    """Return what `benchmarks.edge` measured at the shape of Qwen3-0.6B; its attribute "measured" says when and where.

    Introduced in notebook 08.
    """
    import pandas as pd

    stored = json.loads(RECORDED.read_text(encoding="utf-8"))["shape"]
    table = pd.DataFrame.from_dict(stored["rows"], orient="index")
    table.attrs["measured"] = stored["measured"]
    return table
