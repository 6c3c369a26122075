"""Tokens are cut into thinking, answer and tool calls by id, character by character, in both tool-call formats."""

import pytest
from checkpoints import make_tokenizer
from hypothesis import given, settings
from hypothesis import strategies as st
from scripted import ids_of

from qwen_course.parsing import ReplyParser, TokenBytes, parse_tool_call
from qwen_course.reply import ToolCall

TOKENIZER = make_tokenizer("qwen3")
TAGS = {tag: TOKENIZER.convert_tokens_to_ids(tag) for tag in ("<think>", "</think>", "<tool_call>", "</tool_call>")}
WEATHER = [
    {
        "type": "function",
        "function": {
            "name": "weather",
            "parameters": {
                "type": "object",
                "properties": {
                    "city": {"type": "string"},
                    "days": {"type": "integer"},
                    "hot": {"type": "boolean"},
                    "share": {"type": "number"},
                    "tags": {"type": "array"},
                    "more": {"type": "object"},
                    "note": {"type": ["string", "null"]},
                },
            },
        },
    }
]


def parse(text: str, *, thinking: bool = True, opened: bool = False, tools=None):
    """Return (parser, pieces) after feeding the tokens of text."""
    parser = ReplyParser(TokenBytes(TOKENIZER), TAGS, thinking=thinking, opened=opened, tools=tools)
    pieces = [piece for token_id in ids_of(TOKENIZER, text) for piece in parser.feed(token_id)]
    return parser, pieces + parser.finish()


@pytest.mark.parametrize(
    ("text", "opened", "thinking", "answer"),
    [
        ("<think>\nhm\n</think>\n\n4", False, "hm", "4"),  # Qwen3 writes both tags
        ("hm\n</think>\n\n4", True, "hm", "4"),  # Thinking-2507 and Qwen3.5: the opening tag is in the prompt
        ("<think>\n\n</think>\n\n4", False, "", "4"),  # empty block
        ("\n</think>\n\n4", True, "", "4"),
        ("<think>\nhm, let me", False, "hm, let me", ""),  # cut off: all of it is thinking
        ("hm, let me", True, "hm, let me", ""),
        ("<think>", False, "", ""),
        ("4", False, "", "4"),  # absent
        ("<think>\nhm\n</think>", False, "hm", ""),  # cut off right after the thinking
        ("hm\n</think>\n\n4", False, "hm", "4"),  # the opening tag was forgotten
        ("<think>\na\n</think>\n\nb</think>c", False, "a", "bc"),  # a second closing tag is dropped
        ("<think>a\n\nb</think>x\n\ny\n", False, "a\n\nb", "x\n\ny"),  # newlines inside stay
    ],
)
def test_thinking_is_split_off(text, opened, thinking, answer):
    parser, pieces = parse(text, opened=opened)
    assert (parser.thinking, parser.text) == (thinking, answer)


def test_without_thinking_mode_a_stray_closing_tag_moves_nothing():
    parser, _ = parse("a</think>b", thinking=False)
    assert (parser.thinking, parser.text) == ("", "ab")


def test_tags_spelled_with_letters_are_plain_text():
    parser = ReplyParser(TokenBytes(TOKENIZER), TAGS, thinking=True, opened=False, tools=None)
    for character in "use </think> and <think>":
        for token_id in ids_of(TOKENIZER, character):
            parser.feed(token_id)
    assert (parser.thinking, parser.text) == ("", "use </think> and <think>")


def test_thinking_tokens_are_those_between_the_tags():
    parser, _ = parse("<think>hm hm</think>4 4 4")
    assert parser.thinking_tokens == len(ids_of(TOKENIZER, "hm hm"))


@settings(deadline=None, max_examples=80)
@given(st.text(), st.text())
def test_pieces_join_to_thinking_and_text(thinking, answer):
    source = "<think>" + thinking.replace("<", "") + "</think>" + answer.replace("<", "")
    parser, pieces = parse(source)
    assert "".join(p for p in pieces if p.kind == "thinking") == parser.thinking
    assert "".join(p for p in pieces if p.kind == "answer") == parser.text
    normal = TOKENIZER.backend_tokenizer.normalizer.normalize_str
    assert parser.text == normal(answer.replace("<", "")).strip("\n")
    assert all(pieces)


@pytest.mark.parametrize("text", ["机器学习", "😀👩‍👩‍👧", "naïve ě𝔸", "a😀b你c"])
def test_a_character_split_over_tokens_appears_once_and_whole(text):
    assert len(ids_of(TOKENIZER, text)) > len(text.encode()) // 4  # it really is split
    parser, pieces = parse(text)
    assert "".join(pieces) == text
    assert all("\ufffd" not in piece for piece in pieces)


def test_half_a_character_at_the_end_is_dropped():
    parser = ReplyParser(TokenBytes(TOKENIZER), TAGS, thinking=False, opened=False, tools=None)
    ids = ids_of(TOKENIZER, "a😀")
    shown = "".join(piece for token_id in ids[:-1] for piece in parser.feed(token_id))
    parser.finish()
    assert shown == parser.text == "a"


