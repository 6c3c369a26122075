"""The exercises of notebook 08. They hold on any model: what depends on it is computed from the learner's own table."""

from typing import Any

from qwen_course.exercises.exercise import Function, Judgement, Mistake, Value, body
from qwen_course.exercises.nb08_choices import CHOICES

TITLE = "Edge deployment"
ENOUGH = 97.0  # percent of replies that must be those of the reference


def _bytes(*lines: str) -> str:
    return body('def q8_0_bytes(rows, columns):\n    """Return the bytes that a matrix takes in q8_0."""', *lines)


def _apart(*lines: str) -> str:
    head = (
        'def first_difference(ours, theirs):\n    """Return where two lists of ids part, None if they are the same."""'
    )
    return body(head, *lines)


def _allowed(table: Any) -> Any:
    """Return the rows that answer as the reference does, often enough."""
    return table[table["same replies (%)"] >= ENOUGH]


def _objection(answer: Any, given: Any) -> str:
    """Return what is wrong with the row that somebody ships, by the learner's own table, or ""."""
    if not isinstance(answer, (tuple, list)) or len(answer) != 2 or not all(isinstance(part, str) for part in answer):
        return 'Two texts are expected: ("name of the row", "because ...").'
    name, reason = answer
    if name not in given.index:
        return f"{name!r} is no row of the table; its rows are {', '.join(map(repr, given.index))}."
    row, fitting = given.loc[name], _allowed(given)
    if name not in fitting.index:
        return (
            f"Only {row['same replies (%)']:g} % of its replies are those of the reference; {ENOUGH:g} are asked for."
        )
    smallest = fitting["file (MB)"].idxmin()
    if row["file (MB)"] > fitting.loc[smallest, "file (MB)"]:
        return (
            f"It answers alike, but so does a smaller file: {smallest} has {fitting.loc[smallest, 'file (MB)']:g} MB."
        )
    if not any(character.isdigit() for character in reason):
        return "The reason names no number: quote the figures of the table that decided."
    return "" if len(reason.split()) >= 5 else "The reason is short: say in a sentence which figures decided."


_FITTING = 'fitting = engines_table[engines_table["same replies (%)"] >= 97]\nname = fitting["file (MB)"].idxmin()\n'

