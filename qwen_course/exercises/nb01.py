"""The exercises of notebook 01. Whatever can be computed is: they hold when the catalogue grows."""

from typing import Any

from qwen_course.exercises.exercise import Function, Judgement, Mistake, Value
from qwen_course.exercises.nb01_choices import CHOICES

TITLE = "Family overview"

_SETUP = "import pandas as pd\nimport qwen_course as qc\ncatalog = qc.catalog()"

_CACHE = '''\
def cache_bytes(row, tokens):
    """Return the bytes of the key-value cache of a checkpoint, for this many tokens."""
    head_size = {head}
    return {two}{layers} * {heads} * head_size * 2 * tokens'''


def _cache(
    head: str = "row.head_dim",
    layers: str = "row.full_attention_layers",
    heads: str = "row.kv_heads",
    two: str = "2 * ",
) -> str:
    return _CACHE.format(head=head, layers=layers, heads=heads, two=two)


_LONGEST = '''\
def longest_context(repo_id, precision, gib):
    """Return how many tokens of one conversation fit into this many GiB beside the weights."""
    estimate = qc.estimate_memory(repo_id, precision=precision, tokens=1)
    free = gib * {unit} - {weights}
    return {result}'''


def _longest(
    unit: str = "2**30", weights: str = "estimate.weights", result: str = "max(0, int(free // estimate.kv_cache))"
) -> str:
    return _LONGEST.format(unit=unit, weights=weights, result=result)


# --- exercise 01.8: what of a choice can be reckoned

_CASES = {
    "A": {"memory_gib": 8, "tokens": 8_000, "sold": True},
    "B": {"memory_gib": 24, "tokens": 60_000},
    "C": {"memory_gib": 80, "tokens": 16_000, "sees": True, "thinks": True},
}


def _objection(answer: Any, given: Any = None) -> str:
    """Return the first thing that is wrong with three choices, or ""."""
    if not isinstance(answer, dict) or set(answer) != set(_CASES):
        return "A dictionary with the three keys A, B and C is expected, as in the starter."
    for case, need in _CASES.items():
        if wrong := _objection_to(answer[case], need):
            return f"Case {case}: {wrong}"
    return ""


def _objection_to(choice: Any, need: dict) -> str:
    from qwen_course.checkpoints import checkpoint, shape
    from qwen_course.memory import estimate_memory

    if not isinstance(choice, (tuple, list)) or len(choice) != 3 or not all(isinstance(part, str) for part in choice):
        return 'three texts are expected: ("repository id", "precision", "because ...").'
    repo_id, precision, reason = choice
    try:
        row = checkpoint(repo_id)
        size = estimate_memory(row, precision=precision, tokens=need["tokens"]).total / 2**30
        sees = "vision_config" in shape(repo_id)
    except ValueError as error:  # an unknown id, precision or shape: the message says which
        return str(error)
    if size > need["memory_gib"]:
        return f"{repo_id} in {precision} takes {size:.1f} GiB with its context, and {need['memory_gib']} are there."
    if max(row.native_context or 0, row.extended_context or 0) < need["tokens"]:
        return f"{repo_id} cannot read {need['tokens']:,} tokens."
    if row.variant != "instruct":
        return f"{repo_id} is a base model: it continues texts, and was not tuned to do what one asks."
    if need.get("sold") and row.commercial_use == "no":
        return f"the licence of {repo_id} ({row.license}) forbids commercial use, and she sells her work."
    if need.get("sees") and not sees:
        return f"{repo_id} reads no pictures."
    if need.get("thinks") and row.thinking == "none":
        return f"{repo_id} never thinks, and difficult cases should be thought through."
    if len(reason.split()) < 5:
        return "the reason is missing: say in a sentence why this one."
    return ""


def _three(a: str = "", b: str = "", c: str = "") -> str:
    a = a or '("Qwen/Qwen3.5-2B", "bf16", "Apache licence, small enough, knows many languages")'
    b = b or '("Qwen/Qwen3.8-27B", "nf4", "hybrid: a small cache at this length, read natively")'
    c = c or '("Qwen/Qwen3.8-27B", "bf16", "reads pictures, and thinks when it is told to")'
    return f'answer = {{\n    "A": {a},\n    "B": {b},\n    "C": {c},\n}}'


