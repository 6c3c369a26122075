"""Facts said earlier in the conversation and asked for later, and sums that go on from the last result.

An answer needs the history, not only the last turn. Held out: combinations of facts, pairs of numbers, and one wording per question.
"""

from __future__ import annotations

import random
import re

from qwen_course.skills import steps
from qwen_course.skills.pools import CITIES, COLOURS, NAMES, PETS
from qwen_course.skills.problem import Problem, Split, draw, last_integer, pick_wording, text_of, vary

# kind: (values, how it is told, how it is acknowledged, questions seen, questions unseen, answer)
FACTS = {
    "name": (NAMES, ("My name is {v}.", "I am {v}.", "Hello, my name is {v}.", "Call me {v}."), "Nice to meet you, {v}!",
             ("What is my name?", "Who am I?", "Do you remember my name?"), ("Can you tell me my name?",), "Your name is {v}."),
    "city": (CITIES, ("I live in {v}.", "My home is in {v}.", "I come from {v}."), "{v} is a nice place.",
             ("Where do I live?", "Which city do I live in?", "Where is my home?"), ("Do you remember where I live?",), "You live in {v}."),
    "colour": (COLOURS, ("My favourite colour is {v}.", "The colour I like best is {v}."), "I will remember that you like {v}.",
               ("What is my favourite colour?", "Which colour do I like best?"), ("Do you remember my favourite colour?",), "Your favourite colour is {v}."),
    "pet": (PETS, ("I have a {v}.", "My pet is a {v}."), "A {v} is good company.",
            ("Which pet do I have?", "What animal do I have?", "What is my pet?"), ("Do you remember my pet?",), "You have a {v}."),
    "number": (tuple(map(str, range(10, 1000))), ("My number is {v}.", "Remember the number {v}.", "The code is {v}."), "I will remember {v}.",
               ("What is the number?", "Which number did I say?", "What was the code?"), ("Tell me the number again.",), "The number is {v}."),
}  # fmt: skip
GO_ON = ("Now add {b}.", "Add {b} to the result.", "And plus {b}?", "Add {b} to that.", "Plus {b}.")
GO_ON_UNSEEN = ("Now add {b} to that.",)


def _go_on(rng: random.Random, split: Split) -> Problem:
    """Draw a sum, its answer, and a second sum that starts from the result."""
    a, first, b = draw(
        split,
        lambda: (rng.randint(1, 99), rng.randint(1, 99), rng.randint(1, 99)),
        lambda drawn: f"+ {drawn[0] + drawn[1]} {drawn[2]}",
    )
    result = a + first
    return Problem(
        skill="memory",
        messages=[
            {"role": "user", "content": f"What is {a} + {first}?"},
            {"role": "assistant", "content": f"{a} + {first} = {result}"},
            {"role": "user", "content": vary(rng, pick_wording(rng, split, GO_ON, GO_ON_UNSEEN).format(b=b))},
        ],
        difficulty="go on from a result",
        expected=str(result + b),
        thinking=f"The last result was {result}.\n{steps.add(result, b)}",
        answer={"role": "assistant", "content": f"{result} + {b} = {result + b}"},
        grader=lambda reply: last_integer(text_of(reply)) == result + b,
    )


def problem(rng: random.Random, split: Split) -> Problem:
    """Draw a conversation that tells one to three facts and asks for one of them; every fourth time one that goes on from a sum."""
    if rng.random() < 0.25:
        return _go_on(rng, split)

    def make() -> dict[str, str]:
        return {kind: rng.choice(FACTS[kind][0]) for kind in rng.sample(tuple(FACTS), rng.choice((1, 2, 2, 3)))}

    values = draw(split, make, lambda drawn: repr(sorted(drawn.items())))
    messages = []
    for kind, value in values.items():
        _, tell, reply, *_ = FACTS[kind]
        messages += [
            {"role": "user", "content": rng.choice(tell).format(v=value)},
            {"role": "assistant", "content": reply.format(v=value)},
        ]
    asked = rng.choice(tuple(values))
    _, _, _, seen, unseen, answer = FACTS[asked]
    messages.append({"role": "user", "content": vary(rng, pick_wording(rng, split, seen, unseen))})
    value = values[asked]
    return Problem(
        skill="memory",
        messages=messages,
        difficulty=f"{len(values)} fact" + ("s" if len(values) > 1 else ""),
        expected=value,
        thinking=f"The user said: {value}.",
        answer={"role": "assistant", "content": answer.format(v=value)},
        grader=lambda reply: re.search(rf"\b{re.escape(value)}\b", text_of(reply), re.IGNORECASE) is not None,
    )
