"""Canary problems: a few questions with known answers, asked again and again, that notice when a model got worse.

Speed, memory and errors stay as they were when a worse model is put in place; only its answers change. The problems are
the course's own held-out ones, so nothing of a user is needed or kept. They are no benchmark: with this few problems
one compares a model with itself, earlier.
"""

from __future__ import annotations

from dataclasses import dataclass

from . import fast
from .fast import fast_mode

SKILLS = ("arithmetic", "extract", "translation", "word_problem")
_SEED = 1106  # other problems than those that the lessons ask


@dataclass(frozen=True)
class Canaries:
    """Which canary problems were solved, in a fixed order. Of two runs, `lost` compares problem by problem."""

    right: tuple[bool, ...]
    tokens: int  # generated in all

    @property
    def n(self) -> int:
        return len(self.right)

    @property
    def share(self) -> float:
        """Return the share that was solved."""
        return sum(self.right) / self.n

    def lost(self, baseline: Canaries) -> int:
        """Return how many the baseline solved and this run did not, less those that are solved only now."""
        if self.n != baseline.n:
            raise ValueError(f"The baseline has {baseline.n} problems and this run {self.n}; take both alike.")
        return sum(baseline.right) - sum(self.right)

    def __str__(self) -> str:
        return f"{sum(self.right)} of {self.n} canary problems solved, {self.tokens / self.n:.0f} tokens each"


def run_canaries(qwen, *, n: int = 24, thinking: bool | None = None, max_new_tokens: int = 128) -> Canaries:
    """Ask n fixed problems of four skills, without sampling, and return which were solved.

    `thinking=None` takes the cheaper mode, without where the model can. A reply that cannot be read is a wrong one.
    QWEN_COURSE_FAST=1 asks 4 and allows 32 new tokens. Introduced in notebook 06.
    """
    from .sampling import Sampling
    from .skills import problems

    if isinstance(n, bool) or not isinstance(n, int) or n < len(SKILLS):
        raise ValueError(f"n is {n!r}; expected a whole number of at least {len(SKILLS)}, one problem per skill.")
    if fast_mode():
        n = fast.PROBLEMS
    each = -(-n // len(SKILLS))
    drawn = [problems(skill, each, seed=_SEED) for skill in SKILLS]
    chosen = [problem for row in zip(*drawn, strict=True) for problem in row][:n]
    replies = qwen.chat_batch(
        [problem.messages for problem in chosen],
        thinking=qwen.thinking_modes[0] if thinking is None else thinking,
        sampling=Sampling.greedy(),
        max_new_tokens=max_new_tokens,
    )
    right = tuple(problem.grade(reply) for problem, reply in zip(chosen, replies, strict=True))
    return Canaries(right, sum(reply.completion_tokens for reply in replies))