_OTHERS = (
    Value(
        id="01.2",
        title="the sparsest",
        task=(
            "Which checkpoint of `catalog` uses the *smallest share* of its parameters for one token? Compute it from the\n"
            "columns `active_parameters` and `parameters`, and give its `repo_id`."
        ),
        setup=_SETUP,
        expects="a repository id of the catalogue, as text",
        solution=(
            'share = catalog.set_index("repo_id").eval("active_parameters / parameters").astype(float)\n'
            "answer = share.idxmin()"
        ),
        mistakes=(
            Mistake(
                'answer = catalog.set_index("repo_id").active_parameters.astype(float).idxmin()',
                "This one has the fewest active parameters of all, but it is dense: it uses every one it has.",
            ),
            Mistake(
                'share = catalog.set_index("repo_id").eval("active_parameters / parameters").astype(float)\n'
                "answer = share.idxmax()",
                "This is the other end of the list: a dense model, whose share is 1.",
            ),
            Mistake(
                'answer = catalog.set_index("repo_id").parameters.astype(float).idxmax()',
                "This one is the largest, which does not make it the sparsest: divide active by all.",
            ),
        ),
        hints=(
            "Divide one column by the other; that gives a share for each row.",
            "`astype(float)` turns the empty cells into NaN, which `idxmin` passes over.",
            '`catalog.set_index("repo_id")` makes `idxmin` return the id and not a number of a row.',
        ),
        insight="The sparsest are the youngest of the giants: more experts, of which fewer are chosen.",
    ),
    Function(
        id="01.4",
        title="repair a calculator",
        task=(
            "This function is what many memory calculators do, and it is wrong twice: for Qwen3, whose heads are not what\n"
            "you think, and for the hybrids, whose layers are not all alike. Repair it. `row` is what `qc.checkpoint` returns."
        ),
        setup=_SETUP,
        name="cache_bytes",
        starter=_cache(head="row.hidden_size // row.attention_heads", layers="row.layers"),
        cases='[(qc.checkpoint(f"Qwen/{n}"), t) for n, t in (("Qwen2.5-7B-Instruct", 1), ("Qwen3-0.6B", 1), ("Qwen3-8B", 8192), ("Qwen3-32B", 1000), ("Qwen3.5-27B", 1000), ("Qwen3.5-4B", 1))]',
        solution=_cache(),
        mistakes=(
            Mistake(
                _cache(layers="row.layers"),
                "The heads are mended, and dense models are right. In a hybrid only the full-attention layers keep a cache.",
            ),
            Mistake(
                _cache(head="row.hidden_size // row.attention_heads"),
                "The layers are mended. The size of a head is still guessed: Qwen3 sets it apart from the hidden size.",
            ),
            Mistake(
                _cache(heads="row.attention_heads"),
                "The cache holds keys and values only, and of them there are fewer heads than of queries.",
            ),
            Mistake(_cache(two=""), "This is half of it: a token leaves a key and a value in each layer."),
        ),
        hints=(
            "The head size stands in the catalogue, in the column `head_dim`.",
            "Compare `row.layers` and `row.full_attention_layers` for `Qwen/Qwen3.5-27B`: which ones remember every token?",
        ),
        insight="Two columns of the catalogue, `head_dim` and `full_attention_layers`, are what those calculators do not read.",
    ),
    Value(
        id="01.5",
        title="predict: what shrinks?",
        task=(
            "`Qwen/Qwen3-8B` is loaded in nf4 instead of bf16. By which factor does its **key-value cache** at 8,192 tokens\n"
            "become smaller? Write your prediction down first and run the cell; then compute it, if it was wrong."
        ),
        expects="a factor, as a number (2 means: half as large)",
        tolerance=0.02,
        solution=(
            'caches = [qc.estimate_memory("Qwen/Qwen3-8B", precision=p).kv_cache for p in ("bf16", "nf4")]\n'
            "answer = caches[0] / caches[1]"
        ),
        mistakes=(
            Mistake(
                "answer = 4",
                "From 16 to 4 bits are the weights, and not even all of them. What format is the cache in?",
            ),
            Mistake(
                'sizes = [qc.estimate_memory("Qwen/Qwen3-8B", precision=p).weights for p in ("bf16", "nf4")]\n'
                "answer = sizes[0] / sizes[1]",
                "That is the factor of the weights. The question is about the cache.",
            ),
            Mistake(
                'totals = [qc.estimate_memory("Qwen/Qwen3-8B", precision=p).total for p in ("bf16", "nf4")]\n'
                "answer = totals[0] / totals[1]",
                "That is the factor of weights and cache together. The question is about the cache alone.",
            ),
        ),
        hints=(
            "In the picture above, how far apart are the solid and the dashed curve of one model on the right?",
            "Compute it: `qc.estimate_memory(..., precision=...)` has a `.kv_cache`.",
        ),
        insight="Quantizing weights leaves the cache in 16 bits as it was; at a long context, that is most of the memory.",
    ),
    Function(
        id="01.6",
        title="how long a text fits?",
        task=(
            "You have a GPU and a model in mind. Write the function that says how many tokens of *one* conversation fit\n"
            "beside the weights: a whole number, and 0 where the weights alone are too large. Take `qc.estimate_memory`."
        ),
        setup=_SETUP,
        name="longest_context",
        starter=(
            "def longest_context(repo_id, precision, gib):\n"
            '    """Return how many tokens of one conversation fit into this many GiB beside the weights."""\n'
            "    ..."
        ),
        cases='[("Qwen/Qwen3-8B", "nf4", 16), ("Qwen/Qwen3-8B", "int8", 16), ("Qwen/Qwen3-8B", "bf16", 16), ("Qwen/Qwen3.8-27B", "nf4", 24), ("Qwen/Qwen3-8B", "bf16", 12)]',
        solution=_longest(),
        mistakes=(
            Mistake(
                _longest(unit="10**9"), "A GiB is 2**30 bytes, and not 10**9: the difference is seven in a hundred."
            ),
            Mistake(_longest(weights="0"), "The weights must lie in the same memory: take them off first."),
            Mistake(
                _longest(result="int(free // estimate.kv_cache)"),
                "Nearly. Where the weights alone do not fit, no text is less than none: return 0.",
            ),
        ),
        hints=(
            "The cache grows in a straight line: ask for the cache of one token, and divide.",
            "`estimate = qc.estimate_memory(repo_id, precision=precision, tokens=1)` has `.weights` and `.kv_cache`, in bytes.",
            "The free bytes are `gib * 2**30 - estimate.weights`; `max(0, ...)` keeps a negative number from getting out.",
        ),
        insight=(
            "On a card of 16 GiB, Qwen3-8B in bf16 has room for a few thousand tokens on paper, and in truth for fewer: "
            "framework and activations take their part. When the context is long, save on the weights first."
        ),
    ),
    Judgement(
        id="01.8",
        title="three cases",
        task=(
            "Choose a model for each, with a precision and a reason. There is more than one good answer; what counts are the reasons.\n\n"
            "- **A. The translator.** Private letters, German and English, on a laptop with 8 GiB to spare. She sells her work.\n"
            "- **B. The programmers.** A team of five with one GPU of 24 GiB. They ask about files of up to 60,000 tokens.\n"
            "- **C. The insurer.** Photos of damage and the letters that go with them, one GPU of 80 GiB; difficult cases\n"
            "  should be thought through. A case has up to 16,000 tokens.\n\n"
            'Each is a triple such as `("Qwen/Qwen3-0.6B", "bf16", "because ...")`; `qc.recommend` knows candidates.'
        ),
        starter='answer = {\n    "A": ...,\n    "B": ...,\n    "C": ...,\n}',
        solution=_three(),
        objection=_objection,
        model_answer=(
            "A: a small Apache model, such as `Qwen/Qwen3.5-2B`, or in nf4 `Qwen/Qwen3.5-4B`. `Qwen/Qwen2.5-3B-Instruct` would "
            "fit, but its licence forbids the trade: the 3B trap.\n\n"
            "B: `Qwen/Qwen2.5-Coder-14B-Instruct` is too large in bf16 with that context; in nf4 it fits, but needs YaRN at this "
            "length. A hybrid in nf4, such as `Qwen/Qwen3.8-27B`, reads the file natively with a smaller cache, though it is no "
            "code specialist: try both on your own repository. And five who ask at once need five caches: set `batch_size=5`.\n\n"
            "C: `Qwen/Qwen3.8-27B` sees, and thinks when told to; `Qwen/Qwen3-VL-30B-A3B-Thinking` always thinks, and answers "
            "sooner, as few of its parameters are active. `Qwen/Qwen3-VL-30B-A3B-Instruct` sees, but never thinks."
        ),
        mistakes=(
            Mistake(
                _three(a='("Qwen/Qwen2.5-3B-Instruct", "bf16", "small, and good at languages, I think")'),
                "forbids commercial use",
            ),
            Mistake(
                _three(b='("Qwen/Qwen2.5-Coder-14B-Instruct", "bf16", "the specialist for code is best")'),
                "GiB with its context",
            ),
            Mistake(
                _three(b='("Qwen/Qwen2.5-Coder-3B-Instruct", "nf4", "the specialist for code is best")'),
                "cannot read 60,000 tokens",
            ),
            Mistake(
                _three(c='("Qwen/Qwen3-VL-30B-A3B-Instruct", "bf16", "it reads pictures and letters alike")'),
                "never thinks",
            ),
            Mistake(_three(c='("Qwen/Qwen3-32B", "nf4", "it thinks well and is large")'), "reads no pictures"),
            Mistake(_three(a='("Qwen/Qwen3-4B-Base", "nf4", "a newer model that is free")'), "is a base model"),
            Mistake(_three(a='("Qwen/Qwen3-7B", "nf4", "the size between four and eight")'), "is not in the catalogue"),
            Mistake(_three(a='("Qwen/Qwen3.5-2B", "bf16", "it fits")'), "the reason is missing"),
        ),
        hints=(
            "Cross out first what cannot be: memory with the context, licence, pictures.",
            '`qc.recommend("general", memory_gib=8, tokens=8000)` lists what fits; so it goes for the other cases.',
            "For B, ask whether weights or cache fill the card. For C, look at the column `thinking`.",
        ),
        insight="Memory, licence and senses are reckoned in a minute; which of two good ones is better, only your own task tells.",
    ),
)

EXERCISES = tuple(sorted((*_OTHERS, *CHOICES), key=lambda exercise: exercise.id))
