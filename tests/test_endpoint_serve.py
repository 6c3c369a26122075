"""Against real `transformers serve` processes: Pocket's folder, and a folder in the style of Qwen2.5."""

import os
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

import pytest

import qwen_course
from qwen_course.endpoint_errors import EndpointDown, EndpointRefused
from qwen_course.evaluation import evaluate
from qwen_course.models import load
from qwen_course.sampling import Sampling

pytestmark = pytest.mark.slow

POCKET = Path(qwen_course.__file__).parent / "pocket"
ADD = {
    "type": "function",
    "function": {
        "name": "add",
        "description": "Add two numbers.",
        "parameters": {
            "type": "object",
            "properties": {"a": {"type": "integer"}, "b": {"type": "integer"}},
            "required": ["a", "b"],
        },
    },
}


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def is_up(url: str) -> bool:
    try:
        with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(f"{url}/health", timeout=5) as reply:
            return reply.status == 200
    except OSError:
        return False


@pytest.fixture(scope="module")
def serve(tmp_path_factory):
    """Return a function: folder -> address of a server for it. All are stopped at the end, however the tests ended."""
    processes: dict[Path, tuple[subprocess.Popen, str]] = {}
    logs = tmp_path_factory.mktemp("serve")
    (logs / "hub").mkdir()
    environment = os.environ | {
        "HF_HUB_OFFLINE": "1",
        "HF_HOME": str(logs),
        "OMP_NUM_THREADS": "1",
        "PYTHONUNBUFFERED": "1",
    }

    def start(folder: Path) -> str:
        if folder not in processes:
            port = free_port()
            command = [Path(sys.executable).parent / "transformers", "serve", str(folder), "--device", "cpu"]
            with (logs / f"{port}.log").open("wb") as log:
                process = subprocess.Popen(
                    [*command, "--host", "127.0.0.1", "--port", str(port)],
                    stdout=log,
                    stderr=subprocess.STDOUT,
                    env=environment,
                )
            processes[folder] = process, f"http://127.0.0.1:{port}"
            end = time.monotonic() + 300
            while not is_up(processes[folder][1]):
                said = (logs / f"{port}.log").read_text(errors="replace")[-2000:]
                assert process.poll() is None, f"transformers serve ended by itself:\n{said}"
                assert time.monotonic() < end, f"transformers serve did not start:\n{said}"
                time.sleep(0.5)
        return f"{processes[folder][1]}/v1#{folder}"

    try:
        yield start
    finally:
        for process, _ in processes.values():
            process.terminate()
        for process, _ in processes.values():
            try:
                process.wait(20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


@pytest.fixture(scope="module")
def pocket(serve):
    with load(serve(POCKET)) as qwen:
        yield qwen


@pytest.fixture(scope="module")
def qwen25(serve, checkpoint):
    with load(serve(checkpoint("qwen2.5"))) as qwen:
        yield qwen


def test_pocket_answers_over_a_server_as_it_does_here(pocket):
    assert pocket.thinking_modes == (False, True)
    questions = ["What is 12 + 30?", "What is 7 + 8?", "How much is 50 minus 17?"]
    with load("pocket") as local:
        for mode in (True, False):
            here = local.chat_batch(questions, thinking=mode)
            there = pocket.chat_batch(questions, thinking=mode, sampling=Sampling.greedy())
            for a, b in zip(here, there, strict=True):
                assert (a.text, a.thinking.strip(), a.finish_reason) == (b.text, b.thinking.strip(), b.finish_reason)
                assert a.prompt_tokens == b.prompt_tokens and abs(a.completion_tokens - b.completion_tokens) <= 1


def test_a_stream_has_thinking_before_the_answer(pocket):
    stream = pocket.stream("What is 12 + 30?", thinking=True)
    kinds = [piece.kind for piece in stream]
    assert len(kinds) > 2 and kinds == sorted(kinds, reverse=True) and set(kinds) == {"thinking", "answer"}
    assert stream.reply.time_to_first_token < stream.reply.seconds and stream.reply.thinking_tokens > 0


def test_a_reply_that_is_cut_off_says_so(pocket):
    reply = pocket.chat("What is 4637 + 2985?", thinking=True, max_new_tokens=5)
    assert reply.finish_reason == "length" and reply.completion_tokens == 5


def test_tools_and_their_results_are_taken(pocket):
    history = [{"role": "user", "content": "Use the tool: add 3 and 4."}]
    reply = pocket.chat(history, tools=[ADD])
    assert reply.tool_calls or reply.text  # whether it calls is the model's business; that it parses is ours
    call = {"id": "call_0", "function": {"name": "add", "arguments": {"a": 3, "b": 4}}}
    history += [{"role": "assistant", "tool_calls": [call]}, {"role": "tool", "content": "7", "tool_call_id": "call_0"}]
    assert pocket.chat(history, tools=[ADD]).completion_tokens > 0


def test_options_that_this_server_does_not_know_are_left_out_with_a_warning(pocket):
    with pytest.warns(UserWarning, match="does not take .*top_k"):
        assert pocket.chat("Hi", sampling=Sampling(temperature=0.7, top_k=20), max_new_tokens=8).completion_tokens


def test_a_server_can_be_measured(pocket):
    score = evaluate(pocket, "arithmetic", n=4, thinking=False, max_new_tokens=32)
    assert score.n == 4 and score.tokens > 0


def test_a_model_that_does_not_think_says_so(qwen25):
    assert qwen25.thinking_modes == (False,)
    with pytest.raises(ValueError, match="does not think"):
        qwen25.chat("Hi", thinking=True)


def test_random_weights_answer_in_every_way(qwen25):
    assert qwen25.chat("Hi", max_new_tokens=6).completion_tokens <= 6
    stream = qwen25.stream("Hi", max_new_tokens=6)
    assert "".join(stream) == stream.reply.text
    assert len(qwen25.chat_batch(["a", "b", "c"], max_new_tokens=4)) == 3
    assert qwen25.chat("Hi", tools=[ADD], max_new_tokens=4).completion_tokens > 0


def test_another_model_than_the_one_served_is_refused(pocket):
    with load(pocket.url + "#some/other-model") as other, pytest.raises(EndpointRefused, match="pinned"):
        other.chat("Hi")


def test_a_server_that_is_stopped_is_noticed(checkpoint, monkeypatch, serve):
    """Runs last: it ends the server of the Qwen2.5 folder."""
    with load(serve(checkpoint("qwen2.5"))) as qwen:
        port = int(qwen.url.split(":")[2].split("/")[0])
        import psutil

        (mine,) = [
            child
            for child in psutil.Process().children(recursive=True)
            if str(port) in child.cmdline() and "serve" in child.cmdline()
        ]
        mine.terminate()
        mine.wait(20)
        with pytest.raises(EndpointDown, match="Is the server running"):
            qwen.chat("Hi")
