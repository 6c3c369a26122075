"""The exercises of notebook 07. They hold on any model: none of them depends on what it answers."""

from typing import Any

from qwen_course.exercises.exercise import Function, Judgement, Mistake, Value, body
from qwen_course.exercises.nb07_choices import CHOICES

TITLE = "Serving"


def _stream(*lines: str) -> str:
    head = 'def text_of(lines):\n    """Return the text of a streamed answer from its lines."""'
    return "import json\n\n\n" + body(head, *lines)


def _wait(*lines: str) -> str:
    return body(
        'def wait(attempt, retry_after):\n    """Return the seconds to wait before the next attempt."""', *lines
    )


def _choose_precision(answer: Any, given: Any) -> str:
    """Return what is wrong with the chosen precision, by the learner's own plan, or ""."""
    if not isinstance(answer, (tuple, list)) or len(answer) != 2 or not all(isinstance(one, str) for one in answer):
        return 'Two texts are expected: ("precision", "because ...").'
    name, reason = answer
    if name not in given:
        return f"{name!r} is not in the plan, which has {', '.join(map(repr, given))}."
    enough = [precision for precision, row in given.items() if row["users"] >= 20]
    if name not in enough:
        return f"With {name} weights only {given[name]['users']} conversations fit at once, and 20 were promised."
    if name != enough[0]:
        return f"20 conversations fit. But they fit with {enough[0]} weights too, which lose less quality."
    if not any(character.isdigit() for character in reason):
        return "The reason names no number: quote the figures of the plan that decided."
    return "" if len(reason.split()) >= 5 else "The reason is short: say in a sentence which figures decided."


def _event(text: str) -> str:
    return 'data: {"choices": [{"delta": {"content": "' + text + '"}}]}'


_CASES = [
    [_event("Hel"), "", _event("lo"), "", "data: [DONE]", ""],
    ['data: {"choices": [{"delta": {"role": "assistant"}}]}', "", _event("4"), "", "data: [DONE]"],
    [_event("a"), ": keep-alive", "", 'data: {"choices": [{"delta": {"content": null}}]}', "data: [DONE]"],
    [_event("x"), 'data: {"choices": [], "usage": {"total_tokens": 9}}', "data: [DONE]"],
]
_LOOP = (
    "text = ''",
    "for line in lines:",
    "    if not line.startswith('data: ') or line == 'data: [DONE]':",
    "        continue",
)

