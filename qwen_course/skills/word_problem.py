"""Word problems of one and two steps: who had, bought, gave away, shared out how many of what.

Held out: one pair of numbers in ten (of a two-step story: either of its calculations), two stories for each operation, one for
each pair of operations, and the combinations of people and things that go with them.
"""

from __future__ import annotations

import random

from qwen_course.skills.arithmetic import STEPS, VALUE, number
from qwen_course.skills.pools import NAMES, THINGS
from qwen_course.skills.problem import Problem, Split, draw, held_out, last_integer, pick_wording, text_of, vary

# Each story: question | answer. A second person is {other}; the numbers are {a} and {b}, the result is {c}.
STORIES = {
    "+": (
        "{name} has {a} {things} and buys {b} more. How many {things} does {name} have now?|{name} has {c} {things}.",
        "There are {a} {things} in a box. {name} puts in {b} more. How many {things} are in the box?|There are {c} {things} in the box.",
        "{name} has {a} {things} and {other} has {b}. How many {things} do they have together?|Together they have {c} {things}.",
        "In the morning {name} sold {a} {things}, in the afternoon {b}. How many {things} were sold in all?|{c} {things} were sold.",
        "{name} collected {a} {things}. Then {other} gave {name} another {b}. How many {things} has {name}?|{name} has {c} {things}.",
        "A shop has {a} {things}. A delivery brings {b} more. How many {things} does the shop have?|The shop has {c} {things}.",
        "{name} found {a} {things} on Monday and {b} on Tuesday. How many {things} did {name} find?|{name} found {c} {things}.",
        "One shelf holds {a} {things}, another holds {b}. How many {things} do both hold?|Both hold {c} {things}.",
        "{name} counts {a} {things} in one room and {b} in another. How many {things} does {name} count?|{name} counts {c} {things}.",
        "{name} has {a} {things}. A friend comes with {b}. How many {things} do the two have?|The two have {c} {things}.",
        "There were {a} {things} on a table. {other} adds {b}. How many {things} are on the table now?|There are {c} {things} on the table.",
        "{name} brought {a} {things} and {other} brought {b}. How many {things} did they bring?|They brought {c} {things}.",
        "{name} has {a} {things}, and {other} brings another {b}. How many {things} do they have now?|They have {c} {things}.",
        "There are {a} {things} in a bag. {name} puts in {b} more. How many {things} does the bag hold now?|The bag holds {c} {things}.",
        "{name} counted {a} {things} at home and {b} at school. How many {things} is that?|That is {c} {things}.",
        "{name} got {a} {things} from {other} and {b} from a friend. How many {things} did {name} get?|{name} got {c} {things}.",
        "There are {a} {things} here. {name} brings {b}. How many {things} are there now?|There are {c} {things}.",
        "{a} {things} lie in a room. {name} comes and brings {b} more. How many {things} are there in all?|There are {c} {things}.",
        "{name} has {a} {things}. {other} comes with {b} more. How many {things} do they have now?|They have {c} {things}.",
        "{name} has {a} {things} at home and brings another {b} from school. How many {things} are at home now?|There are {c} {things} at home.",
        "{name} writes down {a} {things} and {other} writes down {b}. How many {things} did they write down?|They wrote down {c} {things}.",
    ),
    "-": (
        "{name} has {a} {things} and gives {b} to {other}. How many {things} does {name} have left?|{name} has {c} {things} left.",
        "There are {a} {things} in a box. {name} takes out {b}. How many {things} are left?|There are {c} {things} left.",
        "{name} had {a} {things} but lost {b}. How many {things} remain?|{c} {things} remain.",
        "A shop has {a} {things} and sells {b}. How many {things} are not sold?|{c} {things} are not sold.",
        "{name} needs {a} {things} and already has {b}. How many {things} are missing?|{c} {things} are missing.",
        "{name} has {a} {things}, {other} has {b}. How many more {things} does {name} have?|{name} has {c} {things} more.",
        "Of {a} {things}, {b} are broken. How many {things} are fine?|{c} {things} are fine.",
        "{name} baked or bought {a} {things}; guests took {b} of them. How many {things} are still there?|{c} {things} are still there.",
        "{name} had {a} {things} and gave away {b}. How many {things} does {name} still have?|{name} still has {c} {things}.",
        "There were {a} {things} in a bag. {name} used {b} of them. How many {things} are left in the bag?|There are {c} {things} left in the bag.",
        "{other} had {a} {things}, and {name} took {b}. How many {things} does {other} have now?|{other} has {c} {things}.",
        "Yesterday there were {a} {things}; {b} were sold today. How many {things} are left over?|{c} {things} are left over.",
        "There were {a} {things} on a shelf. {other} took {b} of them. How many {things} are still on the shelf?|There are {c} {things} on the shelf.",
        "{name} had {a} {things} and sold {b} to {other}. How many {things} has {name} now?|{name} has {c} {things}.",
        "A bag holds {a} {things}. {name} takes out {b}. How many {things} does the bag still hold?|The bag still holds {c} {things}.",
        "There are {a} {things} on a table. {name} takes {b} home. How many {things} stay on the table?|{c} {things} stay on the table.",
    ),
    "×": (
        "{name} has {a} bags with {b} {things} each. How many {things} is that?|That is {c} {things}.",
        "A box holds {b} {things}. How many {things} are in {a} boxes?|That makes {c} {things}.",
        "{name} buys {a} packs of {b} {things}. How many {things} does {name} have?|{name} has {c} {things}.",
        "There are {a} rows of {b} {things}. How many {things} are there?|There are {c} {things}.",
        "Each of {a} children gets {b} {things}. How many {things} are needed?|{c} {things} are needed.",
        "{name} saves {b} {things} every week. How many {things} are saved after {a} weeks?|{c} {things} are saved.",
        "On each of {a} tables stand {b} {things}. How many {things} stand there?|{c} {things} stand there.",
        "{name} sells {b} {things} a day. How many {things} does {name} sell in {a} days?|{name} sells {c} {things}.",
        "There are {a} drawers. In each are {b} {things}. How many {things} are there in all?|There are {c} {things} in all.",
        "{name} has {a} shelves, and each holds {b} {things}. How many {things} do the shelves hold?|The shelves hold {c} {things}.",
        "{name} buys {b} {things} in each of {a} shops. How many {things} does {name} buy?|{name} buys {c} {things}.",
        "Every one of {a} packs has {b} {things} in it. How many {things} are in the packs?|There are {c} {things} in the packs.",
        "{name} has {a} boxes, each of them with {b} {things}. How many {things} are in the boxes?|There are {c} {things} in the boxes.",
        "{name} brings {a} bags, and each bag holds {b} {things}. How many {things} does {name} bring?|{name} brings {c} {things}.",
    ),
}  # fmt: skip
UNSEEN = {
    "+": (
        "{name} counted {a} {things} and {other} counted another {b}. How many {things} did they count?|They counted {c} {things}.",
        "{name} has {a} {things}. {other} brings {b} more. How many {things} are there now?|There are {c} {things}.",
    ),
    "-": (
        "{name} had {a} {things} and sold {b}. How many {things} does {name} have left?|{name} has {c} {things} left.",
        "There were {a} {things} on a table. {other} took {b} away. How many {things} are left?|There are {c} {things} left.",
    ),
    "×": (
        "{name} has {a} boxes of {b} {things} each. How many {things} does {name} have?|{name} has {c} {things}.",
        "There are {a} bags. Each holds {b} {things}. How many {things} are there?|There are {c} {things}.",
    ),
}

