"""A server behind load(): what is sent to it, what is made of its reply, and each way in which it can fail."""

import json
import socket
import subprocess
import sys
import threading
import time
import traceback
from email.utils import formatdate

import pytest
from bad_server import DONE, USAGE, bad_server, chunk, completion

from qwen_course import endpoint_errors as errors
from qwen_course.endpoint_text import TextParser
from qwen_course.evaluation import evaluate
from qwen_course.models import load
from qwen_course.sampling import Sampling
from qwen_course.streaming import ReplyStream

TOOL = {
    "type": "function",
    "function": {"name": "add", "description": "Add.", "parameters": {"type": "object", "properties": {}}},
}


@pytest.fixture
def server(monkeypatch):
    monkeypatch.delenv("QWEN_COURSE_API_KEY", raising=False)
    monkeypatch.setenv("QWEN_COURSE_TIMEOUT", "20")
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with bad_server() as told:
        yield told


def hybrid(handler, body):
    """A server whose template knows the switch: the prompt without thinking is four tokens longer."""
    on = body.get("chat_template_kwargs", {}).get("enable_thinking", True)
    usage = {"prompt_tokens": 10 if on else 14, "completion_tokens": 4, "total_tokens": 18}
    thinking = [chunk({"reasoning_content": "Let me see."})] if on else []
    handler.stream(*thinking, chunk({"content": "42"}), chunk({}, "stop"), chunk(usage=usage), DONE)


# --- the same interface -----------------------------------------------------------------------------------------


def test_an_endpoint_has_the_attributes_of_a_local_model(server):
    with load(server.url) as qwen:
        assert qwen.name == f"{server.url}#qwen-test" and "the only one there" in qwen.reason
        assert qwen.context_tokens == 4096 and server.url in repr(qwen)
        reply = qwen.chat("Hello")
        assert (reply.text, reply.prompt_tokens, reply.completion_tokens, reply.finish_reason) == ("Hi", 7, 4, "stop")
        assert 0 < reply.time_to_first_token <= reply.seconds
        with pytest.raises(AttributeError, match=r"no `tokenizer`.*local=True"):
            _ = qwen.tokenizer
        name = qwen.name
    with pytest.raises(RuntimeError, match="was closed"):
        qwen.chat("Hello")
    with load(name) as again:
        assert again.name == name


def test_several_models_and_none_named_lists_them(server):
    server.models = {"data": [{"id": "a/one"}, {"id": "two"}]}
    with pytest.raises(ValueError, match=r"several models.*v1#a/one, .*v1#two"):
        load(server.url)
    with load(server.url + "#two") as qwen:
        assert qwen.model_id == "two" and qwen.context_tokens is None
    server.models = {"data": []}
    with pytest.raises(ValueError, match="lists no model"):
        load(server.url)


def test_a_server_without_a_list_needs_the_name(server):
    server.models = lambda handler: handler.reply(b"oops", "text/plain", 500)
    with pytest.raises(errors.EndpointError, match="does not list its models, so name one"):
        load(server.url)
    with load(server.url + "#any") as qwen:
        assert qwen.chat("Hello").text == "Hi"


def test_what_is_sent_is_what_was_asked_for(server):
    history = [
        {"role": "user", "content": "1+2?"},
        {"role": "assistant", "tool_calls": [{"function": {"name": "add", "arguments": {"a": "ü"}}}]},
        {"role": "tool", "content": "3", "tool_call_id": "call_0"},
    ]
    sampling = Sampling(temperature=0.7, top_p=0.8, top_k=20, min_p=0.1, presence_penalty=1.5)
    with load(server.url) as qwen:
        qwen.chat(history, system="Be brief.", tools=[TOOL], max_new_tokens=9, sampling=sampling, seed=3)
    sent = server.requests[-1]
    assert sent["messages"][0] == {"role": "system", "content": "Be brief."}
    call = sent["messages"][2]["tool_calls"][0]
    assert call["id"] and json.loads(call["function"]["arguments"]) == {"a": "ü"}
    assert sent["model"] == "qwen-test" and sent["tools"] == [TOOL] and sent["max_tokens"] == 9 and sent["seed"] == 3
    assert (sent["temperature"], sent["top_p"], sent["top_k"], sent["min_p"]) == (0.7, 0.8, 20, 0.1)
    assert sent["presence_penalty"] == 1.5 and "repetition_penalty" not in sent and "chat_template_kwargs" not in sent


