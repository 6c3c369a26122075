"""The skill roman, which Pocket's training leaves out."""

import random

import pytest

from qwen_course.reply import Reply
from qwen_course.skills import SKILLS, roman

TABLE = {
    1: "I",
    4: "IV",
    9: "IX",
    14: "XIV",
    40: "XL",
    49: "XLIX",
    90: "XC",
    99: "XCIX",
    100: "C",
    247: "CCXLVII",
    388: "CCCLXXXVIII",
    399: "CCCXCIX",
}


def drawn(split, n, seed=0):
    rng = random.Random(seed)
    return [roman.problem(rng, split) for _ in range(n)]


def number_of(problem):
    return int("".join(sign for sign in problem.messages[0]["content"] if sign.isdigit()))


def value(numeral):
    """Read a numeral by the rule that a smaller sign before a larger one is subtracted."""
    worth = [dict(I=1, V=5, X=10, L=50, C=100)[sign] for sign in numeral]
    return sum(-one if one < after else one for one, after in zip(worth, [*worth[1:], 0], strict=True))


def test_numerals_are_right():
    assert all(roman.roman(number) == numeral for number, numeral in TABLE.items())
    assert all(value(roman.roman(number)) == number for number in range(1, 400))
    assert not any(four in roman.roman(number) for number in range(1, 400) for four in ("IIII", "XXXX", "CCCC"))
    for number in (0, 400):
        with pytest.raises(ValueError, match=f"number is {number}"):
            roman.roman(number)


@pytest.mark.parametrize("split", ["train", "test"])
def test_the_grader_is_exact_and_the_steps_lead_to_the_answer(split):
    for problem in drawn(split, 300):
        right, number = problem.expected, number_of(problem)
        assert roman.roman(number) == right == problem.answer["content"]
        assert "".join(line.split(" is ")[1] for line in problem.thinking.split("\n") if " is " in line) == right
        assert (
            problem.grade(right)
            and problem.grade(Reply(text=f"{number} is **{right}**."))
            and problem.grade(f"I think it is {right}")
        )
        for text in ("", "I do not know.", "{", "²³", right + "I", str(number), roman.roman(number % 399 + 1)):
            assert not problem.grade(text) and not problem.grade(Reply(text=text))


def test_numbers_and_wordings_are_held_out_and_training_of_pocket_knows_none():
    train, test = ({number_of(problem) for problem in drawn(split, 10_000)} for split in ("train", "test"))
    assert not train & test and len(train) > 280 and len(test) > 50 and max(train) <= 399
    assert len(roman.WORDINGS) >= 8 and not set(roman.WORDINGS) & set(roman.UNSEEN) and "roman" not in SKILLS


def test_the_same_seed_gives_the_same_problems():
    def told(seed):
        return [(problem.messages, problem.expected) for problem in drawn("test", 20, seed=seed)]

    assert told(1) == told(1) != told(2)
