"""Bad input is refused with a message that says what was given, what was expected, and where."""

import pytest

from qwen_course.messages import check_messages, check_tools, tools_of_each


def test_a_string_is_one_user_turn():
    assert check_messages("Hi") == [{"role": "user", "content": "Hi"}]


def test_system_goes_in_front_and_the_input_stays_as_it_was():
    messages = [{"role": "user", "content": "Hi"}]
    assert check_messages(messages, system="Be brief.")[0] == {"role": "system", "content": "Be brief."}
    assert messages == [{"role": "user", "content": "Hi"}]


@pytest.mark.parametrize(
    ("messages", "says"),
    [
        ([], "empty"),
        (None, "messages is None"),
        (3, "messages is 3"),
        (["Hi"], r"messages\[0\] is 'Hi'; expected a dict"),
        ([{"content": "Hi"}], "role None; expected one of 'system'"),
        ([{"role": "human", "content": "Hi"}], "role 'human'"),
        ([{"role": "User", "content": "Hi"}], "role 'User'"),
        ([{"role": ["user"], "content": "Hi"}], "has role"),
        ([{"role": "user"}], "has no content"),
        ([{"role": "user", "content": None}], "None is allowed only beside tool_calls"),
        ([{"role": "user", "content": 42}], r"messages\[0\]\['content'\] is 42; expected a string"),
        ([{"role": "user", "content": b"Hi"}], "expected a string"),
        ([{"role": "user", "content": [{"type": "image"}]}], "picture without a source"),
        ([{"role": "user", "content": "\ud800"}], "surrogate"),
        ([{"role": "user", "content": "Hi", "tool_calls": []}], "unknown key 'tool_calls'"),
        ([{"role": "assistant", "content": "Hi", "thinking": "hm"}], "reasoning_content"),
        ([{"role": "assistant", "content": None, "tool_calls": "add"}], "expected a list"),
        ([{"role": "assistant", "content": None, "tool_calls": [{"function": {}}]}], "expected"),
        ([{"role": "assistant", "tool_calls": [{"name": "f", "arguments": "{"}]}], "not JSON"),
        ([{"role": "assistant", "tool_calls": [{"name": "f", "arguments": "[1]"}]}], "expected a dict"),
        ([{"role": "assistant", "tool_calls": [{"name": "f", "arguments": {"a": {1}}}]}], "JSON cannot hold"),
    ],
)
def test_bad_messages_raise_a_clear_error(messages, says):
    with pytest.raises(ValueError, match=says):
        check_messages(messages)


def test_two_system_messages_are_refused():
    with pytest.raises(ValueError, match="two system messages"):
        check_messages([{"role": "system", "content": "A"}, {"role": "user", "content": "B"}], system="C")


def test_arguments_as_json_text_become_a_dict():
    call = {"id": "x", "type": "function", "function": {"name": "add", "arguments": '{"a": 1}'}}
    checked = check_messages([{"role": "assistant", "content": None, "tool_calls": [call]}])[0]
    assert checked["content"] == ""
    assert checked["tool_calls"][0]["id"] == "x"
    assert checked["tool_calls"][0]["function"] == {"name": "add", "arguments": {"a": 1}}


def test_keys_without_a_value_are_dropped():
    message = {"role": "assistant", "content": "Hi", "refusal": None, "tool_calls": None}
    assert check_messages([message]) == [{"role": "assistant", "content": "Hi"}]


def test_a_python_function_becomes_a_schema():
    def add(a: int, b: int) -> int:
        """Add two numbers.

        Args:
            a: The first number.
            b: The second number.
        """
        return a + b

    (schema,) = check_tools([add])
    assert schema["function"]["name"] == "add"
    assert schema["function"]["parameters"]["properties"]["a"]["type"] == "integer"


@pytest.mark.parametrize("tools", ["add", [3], [{"name": "add"}], [{"function": {"name": "f", "x": {1}}}], [len]])
def test_bad_tools_raise_a_clear_error(tools):
    with pytest.raises(ValueError, match="tools"):
        check_tools(tools)


def test_no_tools_is_none():
    assert check_tools(None) is None
    assert check_tools([]) is None


@pytest.mark.parametrize("tools", [None, [], [{"name": "a"}], (print, max)])
def test_one_list_of_tools_is_for_all_conversations(tools):
    assert tools_of_each(tools, 3) == [tools] * 3


def test_lists_of_tools_are_one_for_each_conversation():
    assert tools_of_each([[print], None, []], 3) == [[print], None, []]
    with pytest.raises(ValueError, match="2 lists for 3 conversations; give one for each"):
        tools_of_each([[print], None], 3)