def test_the_card_of_a_known_model_decides_and_an_unknown_one_leaves_it_to_the_server(server):
    with load(server.url) as qwen:
        qwen.chat("Hello")
        assert "temperature" not in server.requests[-1]
        assert qwen.recommended_sampling(thinking=False) == Sampling.recommended("Qwen/Qwen3-0.6B", thinking=False)
    with load(server.url + "#Qwen/Qwen3-4B-Instruct-2507") as qwen:
        qwen.chat("Hello")
        assert (server.requests[-1]["temperature"], server.requests[-1]["top_k"]) == (0.7, 20)


@pytest.mark.parametrize("option", [{"max_new_tokens": 0}, {"seed": "1"}, {"sampling": 1}, {"thinking": "yes"}])
def test_bad_options_are_refused_before_anything_is_sent(server, option):
    with load(server.url) as qwen, pytest.raises(ValueError, match=f"{next(iter(option))} is "):
        qwen.chat("Hello", **option)
    assert server.requests == []


def test_precision_and_device_are_the_servers_business(server):
    with pytest.raises(ValueError, match="chose precision and device"):
        load(server.url, precision="nf4")


# --- thinking ---------------------------------------------------------------------------------------------------


def test_a_hybrid_model_is_found_out_and_switched(server):
    server.answer = hybrid
    with load(server.url) as qwen:
        assert qwen.thinking_modes == (False, True)
        reply = qwen.chat("Hello", thinking=True)
        assert (reply.thinking, reply.text) == ("Let me see.", "42") and 0 < reply.thinking_tokens < 4
        assert server.requests[-1]["chat_template_kwargs"] == {"enable_thinking": True}
        assert qwen.chat("Hello", thinking=False).thinking == ""
        assert reply.message["reasoning_content"] == "Let me see."


def test_a_mode_that_the_model_has_not_is_refused(server):
    with load(server.url) as qwen:
        assert qwen.thinking_modes == (False,)
        with pytest.raises(ValueError, match="does not think"):
            qwen.chat("Hello", thinking=True)


def test_a_model_that_thinks_whatever_is_asked_always_thinks(server):
    server.answer = lambda handler, body: handler.stream(
        chunk({"content": "<think>\nWell"}), chunk({}, "length", USAGE), DONE
    )
    with load(server.url) as qwen:
        assert qwen.thinking_modes == (True,)
        with pytest.raises(ValueError, match="always thinks"):
            qwen.chat("Hello", thinking=False)


def test_a_server_without_the_switch_is_no_hybrid(server):
    def refuse(handler, body):
        if "chat_template_kwargs" in body:
            return handler.json({"error": {"message": "unknown field chat_template_kwargs"}}, 400)
        return handler.stream(chunk({"content": "Hi"}, "stop", USAGE), DONE)

    server.answer = refuse
    with load(server.url) as qwen:
        assert qwen.thinking_modes == (False,) and qwen.chat("Hello").text == "Hi"


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning"])
def test_thinking_comes_in_either_field_with_its_tokens(server, field):
    usage = USAGE | {"completion_tokens_details": {"reasoning_tokens": 3}}
    parts = [chunk({field: "Hm"}), chunk({field: "m."}), chunk({"content": "No <think> tag"}), chunk({}, "stop", usage)]
    server.answer = lambda handler, body: handler.stream(*parts, DONE)
    with load(server.url) as qwen:
        stream = qwen.stream("Hello")
        assert isinstance(stream, ReplyStream)
        pieces = [(piece.kind, str(piece)) for piece in stream]
    assert pieces == [("thinking", "Hm"), ("thinking", "m."), ("answer", "No <think> tag")]
    assert stream.reply.thinking_tokens == 3 and stream.reply.completion_tokens == 4