# Two steps: first {a} with {b}, then the result with {c}; {d} is the answer. The key names both operations in this order.
TWO_STEPS = {
    "++": (
        "{name} has {a} {things}. {other} gives {name} {b}, and {name} buys {c} more. How many {things} does {name} have now?|{name} has {d} {things}.",
        "{name} finds {a} {things} on Monday, {b} on Tuesday and {c} on Wednesday. How many {things} is that in all?|That is {d} {things} in all.",
        "One box holds {a} {things}, a second holds {b} and a third holds {c}. How many {things} do the boxes hold?|The boxes hold {d} {things}.",
        "A shop has {a} {things}. One delivery brings {b}, another brings {c}. How many {things} does the shop have now?|The shop has {d} {things}.",
        "{name} brought {a} {things}. Then {other} brought {b} and a friend another {c}. How many {things} were brought?|{d} {things} were brought.",
        "There are {a} {things} on a table. {name} puts {b} more there, and {other} adds {c}. How many {things} are on the table now?|There are {d} {things} on the table.",
    ),
    "+-": (
        "{name} has {a} {things}, buys {b} more and gives {c} to {other}. How many {things} does {name} have now?|{name} has {d} {things}.",
        "A shop has {a} {things}. A delivery brings {b}, then {c} are sold. How many {things} are left?|There are {d} {things} left.",
        "There are {a} {things} in a box. {name} puts in {b}, and {other} takes out {c}. How many {things} are in the box now?|There are {d} {things} in the box.",
        "{name} found {a} {things} in the morning and {b} in the afternoon, but lost {c}. How many {things} remain?|{d} {things} remain.",
        "{name} had {a} {things}. {other} brought {b}, but then {name} sold {c}. How many {things} are left?|There are {d} {things} left.",
        "{name} got {a} {things} from {other} and {b} from a friend, and lost {c} later. How many {things} does {name} still have?|{name} still has {d} {things}.",
    ),
    "-+": (
        "{name} has {a} {things}, gives away {b} and buys {c} new ones. How many {things} does {name} have now?|{name} has {d} {things}.",
        "There are {a} {things} on a shelf. {name} takes {b} away, and {other} brings {c}. How many {things} are on the shelf now?|There are {d} {things} on the shelf.",
        "A shop has {a} {things}. It sells {b} and then gets {c} more. How many {things} does the shop have now?|The shop has {d} {things}.",
        "{name} had {a} {things} and lost {b}. Then {other} gave {name} {c}. How many {things} has {name} now?|{name} has {d} {things}.",
        "There were {a} {things} in a box. {name} took out {b}, and {other} put in {c}. How many {things} are in the box now?|There are {d} {things} in the box.",
        "{name} had {a} {things}, sold {b} of them and then found {c}. How many {things} does {name} have now?|{name} has {d} {things}.",
    ),
    "--": (
        "{name} has {a} {things} and gives {b} to {other} and {c} to a friend. How many {things} does {name} have left?|{name} has {d} {things} left.",
        "A shop has {a} {things}. It sells {b} in the morning and {c} in the afternoon. How many {things} are left?|There are {d} {things} left.",
        "Of {a} {things}, {b} are broken and {c} are lost. How many {things} are fine?|{d} {things} are fine.",
        "{name} needs {a} {things}. {name} has {b}, and {other} brings {c}. How many {things} are still missing?|{d} {things} are still missing.",
        "There were {a} {things} in a bag. {name} took out {b}, and {other} took out {c}. How many {things} are left in the bag?|There are {d} {things} left in the bag.",
        "{name} had {a} {things}, sold {b} and then lost {c}. How many {things} does {name} still have?|{name} still has {d} {things}.",
    ),
    "×+": (
        "{name} has {c} {things} already and buys {a} packs of {b}. How many {things} does {name} have then?|{name} has {d} {things}.",
        "{a} boxes hold {b} {things} each, and {c} more lie on a table. How many {things} is that in all?|That is {d} {things} in all.",
        "{name} buys {a} bags of {b} {things}. {other} gives {name} {c} more. How many {things} does {name} have?|{name} has {d} {things}.",
        "There are {a} rows of {b} {things} and {c} single ones. How many {things} are there?|There are {d} {things}.",
        "{name} has {a} bags with {b} {things} in each, and {other} brings {c} more. How many {things} do they have now?|They have {d} {things}.",
        "There are {a} boxes. Each holds {b} {things}. Then {name} finds {c} more. How many {things} is that?|That is {d} {things}.",
    ),
    "×-": (
        "{name} buys {a} boxes of {b} {things} and gives {c} of the {things} to {other}. How many {things} does {name} have left?|{name} has {d} {things} left.",
        "There are {a} bags with {b} {things} in each. {c} of the {things} are broken. How many {things} are fine?|{d} {things} are fine.",
        "A shop gets {a} packs of {b} {things} and sells {c} {things}. How many {things} are not sold?|{d} {things} are not sold.",
        "{name} puts {b} {things} on each of {a} tables. Then {other} takes {c} {things} away. How many {things} are left?|There are {d} {things} left.",
        "{name} has {a} boxes with {b} {things} in each, but {c} of the {things} are lost. How many {things} are left?|There are {d} {things} left.",
        "There are {a} packs with {b} {things} each. The children take {c} of the {things}. How many {things} are still there?|{d} {things} are still there.",
    ),
    "+×": (
        "Each box holds {a} small and {b} big {things}. How many {things} are in {c} boxes?|There are {d} {things} in the boxes.",
        "Every day {name} sells {a} {things} in the morning and {b} in the afternoon. How many {things} does {name} sell in {c} days?|{name} sells {d} {things}.",
        "On each of {c} tables stand {a} old and {b} new {things}. How many {things} is that in all?|That is {d} {things} in all.",
        "{name} saves {a} {things} and {other} saves {b} every week. How many {things} do they save in {c} weeks?|They save {d} {things}.",
        "Each of {c} friends gets {a} red and {b} blue {things}. How many {things} are needed?|{d} {things} are needed.",
        "Each child gets {a} {things} from {name} and {b} from a friend. How many {things} do {c} children get?|They get {d} {things}.",
        "Each of {c} guests takes {a} {things} from {name} and {b} from a shelf. How many {things} do the guests take?|The guests take {d} {things}.",
        "Every one of {c} teams has {a} {things} at home and {b} at school. How many {things} do the teams have?|The teams have {d} {things}.",
        "{c} pupils come, and each of them gets {a} {things} from {name} and {b} from the school. How many {things} do the pupils get?|The pupils get {d} {things}.",
        "For each of {c} children {name} packs {a} {things} and {other} packs {b}. How many {things} do they pack?|They pack {d} {things}.",
        "{name} gives {a} {things} and {other} gives {b} to each of {c} children. How many {things} do they give away?|They give away {d} {things}.",
        "Each of {c} dogs gets {a} {things} from {name} and {b} from {other} in a week. How many {things} do the dogs get?|The dogs get {d} {things}.",
        "On each of {c} days {name} finds {a} {things} and {other} finds {b}. How many {things} do they find?|They find {d} {things}.",
    ),
}  # fmt: skip
TWO_STEPS_UNSEEN = {
    "++": ("{name} brings {a} {things}, {other} brings {b}, and a friend brings {c}. How many {things} are there?|There are {d} {things}.",),
    "+-": ("{name} had {a} {things}, got {b} from {other} and later sold {c}. How many {things} does {name} have left?|{name} has {d} {things} left.",),
    "-+": ("There were {a} {things} in a bag. {name} took out {b} and put in {c}. How many {things} are in the bag now?|There are {d} {things} in the bag.",),
    "--": ("There were {a} {things} on a table. {name} took {b} and {other} took {c}. How many {things} are still there?|{d} {things} are still there.",),
    "×+": ("{name} has {a} boxes with {b} {things} in each and finds {c} more. How many {things} does {name} have now?|{name} has {d} {things}.",),
    "×-": ("{name} brings {a} packs with {b} {things} in each. The guests take {c} of the {things}. How many {things} are left?|There are {d} {things} left.",),
    "+×": ("Each of {c} children gets {a} {things} from {name} and {b} from {other}. How many {things} do the children get?|The children get {d} {things}.",),
}  # fmt: skip
TWO_STEPS_SHARE = 0.45

