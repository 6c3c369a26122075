"""The skill of translation: right forms pass, other items fail, and the splits stay apart."""

import random
import re

import pytest

from qwen_course.reply import Reply
from qwen_course.skills import translation
from qwen_course.skills.translation import ITEMS, NEVER, PHRASES, WORDS, must_name, same_word, says
from qwen_course.skills.translation_words import FALSE_FRIENDS, LANGUAGES, UNSEEN, WORDINGS


def drawn(split, n, seed=0):
    rng = random.Random(seed)
    return [translation.problem(rng, split) for _ in range(n)]


def number(english):
    return next(item for item, row in enumerate(ITEMS) if row["English"][0] == english)


def test_there_are_sixty_words_and_twenty_phrases_and_each_form_belongs_to_one_item():
    assert len(WORDS) == 60 and len(PHRASES) == 20
    for language in LANGUAGES:
        forms = [form.casefold() for row in ITEMS for form in row[language]]
        assert all(form == form.strip() and form for form in forms)
        assert len(forms) == len(set(forms)), sorted(form for form in forms if forms.count(form) > 1)


def test_scripts_are_not_mixed_up():
    han, kana, arabic = r"[\u4e00-\u9fff]", r"[\u3040-\u30ff]", r"[\u0600-\u06ff]"
    for row in ITEMS:
        assert all(re.search(han, form) and not re.search(kana, form) for form in row["Chinese"])
        assert all(re.search(f"{han}|{kana}", form) for form in row["Japanese"])
        assert all(re.search(arabic, form) and not re.search("[A-Za-zيك]", form) for form in row["Persian"])
        western = [form for name in ("English", "Spanish", "French", "German") for form in row[name]]
        assert not any(re.search(f"{han}|{kana}|{arabic}", form) for form in western)


@pytest.mark.parametrize("split", ["train", "test"])
def test_the_worked_answer_passes_and_an_odd_reply_does_not(split):
    for problem in drawn(split, 300):
        assert problem.grade(Reply(text=problem.answer["content"])) and problem.grade(problem.expected.upper())
        assert problem.expected in problem.thinking.splitlines()[-1]
        for text in ("", "I do not know.", "{", "\x00", "[1, 2", "²³"):
            assert not problem.grade(text) and not problem.grade(Reply(text=text))


def test_every_right_form_passes_and_no_form_of_another_item_does():
    for language in LANGUAGES:
        for item, row in enumerate(ITEMS):
            assert all(says(form, item, language) for form in row[language])
            for other, wrong in enumerate(ITEMS):
                assert other == item or not any(says(form, item, language) for form in wrong[language]), (item, other)


@pytest.mark.parametrize(
    ("text", "english", "language", "right"),
    [
        ("It is called **el perro**.", "dog", "Spanish", True),
        ("Der Hund.", "dog", "German", True),
        ("l'eau", "water", "French", True),
        ("perrogrande", "dog", "Spanish", False),
        ("The dogma", "dog", "English", False),
        ("“书”的日语是「本」。", "book", "Japanese", True),
        ("日本語では分かりません。", "book", "Japanese", False),
        ("图书馆", "book", "Chinese", False),
        ("天空", "sky", "Japanese", False),
        ("自転車です", "car", "Japanese", False),
        ("WEISS", "white", "German", True),
        ("oeil", "eye", "French", True),
        ("You say: Où est la gare?", "Where is the station?", "French", True),
        ("I'm hungry", "I am hungry.", "English", True),
        ("你好吗？", "Hello!", "Chinese", False),
        ("فردا میبینمت", "See you tomorrow!", "Persian", True),
        ("كتاب", "book", "Persian", True),
    ],
)
def test_the_grader_reads_free_replies(text, english, language, right):
    assert says(text, number(english), language) is right


def test_what_is_held_out_never_comes_in_training():
    rng = random.Random(4)
    requests = [
        translation.draw("train", lambda: translation.request(rng, "train", False, False), lambda one: one.text("''"))
        for _ in range(20_000)
    ]
    assert not {(one.source, one.target) for one in requests} & set(NEVER)
    assert {(one.source, one.target) for one in requests} == {
        (one, other) for one in LANGUAGES for other in LANGUAGES if one != other and (one, other) not in NEVER
    }
    assert not {one.wording for one in requests} & {form for forms in UNSEEN.values() for form in forms}
    english = sum("English" in (one.source, one.target) for one in requests) / len(requests)
    assert 0.77 < english < 0.83
    train = {problem.messages[0]["content"] for problem in drawn("train", 6000)}
    assert not train & {problem.messages[0]["content"] for problem in drawn("test", 2000)}


def test_a_word_that_other_languages_share_is_asked_with_its_language_named():
    assert must_name(number("cat"), "French") and must_name(number("train"), "French")
    assert must_name(number("water"), "Chinese") and not must_name(number("dog"), "Spanish")
    forms = {form.casefold() for row in WORDS for language in LANGUAGES[1:] for form in row[language][:1]}
    assert forms >= FALSE_FRIENDS
    rng = random.Random(2)
    for unseen in (False, True):
        for _ in range(4000):
            asked = translation.request(rng, "test", False, unseen)
            assert "{s}" in asked.wording or not must_name(asked.item, asked.source)
            assert not same_word(asked.item, asked.source, asked.target)


def test_difficulties_and_seeds():
    test = drawn("test", 2000)
    labels = {"word, from English", "word, to English", "phrase", "between two others", "pair never seen"}
    assert {problem.difficulty for problem in test} == labels
    assert 0.03 < sum(problem.difficulty == "pair never seen" for problem in test) / 2000 < 0.07
    assert "pair never seen" not in {problem.difficulty for problem in drawn("train", 1000)}
    assert [one.messages for one in drawn("test", 50, 1)] == [one.messages for one in drawn("test", 50, 1)]
    assert len(WORDINGS["English"]) >= 10 and all(not set(UNSEEN[name]) & set(WORDINGS[name]) for name in UNSEEN)