@pytest.mark.parametrize("size", [1, 2, 5, 100])
@pytest.mark.parametrize(
    ("text", "thinking", "answer"),
    [
        ("<think>\nA < B\n</think>\n\nC", "A < B", "C"),
        ("  <think>A</think>B </think>", "A", "B </think>"),
        ("A\n</think>\n\nB", "A", "B"),
        ("Write <think> and <tool_call>x</tool_call> as text.", "", None),
        ("<think>never closed", "never closed", ""),
        ("ends in <thi", "", None),
        ("", "", ""),
    ],
)
def test_tags_in_the_text_are_cut_however_it_is_split(text, thinking, answer, size):
    parser = TextParser(thinking=None, tools=None)
    for start in range(0, len(text), size):
        parser.feed(text[start : start + size])
    parser.finish()
    assert (parser.thinking, parser.text) == (thinking, text if answer is None else answer)


@pytest.mark.parametrize("size", [1, 7, 1000])
def test_tool_calls_in_the_text_are_found_and_broken_ones_shown(size):
    good = '<tool_call>\n{"name": "add", "arguments": {"a": 1}}\n</tool_call>'
    text = f"So:\n{good}\n<tool_call>no JSON</tool_call>"
    parser = TextParser(thinking=False, tools=[TOOL])
    for start in range(0, len(text), size):
        parser.feed(text[start : start + size])
    parser.finish()
    assert [(call.name, call.arguments) for call in parser.tool_calls] == [("add", {"a": 1})]
    assert parser.text.startswith("So:") and parser.text.endswith("<tool_call>no JSON</tool_call>")


# --- tools, batches, streams ------------------------------------------------------------------------------------


def test_a_tool_call_in_parts_is_put_together(server):
    def part(**function):
        return {"index": 0, "function": function}

    server.answer = lambda handler, body: handler.stream(
        chunk({"tool_calls": [part(name="add", arguments="") | {"id": "abc", "type": "function"}]}),
        chunk({"tool_calls": [part(arguments='{"a": ')]}),
        chunk({"tool_calls": [part(arguments="1}")]}),
        chunk({}, "tool_calls", USAGE),
        DONE,
    )
    with load(server.url) as qwen:
        reply = qwen.chat("1+2?", tools=[TOOL])
    (call,) = reply.tool_calls
    assert (call.id, call.name, call.arguments, reply.finish_reason) == ("abc", "add", {"a": 1}, "tool_calls")


def test_a_tool_call_that_is_no_json_is_an_error(server):
    call = {"index": 0, "id": "x", "type": "function", "function": {"name": "add", "arguments": '{"a'}}
    server.answer = lambda handler, body: handler.stream(chunk({"tool_calls": [call]}, "tool_calls"), DONE)
    with load(server.url) as qwen, pytest.raises(errors.EndpointBadReply, match="no JSON object"):
        qwen.chat("1+2?", tools=[TOOL])


def test_a_server_that_does_not_stream_is_understood(server):
    server.answer = lambda handler, body: handler.json(completion({"content": "Whole", "reasoning_content": "Hm"}))
    with load(server.url) as qwen:
        reply = qwen.chat("Hello")
    assert (reply.text, reply.thinking, reply.prompt_tokens, reply.completion_tokens) == ("Whole", "Hm", 9, 5)


def test_a_batch_keeps_its_order_and_is_bounded(server):
    lock, now, most = threading.Lock(), 0, 0

    def echo(handler, body):
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        time.sleep(0.05)
        with lock:
            now -= 1
        handler.stream(chunk({"content": f"{body['messages'][-1]['content']}/{body['seed']}"}, "stop", USAGE), DONE)

    server.answer = echo
    with load(server.url) as qwen:
        replies = qwen.chat_batch([str(i) for i in range(20)], seed=100)
        assert [reply.text for reply in replies] == [f"{i}/{100 + i}" for i in range(20)]
        assert 1 < most <= 8
        assert qwen.chat_batch([]) == []
        with pytest.raises(ValueError, match="takes a list"):
            qwen.chat_batch("Hello")


def test_each_conversation_of_a_batch_may_have_its_own_tools(server):
    server.answer = lambda handler, body: handler.stream(chunk({"content": str("tools" in body)}, "stop", USAGE), DONE)
    with load(server.url) as qwen:
        assert [reply.text for reply in qwen.chat_batch(["a", "b"], tools=[None, [TOOL]])] == ["False", "True"]