# Stories in training are put together as well: who begins with what, and what happens then, in any order.
BEGIN = {
    "": ("{name} had {a} {things}", "{name} has {a} {things}", "There were {a} {things} in a box", "A shop had {a} {things}", "{name} owned {a} {things}", "There are {a} {things} on a shelf"),
    "×": (
        "{name} has {a} boxes with {b} {things} in each", "{name} buys {a} packs of {b} {things}", "There are {a} bags with {b} {things} each", "{name} brings {a} boxes of {b} {things}",
        "{name} has {a} bags, each with {b} {things}", "A shop has {a} shelves with {b} {things} on each",
    ),
}  # fmt: skip
EVENTS = {
    "+": (
        "{other} brought {n} more", "{name} got {n} from {other}", "{name} bought {n} more", "{name} was given {n}", "a friend added {n}", "{n} more came", "{name} received {n} from a friend",
        "{other} put in {n}", "{name} picked up {n}", "{name} got another {n}", "{other} gave {n} more",
    ),
    "-": (
        "{name} sold {n}", "{name} gave {n} to {other}", "{name} gave away {n}", "{n} were lost", "{other} took {n}", "{name} used {n}", "{n} of them broke", "{name} lost {n}",
        "{name} sold {n} to {other}", "{n} were taken by {other}", "the children took {n}",
    ),
}  # fmt: skip
LINKS = (". Then ", ", then ", ", and ", ". After that ", ". Later ", ", but ", ". ")
ENDS = (
    "How many {things} are there now?|There are {d} {things}.", "How many {things} are left?|There are {d} {things} left.", "How many {things} is that?|That is {d} {things}.",
)  # fmt: skip
COMPOSED_SHARE = 0.4  # of the stories of two steps in training
VERB = {"+": "add", "-": "subtract", "×": "multiply"}


