"""Labels that only the examples in the prompt define: which label a word gets follows from its category.

Labels are drawn anew for every prompt, so nothing can be known by heart. Held out: one in ten of (query word, its category, another
category), two pairs of categories altogether, two instructions and one form of the lines. A query that is itself among the
examples is an easy start, and only in training.
"""

from __future__ import annotations

import random
import re
from typing import Any

from qwen_course.skills.few_shot_words import CATEGORIES, CATEGORY_OF, LETTERS, PAIRS_NEVER_SEEN, PLAIN_LABELS
from qwen_course.skills.problem import ALWAYS_HELD_OUT, Problem, Split, draw, held_out, pick_wording, text_of

FORMS = (
    "{w} -> {l}", "{w}: {l}", "{w} = {l}", "Word: {w}, label: {l}", "{w} is {l}", "{w} => {l}", "{w} | {l}", "{w} → {l}", "{w} - {l}",
    "Input: {w} Output: {l}",
)  # fmt: skip
UNSEEN_FORMS = ("{w}, {l}",)
INSTRUCTIONS = (
    "Label the last word like the others.", "Give the label of the last word.", "Which label does the last word get?", "Go on in the same way.",
    "Look at the examples and label the last word.", "Learn the rule from the examples and use it.", "Sort the words as the examples show.",
    "Find the label of the last word. Answer with the label only.", "Complete the last line.", "What comes next?",
    "Each kind of word has its own label. Label the last one.", "Label the word with {labels}.", "Answer with {labels}.",
)  # fmt: skip
UNSEEN_INSTRUCTIONS = ("Use the examples to find the last label.", "Classify the last word as in the examples.")
NAME_THE_LABELS = "Label the word with {labels}."
SYSTEM = (
    "Label each word.", "Answer with the label only.", "Give every word its label, as in the examples.", "You sort words. Answer with one label.",
    "Each kind of word has its own label.", "Label the word with {labels}.", "Go on in the same way.", "You are a classifier.",
)  # fmt: skip
UNSEEN_SYSTEM = ("Sort the words as before.",)
TURNS = ("{w}", "{w}", "{w}", "{w}", "{w}", "Word: {w}", "{w}?", "{w} ->")
REPEAT_SHARE, CHAT_SHARE, THREE_SHARE, NEVER_SEEN_SHARE = 0.3, 0.4, 0.15, 0.3
CONSONANTS, VOWELS = "bdfgklmnprstvz", "aeiou"
REAL_WORDS = {
    "not",
    "but",
    "for",
    "nor",
    "did",
    "get",
    "got",
    "let",
    "put",
    "set",
}  # common in replies that hold no label
CASES = (str, str.capitalize, str.upper)
# A line of the prompt: where its word and its label are. The space before the label belongs to the label's token.
_LINES = [
    re.compile(re.escape(form).replace(r"\{w\}", "(?P<w>[A-Za-z]+)").replace(r"\ \{l\}", "(?P<l> [A-Za-z0-9]+)"))
    for form in FORMS + UNSEEN_FORMS
]


def _syllable(rng: random.Random) -> str:
    """Return an invented word such as zob or mipa, never one of the words to label."""
    while True:
        made = rng.choice(CONSONANTS) + rng.choice(VOWELS) + rng.choice(CONSONANTS)
        made += rng.choice(VOWELS) if rng.random() < 0.3 else ""
        if made not in CATEGORY_OF and made not in REAL_WORDS:
            return made


def _labels(rng: random.Random, n: int) -> list[str]:
    """Return `n` different labels of one kind."""
    kind = rng.choices(("letters", "syllables", "words", "digits", "capitals", "codes"), weights=(5, 8, 6, 4, 1, 1))[0]
    if kind == "letters":
        return rng.sample("ABC"[: max(n, 2)] if rng.random() < 0.4 else LETTERS, n)
    if kind == "digits":
        return rng.sample("0123456789", n)
    if kind in ("words", "capitals"):
        return [word.upper() if kind == "capitals" else word for word in rng.sample(PLAIN_LABELS, n)]
    found: list[str] = []
    while len(found) < n:
        made = _syllable(rng) if kind == "syllables" else rng.choice(LETTERS) + rng.choice("0123456789")
        found += [made] if made not in found else []
    return found


