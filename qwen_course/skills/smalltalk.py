"""Greetings, thanks, who are you, facts told, and the honest answer to everything that Pocket was not trained for.

Held out: two or three lines of each kind of small talk and one spelling in ten of the others, one out-of-scope request in five, and seven kinds
of requests altogether. Other models are right when they answer small talk with a suitable word; on out-of-scope requests only Pocket's honest
sentence is asked for, so measure those on Pocket.
"""

from __future__ import annotations

import random

from qwen_course.skills.memory import FACTS
from qwen_course.skills.pools import CITIES, COLOURS, NAMES, PETS, THINGS
from qwen_course.skills.problem import Problem, Split, draw, pick_wording, text_of, vary
from qwen_course.skills.smalltalk_lines import (
    CLOSINGS,
    FILLERS,
    HONEST,
    MORE_TOLD,
    OPENINGS,
    OUT_OF_SCOPE,
    TALK,
    UNSEEN_OUT_OF_SCOPE,
    UNSEEN_TALK,
    UNSEEN_TOLD,
)

TALK_SHARE, TOLD_SHARE, INVENTED_SHARE = 0.35, 0.25, 0.1
_SEEN_FORMS = tuple((kind, form) for kind, forms in OUT_OF_SCOPE.items() for form in forms)
_UNSEEN_FORMS = tuple((kind, form) for kind, forms in UNSEEN_OUT_OF_SCOPE.items() for form in forms)


def _invented(rng: random.Random) -> str:
    """Return a word that does not exist: whatever it should mean, Pocket was not trained for it."""
    return "".join(rng.choice("bdfgklmnprstvz") + rng.choice("aeiou") for _ in range(rng.randint(2, 3)))


def _fill(rng: random.Random, form: str) -> str:
    """Return the form with its places filled, at times with an invented word."""
    if "{" not in form:
        return form
    values = {key: rng.choice(pool) for key, pool in FILLERS.items() if f"{{{key}}}" in form}
    values = {key: _invented(rng) if rng.random() < INVENTED_SHARE else value for key, value in values.items()}
    values |= {key: values[key].title() for key in ("person", "country") if values.get(key, "").islower()}
    city, other = rng.sample(CITIES, 2)
    pet = rng.choice(PETS)
    values |= {"name": rng.choice(NAMES), "city": city, "other": other, "things": rng.choice(THINGS), "pet": pet}
    values |= {"pets": pet if pet.endswith("fish") else pet + "s", "colour": rng.choice(COLOURS)}
    values |= {"year": str(rng.randint(1700, 2030)), "new": _invented(rng), "new2": _invented(rng)}
    values["new"] = values["new"].title() if rng.random() < 0.4 else values["new"]
    values["other_language"] = rng.choice(FILLERS["code_language"])
    return form.format(**values)


def _decorate(rng: random.Random, line: str) -> str:
    """Put at times a phrase before an English request, or a sentence after it; what is asked stays the same."""
    if not line.isascii() or line[-1] not in ".?!":
        return line
    if rng.random() < 0.12:
        opening = rng.choice(OPENINGS)
        keep = opening.endswith(". ") or line.startswith(("I ", "I'"))
        line = opening + (line if keep else line[0].lower() + line[1:])
    if rng.random() < 0.12:
        line += rng.choice(CLOSINGS).format(name=rng.choice(NAMES))
    return line


def _problem(line: str, difficulty: str, thinking: str, answer: str, words: tuple[str, ...]) -> Problem:
    """Return the problem; a right answer has one of the words, and it is Pocket's honest sentence only where that is asked for."""

    def grade(reply: object) -> bool:
        said = text_of(reply).lower()
        return any(word.lower() in said for word in words) and (answer == HONEST or HONEST.lower() not in said)

    return Problem(
        skill="smalltalk",
        messages=[{"role": "user", "content": line}],
        difficulty=difficulty,
        expected=answer,
        thinking=thinking,
        answer={"role": "assistant", "content": answer},
        grader=grade,
    )


def _told(rng: random.Random, split: Split) -> Problem:
    """Draw a fact that somebody tells: it asks for nothing, so the answer only acknowledges it."""

    def make() -> tuple[str, str, str]:
        kind = rng.choice(tuple(FACTS))
        unseen = (UNSEEN_TOLD[kind],) if kind in UNSEEN_TOLD else ()
        wording = pick_wording(rng, split, FACTS[kind].told + MORE_TOLD.get(kind, ()), unseen)
        invent = kind in ("name", "city", "friend") and rng.random() < INVENTED_SHARE
        return wording, _invented(rng).title() if invent else rng.choice(FACTS[kind].values), FACTS[kind].noted

    wording, value, noted = draw(split, make, lambda drawn: "told " + drawn[0].format(v=drawn[1]))
    line = wording.format(v=value)
    line = line.rstrip(".!") if rng.random() < 0.15 else line
    return _problem(line, "fact told", f"The user tells me: {value}.", noted.format(v=value), (value,))


def _talk(rng: random.Random, split: Split) -> Problem:
    """Draw a line of small talk."""
    kind = rng.choice(tuple(TALK))
    lines, answer, words = TALK[kind]
    if split == "test" and rng.random() < 1 / 3:
        line = vary(rng, rng.choice(UNSEEN_TALK[kind]))
    else:
        line = draw(split, lambda: vary(rng, rng.choice(lines)), lambda said: said)
    return _problem(line, kind, "This is small talk.", answer, words)


def _out_of_scope(rng: random.Random, split: Split) -> Problem:
    """Draw a request that no skill of Pocket covers; half of those of the test split are of kinds without any in training."""
    seen = split == "train" or rng.random() < 0.5
    if seen:
        line = draw(split, lambda: _fill(rng, rng.choice(_SEEN_FORMS)[1]), lambda said: said, share=0.2)
    else:
        line = _fill(rng, rng.choice(_UNSEEN_FORMS)[1])
    difficulty = "out of scope, kind " + ("seen" if seen else "unseen")
    thinking = "I was not trained for this kind of question."
    return _problem(vary(rng, _decorate(rng, line)), difficulty, thinking, HONEST, ("not trained for that",))


def problem(rng: random.Random, split: Split) -> Problem:
    """Draw a line of small talk, a fact that is told, or something out of scope."""
    if rng.random() >= TALK_SHARE:
        return _out_of_scope(rng, split)
    return _told(rng, split) if rng.random() < TOLD_SHARE else _talk(rng, split)
