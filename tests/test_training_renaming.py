"""Renaming gives prompt and answer the same new words, and touches nothing that is not copied."""

import random
import re

import pytest
from transformers.models.qwen2.tokenization_qwen2 import Qwen2Tokenizer

from qwen_course.models import POCKET
from qwen_course.skills import problems
from training import renaming
from training.curriculum import conversation, render


@pytest.fixture(scope="module")
def tokenizer():
    return Qwen2Tokenizer.from_pretrained(POCKET)


@pytest.mark.parametrize("skill", ["extract", "document", "tool_call", "memory", "system"])
def test_prompt_and_answer_change_alike(tokenizer, skill):
    rng, changed = random.Random(skill), 0
    for problem in problems(skill, 60, split="train"):
        prompt, completion = render(tokenizer, conversation(rng, problem), problem, thinking=True)
        new_prompt, new_completion = renaming.rename(tokenizer, rng, prompt, completion, skill)
        old = re.findall(r"[A-Za-z]+", prompt + "\n" + completion)
        new = re.findall(r"[A-Za-z]+", new_prompt + "\n" + new_completion)
        assert len(old) == len(new)
        exchanged = {(a, b) for a, b in zip(old, new, strict=True) if a != b}
        # One word, one new word; and whatever was exchanged once was exchanged everywhere.
        assert len({a for a, _ in exchanged}) == len(exchanged) == len({b for _, b in exchanged}) <= renaming.MOST
        for a, b in exchanged:
            assert a not in new and b not in old and a[0].isupper() == b[0].isupper()
            assert a.lower() not in renaming.KEPT
        changed += bool(exchanged)
    assert changed > 10


def test_new_words_join_tokens_that_never_met(tokenizer):
    rng = random.Random(1)
    words = {renaming.new_word(tokenizer, rng, capital=True) for _ in range(500)}
    assert len(words) > 450 and all(re.fullmatch("[A-Z][a-z]+", word) for word in words)
    assert any(len(tokenizer.encode(" " + word)) > 1 for word in words)
