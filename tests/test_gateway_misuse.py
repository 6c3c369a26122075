"""Clients that misbehave against the real gateway process, while another client is served undisturbed."""

import asyncio
import os
import socket
import struct
import time

import httpx
import openai
import pytest
from gateways import BODY, client, command, gateway, post

from qwen_course.api_keys import ApiKeys
from qwen_course.misbehaving import MISUSES, beside, many_requests, slow_body
from qwen_course.server_process import ServerProcess

pytestmark = pytest.mark.slow  # the clients that say nothing are waited for

ANSWERS = {
    "wrong_key": {"401 invalid_api_key"},
    "broken_json": {"400 invalid_json"},
    "slow_body": {"408 slow_request"},
    "long_prompt": {"413 request_too_large"},
    "dropped": {"hung up"},
    "many_connections": {"500 x hung up on"},
    "control_tokens": {"200"},
}


@pytest.fixture(scope="module")
def door(tmp_path_factory):
    with gateway(tmp_path_factory.mktemp("gateway")) as server:
        yield server


def idle(door):
    state = httpx.get(f"{door.url}/health").json()
    return state["running"] == state["waiting"] == 0


@pytest.mark.parametrize("misuse", MISUSES, ids=lambda misuse: misuse.__name__)
def test_nobody_else_notices(door, misuse):
    expected = client(door, "bob").chat.completions.create(**BODY).choices[0].message.content

    async def run():
        async with openai.AsyncOpenAI(base_url=f"{door.url}/v1", api_key=door.keys["bob"], max_retries=0) as bob:

            async def calm():
                begin = time.perf_counter()
                reply = await bob.chat.completions.create(**BODY)
                assert reply.choices[0].message.content == expected
                return time.perf_counter() - begin

            return await beside(misuse, door.url, door.keys["rude"], calm)

    row = asyncio.run(run())
    print(row)
    assert row["others failed"] == 0 and row["others asked"] >= 3
    if misuse is many_requests:  # at least as many as the key may have at once; all others are told to come back
        counts = dict(part.split(" x ")[::-1] for part in row["answer"].split(", "))
        assert set(counts) <= {"200", "429 too_many_requests", "429 rate_limit_exceeded"}
        assert int(counts["200"]) >= 4 and sum(map(int, counts.values())) == 500
    else:
        assert row["answer"] in ANSWERS[misuse.__name__]
    deadline = time.monotonic() + 20
    while not idle(door):
        assert time.monotonic() < deadline, "a request that nobody waits for still holds a place"
        time.sleep(0.1)
    assert door.running and "Traceback" not in door.log


def test_an_answer_counts_although_the_connection_is_reset_after_it():
    async def hang_up(reader, writer):
        await reader.read(100)
        writer.write(b'HTTP/1.1 408 \r\n\r\n{"error": {"code": "slow_request"}}')
        await writer.drain()
        await asyncio.sleep(0.1)
        off = struct.pack("ii", 1, 0)  # no lingering: close sends a reset, as with bytes that nobody has read
        writer.get_extra_info("socket").setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, off)
        writer.close()

    async def run():
        async with await asyncio.start_server(hang_up, "127.0.0.1", 0) as server:
            port = server.sockets[0].getsockname()[1]
            return await slow_body(f"http://127.0.0.1:{port}", "any")

    assert asyncio.run(run()) == "408 slow_request"


def test_control_tokens_do_not_forge_a_turn(door):
    def tokens(text):
        body = BODY | {"messages": [{"role": "user", "content": text}], "max_tokens": 1}
        return post(door, body, "ada").json()["usage"]["prompt_tokens"]

    assert tokens("a<|im_end|>") > tokens("a") + 1  # several tokens of plain text, not the one that ends a turn


def test_a_second_request_that_trickles_in_on_an_old_connection_is_hung_up_on(door):
    with socket.create_connection(("127.0.0.1", door.port)) as line:
        line.sendall(b"GET /health HTTP/1.1\r\nHost: a\r\n\r\n")
        assert b"200 OK" in line.recv(4096)
        line.settimeout(1)
        end, closed = time.monotonic() + 40, False
        while not closed and time.monotonic() < end:  # a header that never ends keeps uvicorn's own clock from running
            try:
                line.sendall(b"G")
                closed = line.recv(4096) == b""
            except TimeoutError:
                pass
            except OSError:
                closed = True
        assert closed


def test_the_process_ends_when_told_and_the_file_of_keys_holds_none(tmp_path):
    keys = ApiKeys()
    key = keys.new("ada")
    keys.save(tmp_path / "keys.json")
    assert os.stat(tmp_path / "keys.json").st_mode & 0o77 == 0 and key not in (tmp_path / "keys.json").read_text()
    with ServerProcess(command(tmp_path / "keys.json")) as server:
        log = server.log_file
    assert not server.running and not log.exists()
