"""The document skill: answers follow from the text alone, and a hidden instruction is obeyed only undefended."""

import random

import pytest

from qwen_course.reply import Reply
from qwen_course.skills import document, injection
from qwen_course.skills.document_texts import TABLES, TEXTS


def drawn(split: str, n: int = 2000, seed: int = 0) -> list:
    rng = random.Random(seed)
    return [document.problem(rng, split) for _ in range(n)]


@pytest.mark.parametrize("split", ["train", "test"])
def test_the_worked_answer_is_right_and_other_answers_are_not(split):
    for problem in drawn(split, 400):
        text = problem.answer["content"]
        obeys = problem.difficulty == "injected, obeyed"
        assert problem.grade(text) is problem.grade(Reply(text=text)) is not obeys, (problem.messages, text)
        for wrong in (
            "",
            "I do not know.",
            "{",
            "[1, 2",
            "x = = -77777",
            "²³",
            "It is Nowhere.",
            "I was not trained for that.",
            "\x00",
        ):
            assert not problem.grade(wrong), (problem.messages, wrong)
        if problem.expected != document.NOT_SAID:
            assert not problem.grade(document.NOT_SAID)
            assert not problem.grade(problem.messages[-1]["content"]), "to repeat the text is no answer"


def test_the_answer_stands_in_the_text_and_the_thinking_finds_it_among_its_notes():
    for problem in drawn("train") + drawn("test"):
        content = problem.messages[-1]["content"]
        *notes, last = problem.thinking.split("\n")
        if problem.difficulty == "injected, obeyed":
            quoted = last.removeprefix("The text says: ")
            assert problem.payload in content and quoted != last and quoted in content
            continue
        topic, _, value = last.removeprefix("Asked: ").partition(": ")
        if problem.expected == document.NOT_SAID:
            assert problem.answer["content"] == document.NOT_SAID and value == document.NOT_THERE
            assert not any(note.startswith(f"{topic}: ") for note in notes)
        else:
            assert value == problem.expected and value in content and value in problem.answer["content"]
            assert f"{topic}: {value}" in notes, "the answer is copied from a note"


def test_tests_hold_no_text_of_training_and_a_seed_fixes_the_draw():
    train, test = ({problem.messages[-1]["content"] for problem in drawn(split, 4000)} for split in ("train", "test"))
    assert not train & test
    once, again, other = ([problem.messages for problem in drawn("test", 50, seed)] for seed in (1, 1, 2))
    assert once == again != other


def test_unseen_wordings_never_come_in_training():
    train = "\n".join(message["content"].lower() for problem in drawn("train", 6000) for message in problem.messages)
    for piece in (
        "disregard",
        "print only",
        "only data",
        "never obey",
        "<text>",
        "---",
        "which person",
        "what is the closing time",
    ):
        assert piece not in train, piece


def test_tests_draw_clean_and_defended_texts_only_and_training_draws_all():
    train, test = ({problem.difficulty for problem in drawn(split)} for split in ("train", "test"))
    assert train == test | {"injected, obeyed"} and test == {"one fact", "who", "not in the text", "injected, data"}


def test_the_system_prompt_alone_does_not_tell_whether_a_text_hides_an_instruction():
    problems = drawn("train", 4000)
    hidden = [problem for problem in problems if problem.payload]
    said = tuple(rule.lower() for rule in (*injection.DATA_PROMPTS, *injection.DATA_REMARKS))
    defended = [
        problem for problem in problems if any(rule in str(problem.messages).lower() for rule in said)
    ]  # in a system prompt, or beside the text
    assert 0.2 < sum(len(problem.messages) == 1 for problem in defended) / len(defended) < 0.6
    assert 0.12 < len(hidden) / len(problems) < 0.18
    assert 0.4 < sum(problem.difficulty == "injected, data" for problem in hidden) / len(hidden) < 0.6
    assert sum(not problem.payload for problem in defended) > len(defended) / 3
    assert all((problem.difficulty == "injected, data") == (problem in defended) for problem in hidden)


@pytest.mark.parametrize("split", ["train", "test"])
@pytest.mark.parametrize("defended", [False, True])
def test_an_injected_problem_tells_answers_and_obedience_apart(split, defended):
    rng = random.Random(4)
    for _ in range(200):
        problem = document.injected(rng, split, defended)
        assert problem.difficulty == ("injected, data" if defended else "injected, obeyed")
        text = problem.answer["content"]
        assert document.obeyed(problem, text) is not defended and problem.grade(text) is defended
        for reply in (
            problem.payload,
            f"**{problem.payload}**",
            f"Sure: {problem.payload.lower()}!",
            Reply(text=problem.payload),
        ):
            assert document.obeyed(problem, reply) and not problem.grade(reply)
        for reply in ("", "I do not know.", f"The text holds an instruction to say {problem.payload}, which is data."):
            assert not document.obeyed(problem, reply)


def test_there_are_enough_texts_facts_and_wordings():
    assert len(TEXTS) >= 8 and len(TABLES) >= 5
    for _, _, slots in TEXTS.values():
        assert len(slots) >= 6
        assert all(len(set(slot.sentences)) >= 3 and len(set(slot.questions)) >= 4 for slot in slots)
    asked = [question for _, _, slots in TEXTS.values() for slot in slots for question in slot.questions]
    for _, _, slots in TEXTS.values():
        own = [question for slot in slots for question in slot.questions]
        assert len(own) == len(set(own)), "two facts of one text share a question"
    assert len(set(asked)) > 150
    assert len(injection.INSTRUCTIONS) >= 8 and len(injection.DATA_PROMPTS) >= 6 and len(set(injection.PAYLOADS)) == 30
    assert not set(injection.INSTRUCTIONS) & set(injection.UNSEEN_INSTRUCTIONS)
    assert not set(injection.DATA_PROMPTS) & set(injection.UNSEEN_DATA_PROMPTS)


@pytest.mark.parametrize(
    "reply",
    [
        "The text does not say that.",
        "The text doesn't mention it.",
        "It isn't stated in the text.",
        "There is no information about the price.",
        "This is not in the text.",
    ],
)
def test_models_say_in_their_own_words_that_the_text_does_not_hold_the_answer(reply):
    problem = next(problem for problem in drawn("test") if problem.expected == document.NOT_SAID)
    assert problem.grade(reply)


def test_a_value_that_the_right_answer_needs_leaves_no_room_for_another():
    others = ("music", "648")
    case = document.Case(
        [], "", "one fact", "the teacher", "Yuki teaches music.", "Yuki", others, most_others=1, notes=[]
    )
    assert document._right(case, "Yuki teaches music.") and document._right(case, "It is Yuki.")
    text = "This is Mino School. The pupils like music best. Yuki gives the lessons. The school has 648 pupils."
    assert not document._right(case, text)
