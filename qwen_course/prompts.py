"""Build the messages of common prompts: steps first, code, several languages, examples, JSON.

Each builder returns a list of messages, and the model's own template makes the prompt of it: gluing control tokens by
hand would fit one family of models and let a user's text forge turns. None of them writes a system message, so
`chat(..., system=...)` stays free. No torch here; whether a wording helps is measured in notebook 03, not promised.
"""

import difflib
import json
import re
from collections.abc import Sequence
from typing import Any

from .json_schemas import plain_schema
from .reply import Reply

# code: (English name, own name)
LANGUAGES = {
    "ar": ("Arabic", "العربية"),
    "bn": ("Bengali", "বাংলা"),
    "cs": ("Czech", "čeština"),
    "da": ("Danish", "dansk"),
    "de": ("German", "Deutsch"),
    "el": ("Greek", "ελληνικά"),
    "en": ("English", "English"),
    "es": ("Spanish", "español"),
    "fa": ("Persian", "فارسی"),
    "fi": ("Finnish", "suomi"),
    "fr": ("French", "français"),
    "he": ("Hebrew", "עברית"),
    "hi": ("Hindi", "हिन्दी"),
    "hu": ("Hungarian", "magyar"),
    "id": ("Indonesian", "Bahasa Indonesia"),
    "it": ("Italian", "italiano"),
    "ja": ("Japanese", "日本語"),
    "ko": ("Korean", "한국어"),
    "ms": ("Malay", "Bahasa Melayu"),
    "nl": ("Dutch", "Nederlands"),
    "no": ("Norwegian", "norsk"),
    "pl": ("Polish", "polski"),
    "pt": ("Portuguese", "português"),
    "ro": ("Romanian", "română"),
    "ru": ("Russian", "русский"),
    "sv": ("Swedish", "svenska"),
    "sw": ("Swahili", "Kiswahili"),
    "ta": ("Tamil", "தமிழ்"),
    "th": ("Thai", "ไทย"),
    "tr": ("Turkish", "Türkçe"),
    "uk": ("Ukrainian", "українська"),
    "ur": ("Urdu", "اردو"),
    "vi": ("Vietnamese", "Tiếng Việt"),
    "zh": ("Chinese", "中文"),
}

_STEPS = 'Show all steps, please. End with a line that begins with "Answer:".'


def reasoning_prompt(problem: str, *, context: str = "") -> list[dict]:
    """Ask a problem so that the steps are written out first and the answer stands in the last line.

    Each written step is something that the next token can build upon; `context` comes before the problem. Raises
    ValueError for an empty problem. Introduced in notebook 03.

    reasoning_prompt("What is 15 % of 80?")[0]["content"]
      -> 'What is 15 % of 80?\\nShow all steps, please. End with a line that begins with "Answer:".'
    """
    question = f"{_text(problem, 'problem')}\n{_STEPS}"
    context = _text(context, "context", empty=True)
    return [_user(f"{context}\n\n{question}" if context else question)]


def coding_prompt(
    task: str, *, language: str = "Python", context: str = "", constraints: str | Sequence[str] = ""
) -> list[dict]:
    """Ask for code in one fenced block, which `extract_code` cuts out again.

    `constraints` is one text or a list of them. Raises ValueError for an empty task or language. Introduced in
    notebook 03.
    """
    parts = [_text(task, "task")]
    if context := _text(context, "context", empty=True):
        parts.append(f"Context: {context}")
    if isinstance(constraints, str):
        constraints = [constraints] if constraints.strip() else []
    if constraints:
        lines = [f"- {_text(line, 'constraints')}" for line in constraints]
        parts.append("\n".join(["Constraints:", *lines]))
    language = _text(language, "language")
    parts.append(f"Write {language} and answer with one code block only.")
    return [_user("\n\n".join(parts) if len(parts) > 2 else " ".join(parts))]


