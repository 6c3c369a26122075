"""Sixty everyday words and twenty phrases, from any of seven languages into any other: known by heart.

Held out: one combination in ten of item, languages and wording; two wordings in each language that questions are asked in (four in English);
and three pairs of languages altogether (`NEVER`), in which every fact is known from other pairs. Items, and all other pairs, are known from training.
"""

from __future__ import annotations

import random
import re
import unicodedata
from functools import cache
from typing import NamedTuple

from qwen_course.skills.problem import Problem, Split, draw, text_of, vary
from qwen_course.skills.translation_words import (
    FALSE_FRIENDS,
    INTO_ENGLISH,
    LANGUAGES,
    NAMES,
    PHRASES,
    QUOTES,
    UNSEEN,
    WORDINGS,
    WORDS,
)

ITEMS = WORDS + PHRASES
FOREIGN = LANGUAGES[1:]
# Pairs (from, into) that training never sees, for any item.
NEVER = (("German", "Japanese"), ("Persian", "Spanish"), ("French", "Chinese"))
BETWEEN = tuple((one, other) for one in FOREIGN for other in FOREIGN if one != other and (one, other) not in NEVER)
WITHOUT_SPACES = ("Chinese", "Japanese")


class Request(NamedTuple):
    """Hold what is asked: the number of the item, the two languages, the language of the question and its wording."""

    item: int
    source: str
    target: str
    asked_in: str
    wording: str

    @property
    def given(self) -> str:
        """Return the item as it is given."""
        return ITEMS[self.item][self.source][0]

    @property
    def wanted(self) -> str:
        """Return the translation that Pocket says."""
        return ITEMS[self.item][self.target][0]

    def text(self, quotes: str) -> str:
        """Return the question, with the item in these quotes where the wording has some."""
        names = NAMES[self.asked_in]
        quoted = f"{quotes[0]}{self.given}{quotes[1]}"
        bare = self.given if self.item < len(WORDS) else quoted  # "Where is the station in German?" would be unclear
        return self.wording.format(q=quoted, w=bare, s=names[self.source], t=names[self.target])


@cache
def must_name(item: int, source: str) -> bool:
    """Return whether the form is also a word of another language, so that the question has to name its own."""
    given = ITEMS[item][source][0].casefold()
    others = (row[language][0].casefold() for row in ITEMS for language in LANGUAGES if language != source)
    return source != "English" and (given in FALSE_FRIENDS or given in others)


@cache
def same_word(item: int, source: str, target: str) -> bool:
    """Return whether the word as given is also right in the target language, as 水 from Chinese into Japanese."""
    return says(ITEMS[item][source][0], item, target)


@cache
def wordings(asked_in: str, into_english: bool, phrase: bool, named: bool, unseen: bool) -> tuple[str, ...]:
    """Return the wordings that fit: phrases are not words, and some items need the language they come from."""
    choices = (UNSEEN if unseen else WORDINGS)[asked_in]
    if into_english and asked_in == "English" and not unseen:
        choices += INTO_ENGLISH
    return tuple(form for form in choices if not (phrase and "word" in form) and ("{s}" in form or not named))


def request(rng: random.Random, split: Split, never: bool, unseen: bool) -> Request:
    """Draw a request, whichever split it belongs to; `never` and `unseen` take a pair or wording that training never sees."""
    while True:
        if never:
            source, target = rng.choice(NEVER)
        elif rng.random() < 0.8:
            source, target = rng.sample(("English", rng.choice(FOREIGN)), 2)
        else:
            source, target = rng.choice(BETWEEN)
        item = rng.randrange(len(WORDS)) if rng.random() < 0.7 else len(WORDS) + rng.randrange(len(PHRASES))
        if split == "train" or not same_word(item, source, target):  # repeating the word is no test
            break
    asked_in = (
        "English" if rng.random() < 0.65 else rng.choice([name for name in (source, target) if name != "English"])
    )
    forms = wordings(asked_in, target == "English", item >= len(WORDS), must_name(item, source), unseen)
    return Request(item, source, target, asked_in, rng.choice(forms))


