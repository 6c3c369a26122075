"""Measure how often a model is right on held-out problems, and how sure one may be of that.

A score comes with its 95 % interval, because 100 problems are a small sample: where the intervals of two models
overlap widely, the sample does not tell them apart. On the same problems the difference is far better known than the
two intervals suggest; `compare` uses that. Taught in notebook 02. This module only asks, grades and counts: the
problems and their graders are in `qwen_course.skills`.
"""

from __future__ import annotations

import math
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

from qwen_course import fast
from qwen_course.fast import fast_mode

if TYPE_CHECKING:
    import pandas

    from qwen_course.conversation import LocalQwen
    from qwen_course.reply import Reply
    from qwen_course.sampling import Sampling
    from qwen_course.skills.problem import Problem

BATCH_SIZE = 32
_Z = NormalDist().inv_cdf(0.975)  # 1.96: the middle 95 % of the normal distribution


@dataclass(frozen=True)
class Interval:
    """An estimate with the limits of its 95 % interval."""

    estimate: float
    low: float
    high: float


@dataclass(frozen=True)
class Result:
    """One problem, what the model replied, and whether that was right."""

    problem: Problem
    reply: Reply
    correct: bool


@dataclass(frozen=True, repr=False)
class Score:
    """The outcome of `evaluate`. `tokens` and `seconds` are totals; divide by `n` for one answer."""

    results: tuple[Result, ...]
    asked: int  # problems that were to be asked; more than n if the time ran out
    seconds: float  # of generation, without grading

    @property
    def n(self) -> int:
        """The number of problems answered."""
        return len(self.results)

    @property
    def correct(self) -> int:
        return sum(result.correct for result in self.results)

    @property
    def accuracy(self) -> float:
        return self.correct / self.n

    @property
    def low(self) -> float:
        return wilson_interval(self.correct, self.n).low

    @property
    def high(self) -> float:
        return wilson_interval(self.correct, self.n).high

    @property
    def tokens(self) -> int:
        """The number of tokens generated in all answers, thinking included."""
        return sum(result.reply.completion_tokens for result in self.results)

    @property
    def cut_off(self) -> int:
        """The number of answers that ended at the limit of new tokens, and so may be wrong for that reason alone."""
        return sum(result.reply.finish_reason == "length" for result in self.results)

    @property
    def stopped(self) -> bool:
        """Whether the budget of seconds ended the evaluation before all problems were asked."""
        return self.n < self.asked

    def by_difficulty(self) -> pandas.DataFrame:
        """Return one row per difficulty: accuracy, its 95 % interval, tokens per answer and the number of problems."""
        import pandas as pd

        groups: dict[str, list[Result]] = {}
        for result in sorted(self.results, key=lambda result: result.problem.difficulty):
            groups.setdefault(result.problem.difficulty, []).append(result)
        rows = {name: Score(tuple(group), asked=len(group), seconds=0.0) for name, group in groups.items()}
        table = pd.DataFrame({name: _columns(score) for name, score in rows.items()}).T
        return table.drop(columns="seconds per answer").rename_axis("difficulty").infer_objects()

    def __repr__(self) -> str:
        low, high = _percent(self.low), _percent(self.high)
        text = f"{self.correct} of {self.n} right: {_percent(self.accuracy)} (95 % interval {low} to {high}), "
        text += f"{self.tokens / self.n:.0f} tokens and {self.seconds / self.n:.2f} s per answer"
        if self.cut_off:
            text += f"; {self.cut_off} cut off at the limit of new tokens"
        if self.stopped:
            text += f"; stopped by the time limit after {self.n} of {self.asked} problems"
        return text

    def _repr_markdown_(self) -> str:
        accuracy = _percent(self.accuracy)
        return repr(self).replace(accuracy, f"**{accuracy}**", 1)


def evaluate(
    qwen: LocalQwen,
    skill_or_problems: str | Sequence[Problem],
    *,
    n: int = 100,
    thinking: bool | None = None,
    sampling: Sampling | None = None,
    seed: int = 0,
    seconds: float | None = None,
    max_new_tokens: int = 512,
) -> Score:
    """Ask held-out problems, grade the replies, and return the score with its 95 % interval.

    Given the name of a skill, `n` problems of its test split are drawn with `seed`; given problems, all are asked.
    With `seconds`, no batch of 32 is begun after that time, and the score covers what was answered (`stopped`); the
    first batch always runs. An error in a grader is raised: it is a defect of the skill, not a wrong answer.
    QWEN_COURSE_FAST=1 asks 4 problems and allows 32 new tokens. Introduced in notebook 02.

    evaluate(qwen, "arithmetic", n=200, thinking=True)
      -> 196 of 200 right: 98 % (95 % interval 95 % to 99.2 %), 61 tokens and 0.11 s per answer
    """
    from tqdm import tqdm  # the plain bar, not tqdm.auto: no widget state in a saved notebook

    if seconds is not None and seconds <= 0:
        raise ValueError(f"seconds={seconds!r}: give a budget above 0, or None for no limit.")
    problems = _problems(skill_or_problems, n, seed)
    if fast_mode():
        problems, max_new_tokens = problems[: fast.PROBLEMS], min(max_new_tokens, fast.NEW_TOKENS)

    results: list[Result] = []
    start, generating = time.perf_counter(), 0.0
    with tqdm(total=len(problems), unit="problem", leave=False) as bar:
        for first in range(0, len(problems), BATCH_SIZE):
            if results and seconds is not None and time.perf_counter() - start >= seconds:
                break
            batch = problems[first : first + BATCH_SIZE]
            batch_start = time.perf_counter()
            replies = qwen.chat_batch(
                [problem.messages for problem in batch],
                thinking=thinking,
                tools=_tools(batch),
                sampling=sampling,
                seed=seed + len(results),  # each conversation has a seed of its own: this one, the next, ...
                max_new_tokens=max_new_tokens,
            )
            generating += time.perf_counter() - batch_start
            for problem, reply in zip(batch, replies, strict=True):
                results.append(Result(problem, reply, _grade(problem, reply)))
            bar.update(len(batch))
    return Score(tuple(results), asked=len(problems), seconds=generating)


