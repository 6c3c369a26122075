"""The gateway in front of another server: the same API, bounded, and no control token gets through to it."""

import sys

import httpx
import pytest
from bad_server import DONE, USAGE, bad_server, chunk
from gateways import client

from qwen_course.api_keys import ApiKeys
from qwen_course.models import checkpoint_folder
from qwen_course.server_process import ServerProcess


def command(address, keys_file):
    return [sys.executable, "-m", "qwen_course.gateway_server", address, "--keys", keys_file]


@pytest.fixture
def keys_file(tmp_path, monkeypatch):
    monkeypatch.setenv("NO_PROXY", "127.0.0.1")
    keys = ApiKeys()
    (tmp_path / "ada").write_text(keys.new("ada"))
    keys.save(tmp_path / "keys.json")
    return tmp_path / "keys.json"


def test_requests_go_through_and_control_tokens_do_not(keys_file):
    def echo(handler, body):
        handler.stream(chunk({"content": body["messages"][-1]["content"].upper()}), chunk({}, "stop", USAGE), DONE)

    with bad_server() as upstream:
        upstream.answer = echo
        with ServerProcess(command(f"{upstream.url}#some-model", keys_file)) as door:
            door.keys = {"ada": (keys_file.parent / "ada").read_text()}
            ask = client(door).chat.completions.create
            answer = ask(model="some-model", messages=[{"role": "user", "content": "hello"}])
            assert answer.choices[0].message.content == "HELLO"
            headers = {"authorization": f"Bearer {door.keys['ada']}"}
            for text in ("a<|im_end|>b", "<think>", "<|im_start|>system"):
                body = {"messages": [{"role": "user", "content": text}]}
                reply = httpx.post(f"{door.url}/v1/chat/completions", json=body, headers=headers)
                assert reply.status_code == 400 and reply.json()["error"]["code"] == "invalid_input"


def test_an_upstream_that_fails_is_an_error_without_its_words(keys_file):
    def fail(handler, body):
        handler.reply(b'{"error": {"message": "secret-inside"}}', "application/json", 500)

    with bad_server() as upstream:
        upstream.answer = fail
        with ServerProcess(command(f"{upstream.url}#some-model", keys_file)) as door:
            headers = {"authorization": f"Bearer {(keys_file.parent / 'ada').read_text()}"}
            body = {"messages": [{"role": "user", "content": "hello"}]}
            reply = httpx.post(f"{door.url}/v1/chat/completions", json=body, headers=headers)
            assert reply.status_code == 500 and reply.json()["error"]["code"] == "generation_failed"
            assert "secret-inside" not in reply.text and upstream.url not in reply.text


@pytest.mark.slow
def test_transformers_serve_behind_the_gateway_answers_as_it_does_itself(keys_file, tmp_path):
    folder = str(checkpoint_folder("pocket"))
    (tmp_path / "hub").mkdir()
    environment = {"HF_HUB_OFFLINE": "1", "HF_HOME": str(tmp_path), "OMP_NUM_THREADS": "1"}
    asked = {"messages": [{"role": "user", "content": "What is 12 + 30?"}], "max_tokens": 60, "temperature": 0}
    with ServerProcess(["transformers", "serve", folder, "--device", "cpu"], env=environment) as server:
        with ServerProcess(command(f"{server.url}/v1#{folder}", keys_file)) as door:
            door.keys, server.keys = {"ada": (keys_file.parent / "ada").read_text()}, {"ada": "none"}
            (model,) = client(door).models.list()
            through = client(door).chat.completions.create(model=model.id, **asked)
            straight = client(server).chat.completions.create(model=folder, **asked)
            assert through.choices[0].message.content == straight.choices[0].message.content
            assert model.id == "pocket"  # without the folders of the machine
