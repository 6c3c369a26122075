"""The skills: generators keep their splits apart, and graders tell right from wrong, also for replies of other models."""

import importlib
import json
import random

import pytest

from qwen_course.reply import Reply, ToolCall
from qwen_course.skills import SKILLS, problems, steps
from qwen_course.skills.arithmetic import UNSEEN, WORDINGS
from qwen_course.skills.code import SOURCE_EXAMPLE, extract_code, passes
from qwen_course.skills.code_functions import FUNCTIONS
from qwen_course.skills.derivative import derive, read, render
from qwen_course.skills.explain import SOURCE_QUESTIONS
from qwen_course.skills.explain_concepts import CONCEPTS
from qwen_course.skills.extract import read_json
from qwen_course.skills.problem import Problem, last_integer


def as_reply(problem: Problem) -> Reply:
    """Return the worked answer as a model would give it."""
    calls = [
        ToolCall(id=call["id"], name=call["function"]["name"], arguments=call["function"]["arguments"])
        for call in problem.answer.get("tool_calls", [])
    ]
    return Reply(text=problem.answer["content"], tool_calls=calls)


@pytest.mark.parametrize("skill", SKILLS)
def test_the_worked_answer_of_every_problem_is_graded_right(skill):
    for problem in problems(skill, 40 if skill == "code" else 300):
        assert problem.grade(as_reply(problem)), (problem.messages, problem.answer)


@pytest.mark.parametrize("skill", SKILLS)
def test_an_empty_a_foreign_and_an_odd_reply_are_wrong_and_raise_nothing(skill):
    for problem in problems(skill, 60):
        for text in ("", "I do not know.", "{", "```python\n", "[1, 2", "\x00", "x = = -77777", "²³"):
            assert not problem.grade(Reply(text=text)) and not problem.grade(text)


@pytest.mark.parametrize("skill", SKILLS)
def test_no_test_problem_is_ever_drawn_for_training(skill):
    module = importlib.import_module(f"qwen_course.skills.{skill}")
    rng = random.Random(5)
    seen = {json.dumps(module.problem(rng, "train").messages, sort_keys=True) for _ in range(4000)}
    assert not seen & {json.dumps(problem.messages, sort_keys=True) for problem in problems(skill, 1000)}


@pytest.mark.parametrize("skill", SKILLS)
def test_the_same_seed_gives_the_same_problems(skill):
    def drawn(seed):
        return [(problem.messages, problem.expected) for problem in problems(skill, 20, seed=seed)]

    assert drawn(1) == drawn(1) != drawn(2)


@pytest.mark.parametrize("operation", "+-×")
def test_a_pair_of_numbers_is_held_out_in_both_orders(operation):
    module = importlib.import_module("qwen_course.skills.arithmetic")
    rng = random.Random(0)
    test, train = (
        {tuple(sorted(module.operands(rng, split, operation)[:2])) for _ in range(3000)} for split in ("test", "train")
    )
    assert test and train and not test & train


def test_each_arithmetic_skill_has_at_least_eight_wordings_and_unseen_ones():
    assert all(len(set(wordings)) >= 8 for wordings in WORDINGS.values())
    assert all(not set(UNSEEN[operation]) & set(wordings) for operation, wordings in WORDINGS.items())


def test_unknown_skill_split_and_count_are_named_in_the_error():
    with pytest.raises(ValueError, match="arithmetics.*did you mean arithmetic"):
        problems("arithmetics", 1)
    with pytest.raises(ValueError, match="'dev'.*'train' or 'test'"):
        problems("arithmetic", 1, split="dev")
    with pytest.raises(ValueError, match="n is 0"):
        problems("arithmetic", 0)


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("17 + 4 = 21.", 21), ("The answer is **1,234**", 1234), ("5-3", 3), ("-12", -12), ("= −7", -7), ("x = 12.0", 12), ("0.5", None),
        ("none", None), ("It is $40$.", 40), ("\\boxed{56}", 56), ("答案是42。", 42),
    ],
)  # fmt: skip
def test_last_integer_reads_numbers_as_people_write_them(text, number):
    assert last_integer(text) == number


