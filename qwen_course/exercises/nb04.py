"""The exercises of notebook 04. They hold on any model: what depends on it is computed from the learner's own table."""

from typing import Any

from qwen_course.exercises.exercise import Function, Judgement, Mistake, Value
from qwen_course.exercises.nb04_choices import CHOICES

TITLE = "Quantization"

_ROWS = '''\
def absmax_rows(weights):
    """Return the matrix after 8 bits and back, with a scale for each row."""
    {body}'''


def _rows(*lines: str) -> str:
    return _ROWS.format(body="\n    ".join(lines))


_SPEED = '''\
def fastest(repo_id, precision, gigabytes_per_second):
    """Return the tokens per second that the memory allows at most."""
    {body}'''


def _speed(*lines: str) -> str:
    return _SPEED.format(body="\n    ".join(lines))


_EVEN = '''\
def break_even(repo_id, precision):
    """Return the first number of tokens at which the cache outweighs the weights."""
    {body}'''


def _even(*lines: str) -> str:
    return _EVEN.format(body="\n    ".join(lines))


_ESTIMATE = "estimate = qc.estimate_memory(repo_id, precision=precision, tokens=1)"
_SCALE = "scale = weights.abs().amax(dim=1, keepdim=True).clamp_min(1e-12) / 127"


def _loses(table: Any, precision: str) -> list[str]:
    """Return the skills on which this precision is worse by more than chance."""
    found = []
    for label in dict.fromkeys(table.columns.get_level_values(0)):
        if label != "weights":
            row = table.loc[precision, label]
            points = next(str(value) for name, value in row.items() if str(name).startswith("points above"))
            if row["more than chance"] == "yes" and points.startswith("-"):
                found.append(label)
    return found


def _objection(answer: Any, given: Any) -> str:
    """Return what is wrong with the choice of a precision, by the learner's own table, or ""."""
    if not isinstance(answer, (tuple, list)) or len(answer) != 2 or not all(isinstance(part, str) for part in answer):
        return 'Two texts are expected: ("name of the row", "because ...").'
    name, reason = answer
    if name not in given.index:
        return f"{name!r} is no precision of the table; its rows are {', '.join(map(repr, given.index))}."
    if worse := _loses(given, name):
        return f"In your table {name} is worse than the first row by more than chance: {', '.join(worse)}."
    sizes = given["weights", "MB measured"]
    smaller = [other for other in given.index if sizes[other] < sizes[name] and not _loses(given, other)]
    if smaller:
        return (
            f"A smaller one loses no more than chance: {smaller[0]}, {sizes[smaller[0]]:g} MB against {sizes[name]:g}."
        )
    if not any(character.isdigit() for character in reason):
        return "The reason names no number: quote the figures of your table that decided."
    if len(reason.split()) < 5:
        return "The reason is short: say in a sentence which figures decided."
    return ""


_ALLOWED = (
    "sizes = table['weights', 'MB measured']\n"
    "skills = [name for name in table.columns.levels[0] if name != 'weights']\n"
    "points = f'points above {table.index[0]}'\n"
    "kept = [\n"
    "    name\n"
    "    for name in table.index\n"
    "    if not any(\n"
    "        table.loc[name, (skill, 'more than chance')] == 'yes'\n"
    "        and table.loc[name, (skill, points)].startswith('-')\n"
    "        for skill in skills\n"
    "    )\n"
    "]\n"
    "best = sizes[kept].idxmin()\n"
)

