"""The extraction skill: every shape is graded by value, types count where a schema gives them, splits stay apart."""

import json
import random

import pytest

from qwen_course.reply import Reply
from qwen_course.skills import extract
from qwen_course.skills import extract_forms as forms

KINDS = {**forms.FLAT, **forms.NESTED, **forms.LISTS}


def drawn(split: str, n: int = 1500, seed: int = 0) -> list:
    rng = random.Random(seed)
    return [extract.problem(rng, split) for _ in range(n)]


@pytest.mark.parametrize("split", ["train", "test"])
def test_the_worked_answer_is_right_and_an_answer_with_one_wrong_value_or_key_is_not(split):
    for problem in drawn(split, 300):
        text = problem.answer["content"]
        wanted = json.loads(problem.expected)
        first = next(iter(wanted))
        assert problem.grade(text) and problem.grade(Reply(text=text))
        for wrong in (
            {**wanted, first: "nothing"},
            {**wanted, "more": 1},
            {k: v for k, v in wanted.items() if k != first},
            [wanted],
            None,
            True,
        ):
            assert not problem.grade(f"```json\n{json.dumps(wrong)}\n```"), (problem.expected, wrong)
        for wrong in ("", "{", "[" * 100_000, "no object", "```", "```json\n```"):
            assert not problem.grade(wrong)


def test_no_facts_of_a_test_problem_are_drawn_for_training_and_a_seed_fixes_the_draw():
    train, test = ({problem.messages[0]["content"] for problem in drawn(split, 4000)} for split in ("train", "test"))
    assert not train & test
    once, again, other = ([problem.messages for problem in drawn("test", 50, seed)] for seed in (1, 1, 2))
    assert once == again != other


def test_unseen_sentences_and_requests_never_come_in_training():
    train = "\n".join(problem.messages[0]["content"].lower() for problem in drawn("train", 4000))
    unseen = ("comes from", "my bill says", "a ticket from", "answers mails to", "owes us", "please extract")
    for piece in (*unseen, "in the format", "code block that holds"):
        assert piece not in train, piece
    assert not set(forms.KEY_REQUESTS) & set(forms.UNSEEN_KEY_REQUESTS)
    assert not set(forms.TEMPLATE_REQUESTS) & set(forms.UNSEEN_TEMPLATE_REQUESTS)
    for kind in KINDS.values():
        assert len(set(kind.seen)) >= 8 and kind.unseen and not set(kind.seen) & set(kind.unseen)


def test_shares_of_shapes_and_fences_are_as_said():
    problems = drawn("train", 4000)

    def share(right):
        return sum(map(right, problems)) / len(problems)

    for shape, wanted in {"flat, by keys": 0.5, "flat, by schema": 0.2, "nested": 0.15, "list": 0.15}.items():
        assert abs(share(lambda problem, shape=shape: problem.difficulty == shape) - wanted) < 0.03
    assert abs(share(lambda problem: problem.answer["content"].startswith("```json\n")) - 0.2) < 0.03


def test_every_answer_can_be_copied_from_the_text():
    def leaves(value):
        if isinstance(value, (dict, list)):
            for each in value.values() if isinstance(value, dict) else value:
                yield from leaves(each)
        else:
            yield str(value)

    for problem in drawn("train") + drawn("test"):
        assert all(leaf in problem.messages[0]["content"] for leaf in leaves(json.loads(problem.expected)))
        thought = dict.fromkeys(line.split(":")[0].split(".")[0] for line in problem.thinking.split("\n"))
        assert list(json.loads(problem.expected)) == list(thought), "the thinking goes in the order asked"


def test_a_fence_that_was_asked_for_is_needed_and_one_that_was_not_does_no_harm():
    for problem in drawn("test", 300):
        fenced = problem.answer["content"].startswith("```")
        assert problem.grade(problem.expected) != fenced
        assert problem.grade(f"Here it is:\n```json\n{problem.expected}\n```")


@pytest.mark.parametrize(
    ("value", "wanted", "strict", "equal"),
    [
        (12.0, 12, True, True),
        ("12", 12, True, False),
        ("12", 12, False, True),
        (True, 1, False, False),
        (12, "12", True, False),
        (12, "12", False, True),
        ([1, 2], [2, 1], True, False),
        ({"a": {"b": 1}}, {"a": {"b": 1.0}}, True, True),
        ({"a": 1}, [1], False, False),
        (None, "None", False, False),
    ],
)
def test_values_are_compared_as_json_not_as_python(value, wanted, strict, equal):
    assert extract.same(value, wanted, strict) is equal


def test_json_is_read_from_a_list_and_from_text_around_it():
    assert extract.read_json('See [below]: {"a": [1]}') == {"a": [1]}
    assert extract.read_json('[{"a": 1}, {"a": 2}]') == [{"a": 1}, {"a": 2}]
