"""The exercises of notebook 03. They hold on any model: what depends on it is computed with the learner's own."""

from typing import Any

from qwen_course.exercises.exercise import Function, Judgement, Mistake, Value, body
from qwen_course.exercises.nb03_choices import CHOICES
from qwen_course.exercises.nb03_loops import LOOPS

TITLE = "Prompting"


_MAJORITY = '''\
def majority(answers):
    """Return the answer given most often; None stands for a reply without an answer."""'''

_SECOND = '''\
def second_prompt(prompt, thought):
    """Return the text behind which the model writes its answer."""'''


def _objection(answer: Any, given: Any) -> str:
    """Return what is wrong with the choice of a way to prompt, computed from the learner's own scores, or ""."""
    if not isinstance(answer, (tuple, list)) or len(answer) != 2 or not all(isinstance(part, str) for part in answer):
        return 'Two texts are expected: ("name of the row", "because ...").'
    name, reason = answer
    if name not in given:
        return f"{name!r} is no row of the table; its rows are {', '.join(map(repr, given))}."
    tokens = {row: score.tokens / score.n for row, score in given.items()}
    limit = sum(tokens.values()) / len(tokens)
    if tokens[name] > limit + 1e-9:
        return f"That row costs {tokens[name]:.1f} tokens per answer; the average of your rows is {limit:.1f}."
    right = {row: score.correct / score.n for row, score in given.items() if tokens[row] <= limit + 1e-9}
    if right[name] < max(right.values()):
        found = ", ".join(f"{row} {100 * share:.0f} %" for row, share in right.items())
        return f"Another row that you can pay for is right more often. Computed from your scores: {found}."
    if not any(character.isdigit() for character in reason):
        return "The reason names no number: quote the figures of your table that decided."
    if len(reason.split()) < 5:
        return "The reason is short: say in a sentence which figures decided."
    return ""


_BEST = (
    "tokens = {name: score.tokens / score.n for name, score in scores.items()}\n"
    "limit = sum(tokens.values()) / len(tokens)\n"
    "payable = [name for name in scores if tokens[name] <= limit]\n"
    "best = max(payable, key=lambda name: scores[name].correct / scores[name].n)\n"
)