def multilingual_prompt(query: str, *, languages: Sequence[str] = ("en", "zh", "es")) -> list[dict]:
    """Ask one question for an answer in each of several languages, given by code or by name.

    Codes and names are those of `LANGUAGES`, in any case: "zh", "Chinese" or "中文". Raises ValueError for an unknown
    language, naming the nearest, and for an empty list. Introduced in notebook 03.

    multilingual_prompt("What is the sun?", languages=["de"])[0]["content"] -> 'Answer in German (Deutsch).\\nWhat ...'
    """
    query = _text(query, "query")
    if isinstance(languages, str) or not isinstance(languages, Sequence):
        raise ValueError(f'languages is {languages!r}; expected a list such as ["en", "zh", "es"].')
    names = list(dict.fromkeys(_language(one) for one in languages))
    if not names:
        raise ValueError('languages is empty; expected at least one, for example ["en", "zh", "es"].')
    if len(names) == 1:
        return [_user(f"Answer in {names[0]}.\n{query}")]
    listed = "\n".join(f"- {name}" for name in names)
    wish = "Answer this question once in each of these languages, each answer after the name of its language:"
    return [_user(f"{wish}\n{listed}\n\n{query}")]


def few_shot(examples: Sequence[tuple[str, str]], query: str) -> list[dict]:
    """Show (input, output) examples as turns of a conversation that went well, and ask the query as the next one.

    Without examples the query stands alone. Raises ValueError for an example that is no pair of texts. Introduced in
    notebook 03.

    few_shot([("cat", "A"), ("oak", "B")], "dog") -> user "cat", assistant "A", user "oak", assistant "B", user "dog"
    """
    if isinstance(examples, (str, dict)) or not isinstance(examples, Sequence):
        raise ValueError(f'examples is {_show(examples)}; expected a list of pairs such as [("cat", "A")].')
    messages = []
    for i, example in enumerate(examples):
        where = f"examples[{i}]"
        if not isinstance(example, (tuple, list)) or len(example) != 2:
            raise ValueError(f'{where} is {_show(example)}; expected a pair (input, output) such as ("cat", "A").')
        question, answer = (_text(part, where) for part in example)
        messages += [_user(question), {"role": "assistant", "content": answer}]
    return [*messages, _user(_text(query, "query"))]


def json_prompt(text: str, schema: Any) -> list[dict]:
    """Ask for the facts of a text as JSON of a schema, which is stated in the prompt.

    `schema` is a pydantic model class or a JSON schema. Its titles are left out and its references filled in, since
    both cost tokens and tell the model nothing. Raises ValueError for what is no schema. Introduced in notebook 03.
    """
    shape = json.dumps(plain_schema(schema), ensure_ascii=False)
    return [_user(f"{_text(text, 'text')}\nReturn JSON of this form: {shape}")]


def extract_code(reply: Reply | str, *, language: str = "") -> str:
    """Return the code of the first fenced block, or the whole text where there is no fence.

    With `language`, a block marked so is preferred. A block that was cut off before its closing fence counts too.
    Nothing here makes the code safe: run it with `run_python`. Introduced in notebook 03.
    """
    text = reply if isinstance(reply, str) else reply.text
    blocks = re.findall(r"^[ \t]*```([\w+#.-]*)[^\n]*\n(.*?)(?:^[ \t]*```|\Z)", text, re.DOTALL | re.MULTILINE)
    marked = [code for tag, code in blocks if language and tag.lower() == language.lower()]
    return (marked or [code for _, code in blocks] or [text])[0].strip("\n")


def _language(given: Any) -> str:
    """Return a language as "German (Deutsch)"."""
    if not isinstance(given, str):
        raise ValueError(f'{given!r} is no language; expected a code or a name, such as "de" or "German".')
    wanted = given.strip().casefold()
    for code, names in LANGUAGES.items():
        if wanted in (code, *map(str.casefold, names)):
            return names[0] if len(set(names)) == 1 else f"{names[0]} ({names[1]})"
    known = {name.casefold(): name for code, names in LANGUAGES.items() for name in (code, *names)}
    near = [known[key] for key in difflib.get_close_matches(wanted, known, n=3, cutoff=0.5)]
    advice = f"The nearest known: {', '.join(near)}." if near else f"Known codes: {', '.join(LANGUAGES)}."
    raise ValueError(f"{given!r} is not a language known here. {advice}")


def _text(value: Any, name: str, *, empty: bool = False) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{name} is {_show(value)}; expected a text.")
    if not value.strip() and not empty:
        raise ValueError(f"{name} is empty; expected a text.")
    return value.strip()


def _user(content: str) -> dict:
    return {"role": "user", "content": content}


def _show(value: Any) -> str:
    text = repr(value)
    return text if len(text) <= 80 else f"{text[:77]}..."
