"""The skills: one module each, with generator, wordings, grader and split. They train Pocket and measure any model.

No module here imports torch. What is held out from training is said at the head of each module.
"""

from __future__ import annotations

import difflib
import importlib
import random

from qwen_course.skills.problem import Problem, Split

# What Pocket was trained on.
SKILLS = (
    "arithmetic", "word_problem", "growth", "derivative", "code", "extract", "document", "tool_call", "few_shot", "system", "memory", "translation",
    "explain", "family", "smalltalk",
)  # fmt: skip
# Kept out of Pocket's training: the fine-tuning lesson teaches them.
KEPT_OUT = ("roman", "ticket")


def problems(skill: str, n: int, *, split: Split = "test", seed: int = 0) -> list[Problem]:
    """Draw `n` problems of a skill; the same seed gives the same problems.

    Pocket never saw the `test` split in training. Raises ValueError for an unknown skill or split, or n < 1. Introduced in notebook 02.
    """
    known = SKILLS + KEPT_OUT
    if skill not in known:
        near = difflib.get_close_matches(skill, known, n=2, cutoff=0.3) or known
        raise ValueError(
            f"unknown skill {skill!r}: expected one of {', '.join(known)}; did you mean {' or '.join(near)}?"
        )
    if split not in ("train", "test"):
        raise ValueError(f"unknown split {split!r}: expected 'train' or 'test'")
    if n < 1:
        raise ValueError(f"n is {n}: ask for at least one problem")
    module = importlib.import_module(f"qwen_course.skills.{skill}")
    rng = random.Random(f"{skill} {split} {seed}")
    return [module.problem(rng, split) for _ in range(n)]
