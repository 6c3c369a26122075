"""Thirty small Python functions, asked for in many words and graded by running them.

Held out: combinations of a request form and a description. The functions themselves are known by heart: this skill shows how
generated code is run and graded, not that a model of this size can program.
"""

from __future__ import annotations

import ast
import random
import re
import secrets

from qwen_course.skills.code_functions import FUNCTIONS
from qwen_course.skills.problem import ALWAYS_HELD_OUT, Problem, Split, draw, text_of, vary

FORMS = (
    "Write a Python function {name} that {does}.", "Create a Python function {name} that {does}.", "Python function {name}: it {does}.",
    "I need a function {name} in Python that {does}.", "Implement {name} in Python. It {does}.", "Define a Python function called {name} that {does}.",
    "Code a function {name} that {does}.", "Please write {name}, a Python function that {does}.",
)  # fmt: skip
BINARY_SEARCH_FORMS = (
    "Create a Python function to implement a binary search algorithm.", "Write a binary search in Python.", "Implement binary search in Python with comments.",
    "Show me a Python function for binary search with comments.", "How do I write a binary search in Python?",
)  # fmt: skip
SOURCE_EXAMPLE = "Create a Python function to implement a binary search algorithm with detailed comments."


def extract_code(text: str) -> str:
    """Return the code of a reply: what stands in its first fence, or the whole text where there is no fence."""
    fenced = re.search(r"```(?:python|py)?[^\n]*\n(.*?)(?:```|\Z)", text, re.DOTALL)
    return fenced[1] if fenced else text


def passes(text: str, name: str, tests: tuple[str, ...]) -> bool:
    """Run the function of a reply against its tests in the sandbox and return whether all hold.

    The function may have another name: then the last one defined is taken.
    """
    from qwen_course.sandbox import run_python

    code = extract_code(text)
    try:
        defined = [node.name for node in ast.parse(code).body if isinstance(node, ast.FunctionDef)]
    except (SyntaxError, ValueError):
        return False
    if not defined:
        return False
    alias = "" if name in defined else f"{name} = {defined[-1]}\n"
    checks = "\n".join(f"assert {test}" for test in tests)
    word = secrets.token_hex(8)  # the generated code cannot know it, so it cannot pass by printing it and leaving
    return run_python(f"{code}\n{alias}{checks}\nprint({word!r})").stdout.rstrip().endswith(word)


def _key(drawn: tuple[str, str]) -> str:
    """Return the split key of a function's name and request; the source's request always belongs to the test split."""
    return ALWAYS_HELD_OUT if drawn[1] == SOURCE_EXAMPLE else drawn[1]


def problem(rng: random.Random, split: Split) -> Problem:
    """Draw a request for one of the functions."""

    def make() -> tuple[str, str]:
        name = rng.choice(tuple(FUNCTIONS))
        if name == "binary_search" and rng.random() < 0.5:
            return name, rng.choice((*BINARY_SEARCH_FORMS, SOURCE_EXAMPLE) if split == "test" else BINARY_SEARCH_FORMS)
        return name, rng.choice(FORMS).format(name=name, does=rng.choice(FUNCTIONS[name].descriptions))

    name, request = draw(split, make, _key, share=0.2)
    function = FUNCTIONS[name]
    return Problem(
        skill="code",
        messages=[{"role": "user", "content": vary(rng, request) if rng.random() < 0.5 else request}],
        difficulty="one or two lines" if function.code.count("\n") < 2 else "three lines or more",
        expected=" and ".join(function.tests),
        thinking=f"I write the function {name}: it {function.descriptions[0]}.",
        answer={"role": "assistant", "content": f"```python\n{function.code}\n```"},
        grader=lambda reply: passes(text_of(reply), name, function.tests),
    )
