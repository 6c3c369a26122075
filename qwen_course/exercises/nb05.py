"""The exercises of notebook 05. They hold on any model: what depends on it is computed from the learner's own table."""

from typing import Any

from qwen_course.exercises.exercise import Function, Judgement, Mistake, Value, body
from qwen_course.exercises.nb05_choices import CHOICES

TITLE = "Fine-tuning"

_LABELS = (
    "def labels_of(prompt, whole):",
    '"""Return one label for each token of `whole`, a list of ids that begins with `prompt`."""',
)
_OUTPUT = (
    "def lora_output(x, weight, a, b, alpha):",
    '"""Return what a linear layer with a LoRA adapter makes of x."""',
)
_POSITIONS = (
    "def positions(lengths):",
    '"""Return the position of each token in a packed row of texts with these lengths."""',
)


def _code(start: tuple[str, str], *lines: str) -> str:
    return body(start[0], start[1], *lines)


def _allowed(runs: Any) -> list[str]:
    """Return the runs that keep the old skills within 5 points; where none does, those that lose least."""
    lost = runs["old skills, points lost"]
    kept = [name for name in runs.index if lost[name] <= 5]
    return kept or [name for name in runs.index if lost[name] == lost.min()]


def _objection(answer: Any, given: Any) -> str:
    """Return what is wrong with the choice of a run, by the learner's own table, or ""."""
    if not isinstance(answer, (tuple, list)) or len(answer) != 2 or not all(isinstance(part, str) for part in answer):
        return 'Two texts are expected: ("name of the row", "because ...").'
    name, reason = answer
    if name not in given.index:
        return f"{name!r} is no row of the table; its rows are {', '.join(map(repr, given.index))}."
    allowed = _allowed(given)
    lost, right = given["old skills, points lost"], given["tickets (%)"]
    if name not in allowed:
        return f"{name} loses {lost[name]:g} points of the old skills, and {allowed[0]} {max(lost[allowed[0]], 0):g}: what was there before counts too."
    if right[name] < max(right[other] for other in allowed):
        return f"Another row that keeps the old skills sorts more tickets: {right[allowed].idxmax()}."
    if not any(character.isdigit() for character in reason):
        return "The reason names no number: quote the figures of your table that decided."
    if len(reason.split()) < 5:
        return "The reason is short: say in a sentence which figures decided."
    return ""


_CHOSEN = (
    "lost = runs['old skills, points lost']\n"
    "kept = [name for name in runs.index if lost[name] <= 5]\n"
    "kept = kept or [name for name in runs.index if lost[name] == lost.min()]\n"
    "best = runs.loc[kept, 'tickets (%)'].idxmax()\n"
)

