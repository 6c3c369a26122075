"""Percentages and growth: every written line is true, the splits stay apart, and free replies are graded fairly."""

import random
import re

import pytest

from qwen_course.skills import growth, growth_wordings
from qwen_course.skills.growth_grader import amounts, calendar_year, names_rate, number_of_years, verdict
from qwen_course.skills.growth_steps import Growth, needed_rate, percent_of, percent_parts, plus
from qwen_course.skills.problem import ALWAYS_HELD_OUT, held_out


def drawn(split, n=300, seed=0):
    rng = random.Random(seed)
    return [growth.problem(rng, split) for _ in range(n)]


def source_problem():
    return next(
        problem for problem in drawn("test", 1000) if problem.messages[0]["content"] == growth_wordings.SOURCE_QUESTION
    )


@pytest.mark.parametrize("split", ["train", "test"])
def test_the_worked_answer_is_right_also_behind_its_steps_and_other_replies_are_wrong(split):
    for problem in drawn(split, 600):
        answer = problem.answer["content"]
        for text in (answer, problem.expected, f"**{problem.expected}**"):
            assert problem.grade(text) and problem.grade(f"{problem.thinking}\n{text}"), (problem.messages, text)
        assert problem.grade(f"{problem.thinking}\n\\boxed{{{problem.expected}}}")
        for text in ("", "I do not know.", "{", "[1, 2", "\x00", "x = = -77777", "²³", "It is 987654321."):
            assert not problem.grade(text), (problem.messages, text)
        if answer.startswith(("Yes.", "No.")):
            other = answer.replace("Yes.", "No.") if answer.startswith("Yes") else answer.replace("No.", "Yes.")
            assert not problem.grade(other)
            assert problem.grade(answer.split(".")[0] + ".") == ("Needed" not in answer)


def test_every_line_of_the_thinking_that_is_an_equation_is_true():
    label = r"(?:[^:]*: )?(?:10 % is \d+, )?"
    equation, checked = re.compile(label + r"(\d+(?:\+\d+)+)(: [\d+=, ]+)? = (\d+)"), 0
    comparison, compared = re.compile(r"(\d+) and (\d+): .*([<>]).*, (more|less)(?:: (?:yes|no)\.)?"), 0
    for problem in drawn("train", 1500):
        for line in problem.thinking.split("\n"):
            found = equation.fullmatch(line)
            if found:
                numbers, columns = [int(number) for number in found[1].split("+")], (found[2] or "")[2:]
                total = sum(numbers)
                assert total == int(found[3])
                if columns and max(numbers) < 10:
                    pairs = [pair.split("=") for pair in columns.split(", ")]
                    assert all(sum(map(int, pair.split("+"))) == int(written) for pair, written in pairs)
                    assert int(pairs[-1][1]) == total and len(pairs) == len(numbers) - 1
                elif columns:
                    last, *lower = reversed([column.split("=") for column in columns.split(", ")])
                    assert all(sum(map(int, digits.split("+"))) == int(written) for digits, written in (last, *lower))
                    assert last[1] + "".join(written[-1] for _, written in lower) == found[3], line
                checked += 1
            found = comparison.fullmatch(line)
            if found:
                assert (int(found[1]) > int(found[2])) == (found[4] == "more") == (found[3] == ">")
                compared += 1
    assert checked > 1500 and compared > 400


def test_a_percentage_is_exact_and_a_rounded_path_stays_within_half_a_percent():
    for value in range(20, 2000, 20):
        for rate in growth.RATES:
            assert sum(percent_parts(value, rate)) * 100 == value * rate
            assert re.search(rf"(?<!\d){value * rate // 100}$", percent_of(value, rate)[-1])
    assert plus(2645, 265, 133) == "2645+265+133: 5+5+3=13, 4+6+3+1=14, 6+2+1+1=10, 2+0+0+1=3 = 3043"
    assert plus(8, 4) == "8+4 = 12"
    example = Growth(2000, "million", 15, 5)
    assert example.values == [2000, 2300, 2645, 3043, 3499, 4024] and example.rounded(4024) == "4.02 million"
    assert Growth(40_000, "thousand", 10, 3).rounded(53_240) == "53240"
    assert needed_rate(2.5, 5) == (20, 25) and needed_rate(1.1**3, 3) is None and needed_rate(99, 2) is None