def compare(scores: Mapping[str, Score]) -> pandas.DataFrame:
    """Return a table with one row per score: accuracy with its 95 % interval, and the price of an answer.

    Where a score is on the same problems as the first one, its difference to it is shown with the interval for pairs
    (see `paired_difference`): "+35 (26 to 43)" are percentage points; without 0 between the limits, the difference is
    more than chance. Where the problems differ, that cell stays empty. Introduced in notebook 02.
    """
    import pandas as pd

    if not scores:
        raise ValueError('scores is empty: give names and scores, for example {"direct": score, "thinking": score}.')
    (baseline_name, baseline), *_ = scores.items()
    table = pd.DataFrame({name: _columns(score) for name, score in scores.items()}).T.infer_objects()
    if len(scores) > 1:
        differences = [""]  # the first row is not compared with itself
        for score in list(scores.values())[1:]:
            pairs = _questions(score) == _questions(baseline)
            differences.append(_points(paired_difference(baseline, score)) if pairs else "")
        table.insert(2, f"points above {baseline_name}", differences)
    return table


def wilson_interval(correct: int, n: int) -> Interval:
    """Return the share correct / n with its 95 % score interval.

    E. B. Wilson, Probable inference, the law of succession, and statistical inference, JASA 22 (1927), 209-212.
    Unlike the textbook's p +- 1.96 s it is right for small samples and near 0 and 100 %. Introduced in notebook 02.

    wilson_interval(20, 20) -> Interval(estimate=1.0, low=0.839, high=1.0)
    """
    if not 0 <= correct <= n or n < 1:
        raise ValueError(f"correct={correct!r}, n={n!r}: expected 0 <= correct <= n and at least one problem.")
    share = correct / n
    middle = (share + _Z**2 / (2 * n)) / (1 + _Z**2 / n)
    half = _Z / (1 + _Z**2 / n) * math.sqrt(share * (1 - share) / n + _Z**2 / (4 * n**2))
    # At the two ends the limit is 0 or 1 itself; min and max keep rounding from missing it.
    return Interval(share, 0.0 if correct == 0 else max(0.0, middle - half), 1.0 if correct == n else middle + half)


def paired_difference(baseline: Score, score: Score) -> Interval:
    """Return accuracy of `score` minus accuracy of `baseline` on the same problems, with its 95 % interval.

    Only the problems on which the two disagree carry information. The interval is D. G. Bonett and R. M. Price,
    Adjusted Wald confidence interval for a difference of binomial proportions based on paired data, Journal of
    Educational and Behavioral Statistics 37 (2012), 479-488: one problem is added to each kind of disagreement.
    """
    if _questions(baseline) != _questions(score):
        raise ValueError("The two scores are not on the same problems: evaluate both with the same skill, n and seed.")
    pairs = list(zip(baseline.results, score.results, strict=True))
    gained = sum(after.correct and not before.correct for before, after in pairs)
    lost = sum(before.correct and not after.correct for before, after in pairs)
    total = len(pairs) + 2
    middle = (gained - lost) / total
    half = _Z * math.sqrt(((gained + lost + 2) / total - middle**2) / total)
    return Interval((gained - lost) / len(pairs), max(-1.0, middle - half), min(1.0, middle + half))


def _problems(skill_or_problems: str | Sequence[Problem], n: int, seed: int) -> list[Problem]:
    if not isinstance(skill_or_problems, str):
        if not skill_or_problems:
            raise ValueError("skill_or_problems is empty: give a skill such as 'arithmetic', or at least one problem.")
        return list(skill_or_problems)
    from qwen_course.skills import problems

    return problems(skill_or_problems, n, seed=seed)


def _tools(batch: Sequence[Problem]) -> list | None:
    """Return what `chat_batch` takes as tools: those of all problems, or a list for each where they differ."""
    tools = [problem.tools for problem in batch]
    return tools[0] if all(own == tools[0] for own in tools) else tools


def _grade(problem: Problem, reply: Reply) -> bool:
    try:
        return problem.grade(reply)
    except Exception as error:
        error.add_note(f"while grading a problem of {problem.skill!r} whose right answer holds {problem.expected!r}")
        raise


def _questions(score: Score) -> list[tuple]:
    """Return what tells the problems apart (two draws of one problem have graders that do not compare equal)."""
    return [(result.problem.messages, result.problem.tools, result.problem.expected) for result in score.results]


def _columns(score: Score) -> dict[str, float | str | int]:
    return {
        "accuracy (%)": round(100 * score.accuracy, 1),
        "95 % interval": f"{100 * score.low:.0f} to {100 * score.high:.0f}",
        "tokens per answer": round(score.tokens / score.n, 1),
        "seconds per answer": round(score.seconds / score.n, 3),
        "n": score.n,
    }


def _percent(share: float) -> str:
    """0.995 -> "99.5 %", 1.0 -> "100 %" """
    return f"{round(100 * share, 1):g} %"


def _points(difference: Interval) -> str:
    """Interval(0.35, 0.258, 0.432) -> "+35 (26 to 43)" """
    return f"{100 * difference.estimate:+.0f} ({100 * difference.low:.0f} to {100 * difference.high:.0f})"
