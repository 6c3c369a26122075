"""The thinking budget: two calls, never more thinking than allowed, an answer that is the answer."""

import pytest
from bad_server import bad_server
from scripted import ids_of, script

import qwen_course as qc
from qwen_course.thinking_budget import STOP_SENTENCE


@pytest.fixture(scope="module")
def pocket():
    with qc.load("pocket") as qwen:
        yield qwen


@pytest.mark.parametrize("style", ["qwen3", "thinking-2507", "qwen3.5"])
@pytest.mark.parametrize("tokens", [0, 7])
def test_no_reply_thinks_for_more_than_its_budget_and_each_has_an_answer(loaded, style, tokens):
    replies = qc.ThinkingBudget(loaded(style), tokens).chat_batch(
        ["Hi", "What is 2 + 3?", "A longer question, please."], max_new_tokens=9
    )
    assert all(reply.thinking_tokens <= tokens and 0 < reply.completion_tokens <= tokens + 9 for reply in replies)
    assert all(reply.text for reply in replies)
    assert tokens or not any(reply.thinking for reply in replies)


def test_with_room_enough_the_answer_is_that_of_plain_thinking(pocket):
    questions = [f"What is {n}7 + 28{n}?" for n in range(1, 5)]
    budget = qc.ThinkingBudget(pocket, 400).chat_batch(questions)
    plain = pocket.chat_batch(questions, thinking=True)
    assert [reply.text for reply in budget] == [reply.text for reply in plain]
    assert [reply.thinking for reply in budget] == [reply.thinking for reply in plain]


def test_a_thought_that_ends_itself_is_closed_once_and_one_that_does_not_with_the_sentence(loaded):
    qwen = loaded("qwen3")
    seen = []

    def spy(requests, *arguments, **options):
        seen.append([qwen.tokenizer.decode(request.ids) for request in requests])
        return type(qwen).generate_rows(qwen, requests, *arguments, **options)

    for thought, closing in (
        ("a b\n</think>", "a b\n</think>\n\n"),
        ("a b c d e f g", f"{STOP_SENTENCE}\n</think>\n\n"),
    ):
        rows = [ids_of(qwen.tokenizer, thought)]
        qwen.generate_rows = spy
        try:
            with script(qwen.model, rows):
                reply = qc.ThinkingBudget(qwen, 6).chat("Hi", max_new_tokens=5)
        finally:
            del qwen.generate_rows
        assert seen[-1][0].endswith(closing) and seen[-1][0].count("</think>") == 1
        assert seen[-2][0].endswith("<|im_start|>assistant\n<think>\n")
        assert STOP_SENTENCE.strip() not in reply.thinking + reply.text  # it is not the model's own


def test_a_turn_that_ended_inside_the_thinking_is_answered_all_the_same(loaded):
    qwen = loaded("qwen3")
    with script(qwen.model, [ids_of(qwen.tokenizer, "a b")]):  # then the end of the turn, in both calls
        reply = qc.ThinkingBudget(qwen, 20).chat("Hi", max_new_tokens=9)
    assert reply.thinking == "a b" and reply.finish_reason == "stop"


def test_a_budget_can_be_evaluated_like_a_model(pocket):
    problems = qc.problems("arithmetic", 4)
    score = qc.evaluate(qc.ThinkingBudget(pocket, 16), problems)
    assert score.n == 4 and all(result.reply.thinking_tokens <= 16 for result in score.results)


def test_a_seed_gives_the_same_reply_alone_and_in_a_batch(loaded):
    budget = qc.ThinkingBudget(loaded("qwen3"), 5)
    warm = dict(sampling=qc.Sampling(temperature=0.9), max_new_tokens=6)
    both = budget.chat_batch(["Hi", "Hello there"], seed=3, **warm)
    assert both[1].text == budget.chat("Hello there", seed=4, **warm).text


def test_tool_calls_come_through(loaded):
    qwen = loaded("qwen3")
    tool = {
        "type": "function",
        "function": {"name": "now", "description": "Time", "parameters": {"type": "object", "properties": {}}},
    }
    with script(qwen.model, [ids_of(qwen.tokenizer, '<tool_call>\n{"name": "now", "arguments": {}}\n</tool_call>')]):
        reply = qc.ThinkingBudget(qwen, 0).chat("Hi", tools=[tool], max_new_tokens=60)
    assert [call.name for call in reply.tool_calls] == ["now"] and reply.finish_reason == "tool_calls"


def test_fast_mode_makes_the_budget_small_too(loaded, monkeypatch):
    monkeypatch.setenv("QWEN_COURSE_FAST", "1")
    reply = qc.ThinkingBudget(loaded("thinking-2507"), 500).chat("Hi")
    assert reply.thinking_tokens <= 32 and reply.completion_tokens <= 64


def test_a_short_context_leaves_room_for_the_answer(loaded):
    qwen = loaded("qwen3")
    reply = qc.ThinkingBudget(qwen, 5000).chat("Hi " * 300, max_new_tokens=5)
    assert reply.thinking_tokens < qwen.context_tokens and reply.text


@pytest.mark.parametrize("style", ["qwen2.5", "instruct-2507"])
def test_a_model_that_cannot_think_is_refused_by_name(loaded, style):
    with pytest.raises(ValueError, match="cannot think.*Qwen3-0.6B"):
        qc.ThinkingBudget(loaded(style), 8)


def test_an_endpoint_is_refused_with_the_way_out():
    with bad_server() as server, qc.load(f"{server.url}#qwen-test") as qwen:
        with pytest.raises(ValueError, match="endpoint.*local=True"):
            qc.ThinkingBudget(qwen, 8)


@pytest.mark.parametrize("tokens", [-1, 1.5, True, None, "8"])
def test_what_is_no_number_of_tokens_is_an_error(loaded, tokens):
    with pytest.raises(ValueError, match="whole number"):
        qc.ThinkingBudget(loaded("qwen3"), tokens)


def test_thinking_false_contradicts_a_budget(loaded):
    with pytest.raises(ValueError, match="thinking=False"):
        qc.ThinkingBudget(loaded("qwen3"), 8).chat("Hi", thinking=False)
