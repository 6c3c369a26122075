"""Word problems of one and two steps: the worked solution leads to the answer, and the splits stay apart."""

import random
import re
from collections import Counter

import pytest

from qwen_course.skills import word_problem
from qwen_course.skills.arithmetic import VALUE
from qwen_course.skills.problem import held_out


def drawn(split, n=300, seed=0):
    rng = random.Random(seed)
    return [word_problem.problem(rng, split) for _ in range(n)]


@pytest.mark.parametrize("split", ["train", "test"])
def test_the_worked_answer_is_right_and_other_numbers_are_wrong(split):
    for problem in drawn(split):
        assert problem.grade(problem.answer["content"])
        assert problem.grade(f"So the result is **{problem.expected}**.")
        assert problem.thinking.endswith(f"Result: {problem.expected}") or problem.thinking.endswith(
            f"= {problem.expected}"
        )
        assert not problem.grade(f"It is {int(problem.expected) + 1}.") and not problem.grade("")


def test_the_plan_names_the_numbers_and_the_operations_in_the_order_of_the_calculation():
    for problem in drawn("train", 600):
        plan, *written = problem.thinking.split("\n")
        numbers = [int(found) for found in re.findall(r"\d+", plan)]
        operations = problem.difficulty.partition(", ")[2].split()
        assert len(numbers) == len(operations) + 1
        value = numbers[0]
        for operation, number in zip(operations, numbers[1:], strict=True):
            assert any(line.startswith(f"{value} {operation} {number}") for line in written), problem.thinking
            value = VALUE[operation](value, number)
            assert value >= 0
        assert str(value) == problem.expected


def test_every_number_of_a_question_is_in_the_plan_and_nearly_half_of_the_stories_have_two_steps():
    problems = drawn("train", 2000)
    for problem in problems:
        asked, planned = (
            sorted(re.findall(r"\d+", text))
            for text in (problem.messages[0]["content"], problem.thinking.split("\n")[0])
        )
        assert asked == planned
    steps = Counter(problem.difficulty.partition(",")[0] for problem in problems)
    assert 0.4 < steps["two steps"] / len(problems) < 0.5


def test_training_never_sees_a_held_out_calculation_and_each_test_problem_has_one():
    for split in ("train", "test"):
        for problem in drawn(split, 1500):
            numbers = [int(found) for found in re.findall(r"\d+", problem.thinking.split("\n")[0])]
            operations = problem.difficulty.partition(", ")[2].split()
            value, held = numbers[0], []
            for operation, number in zip(operations, numbers[1:], strict=True):
                held.append(held_out(f"{operation} {min(value, number)} {max(value, number)}"))
                value = VALUE[operation](value, number)
            assert any(held) == (split == "test")


def test_stories_are_many_different_and_held_out_ones_are_not_trained_on():
    for seen, unseen in (
        (word_problem.STORIES, word_problem.UNSEEN),
        (word_problem.TWO_STEPS, word_problem.TWO_STEPS_UNSEEN),
    ):
        assert set(seen) == set(unseen)
        told = [story for stories in seen.values() for story in stories]
        kept = [story for stories in unseen.values() for story in stories]
        assert len(set(told + kept)) == len(told + kept)
    assert all(len(stories) >= 14 for stories in word_problem.STORIES.values())
    assert sum(map(len, word_problem.TWO_STEPS.values())) >= 12
    openings = {story.partition("?")[0] for stories in word_problem.TWO_STEPS_UNSEEN.values() for story in stories}
    assert not any(
        story.partition("?")[0] in openings for stories in word_problem.TWO_STEPS.values() for story in stories
    )


def test_the_same_seed_gives_the_same_problems():
    assert [p.messages for p in drawn("test", 30, 3)] == [p.messages for p in drawn("test", 30, 3)]
