"""Sums asked in other languages: the same numbers, the same answer, wordings held out."""

import random

import pytest

from qwen_course.skills import arithmetic, problems
from qwen_course.skills.arithmetic import LANGUAGES, UNSEEN, WORDINGS, ask, operands
from qwen_course.skills.arithmetic_languages import OTHER_LANGUAGES, OTHER_UNSEEN, ungrouped


def wordings(language, operation):
    """Return the seen and the unseen wordings."""
    if language == "English":
        return WORDINGS[operation], UNSEEN[operation]
    return OTHER_LANGUAGES[language][operation], OTHER_UNSEEN[language][operation]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("operation", "+-×")
def test_every_language_has_wordings_that_name_both_numbers_and_other_unseen_ones(language, operation):
    seen, unseen = wordings(language, operation)
    assert len(set(seen)) >= 3 and unseen and not set(seen) & set(unseen)
    assert all("{a}" in form and "{b}" in form for form in seen + unseen)
    if language != "English":
        everything = [form for name in LANGUAGES for one in "+-×" for forms in wordings(name, one) for form in forms]
        assert all(everything.count(form) == 1 for form in seen + unseen)


@pytest.mark.parametrize("split", ["train", "test"])
def test_the_same_sum_has_the_same_answer_in_every_language(split):
    rng = random.Random(0)
    for operation in "+-×":
        for _ in range(20):
            a, b = operands(rng, split, operation)
            asked = [ask(rng, split, operation, a, b, language) for language in LANGUAGES]
            assert len({problem.expected for problem in asked}) == 1
            assert {problem.answer["content"] for problem in asked} == {f"{a} {operation} {b} = {asked[0].expected}"}
            assert len({problem.difficulty for problem in asked}) == 1
            assert all(problem.grade(problem.answer["content"]) for problem in asked)
            assert not any(problem.grade(f"= {int(problem.expected) + 1}") or problem.grade("") for problem in asked)


def test_training_never_sees_the_unseen_wordings_and_the_test_does():
    for language in LANGUAGES:
        for operation in "+-×":
            unseen = {form.format(a=12, b=7).lower().rstrip("?.。？") for form in wordings(language, operation)[1]}
            found = {"train": 0, "test": 0}
            for split in found:
                rng = random.Random(1)
                for _ in range(200):
                    text = ask(rng, split, operation, 12, 7, language).messages[0]["content"].lower()
                    found[split] += any(form in text for form in unseen)
            assert found["train"] == 0 and 30 < found["test"] < 110


@pytest.mark.parametrize("draw", [arithmetic.problem, arithmetic.small_sum])
def test_most_sums_are_asked_in_english(draw, monkeypatch):
    asked = []
    monkeypatch.setattr(arithmetic, "ask", lambda *arguments: asked.append(arguments[-1]))
    rng = random.Random(3)
    for _ in range(4000):
        draw(rng, "train")
    assert set(asked) == set(LANGUAGES) and 0.12 < 1 - asked.count("English") / len(asked) < 0.18


def test_the_numbers_are_held_out_in_every_language_alike():
    rng = random.Random(6)
    train = {tuple(sorted(operands(rng, "train", "×"))) for _ in range(4000)}
    asked = [problem.answer["content"].split(" = ")[0].split(" × ") for problem in problems("arithmetic", 2000)]
    assert not train & {tuple(sorted(map(int, pair))) for pair in asked if len(pair) == 2}


def test_unknown_languages_and_operations_are_named_in_the_error():
    with pytest.raises(ValueError, match="'Klingon'.*Persian"):
        ask(random.Random(0), "test", "+", 1, 2, "Klingon")
    with pytest.raises(ValueError, match="'/'"):
        ask(random.Random(0), "test", "/", 1, 2)


@pytest.mark.parametrize("text", ["Son 1.234.", "Cela fait 1\u202f234.", "1 234", "۱٬۲۳۴", "1234"])
def test_thousands_are_read_as_other_languages_write_them(text):
    assert arithmetic.last_integer(ungrouped(text)) == 1234
    assert ask(random.Random(0), "test", "+", 1000, 234, "French").grade(text)
