"""The skills: one module each, with generator, wordings, grader and split. They train Pocket and measure any model.

No module here imports torch. What is held out from training is said at the head of each module.
"""

from __future__ import annotations

import importlib
import random

from qwen_course.skills.problem import Problem, Split, check_draw

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
    check_draw(skill, SKILLS + KEPT_OUT, split, n)
    module = importlib.import_module(f"qwen_course.skills.{skill}")
    rng = random.Random(f"{skill} {split} {seed}")
    return [module.problem(rng, split) for _ in range(n)]