def test_an_error_in_a_batch_ends_it(server):
    server.answer = lambda handler, body: handler.json({"error": "no"}, 500)
    with load(server.url) as qwen, pytest.raises(errors.EndpointBadReply, match="failed inside"):
        qwen.chat_batch([str(i) for i in range(200)])
    assert len(server.requests) < 100


def test_evaluate_measures_a_server(server):
    with load(server.url) as qwen:
        assert evaluate(qwen, "arithmetic", n=5).n == 5


def test_a_stream_that_is_left_early_has_no_reply(server):
    server.answer = lambda handler, body: handler.stream(*[chunk({"content": "x"})] * 500, seconds=0.01)
    with load(server.url) as qwen:
        stream = qwen.stream("Hello")
        for _ in stream:
            break
        with pytest.raises(RuntimeError, match="read to its end"):
            _ = stream.reply


def test_an_option_that_the_server_refuses_is_left_out_with_a_warning(server):
    def strict(handler, body):
        if "top_k" in body:
            return handler.json({"detail": "Unexpected fields in the request: {'top_k'}"}, 422)
        return handler.stream(chunk({"content": "Hi"}, "stop", USAGE), DONE)

    server.answer = strict
    with load(server.url) as qwen:
        with pytest.warns(UserWarning, match="does not take top_k"):
            assert qwen.chat("Hello", sampling=Sampling(top_k=5)).text == "Hi"
        qwen.chat("Hello", sampling=Sampling(top_k=5))
    assert len(server.requests) == 3  # the second time it is not tried


# --- what goes wrong --------------------------------------------------------------------------------------------


def test_nobody_there_is_an_error_that_says_how_to_go_on(monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        address = f"http://127.0.0.1:{unused.getsockname()[1]}/v1#m"
    with pytest.raises(ConnectionError, match=r"Is the server running.*load\('pocket'\)") as caught:
        load(address)
    assert isinstance(caught.value, errors.EndpointDown)


@pytest.mark.parametrize("kind", ["silent", "dripping"])
def test_a_slow_server_is_given_up_within_the_timeout(server, monkeypatch, kind):
    monkeypatch.setenv("QWEN_COURSE_TIMEOUT", "1")
    gone = threading.Event()

    def slow(handler, body):
        if kind == "silent":
            gone.wait(8)
        else:  # bytes keep coming, but never an event
            handler.stream(*[b"d"] * 80, seconds=0.1)

    server.answer = slow
    with load(server.url) as qwen:
        start = time.monotonic()
        with pytest.raises(TimeoutError, match="said nothing for 1 seconds.*QWEN_COURSE_TIMEOUT"):
            qwen.chat("Hello")
        assert time.monotonic() - start < 6
    gone.set()


@pytest.mark.parametrize("ending", ["closed", "cut", "error", "garbage"])
def test_half_an_answer_is_an_error_that_holds_the_half(server, ending):
    def half(handler, body):
        if ending == "cut":  # a length is promised and not kept
            handler.send_response(200)
            handler.send_header("Content-Type", "text/event-stream")
            handler.send_header("Content-Length", "100000")
            handler.end_headers()
            handler.wfile.write(chunk({"content": "The answer"}))
            handler.close_connection = True
            return
        rest = {"closed": [], "error": [b'data: {"error": "out of memory"}\n\n'], "garbage": [b"data: {oops\n\n"]}
        handler.stream(chunk({"content": "The answer"}), *rest[ending])

    server.answer = half
    says = {"error": "out of memory", "garbage": "did not answer with a chat completion"}.get(ending, "half an answer")
    with load(server.url) as qwen, pytest.raises(errors.EndpointBadReply, match=says) as caught:
        qwen.chat("Hello")
    assert caught.value.partial == "The answer"


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("text/html", b"<html>Welcome</html>"),
        ("application/json", b"{not json"),
        ("application/json", b"[1, 2]"),
        ("application/json", b'{"choices": "none"}'),
        ("text/event-stream", b'data: {"choices": 5}\n\n'),
        ("text/event-stream", b""),
    ],
)
def test_what_is_no_completion_is_named(server, kind, text):
    server.answer = lambda handler, body: handler.reply(text, kind)
    with load(server.url) as qwen, pytest.raises(errors.EndpointBadReply, match="did not answer with a chat comp"):
        qwen.chat("Hello")


