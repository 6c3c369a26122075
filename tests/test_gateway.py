"""The gateway as a real process: the openai client, curl, and clients that misbehave."""

import json
import shutil
import subprocess

import httpx
import openai
import pytest
from gateways import BODY, QUESTION, client, gateway, post

from qwen_course.models import load
from qwen_course.sampling import Sampling


@pytest.fixture(scope="module")
def door(tmp_path_factory):
    with gateway(tmp_path_factory.mktemp("gateway")) as server:
        yield server


def is_openai_error(reply, status, code):
    assert reply.status_code == status, reply.text
    error = reply.json()["error"]
    assert set(error) == {"message", "type", "param", "code"} and error["code"] == code, error
    return error


def test_the_openai_client_gets_what_the_model_says_here(door):
    reply = client(door).chat.completions.create(**BODY)
    with load("pocket") as qwen:
        here = qwen.chat(QUESTION, sampling=Sampling.greedy(), max_new_tokens=48)
    assert reply.choices[0].message.content == here.text and reply.choices[0].finish_reason == here.finish_reason
    assert (reply.usage.prompt_tokens, reply.usage.completion_tokens) == (here.prompt_tokens, here.completion_tokens)
    assert [model.id for model in client(door).models.list()] == ["pocket"]


def test_a_stream_comes_in_pieces_and_adds_up_to_the_whole(door):
    whole = client(door).chat.completions.create(**BODY).choices[0].message
    chunks = list(client(door).chat.completions.create(**BODY, stream=True, stream_options={"include_usage": True}))
    deltas = [chunk.choices[0].delta for chunk in chunks if chunk.choices]
    assert len(deltas) > 3 and "".join(delta.content or "" for delta in deltas) == whole.content
    assert chunks[-2].choices[0].finish_reason == "length" and chunks[-1].usage.completion_tokens > 0
    assert len({chunk.id for chunk in chunks}) == 1


WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Return the weather in a city today.",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string", "description": "Name of the city."}},
            "required": ["city"],
        },
    },
}


def test_tool_calls_come_as_openai_has_them_whole_and_streamed(door):
    asked = BODY | {"messages": [{"role": "user", "content": "What is the weather in Oslo?"}], "tools": [WEATHER]}
    choice = client(door).chat.completions.create(**asked).choices[0]
    (call,) = choice.message.tool_calls
    assert choice.finish_reason == "tool_calls" and call.function.name == "get_weather"
    assert json.loads(call.function.arguments) == {"city": "Oslo"}
    *_, last = client(door).chat.completions.create(**asked, stream=True)
    (streamed,) = last.choices[0].delta.tool_calls
    assert streamed.index == 0 and streamed.function.arguments == call.function.arguments
    history = [*asked["messages"], choice.message.model_dump(exclude_none=True)]
    history += [{"role": "tool", "tool_call_id": call.id, "content": '{"celsius": 21}'}]
    answer = client(door).chat.completions.create(**asked | {"messages": history}).choices[0].message
    assert answer.content and not answer.tool_calls
    none = client(door).chat.completions.create(**asked, tool_choice="none").choices[0].message
    assert not none.tool_calls


def test_thinking_comes_apart_from_the_answer(door):
    thinking = {"chat_template_kwargs": {"enable_thinking": True}}
    message = client(door).chat.completions.create(**BODY | {"max_tokens": 200}, extra_body=thinking).choices[0].message
    assert message.reasoning_content and "<think>" not in message.content


def test_the_course_talks_to_it_as_to_any_endpoint(door, monkeypatch):
    monkeypatch.setenv("QWEN_COURSE_API_KEY", door.keys["ada"])
    with load(f"{door.url}/v1") as qwen, load("pocket") as local:
        assert qwen.model_id == "pocket" and qwen.thinking_modes == local.thinking_modes
        for mode in qwen.thinking_modes:
            here = local.chat(QUESTION, thinking=mode, sampling=Sampling.greedy())
            there = qwen.chat(QUESTION, thinking=mode, sampling=Sampling.greedy())
            assert (here.text, here.thinking.strip()) == (there.text, there.thinking.strip())


def test_curl_gets_an_answer_and_a_refusal(door):
    if not shutil.which("curl"):
        pytest.skip("curl is not installed")
    url = f"{door.url}/v1/chat/completions"
    call = ["curl", "-s", "--noproxy", "*", "-w", "\n%{http_code}", url, "-d", json.dumps(BODY)]
    for key, status in ((door.keys["ada"], "200"), ("wrong", "401")):
        said = subprocess.run([*call, "-H", f"Authorization: Bearer {key}"], capture_output=True, text=True, timeout=60)
        body, found = said.stdout.rsplit("\n", 1)
        assert found == status and ("choices" in json.loads(body)) == (status == "200")


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{broken", 400, "invalid_json"),
        (b"[" * 100_000, 400, "invalid_json"),
        (b"\xff\xfe\x00", 400, "invalid_json"),
        (b"[]", 400, "invalid_request"),
        ({"model": "pocket"}, 400, "invalid_request"),
        (BODY | {"model": "gpt-4"}, 404, "model_not_found"),
        (BODY | {"logprobs": True}, 400, "unsupported_parameter"),
        (BODY | {"n": 2}, 400, "unsupported_parameter"),
        (BODY | {"temperature": -1}, 400, "invalid_request"),
        (BODY | {"temperature": "hot"}, 400, "invalid_request"),
        (BODY | {"max_tokens": 10**9}, 400, "invalid_request"),
        (BODY | {"max_tokens": "many"}, 400, "invalid_request"),
        (BODY | {"stream": "yes"}, 400, "invalid_request"),
        (BODY | {"stream": True, "seed": "x"}, 400, "invalid_request"),
        (BODY | {"tools": [7]}, 400, "invalid_request"),
        (BODY | {"messages": 7}, 400, "invalid_input"),
        (BODY | {"messages": [{"role": "wizard", "content": "x"}]}, 400, "invalid_input"),
        (BODY | {"messages": [{"role": "user", "content": "a" * 60_000}]}, 400, "context_length_exceeded"),
        (BODY | {"chat_template_kwargs": {"enable_thinking": "no"}}, 400, "unsupported_parameter"),
    ],
)
def test_bad_input_gets_an_error_in_openais_format(door, body, status, code):
    is_openai_error(post(door, body, "bob"), status, code)


def test_pages_without_a_key(door):
    assert httpx.get(f"{door.url}/health").json()["status"] == "ok"
    for page in ("/metrics", "/v1/models"):
        is_openai_error(httpx.get(door.url + page), 401, "invalid_api_key")
    is_openai_error(httpx.get(f"{door.url}/v1/nowhere"), 404, "not_found")
    is_openai_error(httpx.get(f"{door.url}/v1/chat/completions"), 405, "not_found")
    with pytest.raises(openai.AuthenticationError, match="No valid API key"):
        client(door, "wrong").models.list()


def test_metrics_count_and_hold_no_text(door):
    post(door, BODY)
    page = httpx.get(f"{door.url}/metrics", headers={"authorization": f"Bearer {door.keys['bob']}"}).text
    assert "qwen_course_requests_total{" in page and "What is" not in page and "ada" not in page