_OTHERS = (
    Function(
        id="04.1",
        title="a scale for each row",
        task=(
            "Our first function had one scale for the whole matrix. bitsandbytes keeps one for each row, so that a large\n"
            "weight harms its own row only. Write it: 8 bits and back, as above, with a scale for each row. A row of zeros\n"
            "must come back as zeros. `weights` is a tensor of two dimensions."
        ),
        setup="import torch\nimport qwen_course as qc",
        name="absmax_rows",
        starter=_rows("..."),
        cases="[(torch.tensor(rows),) for rows in ([[1.0, -0.31, 0.048], [0.02, 0.0113, -0.0071]], [[0.0, 0.0, 0.0], [0.5, -0.26, 0.013]], [[3.0, 1.6], [-0.7, 0.29], [0.013, 0.0077]])]",
        solution=_rows(_SCALE, "codes = (weights / scale).round().to(torch.int8)", "return codes * scale"),
        mistakes=(
            Mistake(
                _rows(
                    "scale = weights.abs().max().clamp_min(1e-12) / 127",
                    "codes = (weights / scale).round().to(torch.int8)",
                    "return codes * scale",
                ),
                "That is one scale for the whole matrix: the small rows are kept as badly as before. `amax(dim=1, keepdim=True)` gives one for each row.",
            ),
            Mistake(
                _rows(
                    "scale = weights.abs().amax(dim=0, keepdim=True).clamp_min(1e-12) / 127",
                    "codes = (weights / scale).round().to(torch.int8)",
                    "return codes * scale",
                ),
                "Those are scales for the columns: `dim` names the dimension that vanishes.",
            ),
            Mistake(
                _rows(_SCALE, "codes = (weights / scale).to(torch.int8)", "return codes * scale"),
                "`to(torch.int8)` cuts the fraction off. Round first: it halves the largest error.",
            ),
            Mistake(
                _rows(
                    "scale = weights.abs().amax(dim=1, keepdim=True) / 127",
                    "return (weights / scale).round() * scale",
                ),
                "The row of zeros has the scale 0, and 0 / 0 is no number. Keep the scale above 0, with `clamp_min`.",
            ),
            Mistake(
                _rows(_SCALE, "return (weights / scale).round().to(torch.int8)"),
                "Those are the codes. Multiply them by their scale again: the way back is asked for too.",
            ),
        ),
        hints=(
            "`weights.abs().amax(dim=1, keepdim=True)` is a column with the largest value of each row.",
            "Divide it by 127, then go on as in the function above: divide, round, multiply.",
            "For the row of zeros: `.clamp_min(1e-12)` behind the largest value.",
        ),
        insight="One scale for each row costs 32 bits for a whole row, hardly anything, and keeps a large weight from spoiling the other rows.",
    ),
    Value(
        id="04.3",
        title="predict: bits for a weight",
        task=(
            "A format stores weights in 4 bits, and for each block of 128 weights one scale in 16 bits. How many bits does a\n"
            "weight cost, scales included?"
        ),
        expects="a number of bits per weight",
        solution="answer = 4 + 16 / 128",
        mistakes=(
            Mistake(
                "answer = 4", "Those are the codes. The scale is missing: 16 bits, shared by the weights of a block."
            ),
            Mistake("answer = 20", "Sixteen bits more for every weight? A block of 128 weights shares one scale."),
            Mistake("answer = 4 + 128 / 16", "Upside down: one scale of 16 bits for 128 weights."),
            Mistake("answer = 4.5", "That is bitsandbytes: 32 bits for 64 weights. Here they are 16 for 128."),
        ),
        hints=(
            "How many bits does a whole block take, codes and scale?",
            "Divide that by the number of weights in the block.",
        ),
        insight="The overhead is bits of the scale divided by the size of the block: small blocks keep weights better, and cost more.",
    ),
    Judgement(
        id="04.5",
        title="choose a precision, and justify it",
        task=(
            "You ship the model, and memory is what you are short of. Which row of the table do you take: the smallest that\n"
            "loses nothing beyond chance on any skill? Give its name, and a reason that quotes your own figures:\n"
            '`answer = ("name of the row", "because ...")`.'
        ),
        given="table",
        solution=_ALLOWED + "answer = (best, f'because it takes {sizes[best]:g} MB and loses nothing beyond chance')",
        objection=_objection,
        model_answer=(
            'Go through the rows from the smallest up, and take the first without a "yes" beside a loss. As a rule that is nf4.\n\n'
            '"No" does not mean that nothing was lost. It means that so few problems cannot tell; the interval says how '
            "large a loss may still hide in it. Before you ship, ask more problems, and those of your own task: with n=200 the "
            "interval is about two and a half times as narrow as with n=32."
        ),
        mistakes=(
            Mistake(
                "sizes = table['weights', 'MB measured']\n"
                "answer = (sizes.idxmax(), 'because the largest surely loses nothing, 0 points')",
                "A smaller one loses no more than chance",
            ),
            Mistake("answer = ('smallest', 'because it needs 4 MB only and is right')", "is no precision of the table"),
            Mistake(_ALLOWED + "answer = (best, 'because it is small, as everybody knows')", "names no number"),
            Mistake(_ALLOWED + "answer = (best, '4 MB')", "The reason is short"),
        ),
        hints=(
            "Look at the rows `more than chance` of each skill first: a yes beside a minus rules a precision out.",
            "Of those that are left, which has the smallest `MB measured`?",
        ),
        insight="Decide by the interval and not by the point: a difference within it may as well be 0.",
    ),
    Function(
        id="04.6",
        title="how fast can it be?",
        task=(
            "One conversation reads all weights once for each token. So the memory sets a limit, whatever the processor can\n"
            "do. Write `fastest`: the tokens per second at most, for a dense model of the catalogue, on a machine whose\n"
            "memory delivers that many gigabytes (10**9 bytes) a second. Leave the cache aside."
        ),
        name="fastest",
        starter=_speed("..."),
        cases='[("Qwen/Qwen3-8B", "bf16", 50), ("Qwen/Qwen3-8B", "nf4", 50), ("Qwen/Qwen3-0.6B", "int8", 300), ("Qwen/Qwen3-32B", "nf4", 1000)]',
        solution=_speed(
            "weights = qc.estimate_memory(repo_id, precision=precision).weights",
            "return gigabytes_per_second * 1e9 / weights",
        ),
        mistakes=(
            Mistake(
                _speed(
                    "total = qc.estimate_memory(repo_id, precision=precision).total",
                    "return gigabytes_per_second * 1e9 / total",
                ),
                "`total` counts a cache of 8,192 tokens too, which was to be left aside: take `.weights`.",
            ),
            Mistake(
                _speed(
                    "weights = qc.estimate_memory(repo_id, precision=precision).weights",
                    "return weights / (gigabytes_per_second * 1e9)",
                ),
                "That is seconds per token. Tokens per second are its inverse.",
            ),
            Mistake(
                _speed(
                    "weights = qc.estimate_memory(repo_id).weights",
                    "return gigabytes_per_second * 1e9 / weights",
                ),
                "Without `precision=` the weights are counted in bfloat16.",
            ),
            Mistake(
                _speed(
                    "weights = qc.estimate_memory(repo_id, precision=precision).weights",
                    "return gigabytes_per_second * 2**30 / weights",
                ),
                "A gigabyte of a data sheet is 10**9 bytes; 2**30 is a gibibyte.",
            ),
        ),
        hints=(
            "Which attribute of `qc.estimate_memory(...)` holds the bytes of the weights?",
            "Bytes per second, divided by bytes per token, are tokens per second.",
        ),
        insight="With half the bytes a memory-bound model can be twice as fast. Whether it is depends on the kernels that unpack them.",
    ),
    Function(
        id="04.7",
        title="when the cache outweighs the weights",
        task=(
            "Write `break_even`: the first number of tokens, over all conversations together, at which the KV cache takes\n"
            "more bytes than the weights. The answer is a whole number."
        ),
        name="break_even",
        starter=_even("..."),
        cases='[("Qwen/Qwen3-8B", "bf16"), ("Qwen/Qwen3-8B", "nf4"), ("Qwen/Qwen3-0.6B", "nf4"), ("Qwen/Qwen2.5-7B-Instruct", "int8")]',
        solution=_even(_ESTIMATE, "return estimate.weights // estimate.kv_cache + 1"),
        mistakes=(
            Mistake(
                _even(
                    "estimate = qc.estimate_memory(repo_id, precision=precision)",
                    "return estimate.weights // estimate.kv_cache + 1",
                ),
                "Without `tokens=1` that is the cache of 8,192 tokens; you need that of one.",
            ),
            Mistake(
                _even(
                    "estimate = qc.estimate_memory(repo_id, tokens=1)",
                    "return estimate.weights // estimate.kv_cache + 1",
                ),
                "The weights are in bfloat16 here: hand `precision` on.",
            ),
            Mistake(
                _even(_ESTIMATE, "return estimate.weights / estimate.kv_cache"),
                "That is where both are equal, most often in the middle of a token. The first whole number beyond it is asked for.",
            ),
            Mistake(
                _even(_ESTIMATE, "return estimate.weights // estimate.kv_cache"),
                "With so many tokens the cache is not yet larger; with one more it is.",
            ),
        ),
        hints=(
            "`qc.estimate_memory(repo_id, precision=precision, tokens=1)` holds the weights and the cache of one token.",
            "Divide without remainder, `//`, and go one token further.",
        ),
        insight="The smaller the weights, the sooner the cache rules: after 4-bit weights, the cache is the next thing to look at.",
    ),
)

EXERCISES = tuple(sorted((*_OTHERS, *CHOICES), key=lambda exercise: exercise.id))