def test_a_wrong_key_is_named_and_never_shown(server, monkeypatch):
    key = "sk-very-secret-0123456789"
    monkeypatch.setenv("QWEN_COURSE_API_KEY", key)
    server.answer = lambda handler, body: handler.json({"error": {"message": f"Incorrect API key: {key}"}}, 401)
    with load(server.url) as qwen:
        assert server.headers[0]["authorization"] == f"Bearer {key}"
        with pytest.raises(PermissionError, match="is not accepted.*QWEN_COURSE_API_KEY") as caught:
            qwen.chat("Hello")
        assert key not in "".join(traceback.format_exception(caught.value))
        assert key not in repr(qwen) + qwen.reason + qwen.name
        server.answer = lambda handler, body: handler.json({"error": {"message": f"bad {key}"}}, 400)
        with pytest.raises(ValueError, match=r"bad \(the key\)") as caught:
            qwen.chat("Hello")
        assert key not in "".join(traceback.format_exception(caught.value))


def test_a_missing_key_is_noticed_when_loading(server):
    server.models = lambda handler: handler.json({"error": "who are you?"}, 401)
    with pytest.raises(errors.EndpointDenied, match="none was given: set .*QWEN_COURSE_API_KEY"):
        load(server.url)


@pytest.mark.parametrize("local", [False, True])
@pytest.mark.parametrize("address", ["http://me:secret@host/v1#m", "http://host/v1?key=secret#m"])
def test_a_secret_in_the_address_is_refused_and_not_repeated(address, local):
    with pytest.raises(ValueError, match="QWEN_COURSE_API_KEY") as caught:
        load(address, local=local)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize("form", ["seconds", "date"])
def test_a_rate_limit_is_waited_for_as_told(server, form):
    def limited(handler, body):
        if len(server.requests) < 3:
            when = "0.2" if form == "seconds" else formatdate(time.time() + 1, usegmt=True)
            return handler.json({"error": "slow down"}, 429, Retry_After=when)
        return handler.stream(chunk({"content": "Hi"}, "stop", USAGE), DONE)

    server.answer = limited
    with load(server.url) as qwen:
        start = time.monotonic()
        assert qwen.chat("Hello").text == "Hi"
    assert len(server.requests) == 3
    assert form == "date" or time.monotonic() - start >= 0.4


def test_a_rate_limit_without_end_is_said(server):
    server.answer = lambda handler, body: handler.json({"error": "slow down"}, 429, Retry_After="0.05")
    with load(server.url) as qwen, pytest.raises(errors.EndpointRateLimited, match=r"\(429\); it asks to wait 0.05"):
        qwen.chat("Hello")
    assert len(server.requests) == 4


def test_a_wait_longer_than_the_timeout_is_said_at_once(server):
    server.answer = lambda handler, body: handler.json({"error": "slow down"}, 429, Retry_After="3600")
    with load(server.url) as qwen, pytest.raises(errors.EndpointRateLimited, match="wait 3600 seconds") as caught:
        qwen.chat("Hello")
    assert len(server.requests) == 1 and caught.value.retry_after == 3600


@pytest.mark.parametrize("value", ["0", "-5", "soon", "inf", "nan"])
def test_a_timeout_that_is_none_is_refused(monkeypatch, value):
    monkeypatch.setenv("QWEN_COURSE_TIMEOUT", "-1" if value == "0" else value)
    with pytest.raises(ValueError, match="QWEN_COURSE_TIMEOUT is"):
        load("http://127.0.0.1:1/v1#m")


def test_an_unknown_model_says_how_to_name_it(server):
    server.answer = lambda handler, body: handler.json({"error": "no such model"}, 404)
    with load(server.url + "#nobody") as qwen, pytest.raises(ValueError, match="does not know this model.*'#'"):
        qwen.chat("Hello")


def test_the_client_and_torch_are_imported_only_when_needed():
    code = "import sys; from qwen_course import endpoint, models; print({'openai', 'torch'} & set(sys.modules))"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "set()"