def test_bytes_that_are_no_text_are_shown_as_the_tokenizer_shows_them():
    ids = [TOKENIZER.convert_tokens_to_ids(token) for token in ("Ķ", "a", "ð", "b")]  # lone bytes 0x94 and 0xF0
    parser = ReplyParser(TokenBytes(TOKENIZER), TAGS, thinking=False, opened=False, tools=None)
    assert "".join(piece for token_id in ids for piece in parser.feed(token_id)) == TOKENIZER.decode(ids)


def test_special_tokens_and_rows_beyond_the_vocabulary_are_not_shown():
    parser = ReplyParser(TokenBytes(TOKENIZER), TAGS, thinking=False, opened=False, tools=None)
    for token_id in (TOKENIZER.convert_tokens_to_ids("<|image_pad|>"), len(TOKENIZER) + 3):
        assert parser.feed(token_id) == []


def test_json_tool_calls_are_parsed_and_not_shown():
    call = '<tool_call>\n{"name": "weather", "arguments": {"city": "巴黎", "days": 2}}\n</tool_call>'
    parser, pieces = parse(f"Let me look.\n{call}\n{call}")
    assert parser.text == "".join(pieces) == "Let me look."
    arguments = {"city": "巴黎", "days": 2}
    assert parser.tool_calls == [ToolCall("call_0", "weather", arguments), ToolCall("call_1", "weather", arguments)]


def test_xml_tool_calls_take_their_types_from_the_schema():
    inside = (
        "\n<function=weather>\n<parameter=city>\n42\n</parameter>\n<parameter=days>\n3\n</parameter>\n"
        "<parameter=hot>\nTrue\n</parameter>\n<parameter=share>\n0.5\n</parameter>\n"
        '<parameter=tags>\n["a"]\n</parameter>\n<parameter=more>\n{"b": 1}\n</parameter>\n'
        "<parameter=note>\nline 1\n\nline 2\n</parameter>\n<parameter=free>\n7\n</parameter>\n</function>\n"
    )
    parser, pieces = parse(f"<tool_call>{inside}</tool_call>", tools=WEATHER)
    assert pieces == []
    assert parser.tool_calls[0].arguments == {
        "city": "42",
        "days": 3,
        "hot": True,
        "share": 0.5,
        "tags": ["a"],
        "more": {"b": 1},
        "note": "line 1\n\nline 2",
        "free": "7",  # not in the schema: stays text
    }


@pytest.mark.parametrize(
    ("key", "value", "expected"),
    [("days", "three", "three"), ("days", "2.0", 2), ("days", "2.5", "2.5"), ("days", "true", "true")]
    + [("hot", "1", "1"), ("note", "null", None), ("city", "null", "null"), ("tags", "[1", "[1"), ("share", "2", 2)],
)
def test_xml_values_that_do_not_fit_the_schema_stay_text(key, value, expected):
    call = f"<function=weather>\n<parameter={key}>\n{value}\n</parameter>\n</function>"
    assert parse_tool_call(call, WEATHER) == ("weather", {key: expected})


def test_an_xml_call_without_parameters_has_no_arguments():
    assert parse_tool_call("<function=now>\n</function>") == ("now", {})


def test_arguments_given_as_json_text_are_read():
    assert parse_tool_call('{"name": "f", "arguments": "{\\"a\\": 1}"}') == ("f", {"a": 1})


@pytest.mark.parametrize(
    "inside",
    [
        "",
        "{",
        "[]",
        "3",
        '{"name": "f"}',
        '{"name": 3, "arguments": {}}',
        '{"name": "f", "arguments": [1]}',
        '{"name": "f", "arguments": "{"}',
        "[" * 100_000,
        "<function=f>",
        "<function=f><parameter=a>1</function>",
        "<function=f>loose text</function>",
        "<function=>\n</function>",
    ],
)
def test_malformed_tool_calls_are_shown_as_text(inside):
    assert parse_tool_call(inside, WEATHER) is None
    if len(inside) < 100:
        parser, pieces = parse(f"<tool_call>{inside}</tool_call>")
        assert parser.tool_calls == []
        assert "".join(pieces) == parser.text == f"<tool_call>{inside}</tool_call>"


def test_a_tool_call_that_was_cut_off_is_shown_as_text():
    parser, pieces = parse('<tool_call>\n{"name": "wea')
    assert parser.tool_calls == []
    assert parser.text == "".join(pieces) == '<tool_call>\n{"name": "wea'


@settings(deadline=None)
@given(st.text(), st.sampled_from([None, WEATHER]))
def test_parsing_never_raises(text, tools):
    parse_tool_call(text, tools)
    parse_tool_call(f"<function=weather><parameter=days>{text}</parameter></function>", tools)