def problem(rng: random.Random, split: Split) -> Problem:
    """Draw one story: with two numbers and one calculation, or with three numbers and two calculations."""
    two = rng.random() < TWO_STEPS_SHARE
    return _two_steps(rng, split) if two else _one_step(rng, split)


def _key(operation: str, a: int, b: int) -> str:
    """Return the split key of a calculation, the same in both orders and the same as in the arithmetic skill."""
    return f"{operation} {min(a, b)} {max(a, b)}"


def _as_told(story: str, operation: str, a: int, b: int) -> tuple[int, int]:
    """Return the factors of a product in the order of the story, which is the easiest to copy; other pairs as they are."""
    return (b, a) if operation == "×" and story.index("{b}") < story.index("{a}") else (a, b)


def _one_step(rng: random.Random, split: Split) -> Problem:
    """Draw one story with two numbers of up to three digits (a product: up to two digits by one)."""
    operation = rng.choice("+-×")

    def make() -> tuple[int, int]:
        if operation == "×":
            return rng.randint(2, 60), rng.randint(2, 9)
        a, b = number(rng, rng.randint(1, 3)) + 3, number(rng, rng.randint(1, 3)) + 1
        return (a, b) if operation == "+" else (a + b, b)

    a, b = draw(split, make, lambda pair: _key(operation, *pair))
    if operation == "×" and rng.random() < 0.5:
        a, b = b, a
    story = pick_wording(rng, split, STORIES[operation], UNSEEN[operation])
    value = VALUE[operation](a, b)
    first, second = _as_told(story, operation, a, b)
    # The numbers are copied before anything is calculated: a small model that starts at once mixes them up.
    thinking = f"We know {first} and {second}. We {VERB[operation]}.\n{STEPS[operation](first, second)}"
    return _ask(rng, story, {"a": a, "b": b, "c": value}, f"one step, {operation}", value, thinking)


