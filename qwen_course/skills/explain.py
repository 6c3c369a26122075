"""Forty concepts of language models and computing, explained in a sentence or two, in English, Chinese or both.

Held out: pairs of concept and wording, among them the questions of the document that the course grew from. The explanations
are known by heart; a reply of another model is graded by whether it names the ideas without which no explanation works.
"""

from __future__ import annotations

import random

from qwen_course.skills.explain_concepts import CONCEPTS
from qwen_course.skills.problem import ALWAYS_HELD_OUT, Problem, Split, draw, text_of, vary

ENGLISH = (
    "What is {c}?", "Explain {c} in simple terms.", "Explain {c}.", "Tell me about {c}.", "How does {c} work?", "Give me a short introduction to {c}.",
    "What does {c} mean?", "Describe {c} in one or two sentences.", "Explain the concept of {c}.", "Can you explain {c}?",
)  # fmt: skip
CHINESE = ("什么是{c}？", "请解释{c}。", "{c}是什么意思？", "请介绍一下{c}。", "用中文解释{c}。")
EXPLAIN_BOTH = (
    "Explain {c} in English and Chinese.", "What is {c}? Answer in English and in Chinese.", "Explain the concept of {c} in both English and Chinese.",
    "Describe {c} in English and then in Chinese.",
)  # fmt: skip
SOURCE_QUESTIONS = (
    "Give me a short introduction to large language models.", "Explain machine learning in simple terms.", "What is artificial intelligence?",
    "How does deep learning work?", "What are neural networks?", "Explain the concept of artificial intelligence in both English and Chinese.",
)  # fmt: skip


def _key(question: str) -> str:
    """Return the split key of a question; the source's questions always belong to the test split."""
    return ALWAYS_HELD_OUT if question in SOURCE_QUESTIONS else question


def problem(rng: random.Random, split: Split) -> Problem:
    """Draw one concept, one language (or both) and one wording."""

    def make() -> tuple[str, str, str]:
        name = rng.choice(tuple(CONCEPTS))
        concept = CONCEPTS[name]
        language = rng.choices(("English", "Chinese", "both"), weights=(6, 3, 2))[0]
        if language == "Chinese":
            return name, language, rng.choice(CHINESE).format(c=concept.chinese_name)
        question = rng.choice(EXPLAIN_BOTH if language == "both" else ENGLISH).format(c=concept.asked_as)
        if concept.plural:
            question = (
                question.replace("What is ", "What are ").replace("How does ", "How do ").replace(" does ", " do ")
            )
        return name, language, question

    name, language, question = draw(split, make, lambda drawn: _key(drawn[2]), share=0.15)
    concept = CONCEPTS[name]
    both = f"**English:** {concept.english}\n**中文:** {concept.chinese}"
    text = {"English": concept.english, "Chinese": concept.chinese, "both": both}[language]

    def grade(reply: object) -> bool:
        said = text_of(reply).lower()
        english = any(word in said for word in concept.english_keys)
        chinese = any(word in said for word in concept.chinese_keys)
        return {"English": english, "Chinese": chinese, "both": english and chinese}[language]

    return Problem(
        skill="explain",
        messages=[{"role": "user", "content": vary(rng, question)}],
        difficulty=language,
        expected=" / ".join(concept.english_keys if language == "English" else concept.chinese_keys),
        thinking=f"The question is about {name}. I answer in {'English and Chinese' if language == 'both' else language}.",
        answer={"role": "assistant", "content": text},
        grader=grade,
    )
