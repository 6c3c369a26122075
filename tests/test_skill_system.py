"""The skill `system`: the system prompt decides the form of the answer, and graders notice when it does not."""

import json
import random
import re

import pytest

from qwen_course.skills import arithmetic, growth, system, word_problem
from qwen_course.skills import system_prompts as data
from qwen_course.skills.problem import Problem, held_out, last_integer


def drawn(split: str, n: int = 300, seed: int = 0, make=system.problem) -> list[Problem]:
    rng = random.Random(seed)
    return [make(rng, split) for _ in range(n)]


@pytest.mark.parametrize("split", ["train", "test"])
def test_the_worked_answer_is_right_and_stupid_ones_are_wrong(split):
    for problem in drawn(split, 1000):
        assert problem.grade(problem.answer["content"]), problem
        assert problem.thinking and problem.messages[-1]["role"] == "user"
        for text in ("", "I do not know.", "{", "[1, 2", "²³", "- ", '""', "x = = -77777", "\x00"):
            assert problem.expected == "2" or not problem.grade(text), problem


def test_the_splits_share_no_problem_and_a_seed_fixes_the_draw():
    def texts(problems):
        return {json.dumps(problem.messages).lower() for problem in problems}

    assert not texts(drawn("train", 8000)) & texts(drawn("test", 3000))
    assert [problem.messages for problem in drawn("test", 40)] == [problem.messages for problem in drawn("test", 40)]


def test_unseen_system_prompts_and_requests_are_never_trained():
    unseen = [*data.UNSEEN_LANGUAGE_PROMPTS, *data.UNSEEN_STEPS_PROMPTS, *data.UNSEEN_PERSONAS, *data.UNSEEN_LIMITS]
    unseen += [prompt for _, prompts in data.FORMATS.values() for prompt in prompts]
    beginnings = [re.split(r"[{]", prompt)[0] for prompt in unseen]
    seen = [problem.messages[0]["content"] for problem in drawn("train", 5000)]
    assert not [text for text in seen if any(len(begin) > 12 and text.startswith(begin) for begin in beginnings)]
    asked = [p.messages[-1]["content"] for p in drawn("train", 3000, make=_re_asked)]
    assert not [text for text in asked if any(request in text for request in data.UNSEEN_STEPS_REQUESTS)]


def test_each_kind_has_enough_wordings_of_its_system_prompt():
    kinds = [
        (data.LANGUAGE_PROMPTS, data.UNSEEN_LANGUAGE_PROMPTS), (data.STEPS_PROMPTS, data.UNSEEN_STEPS_PROMPTS),
        (data.PERSONAS, data.UNSEEN_PERSONAS), (data.LIMITS, data.UNSEEN_LIMITS), *data.FORMATS.values(),
    ]  # fmt: skip
    for seen, unseen in kinds:
        assert len(set(seen)) >= 8 and len(set(unseen)) == 2 and not set(seen) & set(unseen)
    assert len(set(data.STEPS_REQUESTS)) >= 12


def test_the_table_of_languages_is_complete_and_no_answer_passes_for_another_language():
    assert len(data.FACTS) == 15 and set(data.NATIVE_PROMPTS) == set(data.LANGUAGES)
    for seen, unseen, answers, patterns in data.FACTS.values():
        assert len(seen) == 5 and len(unseen) == 1 and len(answers) == len(patterns) == len(data.LANGUAGES)
    answered = {}
    for problem in drawn("train", 20_000):
        if problem.difficulty.startswith("language"):
            english = re.search(r"In English: (.*?[.!])(?: In|$)", problem.thinking)[1]
            answered.setdefault((english, problem.difficulty), problem)
    assert len(answered) == 15 * 7
    for (english, label), problem in answered.items():
        answers = next(fact[2] for fact in data.FACTS.values() if fact[2][0] == english)
        language = label.removeprefix("language, ")
        for other, answer in zip(data.LANGUAGES, answers, strict=True):
            # French says the same by day and in the morning; in every other case the languages differ
            assert problem.grade(answer) == (other == language), (label, answer)