_OTHERS = (
    Function(
        id="07.1",
        title="read a stream by hand",
        task=(
            "A streamed answer comes as lines. Those that begin with `data: ` hold JSON, except for the last one, `data: [DONE]`;\n"
            "lines that are empty or begin with a colon say nothing. Put the text together: each JSON has a list `choices`, which\n"
            "may be empty, and `choices[0]['delta']` may have a `content`, which may be `null`."
        ),
        name="text_of",
        starter=_stream("..."),
        cases=repr([(case,) for case in _CASES]),
        solution=_stream(
            *_LOOP,
            "    for choice in json.loads(line[len('data: '):])['choices']:",
            "        text += choice['delta'].get('content') or ''",
            "return text",
        ),
        mistakes=(
            Mistake(
                _stream(
                    *_LOOP,
                    "    for choice in json.loads(line[len('data: '):])['choices']:",
                    "        text += str(choice['delta'].get('content', ''))",
                    "return text",
                ),
                "A `content` of null became the word None. Add it only where there is text.",
            ),
            Mistake(
                _stream(
                    *_LOOP,
                    "    for choice in json.loads(line[len('data: '):])['choices']:",
                    "        text = choice['delta'].get('content') or text",
                    "return text",
                ),
                "Only the last piece is left. Each event brings a piece, not the text so far: add them up.",
            ),
            Mistake(
                _stream(
                    *_LOOP,
                    "    for choice in json.loads(line[len('data: '):])['choices']:",
                    "        text += (choice['delta'].get('content') or '') + ' '",
                    "return text",
                ),
                "There are spaces between the pieces that the model did not write. Its tokens bring their own spaces.",
            ),
        ),
        hints=(
            "Go over the lines and leave out those that do not begin with `data: `, and the one that is `data: [DONE]`.",
            "`json.loads(line[6:])`, then a loop over `choices`: an empty list is then no special case.",
            "`text += choice['delta'].get('content') or ''`",
        ),
        insight="This is all there is to streaming: one HTTP answer that stays open, and a line of JSON per piece.",
    ),
    Function(
        id="07.4",
        title="how long to wait",
        task=(
            "Write the waiting time of a polite client: after failed attempt 0, 1, 2, ... it waits 1, 2, 4, ... seconds, but never\n"
            "more than 60. Where the server named a time (`retry_after`, else None), it waits at least as long as that,\n"
            "even if it is more than 60. (A real client adds a little by chance; leave that out.)"
        ),
        name="wait",
        starter=_wait("..."),
        cases="[(0, None), (1, None), (3, None), (10, None), (0, 5), (4, 5), (2, 300), (0, 0), (12, 90)]",
        solution=_wait("return max(min(60, 2**attempt), retry_after or 0)"),
        mistakes=(
            Mistake(
                _wait("return max(2**attempt, retry_after or 0)"),
                "After ten attempts it waits a quarter of an hour. Cap the doubling at 60.",
            ),
            Mistake(
                _wait("return min(60, max(2**attempt, retry_after or 0))"),
                "The cap is for the doubling. A server that asks for 300 seconds gets 300.",
            ),
            Mistake(
                _wait("return retry_after or min(60, 2**attempt)"),
                "The server's time is the least to wait: who was refused often waits longer than that.",
            ),
            Mistake(
                _wait("return max(min(60, 2 * attempt), retry_after or 0)"),
                "That grows by two each time. Doubling is a power of two: 1, 2, 4, 8.",
            ),
        ),
        hints=(
            "Two numbers, and the larger one counts: the doubling with its cap, and what the server said.",
            "`retry_after or 0` is 0 where the server said nothing.",
            "`max(min(60, 2**attempt), retry_after or 0)`",
        ),
        insight="Doubling makes room on a server that is in trouble. Clients which all retry at once keep it there.",
    ),
    Judgement(
        id="07.5",
        title="which weights for 20 users?",
        task=(
            "You promised that 20 conversations of 4,096 tokens are served at once, on one GPU of 24 GiB. `plan` has for each\n"
            'precision of the weights how many fit: `plan["bf16"]["users"]`. Take the precision that keeps the promise and loses the\n'
            'least quality. Answer with a reason that quotes the figures: `answer = ("bf16", "because ...")`.'
        ),
        given="plan",
        solution=(
            'name = next(name for name in plan if plan[name]["users"] >= 20)\n'
            "answer = (name, f\"because {plan[name]['users']} conversations fit beside its weights and 20 are promised\")"
        ),
        objection=_choose_precision,
        model_answer=(
            "The plan is in the order of quality, so the first precision with at least 20 users. What is saved on weights becomes "
            "room for conversations: with a large model that is where most of the users come from.\n\n"
            "Then ask for the quality (notebook 04) and for the speed (the load test): that they fit does not mean that they are fast."
        ),
        mistakes=(
            Mistake(
                'name = min(plan, key=lambda name: plan[name]["users"])\nanswer = (name, "because 16 bits keep all the quality")',
                "conversations fit at once",
            ),
            Mistake(
                'name = max(plan, key=lambda name: plan[name]["users"])\nanswer = (name, "because most fit, more than 20 of them")',
                "lose less quality",
            ),
            Mistake('answer = ("fp64", "because 64 bits are the very best")', "is not in the plan"),
            Mistake(
                'name = next(name for name in plan if plan[name]["users"] >= 20)\nanswer = (name, "because it is plainly enough for all")',
                "names no number",
            ),
        ),
        hints=(
            "Which rows have at least 20 users?",
            "The rows are in the order of quality, best first: take the first of those.",
        ),
        insight="Memory is shared by weights and conversations. Capacity is what the weights leave over, divided by one conversation.",
    ),
    Value(
        id="07.7",
        title="predict: the rest of a download",
        task=(
            "The weights of a model are 16.4 GB in all. After 61 % the line broke; the download is resumable, and the line brings\n"
            "50 MB (megabytes) a second. How many seconds does the rest take?"
        ),
        expects="a number of seconds",
        tolerance=0.02,
        solution="answer = 16_400 * (1 - 0.61) / 50",
        mistakes=(
            Mistake("answer = 16_400 / 50", "That is the whole download. Resumable means that what is there stays."),
            Mistake("answer = 16_400 * 0.61 / 50", "That is the part which is there already."),
            Mistake(
                "answer = 8 * 16_400 * (1 - 0.61) / 50", "The speed is in megabytes, not megabits: no factor of 8."
            ),
        ),
        hints=(
            "What share is missing, and how many megabytes is that?",
            "`16_400 * 0.39 / 50`",
        ),
        insight="Two minutes instead of five and a half. And whether the first 61 % are whole is not known yet: the checksum says that.",
    ),
)

EXERCISES = tuple(sorted((*_OTHERS, *CHOICES), key=lambda exercise: exercise.id))