_OTHERS = (
    Function(
        id="08.2",
        title="how large is it in q8_0?",
        task=(
            "In q8_0 a block is 32 weights of a row: 32 codes of one byte, and a scale in float16. Where a row cannot be cut\n"
            "into blocks, the matrix stays in float16. Write how many bytes a matrix takes."
        ),
        name="q8_0_bytes",
        starter=_bytes("..."),
        cases="[(1, 32), (768, 256), (3072, 1024), (10, 48), (4, 2048)]",
        solution=_bytes(
            "if columns % 32:", "    return 2 * rows * columns", "return rows * (columns // 32) * (32 + 2)"
        ),
        mistakes=(
            Mistake(
                _bytes("if columns % 32:", "    return 2 * rows * columns", "return rows * columns"),
                "Those are the codes. Each block has a scale too.",
            ),
            Mistake(
                _bytes("return rows * (columns // 32) * (32 + 2)"),
                "The rest of a row that is no whole block got lost. Such a matrix stays in float16, two bytes for each weight.",
            ),
            Mistake(
                _bytes("if columns % 32:", "    return 2 * rows * columns", "return rows * (columns // 32) * (32 + 4)"),
                "The scale is a float16: two bytes, not four.",
            ),
            Mistake(
                _bytes("if rows * columns % 32:", "    return 2 * rows * columns", "return rows * columns // 32 * 34"),
                "A block never reaches into the next row. It is the columns that must be a multiple of 32.",
            ),
        ),
        hints=(
            "How many blocks has a row, and how many bytes has a block?",
            "`columns % 32` is 0 where a row is whole blocks.",
            "`rows * (columns // 32) * 34`",
        ),
        insight="34 bytes for 32 weights are 8.5 bits each: half a bit for the scale, as in notebook 04.",
    ),
    Judgement(
        id="08.4",
        title="which file do you ship?",
        task=(
            "The device has little room. Of the rows of `engines_table` that give at least 97 % of the reference's replies,\n"
            "which has the smallest file? Give its name, and a reason that quotes your own figures:\n"
            '`answer = ("name of the row", "because ...")`.'
        ),
        given="engines_table",
        solution=_FITTING
        + "answer = (name, f\"because its {fitting.loc[name, 'file (MB)']} MB are the least of those that answer alike\")",
        objection=_objection,
        model_answer=(
            "Strike out the rows below 97 %, and take the smallest of the rest; as a rule that is q8_0.\n\n"
            "The share of equal replies is a strict yardstick: a reply that differs in a word counts as different, and may "
            "be as right as the other. So a row that falls short is not bad yet. Look at its accuracies and their intervals "
            "before you give up the smaller file, and measure on your own task."
        ),
        mistakes=(
            Mistake(
                _FITTING
                + 'answer = (fitting["file (MB)"].idxmax(), "because the largest file of them surely loses 0 %")',
                "so does a smaller file",
            ),
            Mistake(
                'answer = (engines_table["same replies (%)"].idxmin(), "because it is the smallest of all 7 files")',
                "97 are asked for",
            ),
            Mistake('answer = ("the smallest", "because it needs 4 MB only")', "is no row of the table"),
            Mistake(
                _FITTING + 'answer = (name, "because it is small and answers alike")',
                "names no number",
            ),
            Mistake(_FITTING + 'answer = (name, "97 %, 6 MB")', "The reason is short"),
        ),
        hints=(
            'Which rows have 97 or more under "same replies (%)"?',
            '`engines_table[engines_table["same replies (%)"] >= 97]["file (MB)"].idxmin()`',
        ),
        insight="Ship the smallest file that passes a test you wrote down beforehand.",
    ),
    Function(
        id="08.6",
        title="where do two prompts part?",
        task=(
            "To find out why an engine answers otherwise, compare token ids. Write the first position at which two lists\n"
            "differ. Where one is the beginning of the other, that is the length of the shorter; where they are the same,\n"
            "the answer is `None`."
        ),
        name="first_difference",
        starter=_apart("..."),
        cases="[([1, 2, 3], [1, 2, 3]), ([1, 2, 3], [1, 5, 3]), ([1, 2], [1, 2, 3]), ([1, 2, 3], [1, 2]), ([], [7]), ([4], [5]), ([1, 2, 1], [1, 2, 2]), ([], [])]",
        solution=_apart(
            "for position, (one, other) in enumerate(zip(ours, theirs)):",
            "    if one != other:",
            "        return position",
            "return None if len(ours) == len(theirs) else min(len(ours), len(theirs))",
        ),
        mistakes=(
            Mistake(
                _apart(
                    "for position, (one, other) in enumerate(zip(ours, theirs)):",
                    "    if one != other:",
                    "        return position",
                    "return None",
                ),
                "`zip` ends with the shorter list: a prompt that was cut off looks equal.",
            ),
            Mistake(
                _apart(
                    "for position, (one, other) in enumerate(zip(ours, theirs)):",
                    "    if one != other:",
                    "        return position",
                    "return min(len(ours), len(theirs))",
                ),
                "Two equal lists got a number. Where nothing differs the answer is `None`.",
            ),
            Mistake(
                _apart(
                    "for position in range(max(len(ours), len(theirs))):",
                    "    if set(ours[: position + 1]) != set(theirs[: position + 1]):",
                    "        return position",
                ),
                "A set forgets order and repetition, and ids come in an order.",
            ),
        ),
        hints=(
            "`enumerate(zip(ours, theirs))` goes over both at once, with the position.",
            "What is left to be looked at when the loop found nothing? The two lengths.",
        ),
        insight="Engines rarely differ in arithmetic first. They differ in the prompt, and this finds the token where it begins.",
    ),
    Value(
        id="08.7",
        title="predict: how fast can a phone be?",
        task=(
            "A phone's memory delivers 40 GB (10**9 bytes) a second. A model of 1.7 billion parameters lies in it with 4.5 bits\n"
            "for each, and every token reads all of them once. How many tokens per second can it write at most?"
        ),
        expects="a number of tokens per second",
        tolerance=0.02,
        solution="answer = 40e9 / (1.7e9 * 4.5 / 8)",
        mistakes=(
            Mistake("answer = 40e9 / (1.7e9 * 4.5)", "4.5 bits, and a byte has 8 of them."),
            Mistake("answer = 40e9 / (1.7e9 * 2)", "That is 16 bits for each parameter. Here it is 4.5."),
            Mistake("answer = 1.7e9 * 4.5 / 8 / 40e9", "That is seconds per token. Tokens per second are its inverse."),
        ),
        hints=(
            "How many bytes is the model? Bits divided by 8.",
            "Bytes per second, divided by bytes per token.",
        ),
        insight="About forty. In 16 bits it would be a quarter of that: on a device, fewer bits are speed.",
    ),
)

EXERCISES = tuple(sorted((*_OTHERS, *CHOICES), key=lambda exercise: exercise.id))
