"""The skill `memory`: facts told earlier, corrected, told at once, and calculations that go on."""

import json
import random
import re

import pytest

from qwen_course.skills import memory
from qwen_course.skills.problem import Problem, held_out


def drawn(split: str, n: int = 300, seed: int = 0) -> list[Problem]:
    rng = random.Random(seed)
    return [memory.problem(rng, split) for _ in range(n)]


def of_difficulty(label: str, n: int = 100) -> list[Problem]:
    return [problem for problem in drawn("test", 3000) if label in problem.difficulty][:n]


@pytest.mark.parametrize("split", ["train", "test"])
def test_the_worked_answer_is_right_and_the_thinking_holds_the_value(split):
    for problem in drawn(split):
        assert problem.grade(problem.answer["content"]), problem
        assert problem.expected in problem.thinking


def test_the_splits_share_no_conversation_and_a_seed_fixes_the_draw():
    def texts(problems):
        return {json.dumps(problem.messages) for problem in problems}

    assert not texts(drawn("train", 6000)) & texts(drawn("test", 3000))
    assert [problem.messages for problem in drawn("test", 30)] == [problem.messages for problem in drawn("test", 30)]


def test_unseen_questions_are_never_trained():
    unseen = {question.lower().rstrip("?.") for fact in memory.FACTS.values() for question in fact.unseen}
    for problem in drawn("train", 5000):
        assert not any(question in problem.messages[-1]["content"].lower() for question in unseen)


def test_each_fact_has_enough_ways_to_be_told_and_asked():
    for fact in memory.FACTS.values():
        assert len(set(fact.told)) >= 3 and len(set(fact.corrected)) >= 3
        assert len(set(fact.questions)) >= 5 and len(fact.unseen) == 1
        assert not set(fact.questions) & set(fact.unseen)
    assert all(len(set(wordings)) >= 8 for wordings in memory.GO_ON.values())


def test_after_a_correction_only_the_later_fact_counts():
    for problem in of_difficulty("changed"):
        old = re.match(r"The user first said (\S+),", problem.thinking)[1]
        assert old != problem.expected
        assert not problem.grade(f"It is {old}.") and not problem.grade(f"It is {old} or {problem.expected}.")
        assert problem.grade(f"It is {problem.expected}, not {old}.")


def test_all_forms_of_conversation_occur():
    labels = {problem.difficulty for problem in drawn("train", 3000)}
    counts = {f"{n} facts{at_once}" for n in (2, 3, 4) for at_once in ("", " at once")}
    assert labels == counts | {"1 fact", "changed fact", "go on from a result"}
    assert {len(problem.messages) for problem in of_difficulty("at once")} >= {1, 3, 5}


def test_what_goes_on_is_small_never_negative_and_keeps_to_the_numbers_of_arithmetic():
    for split in ("train", "test"):
        for problem in [problem for problem in drawn(split, 2000) if problem.difficulty == "go on from a result"]:
            a, sign, b, value = re.match(r"(\d+) ([+-]) (\d+) = (\d+)$", problem.answer["content"]).groups()
            a, b = int(a), int(b)
            assert int(value) == (a + b if sign == "+" else a - b) >= 0 and a <= 120 and b < 100
            assert held_out(f"{sign} {min(a, b)} {max(a, b)}") == (split == "test")
            assert not problem.grade(f"{a} {sign} {b} = {int(value) + 1}")


def test_the_friend_is_not_the_user():
    told = [problem for problem in drawn("test", 4000) if "name" in problem.messages[-1]["content"]]
    names = 0
    for problem in told:
        for turn in problem.messages[:-1]:
            friend = re.search(r"friend is called (\w+)|friend named (\w+)|^(\w+) is my best friend", turn["content"])
            if friend and problem.answer["content"] == f"Your name is {problem.expected}.":
                other = next(filter(None, friend.groups()))
                names += 1
                assert problem.grade(f"{problem.expected}!") and not problem.grade(f"{other} or {problem.expected}")
                break
    assert names > 5
