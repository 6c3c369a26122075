"""The skill few_shot: labels follow from the examples alone, and nothing of the test split is drawn for training."""

import random

import pytest

from qwen_course.reply import Reply
from qwen_course.skills import few_shot
from qwen_course.skills.few_shot_words import CATEGORIES, CATEGORY_OF, PAIRS_NEVER_SEEN, PLAIN_LABELS


def drawn(split, n, seed=0, **options):
    rng = random.Random(seed)
    return [few_shot.problem(rng, split, **options) for _ in range(n)]


def pairs_of(problem):
    """Return the examples as (word, label) and the query, read from the messages."""
    turns = [message for message in problem.messages if message["role"] != "system"]
    if len(turns) > 1:
        words = [clean(message["content"]) for message in turns[::2]]
        return list(zip(words, [message["content"] for message in turns[1::2]], strict=False)), words[-1]
    lines = turns[0]["content"].split("\n")
    found = [next(filter(None, (line.fullmatch(text) for line in few_shot._LINES)), None) for text in lines[:-1]]
    pairs = [(match["w"], match["l"].strip()) for match in found if match and match["w"].lower() in CATEGORY_OF]
    return pairs, clean(lines[-1])


def clean(text):
    return next(
        word
        for word in text.replace(":", " ").replace("?", " ").replace(",", " ").split()
        if word.lower() in CATEGORY_OF
    )


def test_there_are_enough_words_and_each_has_one_category():
    words = [word.lower() for members in CATEGORIES.values() for word in members]
    assert len(CATEGORIES) >= 14 and all(len(members) >= 16 for members in CATEGORIES.values())
    assert len(words) == len(set(words)) == len(CATEGORY_OF)
    assert not set(words) & set(PLAIN_LABELS) and len(PLAIN_LABELS) == len(set(PLAIN_LABELS))
    assert len(few_shot.INSTRUCTIONS) >= 8 and len(few_shot.UNSEEN_INSTRUCTIONS) == 2


@pytest.mark.parametrize("split", ["train", "test"])
def test_the_examples_alone_decide_the_label_and_show_every_label(split):
    for problem in drawn(split, 2000):
        examples, query = pairs_of(problem)
        label = {CATEGORY_OF[word.lower()]: given for word, given in examples}
        assert all(label[CATEGORY_OF[word.lower()]] == given for word, given in examples)
        assert len(set(label.values())) == len(label) in (2, 3)
        assert label[CATEGORY_OF[query.lower()]] == problem.expected == problem.answer["content"]
        assert problem.thinking.endswith(f": {problem.expected}") and query in problem.thinking
        if split == "test":
            assert len(examples) == 4 and query not in [word for word, _ in examples]


def test_the_held_out_queries_and_pairs_of_categories_never_come_in_training():
    def keys(problem):
        examples, query = pairs_of(problem)
        own = CATEGORY_OF[query.lower()]
        return {(query.lower(), own, CATEGORY_OF[word.lower()]) for word, _ in examples} - {(query.lower(), own, own)}

    train = [pairs_of(problem) for problem in drawn("train", 20_000)]
    for examples, query in train:
        categories = {CATEGORY_OF[word.lower()] for word, _ in examples} | {CATEGORY_OF[query.lower()]}
        assert not any(set(pair) <= categories for pair in PAIRS_NEVER_SEEN)
    seen = set().union(*(keys(problem) for problem in drawn("train", 20_000)))
    assert not seen & set().union(*(keys(problem) for problem in drawn("test", 2000)))
    assert {problem.difficulty for problem in drawn("test", 200)} == {"pair seen, query new", "pair never seen"}
    repeats = sum(query in [word for word, _ in examples] for examples, query in train)
    assert 0.27 < repeats / len(train) < 0.33


@pytest.mark.parametrize("split", ["train", "test"])
def test_the_grader_takes_the_label_and_neither_the_other_one_nor_both(split):
    for problem in drawn(split, 300):
        right = problem.expected
        wrong = next(label for _, label in pairs_of(problem)[0] if label != right)
        assert (
            problem.grade(right) and problem.grade(Reply(text=f" {right.lower()}.\n")) and problem.grade(f"-> {right}")
        )
        assert problem.grade(f"The label is {right}.") and problem.grade(f"**{right}**")
        for text in (wrong, f"{right} or {wrong}", f"{wrong}\n{right}", "", "I do not know.", "[1, 2", "²³", "{"):
            assert not problem.grade(text) and not problem.grade(Reply(text=text))


def test_the_number_of_examples_can_be_chosen():
    assert all(len(pairs_of(problem)[0]) == k for k in (2, 3, 6) for problem in drawn("test", 50, k=k))
    assert max(len(pairs_of(problem)[0]) for problem in drawn("train", 2000)) == 12
    with pytest.raises(ValueError, match="k is 1"):
        few_shot.problem(random.Random(0), "test", k=1)


def test_with_examples_changes_nothing_but_the_number_of_examples():
    for seed in range(200):
        asked = [few_shot.with_examples(random.Random(seed), "test", k) for k in (0, 1, 2, 4, 8)]
        assert len({problem.expected for problem in asked}) == 1
        lines = [problem.messages[0]["content"].split("\n") for problem in asked]
        assert [len(found) - 2 for found in lines] == [0, 1, 2, 4, 8]
        assert all(found[:-1] == lines[-1][: len(found) - 1] and found[-1] == lines[-1][-1] for found in lines)
        assert all(problem.grade(problem.answer["content"]) and problem.expected in lines[0][0] for problem in asked)
    with pytest.raises(ValueError, match="k is 9"):
        few_shot.with_examples(random.Random(0), "test", 9)


def test_prompt_labels_are_those_that_an_earlier_line_gives_away():
    lines = chats = 0
    for problem in drawn("train", 1000):
        spans, (examples, _) = few_shot.prompt_labels(problem), pairs_of(problem)
        if "\n" not in problem.messages[-1]["content"]:
            assert spans == []
            chats += 1
            continue
        lines += 1
        categories = [CATEGORY_OF[word.lower()] for word, _ in examples]
        wanted = [label for at, (_, label) in enumerate(examples) if categories[at] in categories[:at]]
        assert [problem.messages[-1]["content"][start:end] for start, end in spans] == [f" {label}" for label in wanted]
    assert 0.3 < chats / (chats + lines) < 0.5


def test_the_same_seed_gives_the_same_problems():
    def told(seed):
        return [(problem.messages, problem.expected) for problem in drawn("test", 20, seed=seed)]

    assert told(1) == told(1) != told(2)
