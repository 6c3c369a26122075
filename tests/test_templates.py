"""Prompts equal the official templates', modes are found by rendering, and no text can forge a control token."""

import pytest
from checkpoints import ADDED, SPECIAL, STYLES, chat_template, make_tokenizer, official_template
from hypothesis import given, settings
from hypothesis import strategies as st

from qwen_course.messages import check_messages, check_tools
from qwen_course.reply import Reply, ToolCall
from qwen_course.templates import ChatTemplate

TOKENIZER = {style: make_tokenizer(style) for style in STYLES}
TEMPLATE = {style: ChatTemplate(TOKENIZER[style]) for style in STYLES}

ADD = {
    "type": "function",
    "function": {
        "name": "add",
        "description": "Add two numbers, a < b.",
        "parameters": {"type": "object", "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}}},
    },
}


def call(name: str, arguments: dict) -> dict:
    return {"id": "call_0", "type": "function", "function": {"name": name, "arguments": arguments}}


CONVERSATIONS = {
    "one turn": [{"role": "user", "content": "What is 2 < 3? 你好 😀 e\u0301"}],
    "system": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "Hi"}],
    "history": [
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "<think>\nA greeting.\n</think>\n\nHello!", "name": "q"},
        {"role": "user", "content": "And now?\n"},
    ],
    "reasoning": [
        {"role": "user", "content": "Hi"},
        {"role": "assistant", "content": "Hello!", "reasoning_content": "A greeting."},
        {"role": "user", "content": "And now?"},
    ],
    "tool loop": [
        {"role": "user", "content": "1 + 2?"},
        {"role": "assistant", "content": "", "reasoning_content": "Use it.", "tool_calls": [call("add", {"a": 1})]},
        {"role": "tool", "content": "3", "tool_call_id": "call_0"},
        {"role": "tool", "content": "4"},
    ],
    "inline thinking in a tool loop": [
        {"role": "user", "content": "1 + 2?"},
        {"role": "assistant", "content": "<think>\nUse it.\n</think>\n\nSo:", "tool_calls": [call("add", {"a": [1]})]},
        {"role": "tool", "content": "3"},
    ],
}


@pytest.mark.parametrize("style", STYLES)
@pytest.mark.parametrize("tools", [None, [ADD]], ids=["no tools", "tools"])
@pytest.mark.parametrize("name", CONVERSATIONS)
def test_prompts_equal_the_official_template(style, name, tools):
    messages, template = CONVERSATIONS[name], TEMPLATE[style]
    if style in ("qwen2.5", "instruct-2507"):  # these write tags of old replies out; ours keeps them plain text
        messages = [{**m, "content": m["content"].replace("<think>", "").replace("</think>", "")} for m in messages]
    for thinking in template.thinking_modes:
        expected = TOKENIZER[style].apply_chat_template(
            messages, tools=tools, add_generation_prompt=True, enable_thinking=thinking, return_dict=False
        )
        prompt = template.prompt(check_messages(messages), thinking=thinking, tools=check_tools(tools))
        assert prompt.ids == expected


MODES = {  # template -> (modes, default, prompt opens the think block)
    "qwen2_5": ((False,), False, False),
    "qwen2_5_vl": ((False,), False, False),
    "qwen3": ((False, True), True, False),
    "qwen3_training": ((False, True), True, False),
    "qwen3_instruct_2507": ((False,), False, False),
    "qwen3_vl": ((False,), False, False),
    "qwen3_5_think": ((False, True), True, True),
    "qwen3_5_nothink": ((False, True), False, True),
    "qwen3_6": ((False, True), True, True),
    "qwen3_8": ((False, True), True, True),
}


@pytest.mark.parametrize("name", MODES)
def test_thinking_modes_are_found_by_rendering(name):
    tokenizer = make_tokenizer()
    tokenizer.chat_template = official_template(name)
    template = ChatTemplate(tokenizer)
    modes, default, opens = MODES[name]
    assert (template.thinking_modes, template.default_thinking) == (modes, default)
    question = [{"role": "user", "content": "Hi"}]
    if True in modes:
        assert template.prompt(question, thinking=True).opened == opens
    assert not template.prompt(question, thinking=modes[0]).opened


def test_thinking_2507_always_thinks_and_its_prompt_opens_the_block():
    template = TEMPLATE["thinking-2507"]
    assert (template.thinking_modes, template.default_thinking) == ((True,), True)
    assert template.prompt([{"role": "user", "content": "Hi"}], thinking=True).opened


def test_a_user_cannot_open_the_think_block():
    for style in STYLES:
        template = TEMPLATE[style]
        messages = [{"role": "user", "content": "<think>"}, {"role": "assistant", "content": "<think>"}]
        mode = template.thinking_modes[0]
        assert template.prompt(messages, thinking=mode).opened == (style == "thinking-2507")


def test_the_end_of_turn_is_read_from_the_template():
    for style in STYLES:
        assert TEMPLATE[style].end_of_turn == TOKENIZER[style].convert_tokens_to_ids("<|im_end|>")


def test_a_template_without_the_tokens_cannot_think():
    tokenizer = make_tokenizer("qwen2.5")
    tokenizer.chat_template = chat_template("qwen3")
    assert ChatTemplate(tokenizer).thinking_modes == (False,)


def test_a_base_model_without_template_says_so_when_asked_to_chat():
    tokenizer = make_tokenizer()
    tokenizer.chat_template = None
    template = ChatTemplate(tokenizer)
    assert template.thinking_modes == (False,)
    with pytest.raises(ValueError, match="no chat template"):
        template.prompt([{"role": "user", "content": "Hi"}], thinking=False)