def plain(text: str) -> str:
    """Return the text in one spelling: no case, no punctuation, no Persian joiners, one space between words."""
    text = unicodedata.normalize("NFKC", text).casefold().translate(str.maketrans("يكأ\u200c", "یکا "))
    text = re.sub(r"[\u064b-\u0652]", "", text)
    text = re.sub(r"[\W_]+", " ", text).strip()
    return re.sub(r"\b(ن?می) ", r"\1", text)


@cache
def _forms(item: int, language: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Return the right forms, and the longer forms of other items that hold one of them (書 in 図書館), longest first."""
    languages = WITHOUT_SPACES if language in WITHOUT_SPACES else (language,)
    right = {plain(form) for form in ITEMS[item][language]}
    all_forms = {plain(form) for row in ITEMS for name in languages for form in row[name]}
    longer = {form for form in all_forms - right if any(_holds(form, one, language) for one in right)}
    return tuple(right), tuple(sorted(longer, key=len, reverse=True))


def _holds(text: str, form: str, language: str) -> bool:
    """Return whether the plain text holds the form: as whole words, or anywhere in languages without spaces."""
    if language in WITHOUT_SPACES:
        return form.replace(" ", "") in text.replace(" ", "")
    return f" {form} " in f" {text} "


def says(text: str, item: int, language: str) -> bool:
    """Return whether a text holds a right translation of the item, with or without article and sentence around it.

    says("It is called 'el perro'.", 0, "Spanish") -> True
    """
    right, longer = _forms(item, language)
    text = plain(text)
    if language in WITHOUT_SPACES:
        text = text.replace(" ", "").replace("日本", "")  # 本 is a book, but not in the name of the language
        longer = tuple(form.replace(" ", "") for form in longer)
    for form in longer:
        text = f" {text} ".replace(form if language in WITHOUT_SPACES else f" {form} ", " | ")
    return any(_holds(text, form, language) for form in right)


def _thinking(asked: Request) -> str:
    """Return one line per step: between two other languages the way goes through English."""
    ends = (asked.source, asked.target)
    stations = ends if "English" in ends else (asked.source, "English", asked.target)
    quote = '"' if asked.item >= len(WORDS) else ""
    forms = [f"{quote}{ITEMS[asked.item][language][0]}{quote}" for language in stations]
    steps = zip(forms, forms[1:], stations[1:], strict=False)
    return "\n".join(f"{given} is {wanted} in {language}." for given, wanted, language in steps)


def problem(rng: random.Random, split: Split) -> Problem:
    """Draw a word or a phrase to translate."""
    never = split == "test" and rng.random() < 0.05
    unseen = split == "test" and rng.random() < 1 / 3
    if never or unseen:
        asked = request(rng, split, never, unseen)
    else:
        # the key is the text asked, not the languages: café is asked alike from French and from Spanish
        asked = draw(split, lambda: request(rng, split, False, False), lambda drawn: drawn.text("''"))
    kind = "phrase" if asked.item >= len(WORDS) else "word"
    if never:
        difficulty = "pair never seen"
    elif "English" not in (asked.source, asked.target):
        difficulty = "between two others"
    elif kind == "phrase":
        difficulty = "phrase"
    else:
        difficulty = "word, from English" if asked.source == "English" else "word, to English"
    return Problem(
        skill="translation",
        messages=[{"role": "user", "content": vary(rng, asked.text(rng.choice(QUOTES[asked.asked_in])))}],
        difficulty=difficulty,
        expected=asked.wanted,
        thinking=_thinking(asked),
        answer={"role": "assistant", "content": asked.wanted},
        grader=lambda reply: says(text_of(reply), asked.item, asked.target),
    )