def test_the_source_question_is_drawn_for_tests_only_and_its_numbers_are_never_trained_on():
    problem = source_problem()
    assert problem.answer["content"].startswith("No. In 2025 it is about 4.02 million")
    assert held_out(growth._key(Growth(2000, "million", 15, 5)), 0.01)
    assert growth._key(Growth(20_000, "thousand", 15, 3)) == ALWAYS_HELD_OUT
    for trained in drawn("train", 6000):
        text = trained.messages[0]["content"].lower()
        assert not text.startswith("a company's revenue")
        start = re.search(r"^Start: .*?(\d+)(?: \w+)?$", trained.thinking, re.MULTILINE)
        assert start is None or start[1].rstrip("0") != "2" or "15 % = 10 %" not in trained.thinking


def test_the_splits_share_no_question_no_wording_and_no_pair_of_rate_and_number():
    trained = {problem.messages[0]["content"].lower() for problem in drawn("train", 6000)}
    assert not trained & {problem.messages[0]["content"].lower() for problem in drawn("test", 1500)}
    for table in (growth.PART, growth.UP, growth.DOWN, growth.AFTER, growth.REACH, growth.WHEN):
        seen, unseen = (set(wordings) for wordings in table)
        assert len(seen) >= 8 and len(unseen) >= 2 and not seen & unseen
    for split in ("train", "test"):
        for problem in drawn(split, 1000):
            if problem.difficulty == "percent of":
                number = re.search(r"of (\d+) = ", problem.thinking)[1]
                rate = re.search(r"(\d+) ?(?:%|perc)", problem.messages[0]["content"].lower())[1]
                assert held_out(f"% {rate} {number}") == (split == "test")


def test_the_same_seed_gives_the_same_problems():
    assert [p.messages for p in drawn("test", 40, 3)] == [p.messages for p in drawn("test", 40, 3)]


@pytest.mark.parametrize(
    ("reply", "right"),
    [
        ("**No**, they will reach about $4.02 million. They would need roughly 20.1% per year.", True),
        (
            "They will not achieve the goal: $2 × 1.15^5 ≈ $4.0227 million. Required rate: (2.5)^{1/5} - 1 ≈ 20.11\\%.",
            True,
        ),
        ("不能达到目标。2025 年收入约为402万美元，需要约 20.1% 的增长率。", True),
        ("No. They get $4,022,714. They need to go from 15% to 20.1% a year.", True),
        ("No, $4.02 million. The growth must be between 15 % and 20 % a year.", False),
        ("No, they reach only $3.5 million. They need 20.1 %.", False),
        ("No, they will not.", False),
        ("Yes, they reach $4.02 million; 20.1 % are needed.", False),
        ("Yes, but no, they cannot achieve it: 20.1 %.", False),
    ],
)
def test_the_source_question_is_graded_in_free_wording(reply, right):
    assert source_problem().grade(reply) == right


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("Yes, it is.", True), ("It is possible.", True), ("They will easily exceed it.", True),
        ("可以达到。", True), ("是的，会达到。", True), ("No.", False), ("The answer is \\boxed{No}", False),
        ("It won't reach the goal.", False), ("That is impossible.", False), ("不可能。", False),
        ("They can't reach 5 million", False), ("Yes. No.", None), ("Yes, it is not possible.", None),
        ("I cannot say.", None), ("Perhaps", None), ("我不知道。", None), ("If not, how fast? Yes, they do.", True),
    ],
)  # fmt: skip
def test_a_verdict_is_read_in_english_and_chinese(text, said):
    assert verdict(text) is said


def test_amounts_rates_and_years_are_read_as_people_write_them():
    read = [value for value, _ in amounts("$4.02M, 53{,}240 people, 402 万, 4.0 billion, 15 % or 20 percent, 1,234.5.")]
    assert read == [4.02e6, 53240, 4.02e6, 4e9, 1234.5]
    assert names_rate("20-25%", 20.1) and names_rate("about 21 %", 20.1) and not names_rate("15 %, no: 30 %", 20.1)
    assert number_of_years("After 2 years 3 million, so it takes four years.") == 4 == number_of_years("4")
    assert number_of_years("it takes 3.5 million") is None and calendar_year("From 2020 on: in 2024, 3 years.") == 2024


def test_a_free_reply_about_an_amount_is_graded_with_a_tolerance_of_one_percent():
    rng = random.Random(2)
    for _ in range(200):
        problem = growth._after(rng, "test")
        number = problem.expected.split()
        value = float(number[0])
        unit = " ".join(number[1:])
        assert problem.grade(f"Calculated: about {value * 1.004:.4f} {unit} in the end.")
        assert not problem.grade(f"It is {value * 1.03:.4f} {unit}.") and not problem.grade("After 3 years.")
