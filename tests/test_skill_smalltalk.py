"""The skill smalltalk: the honest sentence for what no skill covers, and for nothing else."""

import random
from string import Formatter

import pytest

from qwen_course.reply import Reply
from qwen_course.skills import explain, memory, smalltalk
from qwen_course.skills.explain_concepts import CONCEPTS
from qwen_course.skills.smalltalk_lines import (
    FILLERS,
    HONEST,
    MORE_TOLD,
    OUT_OF_SCOPE,
    TALK,
    UNSEEN_OUT_OF_SCOPE,
    UNSEEN_TALK,
    UNSEEN_TOLD,
)


def drawn(split, n, seed=0):
    rng = random.Random(seed)
    return [smalltalk.problem(rng, split) for _ in range(n)]


def plain(text):
    return text.lower().strip(" ?.!。？！")


def test_there_are_many_kinds_of_requests_and_those_of_the_test_split_are_others():
    seen = [form for forms in OUT_OF_SCOPE.values() for form in forms]
    unseen = [form for forms in UNSEEN_OUT_OF_SCOPE.values() for form in forms]
    assert len(seen) == len(set(seen)) >= 160 and len(OUT_OF_SCOPE) >= 25
    assert len(unseen) == len(set(unseen)) >= 25 and len(UNSEEN_OUT_OF_SCOPE) >= 6
    assert not set(OUT_OF_SCOPE) & set(UNSEEN_OUT_OF_SCOPE) and not set(seen) & set(unseen)
    assert set(TALK) == set(UNSEEN_TALK)
    lines = [plain(line) for said, _, _ in TALK.values() for line in said]
    assert len(lines) == len(set(lines)) and not {plain(line) for said in UNSEEN_TALK.values() for line in said} & set(
        lines
    )
    used = {name for form in seen for _, name, _, _ in Formatter().parse(form) if name}
    assert set(FILLERS) <= used  # a pool that no form uses is a mistake


def test_no_line_of_the_test_split_is_drawn_for_training_in_any_spelling_that_matters():
    train = {problem.messages[0]["content"] for problem in drawn("train", 30_000)}
    assert not train & {problem.messages[0]["content"] for problem in drawn("test", 3000)}
    seen = {plain(text) for text in train}
    forms = [form for forms in UNSEEN_OUT_OF_SCOPE.values() for form in forms if "{" not in form]
    lines = [line for said in UNSEEN_TALK.values() for line in said]
    told = [form.format(v="Lima") for form in UNSEEN_TOLD.values()]
    assert not seen & {plain(text) for text in (*forms, *lines, *told)}


def test_the_kinds_have_their_shares():
    problems = drawn("train", 5000)
    honest = sum(problem.expected == HONEST for problem in problems) / len(problems)
    assert 0.62 < honest < 0.68
    assert {problem.difficulty for problem in problems} == {"out of scope, kind seen", "fact told", *TALK}
    assert {"out of scope, kind unseen"} == {problem.difficulty for problem in drawn("test", 3000)} - {
        problem.difficulty for problem in problems
    }


@pytest.mark.parametrize("split", ["train", "test"])
def test_the_grader_asks_for_the_honest_sentence_where_it_belongs_only(split):
    for problem in drawn(split, 600):
        honest = problem.expected == HONEST
        assert problem.grade(problem.expected) and problem.grade(Reply(text=problem.answer["content"]))
        assert problem.grade(HONEST) == honest
        if honest:
            assert not problem.grade("Sure, here it is: roses are red.") and problem.thinking.startswith(
                "I was not trained"
            )
        for text in ("", "I do not know.", "{", "²³"):
            assert not problem.grade(text) and not problem.grade(Reply(text=text))


def test_what_people_tell_about_themselves_is_acknowledged_as_in_memory():
    told = [problem for problem in drawn("train", 6000) if problem.difficulty == "fact told"]
    notes = [fact.noted.partition("{v}") for fact in memory.FACTS.values()]
    for problem in told:
        value = problem.thinking.removeprefix("The user tells me: ").removesuffix(".")
        assert value in problem.messages[0]["content"] and not problem.grade(HONEST)
        assert any(problem.expected == before + value + after for before, _, after in notes)
    assert set(UNSEEN_TOLD) == set(memory.FACTS) >= set(MORE_TOLD)
    seen = [form for kind, fact in memory.FACTS.items() for form in (*fact.told, *MORE_TOLD.get(kind, ()))]
    assert not set(seen) & set(UNSEEN_TOLD.values())


def test_no_concept_that_pocket_explains_is_called_out_of_scope():
    asked = {plain(form.format(c=name)) for form in explain.ENGLISH for name in CONCEPTS}
    assert not asked & {plain(problem.messages[0]["content"]) for problem in drawn("train", 20_000)}
    pool = {value.lower() for values in FILLERS.values() for value in values}
    assert not pool & {name.lower() for name in CONCEPTS}


def test_the_same_seed_gives_the_same_problems():
    def told(seed):
        return [(problem.messages, problem.expected) for problem in drawn("test", 20, seed=seed)]

    assert told(1) == told(1) != told(2)
