"""The skill ticket, which Pocket's training leaves out: invented codes that no model can know."""

import random

import pytest

from qwen_course.reply import Reply
from qwen_course.skills import SKILLS, ticket


def drawn(split, n, seed=0):
    rng = random.Random(seed)
    return [ticket.problem(rng, split) for _ in range(n)]


def test_there_are_eight_kinds_with_a_code_and_enough_forms_each():
    assert len(ticket.KINDS) == 8 == len(set(ticket.CODES.values())) and "ticket" not in SKILLS
    assert all(ticket._CODE.fullmatch(code) for code in ticket.CODES.values())
    for _, _, seen, unseen in ticket.KINDS.values():
        assert len(set(seen)) >= 6 and len(set(unseen)) >= 2 and not set(seen) & set(unseen)
    assert len(ticket.REQUESTS) >= 8 and not set(ticket.REQUESTS) & set(ticket.UNSEEN_REQUESTS)


@pytest.mark.parametrize("split", ["train", "test"])
def test_the_grader_wants_the_code_and_no_other(split):
    for problem in drawn(split, 300):
        right = problem.expected
        wrong = next(code for code in ticket.CODES.values() if code != right)
        assert problem.answer["content"] == right and right not in problem.thinking
        assert problem.grade(right) and problem.grade(Reply(text=f"The code is {right.lower()}."))
        for text in (wrong, f"{right} or {wrong}", right[:2], "", "I do not know.", "{", "²³"):
            assert not problem.grade(text) and not problem.grade(Reply(text=text))


def test_tickets_and_forms_of_the_test_split_are_never_drawn_for_training():
    train, test = drawn("train", 10_000), drawn("test", 2000)
    asked = {problem.messages[0]["content"] for problem in train}
    assert not asked & {problem.messages[0]["content"] for problem in test}
    assert {problem.difficulty for problem in train} == {"form seen"}
    assert {problem.difficulty for problem in test} == {"form seen", "form unseen"}
    for _, _, _, unseen in ticket.KINDS.values():
        for form in unseen:
            pieces = [piece for piece in form.replace("}", "{").split("{")[::2] if len(piece) > 12]
            assert pieces and not any(all(piece in text for piece in pieces) for text in asked)


def test_the_same_seed_gives_the_same_problems():
    def told(seed):
        return [(problem.messages, problem.expected) for problem in drawn("test", 20, seed=seed)]

    assert told(1) == told(1) != told(2)