@pytest.mark.parametrize(
    ("form", "good", "bad"),
    [
        ("upper case", "YOUR CAT IS CALLED {v}!", "Your cat is called {v}."),
        ("one number", "**{v}**", "It is {v}."),
        ("one word", "{v}.", "It is {v}"),
        ("quotes", "“{v}”", "{v}"),
        ("JSON", "```json\n{v}\n```", "The answer: {v}".replace("{v}", "")),
        ("bullet list", "{v}\n", "Here is the list:\n{v}"),
    ],
)
def test_formats_are_graded_by_their_form(form, good, bad):
    for problem in [p for p in drawn("test", 3000) if p.difficulty == f"format, {form}"]:
        value = problem.answer["content"].strip('"')
        if form == "upper case":
            value = problem.thinking.split("\n")[1].rstrip(".").split()[-1]
            name = value.upper() if problem.grade(f"IT IS {value.upper()}") else None
            if name is None:  # some sentences end with the verb: the answer stands before it
                continue
            assert problem.grade(good.format(v=name))
        else:
            assert problem.grade(good.format(v=value)), problem
        assert not problem.grade(bad.format(v=value)), problem


def test_out_of_scope_gets_the_sentence_of_the_system_prompt_and_in_scope_an_answer():
    inside = [p for p in drawn("test", 3000) if p.difficulty == "limits, inside"]
    outside = [p for p in drawn("test", 3000) if p.difficulty == "limits, outside"]
    assert inside and outside
    for problem in outside:
        assert problem.expected in problem.messages[0]["content"]
        assert problem.grade(f'"{problem.expected}"') and not problem.grade(f"{problem.expected} It is 7.")
    for problem in inside:
        assert problem.answer["content"] not in problem.messages[0]["content"]


def test_personas_say_name_or_job_as_asked():
    for problem in [p for p in drawn("test", 2000) if p.difficulty == "persona" and "who I am" in p.thinking]:
        assert not problem.grade("I am Pocket, a small teaching model.")


def _re_asked(rng: random.Random, split: str) -> Problem:
    skill = rng.choice((arithmetic, word_problem, growth))
    return system.steps_first(rng, split, skill.problem(rng, split))


@pytest.mark.parametrize("split", ["train", "test"])
def test_steps_come_first_and_the_result_last(split):
    for problem in drawn(split, 1500, make=_re_asked):
        written = problem.answer["content"]
        asked = " ".join(message["content"] for message in problem.messages)
        last = written.rpartition("\n")[2]
        if re.fullmatch(r"-?\d+", problem.expected):
            assert last == (f"\\boxed{{{problem.expected}}}" if "boxed" in asked else f"Answer: {problem.expected}")
        assert last.startswith("\\boxed" if "boxed" in asked else "Answer: ") and written.count("\n") >= 1
        assert problem.grade(written) and "steps" in problem.thinking
        assert sum(message["role"] == "system" for message in problem.messages) <= 1


def test_boxed_results_are_read():
    assert last_integer("8 × 7 = 56\n\\boxed{56}") == 56 and last_integer("So \\boxed{-12}.") == -12


def test_a_problem_keeps_its_own_system_prompt():
    rng = random.Random(0)
    given = arithmetic.problem(rng, "test")
    given.messages.insert(0, {"role": "system", "content": "Be brief."})
    for _ in range(20):
        again = system.steps_first(rng, "test", given)
        assert [message["content"] for message in again.messages if message["role"] == "system"] == ["Be brief."]
        assert again.answer["content"].startswith(given.thinking) and given.messages[-1] != again.messages[-1]


def test_the_easy_sums_are_never_those_that_arithmetic_holds_out():
    for problem in drawn("test", 2000):
        found = re.match(r"(\d+) \+ (\d+) = ", problem.answer["content"])
        if found and problem.difficulty in ("persona", "limits, inside"):
            pair = sorted(map(int, found.groups()))
            assert not held_out(f"+ {pair[0]} {pair[1]}")