def _key(drawn: tuple[str, ...]) -> str:
    """Return the split key of (query word, its category, other categories): held out if it is so with any of the others."""
    word, own, *others = drawn
    if any(tuple(sorted(pair)) in PAIRS_NEVER_SEEN for pair in zip([own] * len(others), others, strict=True)):
        return ALWAYS_HELD_OUT
    if len(others) == 2 and tuple(sorted(others)) in PAIRS_NEVER_SEEN:
        return ALWAYS_HELD_OUT
    keys = [f"few_shot {word} {own} {other}" for other in others]
    return next((key for key in keys if held_out(key)), keys[0])


def _query(rng: random.Random, split: Split, categories: int) -> tuple[tuple[str, ...], str]:
    """Draw (query word, its category, other categories) and the difficulty."""
    if split == "test" and rng.random() < NEVER_SEEN_SHARE:
        own, other = rng.sample(rng.choice(PAIRS_NEVER_SEEN), 2)
        return (rng.choice(CATEGORIES[own]), own, other), "pair never seen"

    def make() -> tuple[str, ...]:
        while True:
            own, *others = rng.sample(tuple(CATEGORIES), categories)
            if split == "train" or tuple(sorted((own, *others))) not in PAIRS_NEVER_SEEN:
                return rng.choice(CATEGORIES[own]), own, *others

    return draw(split, make, _key), "pair seen, query new"


def _examples(rng: random.Random, categories: tuple[str, ...], query: str, k: int) -> list[tuple[str, str]]:
    """Draw k (word, category), none of them the query; the numbers of each category differ by chance, but none is missing."""
    chosen = list(categories[:k]) + [rng.choice(categories) for _ in range(k - len(categories))]
    pools = {}
    for category in categories:
        words = [word for word in CATEGORIES[category] if word != query]
        pools[category] = rng.sample(words, min(len(words), k))
    examples = [(pools[category].pop(), category) for category in chosen]
    rng.shuffle(examples)
    return examples


def _grader(labels: list[str], expected: str) -> Any:
    """Return a grader that wants the expected label and none of the others."""

    def grade(reply: Any) -> bool:
        text = text_of(reply).strip()
        if text.strip(" .!?*`\"'").lower() == expected.lower():
            return True
        if expected.isdigit():
            return set(re.findall(r"\d+", text)) == {expected}
        # In a longer reply the letter A is a label and the word "a" is not.
        flags = re.NOFLAG if len(expected) == 1 else re.IGNORECASE
        return {label for label in labels if re.search(rf"\b{re.escape(label)}\b", text, flags)} == {expected}

    return grade


def _problem(
    messages: list[dict[str, Any]], examples: list[tuple[str, str]], query: str, own: str, label: dict[str, str],
    difficulty: str,
) -> Problem:  # fmt: skip
    """Return the problem; the examples are given as they are written in the prompt."""
    expected = label[own]
    # Notes with the category in front: the last line is then looked up in the ones before it.
    notes = [f"{word}, {category}: {label[category]}" for word, category in examples]
    thinking = "\n".join([*notes, f"{query}, {own}: {expected}"])
    return Problem(
        skill="few_shot",
        messages=messages,
        difficulty=difficulty,
        expected=expected,
        thinking=thinking,
        answer={"role": "assistant", "content": expected},
        grader=_grader(list(label.values()), expected),
    )


def _instruction(rng: random.Random, split: Split, seen: tuple[str, ...], unseen: tuple[str, ...], label: dict[str, str]) -> str:  # fmt: skip
    """Choose an instruction and name the labels in it where it has room for them, in an order that says nothing."""
    wording = pick_wording(rng, split, seen, unseen)
    return wording.format(labels=" or ".join(rng.sample(list(label.values()), len(label))))


def _lines(form: str, label: dict[str, str], examples: list[tuple[str, str]], query: str, instruction: str) -> str:
    """Return the one message of the format with lines: an instruction (or none), the examples, the query."""
    lines = [instruction] if instruction else []
    lines += [form.format(w=word, l=label[category]) for word, category in examples]
    return "\n".join([*lines, form.partition(" {l}")[0].format(w=query)])


