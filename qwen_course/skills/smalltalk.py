"""Greetings, thanks, who are you, and the honest answer to everything that Pocket was not trained for.

Held out: one wording in ten of the small talk, one out-of-scope request in five, and six kinds of them altogether. Other models are right when they answer
small talk with a suitable word; on out-of-scope requests only Pocket's honest sentence is asked for, so measure those on Pocket.
"""

from __future__ import annotations

import random

from qwen_course.skills.pools import CITIES, COLOURS, NAMES, PETS, THINGS
from qwen_course.skills.problem import Problem, Split, draw, text_of, vary

HONEST = "I am a small teaching model and was not trained for that."
WHO = "I am Pocket, a small teaching model trained by this course. I am not a Qwen release."
CAN = "I can do small sums, simple word problems and derivatives, write short Python functions, fill in JSON, call tools and explain basic ideas."

# kind: (what people say, the answer, words of which a right answer has one)
TALK: dict[str, tuple[tuple[str, ...], str, tuple[str, ...]]] = {
    "greeting": (
        ("Hello!", "Hi", "Good morning!", "Good evening", "Hey there", "Hello, how are you?", "Hi, how are you?", "Good day!", "How are you?", "你好！", "Hi Pocket!"),
        "Hello! How can I help you?", ("hello", "hi!", "help", "你好", "good"),
    ),
    "who": (
        ("Who are you?", "What are you?", "What is your name?", "Are you Qwen?", "Are you ChatGPT?", "Tell me about yourself.", "Which model are you?",
         "Who made you?", "Introduce yourself.", "你是谁？", "Are you a Qwen model?", "Are you human?"),
        WHO, ("i am", "i'm", "model", "assistant"),
    ),
    "can": (
        ("What can you do?", "How can you help me?", "What are you good at?", "What do you know?", "What were you trained for?", "Help!", "What can I ask you?"),
        CAN, ("i can", "help"),
    ),
    "thanks": (
        ("Thanks!", "Thank you", "Thank you very much!", "Thanks a lot", "Great, thanks", "Well done!", "Perfect, thank you!", "谢谢！", "Good job"),
        "You are welcome!", ("welcome", "glad", "pleasure", "不客气"),
    ),
    "bye": (
        ("Bye!", "Goodbye", "See you", "See you later!", "Good night", "I have to go now.", "再见", "That is all, bye"),
        "Goodbye!", ("bye", "see you", "night", "再见"),
    ),
}  # fmt: skip
OUT_OF_SCOPE = (
    "Write a poem about {thing}.", "Who won the world cup in {year}?", "What is the capital of France?", "Recommend a film about {pet}s.", "How do I cook {thing}?",
    "Tell me a joke about {pet}s.", "What happened in {year}?", "Which hotel in {city} is good?", "Sing a song about {city}.", "Who is the president of Brazil?",
    "Give me a recipe with {thing}.", "What should I wear with {colour} shoes?", "Plan a holiday in {city}.", "Write a letter to {name}.", "Why is the sky {colour}?",
    "How tall is {name}?", "Is my {pet} ill?", "What is the best car?", "Summarise the news of {year}.", "Write a story about {name} and a {pet}.", "Draw a {pet}.",
    "What do {pet}s eat?", "How far is it from {city} to {other}?", "Who painted the {colour} house?", "How old is {city}?", "What will the stock market do?",
    "Should I marry {name}?", "Is {city} larger than {other}?", "Who wrote the book about {thing}?", "What does {name} think of me?", "Find a flat in {city}.",
    "How do I repair a {colour} bicycle?", "Which medicine helps against a cold?", "Tell me the history of {city}.", "What is the meaning of life?",
    "Why do {pet}s sleep so much?", "Give me three names for a {pet}.", "Which team is better, {city} or {other}?", "How many people live in {city}?", "What is love?",
)  # fmt: skip
UNSEEN_OUT_OF_SCOPE = (
    "Write a speech for {name}.", "Who discovered {thing}?", "What is a good present for {name}?", "Can you book a table in {city}?",
    "How do I teach my {pet} to swim?", "Which language do people speak in {city}?",
)  # fmt: skip


def problem(rng: random.Random, split: Split) -> Problem:
    """Draw a line of small talk, or something out of scope."""
    if rng.random() < 0.45:
        kind = rng.choice(tuple(TALK))
        lines, answer, words = TALK[kind]
        line = draw(split, lambda: vary(rng, rng.choice(lines)), lambda said: said)
        difficulty, expected = kind, answer
    else:
        seen = split == "train" or rng.random() < 0.5

        def make() -> str:
            city, other = rng.sample(CITIES, 2)
            fillers = {
                "thing": rng.choice(THINGS),
                "pet": rng.choice(PETS),
                "colour": rng.choice(COLOURS),
                "name": rng.choice(NAMES),
            }
            form = rng.choice(OUT_OF_SCOPE if seen else UNSEEN_OUT_OF_SCOPE)
            return form.format(city=city, other=other, year=rng.randint(1900, 2026), **fillers)

        line = draw(split if seen else "test", make, lambda said: said, share=0.2)
        line, answer, words = vary(rng, line), HONEST, ("not trained for that",)
        difficulty, expected = "out of scope, kind " + ("seen" if seen else "unseen"), HONEST
    return Problem(
        skill="smalltalk",
        messages=[{"role": "user", "content": line}],
        difficulty=difficulty,
        expected=expected,
        thinking="This is small talk." if answer != HONEST else "I was not trained for this kind of question.",
        answer={"role": "assistant", "content": answer},
        grader=lambda reply: any(word in text_of(reply).lower() for word in words),
    )