def _two_steps(rng: random.Random, split: Split) -> Problem:
    """Draw one story with three numbers, most of two digits; nothing on the way is negative."""
    pair = rng.choice(tuple(TWO_STEPS))
    first, second = pair

    def make() -> tuple[int, int, int]:
        x, y, z = (number(rng, rng.choice((1, 2, 2, 2, 2, 3))) + 3 for _ in range(3))
        if first == "×":
            a, b = rng.randint(2, 9), rng.randint(3, 40)
            return a, b, z % 100 + 2 if second == "+" else rng.randint(2, a * b - 3)
        if second == "×":
            return x % 50 + 2, y % 50 + 2, rng.randint(2, 9)
        if pair == "--":
            return x + y + z, y, z
        if pair == "+-":
            return x, y, min(z, x + y - 3)
        return (x + y, y, z) if pair == "-+" else (x, y, z)

    def key(numbers: tuple[int, int, int]) -> str:
        a, b, c = numbers
        one, two = _key(first, a, b), _key(second, VALUE[first](a, b), c)
        return one if held_out(one) else two

    a, b, c = draw(split, make, key)
    story = pick_wording(rng, split, TWO_STEPS[pair], TWO_STEPS_UNSEEN[pair])
    if split == "train" and second != "×" and rng.random() < COMPOSED_SHARE:
        story = _composed(rng, first, second)
    between = VALUE[first](a, b)
    value = VALUE[second](between, c)
    left, right = _as_told(story, first, a, b)
    plan = f"We know {left}, {right} and {c}. We {VERB[first]}, then we {VERB[second]}."
    thinking = f"{plan}\n{STEPS[first](left, right)}\n{STEPS[second](between, c)}"
    return _ask(rng, story, {"a": a, "b": b, "c": c, "d": value}, f"two steps, {first} {second}", value, thinking)


def _composed(rng: random.Random, first: str, second: str) -> str:
    """Return a story of a beginning and one or two events; after a product only the second step is an event."""
    parts = [rng.choice(BEGIN["×" if first == "×" else ""])]
    parts += [] if first == "×" else [rng.choice(EVENTS[first]).replace("{n}", "{b}")]
    parts += [rng.choice(EVENTS[second]).replace("{n}", "{c}")]
    text = parts[0]
    for part in parts[1:]:
        link = rng.choice(LINKS)
        text += link + (part[0].upper() + part[1:] if link == ". " else part)
    return f"{text}. {rng.choice(ENDS)}"


def _ask(
    rng: random.Random, story: str, numbers: dict[str, int], difficulty: str, value: int, thinking: str
) -> Problem:
    """Fill people and things into the story and return the problem."""
    name, other = rng.sample(NAMES, 2)
    things = rng.choice(THINGS)
    if things == "boxes" and "box" in story:  # boxes in a box: which of them are counted?
        things = "books"
    question, answer = story.format(name=name, other=other, things=things, **numbers).split("|")
    return Problem(
        skill="word_problem",
        messages=[{"role": "user", "content": vary(rng, question)}],
        difficulty=difficulty,
        expected=str(value),
        thinking=thinking,
        answer={"role": "assistant", "content": answer},
        grader=lambda reply: last_integer(text_of(reply)) == value,
    )