@pytest.mark.parametrize(("operation", "limit"), [(steps.add, 9999), (steps.subtract, 9999), (steps.multiply, 99)])
def test_every_scratchpad_ends_in_the_result_and_each_of_its_lines_is_true(operation, limit):
    rng = random.Random(7)
    value = {steps.add: int.__add__, steps.subtract: int.__sub__, steps.multiply: int.__mul__}[operation]
    for _ in range(500):
        a, b = rng.randint(0, limit), rng.randint(0, limit)
        written = operation(a, b)
        assert last_integer(written) == value(a, b), written
        for line in written.split("\n"):
            left, equals, right = line.split(",")[0].partition(" = ")
            if equals and not left.startswith("Result"):
                terms = left.replace("×", "*")
                assert set(terms) <= set("0123456789+-* ") and _value(terms) == int(right), line


def _value(terms: str) -> int:
    """Return the value of a sum of products of digits."""
    total = 0
    for term in terms.replace("- ", "+ -").split("+"):
        factors = [int(factor.replace(" ", "")) for factor in term.split("*")]
        total += factors[0] * (factors[1] if len(factors) > 1 else 1)
    return total


@pytest.mark.parametrize(
    "text",
    ["f'(x) = 3x² + 4x - 5", "3x^2 + 4x - 5", "$3x^{2} + 4x - 5$", "The derivative is 3*x**2 + 4*x - 5.", "f'(x) = 3x² + 4x − 5", "-5 + 4x + 3x^2"],
)  # fmt: skip
def test_a_derivative_is_read_in_every_notation(text):
    assert read(text) == {2: 3, 1: 4, 0: -5}


def test_derivatives_agree_with_a_difference_quotient():
    rng = random.Random(3)
    for _ in range(200):
        polynomial = {power: rng.randint(-9, 9) for power in range(5)}

        def at(which, x):
            return sum(factor * x**power for power, factor in which.items())

        slope = (at(polynomial, 2 + 1e-6) - at(polynomial, 2 - 1e-6)) / 2e-6
        assert abs(slope - at(derive(polynomial), 2)) < 1e-3
        assert read(render(derive(polynomial), superscript=True)) == derive(polynomial)


def test_the_source_examples_are_held_out():
    module = importlib.import_module("qwen_course.skills.derivative")
    rng = random.Random(0)
    derivative_texts = [module.problem(rng, "train").messages[0]["content"] for _ in range(5000)]
    assert not any("x³ + 2x² - 5x + 3" in text or "x^3 + 2x^2 - 5x + 3" in text for text in derivative_texts)
    for skill, sources in (("explain", SOURCE_QUESTIONS), ("code", (SOURCE_EXAMPLE,))):
        module = importlib.import_module(f"qwen_course.skills.{skill}")
        asked = {module.problem(rng, "train").messages[0]["content"].lower().rstrip("?.") for _ in range(5000)}
        assert not asked & {source.lower().rstrip("?.") for source in sources}


def test_there_are_thirty_functions_and_forty_concepts_and_each_function_passes_its_own_tests_only():
    assert len(FUNCTIONS) == 30 and len(CONCEPTS) == 40
    for name, function in FUNCTIONS.items():
        assert len(set(function.descriptions)) == 3
        assert passes(f"Here it is:\n```python\n{function.code}\n```\nDone.", name, function.tests), name
        assert not passes(f"```python\ndef {name}(*values):\n    return None\n```", name, function.tests), name


def test_a_function_under_another_name_counts_and_code_that_loops_does_not():
    function = FUNCTIONS["gcd"]
    assert passes(function.code.replace("gcd", "greatest"), "gcd", function.tests)
    assert not passes("def gcd(a, b):\n    while True:\n        pass", "gcd", function.tests)
    assert not passes("def gcd(a, b): ...\nprint('all tests passed')\nraise SystemExit", "gcd", function.tests)
    assert extract_code("```py\nx = 1\n```") == "x = 1\n" and extract_code("x = 1") == "x = 1"


def test_json_is_read_with_and_without_a_fence():
    assert read_json('Sure: {"a": 1}.') == {"a": 1} == read_json('```json\n{"a": 1}\n```')
    assert read_json("no object") is None
