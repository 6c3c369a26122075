"""What an exercise is: data of four kinds, and the two notebook cells that are made from it.

Solution and typical mistakes are code as a learner would write it. The check runs them, with the learner's own model
where the answer depends on it, and compares: no answer is written down twice. Judging is the business of `judging.py`.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

STARTER = "answer = ..."


def body(head: str, *lines: str) -> str:
    """Return a function's code: its head, and the lines of its body indented below."""
    return "\n    ".join([head, *lines])


@dataclass(frozen=True)
class Mistake:
    """A typical wrong answer, as code, and the sentence that it deserves."""

    code: str
    says: str


@dataclass(frozen=True)
class Option:
    """One choice, and why it is right or wrong."""

    text: str
    says: str


@dataclass(frozen=True, kw_only=True)
class Exercise:
    """What all kinds share. `setup` is code that the notebook ran before; `given` names what the learner hands over."""

    id: str
    title: str
    task: str
    hints: tuple[str, ...]
    insight: str
    solution: str = ""
    starter: str = STARTER
    mistakes: tuple[Mistake, ...] = ()
    setup: str = "import qwen_course as qc"
    given: str = ""

    @property
    def variable(self) -> str:
        """The name that the learner's code defines."""
        return "answer"

    @property
    def check_line(self) -> str:
        handed_over = f", given={self.given}" if self.given else ""
        return f'qc.check("{self.id}", {self.variable}{handed_over})'

    @property
    def task_cell(self) -> str:
        """The source of the markdown cell."""
        stuck = f'*Stuck?* `qc.hint("{self.id}")` helps a little, each time a little more; `qc.solution("{self.id}")`'
        return f"**Exercise {self.id}: {self.title}**\n\n{self._full_task()}\n\n{stuck} shows a way."

    @property
    def code_cell(self) -> str:
        """The source of the code cell, for the learner to complete."""
        return self._cell(self.starter)

    @property
    def solved_cell(self) -> str:
        """The source of the code cell with the solution filled in."""
        return self._cell(self.solution)

    def run(self, code: str, given: Any = None, *, wanted: str = "") -> Any:
        """Run the exercise's own code (starter, solution or a mistake) after the set-up and return the answer.

        `wanted` names another variable to return.
        """
        names = {self.given: given} if self.given else {}
        exec(self.setup, names)
        exec(code, names)
        return names[wanted or self.variable]

    def _full_task(self) -> str:
        return self.task

    def _cell(self, code: str) -> str:
        gap = "\n\n\n" if code.lstrip().startswith(("def ", "class ")) else "\n"
        return f"{code}{gap}{self.check_line}"


@dataclass(frozen=True, kw_only=True)
class Value(Exercise):
    """The answer is a value: a number, a text, a list. `expects` says which kind; `tolerance` is relative."""

    expects: str
    tolerance: float = 1e-6


@dataclass(frozen=True, kw_only=True)
class Function(Exercise):
    """The answer is a function. `cases` is an expression for a list of tuples of arguments, run after the set-up."""

    name: str
    cases: str
    seconds: float = 10.0  # for all cases together

    @property
    def variable(self) -> str:
        return self.name


@dataclass(frozen=True, kw_only=True)
class Choice(Exercise):
    """The answer is a letter. Each wrong option says why it is wrong; `right` is the letter of the right one."""

    options: dict[str, Option]
    right: str
    insight: str = ""

    def __post_init__(self) -> None:
        wrong = [letter for letter in self.options if letter != self.right]
        mistakes = tuple(Mistake(f'answer = "{letter}"', self.options[letter].says) for letter in wrong)
        object.__setattr__(self, "mistakes", mistakes)
        object.__setattr__(self, "solution", f'answer = "{self.right}"')
        object.__setattr__(self, "insight", self.options[self.right].says)

    def _full_task(self) -> str:
        lines = [f"- **{letter}** {option.text}" for letter, option in self.options.items()]
        return "\n".join([self.task, "", *lines])


@dataclass(frozen=True, kw_only=True)
class Judgement(Exercise):
    """The answer is a decision with reasons. `objection(answer, given)` returns what can be shown to be wrong, or "".

    What cannot be reckoned the learner compares with `model_answer`.
    """

    objection: Callable[[Any, Any], str]
    model_answer: str