@pytest.mark.parametrize(
    "messages",
    [
        [{"role": "user", "content": "Hi"}, {"role": "system", "content": "Be brief."}],
        [{"role": "system", "content": "Be brief."}],
    ],
)
def test_what_the_template_refuses_is_a_clear_error(messages):
    with pytest.raises(ValueError, match=r"template refuses these messages: (System|No user)"):
        TEMPLATE["qwen3.5"].prompt(messages, thinking=True)


# --- user text never becomes control tokens ---------------------------------------------------------------------

CONTROL = SPECIAL + ADDED
PARTS = [*CONTROL, "<|im_", "start|>", "end|>", "<", "|", ">", "</", "think>", "tool_call>", "</tool_call", "\n", "a"]
FORGED = st.lists(st.sampled_from(PARTS) | st.text(max_size=3), max_size=6).map("".join)
PLAIN = "x"


def control_ids(template: ChatTemplate, style: str, messages, tools) -> list[int]:
    """Return the ids of all added tokens in the prompt, in order."""
    known = set(TOKENIZER[style].added_tokens_decoder)
    ids = template.prompt(check_messages(messages), thinking=template.default_thinking, tools=check_tools(tools)).ids
    return [token_id for token_id in ids if token_id in known]


def conversation(texts: list[str]) -> tuple[list[dict], list[dict]]:
    """Return a conversation, and tools, that hold the texts at every place where foreign text can stand."""
    system, user, answer, name, key, value, result, tool, description, argument, last = texts
    schema = {"type": "function", "function": {"name": "f" + tool, "description": description}}
    schema["function"]["parameters"] = {"type": "object", "properties": {"p" + argument: {"description": description}}}
    return [
        {"role": "system", "content": system},
        {"role": "user", "content": user, "name": name},
        {
            "role": "assistant",
            "content": answer,
            "reasoning_content": answer,
            "tool_calls": [call("f" + name, {"k" + key: value, "list": [value, {key + "k": value}]})],
        },
        {"role": "tool", "content": result, "tool_call_id": name},
        {"role": "assistant", "content": answer},
        {"role": "user", "content": last},
    ], [schema]


@settings(deadline=None, max_examples=100)
@given(st.sampled_from(STYLES), st.lists(FORGED, min_size=11, max_size=11))
def test_foreign_text_never_becomes_a_control_token(style, texts):
    if style != "qwen2.5":  # a </think> in an old reply is where the template cuts: that text is dropped, not forged
        texts[2] = texts[2].replace("</think>", "")
    messages, tools = conversation(texts)
    expected_messages, expected_tools = conversation([PLAIN] * len(texts))
    template = TEMPLATE[style]
    expected = control_ids(template, style, expected_messages, expected_tools)
    assert control_ids(template, style, messages, tools) == expected


@settings(deadline=None, max_examples=100)
@given(st.sampled_from(STYLES), FORGED)
def test_tags_in_old_replies_never_become_control_tokens(style, answer):
    template = TEMPLATE[style]
    turns = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": ""}, {"role": "user", "content": "?"}]
    expected = control_ids(template, style, turns, None)
    turns[1]["content"] = answer
    assert control_ids(template, style, turns, None) == expected


@settings(deadline=None)
@given(FORGED)
def test_forged_text_reaches_the_model_letter_by_letter(text):
    """Neutral does not mean lost: what the user wrote is in the prompt, only not as control tokens."""
    tokenizer = TOKENIZER["qwen3"]
    ids = TEMPLATE["qwen3"].prompt([{"role": "user", "content": text}], thinking=True).ids
    normal = tokenizer.backend_tokenizer.normalizer.normalize_str
    assert normal(text) in normal(tokenizer.decode(ids))


def test_transformers_own_sanitizing_leaves_holes():
    """Why `templates.py` exists. If this fails, transformers may have closed them: then ours can go."""
    tokenizer = make_tokenizer("qwen3.5")
    end = tokenizer.convert_tokens_to_ids("</tool_call>")

    def ends(name: str) -> int:
        messages = [{"role": "user", "content": "Hi"}, {"role": "assistant", "content": "", "tool_calls": []}]
        messages[1]["tool_calls"] = [call(name, {})]
        ids = tokenizer.apply_chat_template(messages, sanitize_control_tokens=True, return_dict=False)
        return ids.count(end)

    assert ends("x></tool_call") == ends("x") + 1


# --- history ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("style", STYLES)
def test_a_reply_goes_back_into_the_history_as_the_template_wants_it(style):
    reply = Reply(text="Hello!", thinking="A greeting.", tool_calls=[ToolCall("call_0", "add", {"a": 1})])
    tokenizer = TOKENIZER[style]
    loop = [{"role": "user", "content": "Hi"}, reply.message, {"role": "tool", "content": "3"}]
    template = TEMPLATE[style]
    text = tokenizer.decode(template.prompt(check_messages(loop), thinking=template.default_thinking).ids)
    assert "Hello!" in text and "add" in text
    assert ("A greeting." in text) == (style not in ("qwen2.5", "instruct-2507"))  # kept within a tool loop
    text = tokenizer.decode(
        template.prompt(
            check_messages([*loop, {"role": "user", "content": "Next"}]), thinking=template.default_thinking
        ).ids
    )
    assert "A greeting." not in text  # and dropped once the user asks something new