_OTHERS = (
    Function(
        id="05.1",
        title="what is learnt",
        task=(
            "Write the labels of one row: -100 for the prompt, the token itself for everything that the model has to write.\n"
            "`prompt` and `whole` are lists of ids, and `whole` begins with `prompt`. The library shifts the labels by one\n"
            "itself, so that each position learns the next token."
        ),
        name="labels_of",
        starter=_code(_LABELS, "..."),
        cases="[([1, 2, 3], [1, 2, 3, 7, 8]), ([5], [5, 6, 9]), ([4, 4, 9], [4, 4, 9, 9, 2, 3])]",
        solution=_code(_LABELS, "return [-100] * len(prompt) + whole[len(prompt):]"),
        mistakes=(
            Mistake(
                _code(_LABELS, "return list(whole)"),
                "That trains on the prompt too: the model would learn to write questions, and most of the loss would be about them.",
            ),
            Mistake(
                _code(_LABELS, "return whole[len(prompt):]"),
                "There must be one label for each token, the prompt's included: those are -100.",
            ),
            Mistake(
                _code(_LABELS, "return [-100] * len(prompt) + whole[len(prompt):-1] + [-100]"),
                "The last token is left out. It is the end of the turn, and without it the model does not learn to stop.",
            ),
            Mistake(
                _code(_LABELS, "return [-100] * (len(prompt) - 1) + whole[len(prompt):] + [-100]"),
                "That is shifted by one already, and the library would shift it again.",
            ),
            Mistake(
                _code(_LABELS, "return [0] * len(prompt) + whole[len(prompt):]"),
                "0 is a token like any other, and would be learnt. What the loss passes over is -100.",
            ),
        ),
        hints=(
            "How many labels are -100? As many as the prompt has tokens.",
            "The others are the rest of `whole`: `whole[len(prompt):]`.",
        ),
        insight="Labels are the whole difference between training on answers and training on everything. Look at them first, whenever a trained model behaves oddly.",
    ),
    Value(
        id="05.3",
        title="predict: how many parameters are trained?",
        task=(
            "A linear layer takes 1,024 numbers and gives 3,072. It gets a LoRA adapter of rank 8. How many parameters are\n"
            "trained in this layer?"
        ),
        expects="a number of parameters",
        solution="answer = 8 * (1024 + 3072)",
        mistakes=(
            Mistake("answer = 1024 * 3072", "That is the matrix itself, which stays frozen."),
            Mistake("answer = 8 * 1024", "That is A alone. B leads from the rank to the 3,072 outputs."),
            Mistake("answer = 8 * 3072", "That is B alone. A leads from the 1,024 inputs to the rank."),
            Mistake(
                "answer = 8 * 1024 * 3072",
                "A and B are not multiplied into a matrix of their own: each has 8 rows or columns.",
            ),
        ),
        hints=(
            "A has the shape (8, 1024), B the shape (3072, 8).",
            "Add the sizes of both.",
        ),
        insight="About 1 % of the layer. Gradients and optimizer state shrink with it: that is what makes training fit; the weights themselves stay as large as they are.",
    ),
    Function(
        id="05.4",
        title="LoRA in one line",
        task=(
            "Write what a linear layer without bias gives when an adapter is on it. Shapes: `x` (rows, in), `weight` (out, in),\n"
            "`a` (rank, in), `b` (out, rank). The update counts `alpha / rank`."
        ),
        setup=(
            "import torch\nimport qwen_course as qc\n\n"
            "def numbers(*shape, seed):\n"
            "    return torch.randn(*shape, generator=torch.Generator().manual_seed(seed))"
        ),
        name="lora_output",
        starter=_code(_OUTPUT, "..."),
        cases="[(numbers(2, 4, seed=1), numbers(3, 4, seed=2), numbers(2, 4, seed=3), numbers(3, 2, seed=4), 4), (numbers(1, 5, seed=5), numbers(6, 5, seed=6), numbers(3, 5, seed=7), numbers(6, 3, seed=8), 3)]",
        solution=_code(_OUTPUT, "rank = a.shape[0]", "return x @ weight.T + alpha / rank * (x @ a.T @ b.T)"),
        mistakes=(
            Mistake(
                _code(_OUTPUT, "return x @ weight.T + x @ a.T @ b.T"),
                "The update is not scaled: it counts alpha / rank.",
            ),
            Mistake(
                _code(_OUTPUT, "return x @ weight.T + alpha * (x @ a.T @ b.T)"),
                "alpha alone would make the update grow with the rank: divide it by the rank.",
            ),
            Mistake(
                _code(_OUTPUT, "return alpha / a.shape[0] * (x @ a.T @ b.T)"),
                "That is the update alone. The frozen layer still gives its own output.",
            ),
            Mistake(
                _code(_OUTPUT, "return x @ weight.T + alpha / b.shape[0] * (x @ a.T @ b.T)"),
                "b has as many rows as the layer has outputs; the rank is the number of its columns.",
            ),
        ),
        hints=(
            "The layer alone is `x @ weight.T`.",
            "The update first goes down to the rank, `x @ a.T`, then up again, `@ b.T`.",
            "Scale the update by `alpha / a.shape[0]`.",
        ),
        insight="With b at zero the update is zero: a new adapter changes nothing until it is trained. That is how peft begins, too.",
    ),
    Function(
        id="05.5",
        title="positions of a packed row",
        task=(
            "Several texts are packed into one row. Where the position is 0, a new text begins, and attention does not look\n"
            "back beyond it. Write the positions: `lengths` are the numbers of tokens, the result is one flat list."
        ),
        name="positions",
        starter=_code(_POSITIONS, "..."),
        cases="[([3, 2],), ([4],), ([1, 1, 5],), ([2, 6, 3],)]",
        solution=_code(_POSITIONS, "return [position for length in lengths for position in range(length)]"),
        mistakes=(
            Mistake(
                _code(_POSITIONS, "return list(range(sum(lengths)))"),
                "That counts on through the whole row: one long text, in which the second reads the first.",
            ),
            Mistake(
                _code(_POSITIONS, "return [position + 1 for length in lengths for position in range(length)]"),
                "Positions begin at 0, and it is the 0 that says where a text begins.",
            ),
            Mistake(
                _code(_POSITIONS, "return [list(range(length)) for length in lengths]"),
                "One list for each text; a packed row has one flat list.",
            ),
            Mistake(
                _code(_POSITIONS, "return [number for number, length in enumerate(lengths) for _ in range(length)]"),
                "That is the number of the text. What is asked for is the place within it.",
            ),
        ),
        hints=(
            "For one text of length 3 the positions are 0, 1, 2: `range(3)`.",
            "Two loops in one list: over the lengths, and over the range of each.",
        ),
        insight="No token between the texts is needed: the positions alone keep them apart. A mask of ones over the row would undo it, without an error.",
    ),
    Judgement(
        id="05.6",
        title="choose the run to ship, and justify it",
        task=(
            "Which row of the table do you ship? It must not lose more than 5 points of the old skills (where none manages\n"
            "that, the one that loses least), and of those sort the most tickets. Give its name, and a reason that quotes your\n"
            'own figures: `answer = ("name of the row", "because ...")`.'
        ),
        given="runs",
        solution=_CHOSEN
        + "answer = (best, f'because it sorts {runs.loc[best, \"tickets (%)\"]:g} % and loses {lost[best]:g} points')",
        objection=_objection,
        model_answer=(
            "Strike out what loses more than 5 points, then take the best at tickets. As a rule that is a run with replay.\n\n"
            "The run on tickets alone may sort as many. But whoever uses your model for anything else finds it broken, and no "
            "test on tickets would ever say so: measure what the model could do before, too. And look at the intervals: "
            "two rows that differ by a point or two are the same row."
        ),
        mistakes=(
            Mistake(
                "lost = runs['old skills, points lost']\nanswer = (lost.idxmax(), 'because it sorts 95 % of the tickets')",
                "what was there before counts too",
            ),
            Mistake("answer = ('the best', 'because it sorts 95 % of all tickets')", "is no row of the table"),
            Mistake(_CHOSEN + "answer = (best, 'because it is good at all of it')", "names no number"),
            Mistake(_CHOSEN + "answer = (best, '95 %')", "The reason is short"),
        ),
        hints=(
            "Look at the column `old skills, points lost` first: more than 5 rules a row out.",
            "Of those that are left, which sorts most tickets?",
        ),
        insight="A fine-tuned model is judged by two numbers: what it gained, and what it lost.",
    ),
)

EXERCISES = tuple(sorted((*_OTHERS, *CHOICES), key=lambda exercise: exercise.id))
