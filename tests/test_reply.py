"""A Reply reads well, shows itself safely in a notebook, and goes back into the history."""

from dataclasses import FrozenInstanceError

import pytest

from qwen_course.reply import Piece, Reply, ToolCall


def test_message_holds_what_the_template_needs():
    reply = Reply(text="", thinking="hm", tool_calls=[ToolCall("call_0", "add", {"a": 1})])
    assert reply.message == {
        "role": "assistant",
        "content": "",
        "reasoning_content": "hm",
        "tool_calls": [{"id": "call_0", "type": "function", "function": {"name": "add", "arguments": {"a": 1}}}],
    }
    assert Reply(text="Hi").message == {"role": "assistant", "content": "Hi"}


def test_html_escapes_everything_the_model_wrote():
    evil = "<script>alert(1)</script>"
    reply = Reply(text=evil, thinking=evil, tool_calls=[ToolCall("call_0", evil, {evil: evil})])
    html = reply._repr_html_()
    assert "<script" not in html
    assert html.count("&lt;script&gt;") == 5


def test_html_folds_the_thinking_and_sets_no_colour():
    html = Reply(text="4", thinking="2 + 2", completion_tokens=9, seconds=1.0)._repr_html_()
    assert "<details" in html and " open" not in html
    assert "9 tokens/s" in html
    assert "#" not in html and "rgb" not in html
    assert "<details" not in Reply(text="4")._repr_html_()


def test_str_is_what_a_person_reads():
    assert str(Reply(text="4", thinking="hm")) == "4"
    assert str(Reply(text="", tool_calls=[ToolCall("call_0", "add", {"a": "é"})])) == 'add({"a": "é"})'


def test_reply_is_frozen_and_knows_its_speed():
    reply = Reply(text="4", completion_tokens=10, seconds=2.0)
    assert reply.tokens_per_second == 5.0
    assert Reply(text="").tokens_per_second == 0.0
    with pytest.raises(FrozenInstanceError):
        reply.text = "5"


def test_a_piece_is_a_string_with_a_kind():
    piece = Piece("Hi", "answer")
    assert piece == "Hi" and piece.kind == "answer" and f"{piece}!" == "Hi!"