_OTHERS = (
    Value(
        id="03.1",
        title="predict: the turns of a prompt",
        task=(
            "Three examples and a question go into `qc.few_shot`. Which roles have the messages that come out, in their\n"
            'order? Write them down as a list of texts, such as `["user", ...]`, before you let the builder tell you.'
        ),
        expects="a list of roles",
        solution=(
            'examples = [("cat", "animal"), ("oak", "plant"), ("dog", "animal")]\n'
            'answer = [message["role"] for message in qc.few_shot(examples, "elm")]'
        ),
        mistakes=(
            Mistake(
                'answer = ["user"]',
                "That is the glued way: all in one text. Here each example is a question that was answered.",
            ),
            Mistake(
                'answer = ["system"] + ["user", "assistant"] * 3 + ["user"]',
                "The builders write no system message, so that `system=` stays yours.",
            ),
            Mistake(
                'answer = ["user", "assistant"] * 4',
                "The last question has no answer yet: that one the model is to write.",
            ),
            Mistake('answer = ["user", "assistant"] * 3', "Those are the examples. Where is the question itself?"),
            Mistake('answer = ["user"] * 4', "The answers of the examples are turns too; who said them?"),
        ),
        hints=(
            "An example is a small conversation: somebody asks, somebody answers.",
            "Two turns for each example, and one for the question.",
        ),
        insight="Examples as turns show the model not only the answer but its own part: a short answer, and then the end of the turn.",
    ),
    Function(
        id="03.3",
        title="count the votes",
        task=(
            "The same question was asked several times, and `answers` holds what was found in each reply: a text, or `None`\n"
            "where nothing could be read. Return the answer given most often. Replies without an answer do not vote; between\n"
            "equals the one that came first wins; without any vote the result is `None`."
        ),
        name="majority",
        starter=body(_MAJORITY, "..."),
        cases='[(["7", "8", "8"],), ([None, None, "8"],), (["9", "4", "9", "4"],), (["4", "9", "4", "9"],), ([None, None],), ([],), (["5"],)]',
        solution=body(
            _MAJORITY,
            "votes = [answer for answer in answers if answer is not None]",
            "return max(votes, key=votes.count, default=None)",
        ),
        mistakes=(
            Mistake(
                body(_MAJORITY, "return max(answers, key=answers.count, default=None)"),
                "Replies without an answer have won an election here: leave `None` out before you count.",
            ),
            Mistake(
                body(
                    _MAJORITY,
                    "votes = [answer for answer in answers if answer is not None]",
                    "return max(sorted(votes), key=votes.count, default=None)",
                ),
                "Between equals the smallest wins here. The one that came first should, or the order of the alphabet votes too.",
            ),
            Mistake(
                body(
                    _MAJORITY,
                    "votes = [answer for answer in answers if answer is not None]",
                    "return max(votes, key=votes.count)",
                ),
                "Where nobody voted, `max` has nothing to choose from. A weak model will bring you there.",
            ),
            Mistake(
                body(
                    _MAJORITY,
                    "votes = [answer for answer in answers if answer is not None]",
                    "return max(votes[::-1], key=votes.count, default=None)",
                ),
                "Between equals the last one wins here; the first should.",
            ),
        ),
        hints=(
            "First keep the votes: `[answer for answer in answers if answer is not None]`.",
            "`votes.count(answer)` says how often one was given, and `max(votes, key=votes.count)` takes the first of the most frequent.",
            "`max` of nothing is an error; it has an option `default`.",
        ),
        insight="A vote helps where right replies agree and wrong ones scatter. Where a model makes the same mistake each time, it confirms the mistake.",
    ),
    Function(
        id="03.5",
        title="close the thinking",
        task=(
            "A thinking budget takes two calls. The first has continued `prompt`, which ends in `<think>` and a line break,\n"
            "with `thought`: it ends in `</think>`, or it was cut off by the budget. Return the text that the second call\n"
            "continues. A thought that was cut off is closed with `STOP_SENTENCE`, a line break and `</think>`; in both cases\n"
            "two line breaks come last."
        ),
        setup="import qwen_course as qc\nfrom qwen_course.thinking_budget import STOP_SENTENCE",
        name="second_prompt",
        starter=body(_SECOND, "..."),
        cases='[("Q<think>\\n", "2 + 2 = 4\\n</think>"), ("Q<think>\\n", "2 + 2 = 4, and then"), ("What is </think>?<think>\\n", "It is a")]',
        solution=body(
            _SECOND,
            'if not thought.endswith("</think>"):',
            '    thought += STOP_SENTENCE + "\\n</think>"',
            'return prompt + thought + "\\n\\n"',
        ),
        mistakes=(
            Mistake(
                body(_SECOND, 'return prompt + thought + STOP_SENTENCE + "\\n</think>" + "\\n\\n"'),
                "A thought that the model closed itself is closed a second time here.",
            ),
            Mistake(
                body(_SECOND, 'return prompt + thought + "\\n\\n"'),
                "A thought that was cut off stays open, so the second call goes on thinking and not answering.",
            ),
            Mistake(
                body(
                    _SECOND,
                    'if not thought.endswith("</think>"):',
                    '    thought += "\\n</think>"',
                    'return prompt + thought + "\\n\\n"',
                ),
                "It is closed, but in the middle of a sentence. Qwen's own procedure says first why it stops: `STOP_SENTENCE`.",
            ),
            Mistake(
                body(
                    _SECOND,
                    'if "</think>" not in prompt + thought:',
                    '    thought += STOP_SENTENCE + "\\n</think>"',
                    'return prompt + thought + "\\n\\n"',
                ),
                "Look at the thought alone: a user may have written the tag into the question.",
            ),
        ),
        hints=(
            '`thought.endswith("</think>")` tells the two cases apart.',
            "Only one of the cases needs `STOP_SENTENCE` and the tag; both need the prompt in front and two line breaks behind.",
        ),
        insight="No option limits the thinking alone: a budget is a program that writes into the model's turn, which is why it needs the prompt and not only messages.",
    ),
    Judgement(
        id="03.9",
        title="choose a way to prompt, and justify it",
        task=(
            "You may spend no more tokens per answer than the average of the rows in `scores`. Which row is right most often\n"
            "among those that you can pay for? Give its name, and a reason that quotes your own figures:\n"
            '`answer = ("name of the row", "because ...")`. The scores have `.correct`, `.tokens` and `.n`.'
        ),
        given="scores",
        solution=_BEST
        + 'answer = (best, f"because it is right {scores[best].correct} times of {scores[best].n} for {tokens[best]:.1f} tokens an answer")',
        objection=_objection,
        model_answer=(
            "Tokens per answer are `score.tokens / score.n`; rows above their average are out, and among the others the share "
            "`score.correct / score.n` decides.\n\n"
            "The budget was arbitrary, and that is the point: another budget chooses another row. The picture of accuracy over tokens "
            "shows all choices at once; rows below its upper edge are never worth their price. And two rows whose intervals overlap "
            "widely are equals: take the cheaper one."
        ),
        mistakes=(
            Mistake(
                "dear = max(scores, key=lambda name: scores[name].tokens / scores[name].n)\n"
                'answer = (dear, "because it is right most often, 96 of 100")',
                "the average of your rows is",
            ),
            Mistake('answer = ("the best", "because it is right 9 times of 10")', "is no row of the table"),
            Mistake(
                _BEST + 'answer = (best, "because everybody says that this is the best way to do it")',
                "names no number",
            ),
            Mistake(_BEST + 'answer = (best, "42 tokens")', "The reason is short"),
        ),
        hints=(
            "First `limit`: the average of `score.tokens / score.n` over the rows.",
            "Among the rows at or below it, which has the largest `score.correct / score.n`?",
        ),
        insight="There is no best prompt, only a best one for a price: measure both, on the problems that you have.",
    ),
)

EXERCISES = tuple(sorted((*_OTHERS, *LOOPS, *CHOICES), key=lambda exercise: exercise.id))