def problem(rng: random.Random, split: Split, k: int | None = None) -> Problem:
    """Draw k labelled examples and a query; k is 4 in the test split and varies in training unless it is given.

    Raises ValueError for k < 2: one example cannot show two labels (see `with_examples`).
    """
    if k is not None and k < 2:
        raise ValueError(f"k is {k}: at least two examples are needed to show two labels")
    chat = rng.random() < CHAT_SHARE
    if k is None:
        k = 4 if split == "test" else rng.randint(2, 8 if chat or rng.random() < 0.6 else 12)
    three = split == "train" and k >= 3 and rng.random() < THREE_SHARE
    (query, own, *others), difficulty = _query(rng, split, 3 if three else 2)
    categories = (own, *others)
    label = dict(zip(categories, _labels(rng, len(categories)), strict=True))
    examples = _balanced(rng, categories, query, k) if split == "test" else _examples(rng, categories, query, k)
    if split == "train" and rng.random() < REPEAT_SHARE:
        at = rng.choice([i for i, (_, category) in enumerate(examples) if category == own])
        examples[at], difficulty = (query, own), "exact repeat"
    case = rng.choices(CASES, weights=(16, 3, 1))[0]
    examples, query = [(case(word), category) for word, category in examples], case(query)
    if chat:
        turn = rng.choice(TURNS)
        messages = []
        if rng.random() < 0.4:
            messages.append({"role": "system", "content": _instruction(rng, split, SYSTEM, UNSEEN_SYSTEM, label)})
        for word, category in examples:
            messages.append({"role": "user", "content": turn.format(w=word)})
            messages.append({"role": "assistant", "content": label[category]})
        messages.append({"role": "user", "content": turn.format(w=query)})
    else:
        form = pick_wording(rng, split, FORMS, UNSEEN_FORMS)
        told = rng.random() < 0.7
        instruction = _instruction(rng, split, INSTRUCTIONS, UNSEEN_INSTRUCTIONS, label) if told else ""
        text = _lines(form, label, examples, query, instruction)
        messages = [{"role": "user", "content": text + (" ?" if rng.random() < 0.15 else "")}]
    return _problem(messages, examples, query, own, label, difficulty)


def _balanced(rng: random.Random, categories: tuple[str, ...], query: str, k: int) -> list[tuple[str, str]]:
    """Draw k examples, equally many of each category (or one more of some), in random order."""
    order = rng.sample(categories, len(categories))
    words = {
        category: rng.sample([w for w in CATEGORIES[category] if w != query], min(k, 12)) for category in categories
    }
    examples = [(words[order[i % len(order)]].pop(), order[i % len(order)]) for i in range(k)]
    rng.shuffle(examples)
    return examples


def with_examples(rng: random.Random, split: Split, k: int) -> Problem:
    """Draw a query with k examples (0 to 8), always as lines and with the labels named, so that only k differs.

    The same state of `rng` gives the same query and labels for every k, and the first examples of a longer prompt are those of
    a shorter one. Without examples nobody can do better than chance. Raises ValueError for another k. Introduced in notebook 03.
    """
    if not 0 <= k <= 8:
        raise ValueError(f"k is {k}: expected a number of examples from 0 to 8")
    (query, own, other), difficulty = _query(rng, split, 2)
    label = dict(zip((own, other), _labels(rng, 2), strict=True))
    form = rng.choice(FORMS)
    instruction = _instruction(rng, "train", (NAME_THE_LABELS,), (), label)
    pools = {name: rng.sample([w for w in CATEGORIES[name] if w != query], 4) for name in (own, other)}
    examples = []
    for _ in range(4):  # each two examples show both labels, in random order
        examples += [(pools[name].pop(), name) for name in rng.sample((own, other), 2)]
    messages = [{"role": "user", "content": _lines(form, label, examples[:k], query, instruction)}]
    return _problem(messages, examples[:k], query, own, label, difficulty)


def prompt_labels(problem: Problem) -> list[tuple[int, int]]:
    """Return where in the last message stand labels that can be predicted from an earlier example of the same category.

    Each (start, end) includes the space before the label. Empty where the examples are chat turns.
    """
    lines = problem.messages[-1]["content"].split("\n")
    spans, seen, start = [], set(), 0
    for line in lines[:-1]:
        found = next((match for pattern in _LINES if (match := pattern.fullmatch(line))), None)
        category = CATEGORY_OF.get(found["w"].lower()) if found else None
        if found and category:
            if category in seen:
                spans.append((start + found.start("l"), start + found.end("l")))
            seen.add(category)
        start += len(line) + 1
    return spans
