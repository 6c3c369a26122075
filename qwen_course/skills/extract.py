"""Facts in a sentence, asked for as JSON: flat by named keys, flat by a schema, with a nested object, or with a list; in a code fence where the request asks for one.

Held out: combinations of facts, one or two sentence forms per kind of text, two requests of each sort, and one wording of the wish for a fence.
"""

from __future__ import annotations

import json
import random
import re
from typing import Any

from qwen_course.skills import extract_forms as forms
from qwen_course.skills.pools import CITIES, COLOURS, NAMES, SURNAMES, THINGS
from qwen_course.skills.problem import Problem, Split, draw, pick_wording, text_of

DAYS = tuple("Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split())
# shape: (share of the problems, kinds of text)
SHAPES = {
    "flat": (50, forms.FLAT),
    "schema": (20, forms.FLAT),
    "nested": (15, forms.NESTED),
    "list": (15, forms.LISTS),
}
FENCE_SHARE, INVENTED_SHARE, TEXT_TYPE_SHARE = 0.2, 0.35, 0.15
ODD_SHARE = 0.3  # of the sentences in training: some of their words are exchanged
_WORD = re.compile(r"(?<![\w{])[a-z]{2,}(?![\w}])")
_TELLING = frozenset(
    "from to dollars years year old mail phone".split()
)  # without them a fact could not be told from another
# Words of all sentences, for places where they were never seen.
ODD_WORDS = tuple(
    sorted({word for kinds in (forms.FLAT, forms.NESTED, forms.LISTS) for kind in kinds.values() for form in kind.seen for word in _WORD.findall(form)})
)  # fmt: skip


def invented(rng: random.Random, most: int = 3) -> str:
    """Return an invented name of two-letter syllables, so that copying is learned rather than a list of names."""
    return "".join(rng.choice("bdfgklmnprstvz") + rng.choice("aeiou") for _ in range(rng.randint(2, most))).capitalize()


def _value(rng: random.Random, key: str, first: str, pool: tuple[str, ...]) -> Any:
    """Return the value of one key; `first` is the first name in the text, and an empty `pool` asks for invented names."""
    if key == "name":
        return f"{first} {rng.choice(SURNAMES) if pool else invented(rng)}"
    if key in ("city", "from", "to"):
        return rng.choice(CITIES) if pool else invented(rng)
    if key == "email":
        return f"{first.lower()}@{invented(rng).lower()}.{rng.choice(('com', 'org', 'net'))}"
    if key == "phone":
        return "".join(rng.choices("0123456789", k=6))
    low, high = {"age": (18, 99), "quantity": (2, 99)}.get(key, (2, 999))
    if key in ("age", "quantity", "price", "total"):
        return rng.randint(low, high)
    if key in ("company", "shop"):
        return invented(rng)
    return rng.choice(DAYS if key == "day" else THINGS)


def _list(rng: random.Random, key: str, element: Any, pool: tuple[str, ...]) -> list[Any]:
    """Return two or three different elements of a list field: words or small objects."""
    n = rng.choice((2, 3))
    if key in ("people", "cities") and not pool:
        words: list[str] = []
        while len(words) < n:
            word = invented(rng)
            words += [word] if word not in words else []
    else:
        words = rng.sample({"people": NAMES, "cities": CITIES, "colours": COLOURS}.get(key, THINGS), n)
    if isinstance(element, str):
        return words
    (label, number) = element  # an object is named by its first key: a product or a person
    return [{label: word, number: _value(rng, number, "", pool)} for word in words]


def _facts(rng: random.Random, shape: dict[str, Any]) -> dict[str, Any]:
    """Return a value for every leaf of the shape."""
    pool = () if rng.random() < INVENTED_SHARE else NAMES
    first = rng.choice(NAMES) if pool else invented(rng)
    facts: dict[str, Any] = {}
    for key, part in shape.items():
        if isinstance(part, dict):
            facts[key] = {inner: _value(rng, inner, first, pool) for inner in part}
        else:
            facts[key] = _list(rng, key, part[0], pool) if isinstance(part, list) else _value(rng, key, first, pool)
    trip = facts.get("trip", facts)
    while "from" in trip and trip["from"] == trip["to"]:
        trip["to"] = _value(rng, "to", first, pool)
    return facts


def _say(rng: random.Random, form: str, facts: dict[str, Any], elements: tuple[str, ...]) -> str:
    """Return the sentence with all facts in it."""
    said: dict[str, Any] = {}
    for key, value in facts.items():
        if isinstance(value, dict):
            said |= value
        elif isinstance(value, list):
            element = rng.choice(elements) if elements else ""
            words = [element.format(**each) if element else each for each in value]
            said[key] = ", ".join(word.rstrip(",") for word in words[:-1]) + " and " + words[-1]
        else:
            said[key] = value
    return form.format(**said).replace(",.", ".")


def _odd(rng: random.Random, form: str) -> str:
    """Return the sentence with one or two of its words exchanged: what a fact is shows in its kind and place, not in a known sentence."""
    words = [found.span() for found in _WORD.finditer(form) if found[0] not in _TELLING]
    for start, end in sorted(rng.sample(words, min(len(words), rng.randint(1, 2))), reverse=True):
        word = rng.choice(ODD_WORDS) if rng.random() < 0.6 else invented(rng).lower()
        form = form[:start] + word + form[end:]
    return form


def _asked(rng: random.Random, shape: Any) -> Any:
    """Return the shape in another order of keys; a flat shape may lose one of three keys."""
    if isinstance(shape, list):
        return [_asked(rng, shape[0])]
    if isinstance(shape, str):
        return shape
    flat = all(isinstance(part, str) for part in shape.values())
    keys = rng.sample(tuple(shape), rng.choice((2, 3, 3)) if flat and len(shape) == 3 else len(shape))
    return {key: _asked(rng, shape[key]) for key in keys}


def _select(shape: Any, facts: Any) -> Any:
    """Return the facts that the shape asks for, in its order; a number is text where the shape says so."""
    if isinstance(shape, dict):
        return {key: _select(part, facts[key]) for key, part in shape.items()}
    if isinstance(shape, list):
        return [_select(shape[0], each) for each in facts]
    return str(facts) if shape == "string" else facts


def _in_words(shape: dict[str, Any]) -> str:
    """Return the keys in words: `name, city and items (a list)`."""
    said = []
    for key, part in shape.items():
        if isinstance(part, dict):
            key = f"{key} ({_in_words(part)})"
        elif isinstance(part, list):
            key += f" (a list of {_in_words(part[0])})" if isinstance(part[0], dict) else " (a list)"
        said.append(key)
    return ", ".join(said[:-1]) + " and " + said[-1] if len(said) > 1 else said[0]


def json_schema(rng: random.Random, shape: Any) -> dict[str, Any]:
    """Return the shape as a JSON schema: bare, or with the required keys and the limits that pydantic writes into it."""
    limits, required = rng.random() < 0.5, rng.random() < 0.5

    def part(shape: Any) -> dict[str, Any]:
        if isinstance(shape, dict):
            inner = {"properties": {key: part(each) for key, each in shape.items()}}
            return {**inner, "required": list(shape), "type": "object"} if required else {"type": "object", **inner}
        if isinstance(shape, list):
            return {"items": part(shape[0]), **({"maxItems": rng.randint(3, 9)} if limits else {}), "type": "array"}
        if not limits or rng.random() < 0.2:
            return {"type": shape}
        if shape == "string":
            return {"maxLength": rng.randint(8, 60), "type": shape}
        return {
            "maximum": rng.choice((99, 100, 120, 130, 150, 999, 1000, 9999)),
            "minimum": rng.choice((0, 0, 1)),
            "type": shape,
        }

    return part(shape)


def _template(rng: random.Random, shape: dict[str, Any], typed: bool) -> str:
    """Return the shape written out, with types or with dots."""
    text = json.dumps(shape)
    if not typed:
        return re.sub(r'"(?:string|integer|number)"', "...", text)
    style = rng.randrange(5)
    if style in (0, 3):
        return json.dumps(json_schema(rng, shape))
    if style == 1:
        return text
    bare = re.sub(r'"(string|integer|number)"', r"\1", text)
    if style == 2:
        short = {"string": "str", "integer": "int", "number": "float"}
        return re.sub("string|integer|number", lambda found: short[found[0]], bare)
    return bare


def _lines(wanted: dict[str, Any], prefix: str = "") -> list[str]:
    """Return `key: value` lines: a nested key has its path, a list stands in one line, digits that are text stand in quotes."""
    lines = []
    for key, value in wanted.items():
        if isinstance(value, dict):
            lines += _lines(value, f"{prefix}{key}.")
            continue
        if isinstance(value, list):
            value = "; ".join(
                ", ".join(f"{k} {v}" for k, v in each.items()) if isinstance(each, dict) else each for each in value
            )
        elif isinstance(value, str) and value.isdigit():
            value = f'"{value}"'
        lines.append(f"{prefix}{key}: {value}")
    return lines


def _loads(text: str) -> Any:
    """Return the JSON value of the whole text, or None."""
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return None


def read_json(text: str) -> Any:
    """Return the JSON value in a reply, with or without a fence; None where there is none."""
    fenced = re.search(r"```(?:json)?\s*(.*?)```", text, re.DOTALL | re.IGNORECASE)
    if fenced:
        return _loads(fenced[1])
    value = _loads(text[text.find("{") : text.rfind("}") + 1])
    return _loads(text[text.find("[") : text.rfind("]") + 1]) if value is None else value


def same(value: Any, wanted: Any, strict: bool = True) -> bool:
    """Return whether two JSON values are equal: 12 is 12.0, but no number is a truth value, nor, where `strict`, a text."""
    if isinstance(wanted, dict):
        return isinstance(value, dict) and value.keys() == wanted.keys() and all(same(value[k], wanted[k], strict) for k in wanted)  # fmt: skip
    if isinstance(wanted, list):
        return isinstance(value, list) and len(value) == len(wanted) and all(map(lambda a, b: same(a, b, strict), value, wanted))  # fmt: skip
    if isinstance(value, bool) != isinstance(wanted, bool) or isinstance(value, (dict, list)):
        return False
    return value == wanted or (not strict and value is not None and str(value) == str(wanted))


def _recase(rng: random.Random, request: str) -> str:
    """Change the case of a request at times; what is filled in later keeps its own."""
    roll = rng.random()
    if roll < 0.08:
        return request.lower()
    if roll < 0.11:
        return re.sub(r"\{\w+\}", lambda slot: slot[0].lower(), request.upper())
    return request


def problem(rng: random.Random, split: Split) -> Problem:
    """Draw a text with facts to extract, and the shape in which they are wanted."""
    (name,) = rng.choices(tuple(SHAPES), [share for share, _ in SHAPES.values()])
    kinds = SHAPES[name][1]
    kind = kinds[rng.choice(tuple(kinds))]
    facts = draw(split, lambda: _facts(rng, kind.shape), lambda drawn: json.dumps(drawn, sort_keys=True))
    form = pick_wording(rng, split, kind.seen, kind.unseen)
    if split == "train" and rng.random() < ODD_SHARE:
        form = _odd(rng, form)
    text = _say(rng, form, facts, kind.elements)
    shape = _asked(rng, kind.shape)
    by_template = name == "schema" or (name != "flat" and rng.random() < 0.6)
    typed = name == "schema" or rng.random() < 0.5
    if name == "schema" and rng.random() < TEXT_TYPE_SHARE:
        shape = dict.fromkeys(shape, "string")  # then numbers are wanted as text
    fence = rng.random() < FENCE_SHARE
    wish = pick_wording(rng, split, forms.FENCED, forms.UNSEEN_FENCED) if fence else rng.choice(forms.PLAIN)
    if by_template:
        request = pick_wording(rng, split, forms.TEMPLATE_REQUESTS, forms.UNSEEN_TEMPLATE_REQUESTS)
    else:
        request = pick_wording(rng, split, forms.KEY_REQUESTS, forms.UNSEEN_KEY_REQUESTS)
    template = _template(rng, shape, typed) if by_template else ""
    content = _recase(rng, request).format(json=wish, text=text, keys=_in_words(shape), template=template)
    wanted = _select(shape, facts)
    expected = json.dumps(wanted, ensure_ascii=False)
    strict = by_template and typed

    def right(reply: Any) -> bool:
        said = text_of(reply)
        return ("```" in said or not fence) and same(read_json(said), wanted, strict)

    return Problem(
        skill="extract",
        messages=[{"role": "user", "content": content}],
        difficulty={"flat": "flat, by keys", "schema": "flat, by schema"}.get(name, name),
        expected=expected,
        thinking="\n".join(_lines(wanted)),
        answer={"role": "assistant", "content": f"```json\n{expected}\n```" if fence else expected},
        grader=right,
    )
