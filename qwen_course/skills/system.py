"""System prompts that decide the form of the answer: its language, its format, steps first, a persona, or the limits of what is talked about.

The content is easy on purpose: what is measured is whether the system prompt is kept. `steps_first` also serves other skills.
Held out: pairs of system prompt and question (for a persona: pairs of name and job), two system prompts of each sort, and a question of most sorts.
The easy sums are those that `arithmetic` trains on; calculations with steps use the numbers that it holds out.
"""

from __future__ import annotations

import dataclasses
import json
import random
import re
from collections.abc import Callable
from typing import Any

from qwen_course.skills import arithmetic
from qwen_course.skills import system_prompts as data
from qwen_course.skills.extract import invented, read_json
from qwen_course.skills.pools import CITIES, COLOURS, NAMES, PETS, THINGS
from qwen_course.skills.problem import Problem, Split, draw, last_integer, pick_wording, text_of, vary

DAYS = tuple("Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split())


def _ask(
    system: str,
    question: str,
    difficulty: str,
    expected: str,
    thinking: str,
    answer: str,
    grader: Callable[[str], bool],
) -> Problem:
    """Return the problem; its grader reads the text of the reply."""
    return Problem(
        skill="system",
        messages=[{"role": "system", "content": system}, {"role": "user", "content": question}],
        difficulty=difficulty,
        expected=expected,
        thinking=thinking,
        answer={"role": "assistant", "content": answer},
        grader=lambda reply: grader(text_of(reply)),
    )


def _prompt_and_question(split: Split, make: Callable[[], tuple]) -> tuple:
    """Draw what `make` returns, until its first two (system prompt and question) belong to the split."""
    return draw(split, make, lambda drawn: f"{drawn[0]}|{drawn[1]}")


def _sum(rng: random.Random, split: Split) -> tuple[str, int, str]:
    """Return question, value and answer of a sum that the skill `arithmetic` trains on."""
    most = rng.choice((9, 9, 20))
    a, b = draw("train", lambda: (rng.randint(2, most), rng.randint(1, most)), lambda pair: f"+ {min(pair)} {max(pair)}")  # fmt: skip
    question = pick_wording(rng, split, data.SUM_QUESTIONS, data.UNSEEN_SUM_QUESTIONS)
    return question.format(a=a, b=b), a + b, f"{a} + {b} = {a + b}"


def _language(rng: random.Random, split: Split) -> Problem:
    """Draw an easy question in English, to be answered in one of seven languages."""

    def make() -> tuple[str, str, str, str]:
        language, what = rng.choice(data.LANGUAGES), rng.choice(tuple(data.FACTS))
        seen = (*data.LANGUAGE_PROMPTS, data.NATIVE_PROMPTS[language])
        system = pick_wording(rng, split, seen, data.UNSEEN_LANGUAGE_PROMPTS).format(v=language)
        return system, pick_wording(rng, split, *data.FACTS[what][:2]), language, what

    system, question, language, what = _prompt_and_question(split, make)
    _, _, answers, patterns = data.FACTS[what]
    at = data.LANGUAGES.index(language)
    english, answer = answers[0], answers[at]

    def right(text: str) -> bool:
        if language == "Chinese" and re.search(r"[\u3040-\u30ff]", text):  # kana: that is Japanese
            return False
        return re.search(patterns[at], text, re.IGNORECASE) is not None

    said = f"In English: {english}" + (f" In {language}: {answer}" if at else "")
    return _ask(system, vary(rng, question), f"language, {language}", answer, f"The system prompt asks for {language}.\n{said}", answer, right)  # fmt: skip


def _text(rng: random.Random, split: Split, kind: str) -> tuple[str, str, str, str]:
    """Return a text with a question about it, the value asked for, the answer in a sentence, and notes with the look-up."""
    some = {
        "pets": lambda: invented(rng) if rng.random() < 0.3 else rng.choice(NAMES),
        "cities": lambda: rng.choice(CITIES),
        "colours": lambda: rng.choice(COLOURS),
        "days": lambda: rng.choice(DAYS),
        "numbers": lambda: str(rng.randint(2, 99)),
    }[kind]
    x, y = rng.sample({"pets": PETS, "numbers": THINGS}.get(kind, NAMES), 2)
    v = w = some()
    while w == v:
        w = some()
    q, z = rng.choice(((x, v), (y, w)))
    text, question, answer = pick_wording(rng, split, *data.TEXTS[kind]).format(x=x, y=y, v=v, w=w, q=q, z=z).split("|")
    return f"{text} {question}", z, answer, f"{x}: {v}, {y}: {w}\nAsked: {q}: {z}"


def _all(names: list[str]) -> str:
    return ", ".join(names[:-1]) + " and " + names[-1]


def _format_content(rng: random.Random, split: Split, form: str) -> tuple[str, Any, str, str]:
    """Return the question, the bare value, the answer in a sentence and the thinking, for one form of answer."""
    if form == "bullet list":
        people = rng.random() < 0.3
        values = rng.sample(NAMES if people else THINGS, rng.randint(2, 4))
        wording = rng.choice(data.PEOPLE_TEXTS) if people else pick_wording(rng, split, data.LIST_TEXTS, data.UNSEEN_LIST_TEXTS)  # fmt: skip
        return wording.format(all=_all(values)), values, "", _all(values)
    if form in ("one number", "JSON", "quotes") and rng.random() < 0.5:
        question, total, answer = _sum(rng, split)
        return question, total, answer, answer
    words = ("pets", "cities", "colours", "days")
    kind = {"one number": "numbers", "JSON": rng.choice((*words, "numbers"))}.get(form) or rng.choice(words)
    question, value, answer, notes = _text(rng, split, kind)
    return question, int(value) if kind == "numbers" else value, answer, notes


def _format(rng: random.Random, split: Split) -> Problem:
    """Draw an easy question to be answered in upper case, as JSON, as a number, as a list, in one word or in quotes."""
    form = rng.choice(tuple(data.FORMATS))
    name = rng.choice(data.KEYS)

    def make() -> tuple[str, str, Any, str, str]:
        return pick_wording(rng, split, *data.FORMATS[form]).format(key=name), *_format_content(rng, split, form)

    system, question, value, sentence, notes = _prompt_and_question(split, make)
    answer, grader = {
        "upper case": lambda: (sentence.upper(), lambda text: text == text.upper() and _says(value, text)),
        "JSON": lambda: (json.dumps({name: value}), lambda text: _is_json(text, name, value)),
        "one number": lambda: (f"{value}", lambda text: re.fullmatch(rf"\W*{value}\W*", text) is not None),
        "bullet list": lambda: ("\n".join(f"- {item}" for item in value), lambda text: _items(text) == [item.lower() for item in value]),
        "one word": lambda: (value, lambda text: re.sub(r"^\W+|\W+$", "", text).lower() == value.lower()),
        "quotes": lambda: (f'"{value}"', lambda text: re.fullmatch(r'["“«„][^"]+["”»“]\.?', text.strip()) is not None and _says(value, text)),
    }[form]()  # fmt: skip
    asked = f"JSON with the key {name}" if form == "JSON" else form
    return _ask(system, question, f"format, {form}", answer, f"{notes}\nThe system prompt asks for {asked}.", answer, grader)  # fmt: skip


def _says(value: object, text: str) -> bool:
    return re.search(rf"(?<!\w){re.escape(str(value))}(?!\w)", text, re.IGNORECASE) is not None


def _is_json(text: str, name: str, value: object) -> bool:
    read = read_json(text)
    return isinstance(read, dict) and list(read) == [name] and str(read[name]).lower() == str(value).lower()


def _items(text: str) -> list[str] | None:
    """Return the items of a bullet list in lower case, or None where some line is no bullet."""
    lines = [re.fullmatch(r"[-*•–+]\s*(.+?)[.,;]?", line.strip()) for line in text.strip().split("\n") if line.strip()]
    return [line[1].strip("*").lower() for line in lines] if all(lines) else None


def _wish(
    rng: random.Random, split: Split, problem: Problem, seen: tuple[str, ...], unseen: tuple[str, ...]
) -> tuple[str, str]:
    """Return a wish for steps, and the answer that follows it: the steps, then the result where the wish wants it."""
    whole = re.fullmatch(r"-?\d+", problem.expected)
    if not whole:  # a verdict or a sentence does not go into a box
        seen, unseen = (tuple(wish for wish in wishes if "boxed" not in wish) for wishes in (seen, unseen))
    wish = pick_wording(rng, split, seen, unseen)
    if "boxed" not in wish and rng.random() < 0.25:
        wish += " " + rng.choice(data.STEPS_ENDINGS)
    result = problem.expected if whole else problem.answer["content"]
    return wish, f"{problem.thinking}\n" + (f"\\boxed{{{result}}}" if "boxed" in wish else f"Answer: {result}")


def _steps_by_system(rng: random.Random, split: Split, problem: Problem) -> Problem:
    """Re-ask a calculation after a system prompt that asks for steps."""
    wish, written = _wish(rng, split, problem, data.STEPS_PROMPTS, data.UNSEEN_STEPS_PROMPTS)
    return dataclasses.replace(
        problem,
        messages=[{"role": "system", "content": wish}, *problem.messages],
        thinking="The system prompt asks for steps.",
        answer={"role": "assistant", "content": written},
    )


def _steps_by_user(rng: random.Random, split: Split, problem: Problem) -> Problem:
    """Re-ask a calculation with a sentence that asks for steps before or after the question."""
    wish, written = _wish(rng, split, problem, data.STEPS_REQUESTS, data.UNSEEN_STEPS_REQUESTS)
    question = problem.messages[-1]["content"]
    if rng.random() < 0.15:
        question = f"{wish} {question}"
    else:
        question += (rng.choice(" \n") if question[-1] in ".?!。？" else "\n") + wish
    return dataclasses.replace(
        problem,
        messages=[*problem.messages[:-1], {"role": "user", "content": question}],
        thinking="The user asks for steps.",
        answer={"role": "assistant", "content": written},
    )


def steps_first(rng: random.Random, split: Split, problem: Problem) -> Problem:
    """Re-ask a calculation so that its written-out steps come first in the answer, and its result last.

    The wish stands in a system prompt or in the user's message. `problem` needs written-out steps as `thinking`; its
    grader stays. A whole number is repeated as "Answer: 42" or in a box, any other result as the sentence that it was.
    """
    has_system = problem.messages[0]["role"] == "system"
    again = _steps_by_system if not has_system and rng.random() < 0.4 else _steps_by_user
    return again(rng, split, problem)


def _steps(rng: random.Random, split: Split) -> Problem:
    """Draw a sum, difference or product whose steps the system prompt asks for."""
    operation = rng.choices("+-×", weights=(4, 4, 3))[0]
    problem = arithmetic.ask(rng, split, operation, *arithmetic.operands(rng, split, operation, sizes=(1, 2, 3)))
    again = _steps_by_system if rng.random() < 0.8 else _steps_by_user
    return dataclasses.replace(again(rng, split, problem), skill="system", difficulty="steps first")


def _persona(rng: random.Random, split: Split) -> Problem:
    """Draw somebody that the model is to be, and ask who that is, or an easy sum."""

    def make() -> tuple[str, str]:
        new = invented(rng)
        titled = f"{rng.choice(data.TITLES)} {new if rng.random() < 0.4 else rng.choice(data.SURNAMES)}"
        return rng.choice((titled, new, rng.choice(NAMES))), rng.choice(data.JOBS)

    name, job = draw(split, make, "|".join)
    a_job = f"{'an' if job[0] in 'aeiou' else 'a'} {job}"
    system = pick_wording(rng, split, data.PERSONAS, data.UNSEEN_PERSONAS).format(name=name, job=a_job)
    if rng.random() < 0.25:
        question, value, answer = _sum(rng, split)
        return _ask(system, question, "persona", answer, f"I am {name}. I answer the sum.", answer, lambda text: last_integer(text) == value)  # fmt: skip
    question = pick_wording(rng, split, tuple(data.WHO), tuple(data.UNSEEN_WHO))
    wanted = {"name": name, "job": job}[(data.WHO | data.UNSEEN_WHO)[question]]
    answer = f"I am {name}, {a_job}."
    return _ask(system, vary(rng, question), "persona", answer, f"The system prompt says who I am: {name}, {a_job}.", answer, lambda text: _says(wanted, text))  # fmt: skip


def _on_topic(rng: random.Random, split: Split, topic: str) -> tuple[str, str, object]:
    """Return a question about the topic, its answer, and what a right answer holds."""
    if topic == "sums":
        question, value, answer = _sum(rng, split)
        return question, answer, value
    return rng.choice(data.TOPICS[topic][1])


def _limits(rng: random.Random, split: Split) -> Problem:
    """Draw a rule on what may be talked about and what to say otherwise, and a question inside or outside."""
    topic = rng.choice(tuple(data.TOPICS))

    def make() -> tuple[str, str, str, object, str, str]:
        fill = {"t": rng.choice(data.TOPICS[topic][0]), "name": rng.choice(NAMES), "n": rng.randint(2, 999), "city": rng.choice(CITIES)}  # fmt: skip
        refusal = pick_wording(rng, split, data.REFUSALS, data.UNSEEN_REFUSALS).format(**fill)
        if split == "train" and rng.random() < 0.4:  # any sentence at all, so that it is copied and not remembered
            words = [
                rng.choice((invented(rng).lower(), rng.choice(THINGS), *data.PLAIN_WORDS))
                for _ in range(rng.randint(2, 6))
            ]
            end = rng.choice((".", ".", "!", f" {fill['n']}."))
            refusal = f"{' '.join(words).capitalize()}{end}"
        system = pick_wording(rng, split, data.LIMITS, data.UNSEEN_LIMITS).format(t=fill["t"], s=refusal)
        asked = rng.choice((topic, topic, *data.TOPICS, "something else"))
        if asked != "something else":
            return system, *_on_topic(rng, split, asked), refusal, asked
        wording = pick_wording(rng, split, data.OFF_TOPIC, data.UNSEEN_OFF_TOPIC)
        return system, wording.format(city=rng.choice(CITIES), name=rng.choice(NAMES)), "", None, refusal, asked

    system, question, answer, value, refusal, asked = _prompt_and_question(split, make)
    thinking = f"Allowed: {topic}. Asked: {asked}."
    if asked == topic:

        def inside(text: str) -> bool:
            right = last_integer(text) == value if topic == "sums" else _says(value, text)
            return right and _bare(refusal) not in _bare(text)

        return _ask(system, vary(rng, question), "limits, inside", answer, f"{thinking} I answer.", answer, inside)
    return _ask(system, vary(rng, question), "limits, outside", refusal, f"{thinking} I say: {refusal}", refusal, lambda text: _bare(text) == _bare(refusal))  # fmt: skip


def _bare(text: str) -> str:
    """Return the text in lower case, without the signs around it."""
    return re.sub(r"^\W+|\W+$", "", text).lower()


KINDS = {_language: 26, _format: 30, _steps: 14, _persona: 14, _limits: 16}


def problem(rng: random.Random, split: Split) -> Problem:
    """Draw a system prompt of one of the five kinds and an easy question."""
    return rng.choices(tuple(KINDS), tuple(KINDS.values()))[0](rng, split)
