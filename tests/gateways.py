"""What the tests of the gateway share: the running process, and requests to it."""

import json
import sys
from contextlib import contextmanager

import httpx
import openai

from qwen_course.api_keys import ApiKeys
from qwen_course.server_process import ServerProcess

QUESTION = [{"role": "user", "content": "What is 12 + 30?"}]
BODY = {"model": "pocket", "messages": QUESTION, "max_tokens": 48, "temperature": 0}


def command(keys_file, model="pocket", *options):
    return [sys.executable, "-m", "qwen_course.gateway_server", model, "--keys", keys_file, *options]


@contextmanager
def gateway(folder):
    """Run a gateway for Pocket as a process; the server has `.keys`: name -> key."""
    file, keys = folder / "keys.json", ApiKeys()
    made = {name: keys.new(name) for name in ("ada", "bob", "rude")}
    keys.save(file)
    limits = ["--body-seconds", "1", "--header-seconds", "4", "--per-key", "4", "--rate", "600/minute"]
    with ServerProcess(command(file, "pocket", *limits)) as server:
        server.keys = made
        yield server


def client(door, name="ada"):
    return openai.OpenAI(base_url=f"{door.url}/v1", api_key=door.keys.get(name, name), max_retries=0)


def post(door, body, name="ada", **options):
    headers = {"authorization": f"Bearer {door.keys.get(name, name)}"}
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return httpx.post(f"{door.url}/v1/chat/completions", content=content, headers=headers, timeout=60, **options)
