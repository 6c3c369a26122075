"""A small HTTP server in a thread that behaves as told: well, slowly, half, in HTML, or not at all."""

import json
import threading
import time
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

MODELS = {"object": "list", "data": [{"id": "qwen-test", "object": "model", "max_model_len": 4096}]}


def chunk(delta: dict | None = None, finish: str | None = None, usage: dict | None = None) -> bytes:
    choices = [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": finish}]
    event = {"id": "1", "object": "chat.completion.chunk", "created": 1, "model": "qwen-test", "choices": choices}
    return b"data: " + json.dumps(event | ({"usage": usage} if usage else {})).encode() + b"\n\n"


def completion(message: dict, finish: str = "stop") -> dict:
    choice = {"index": 0, "message": {"role": "assistant", **message}, "finish_reason": finish}
    usage = {"prompt_tokens": 9, "completion_tokens": 5, "total_tokens": 14}
    return {"id": "1", "object": "chat.completion", "created": 1, "model": "m", "choices": [choice], "usage": usage}


USAGE = {"prompt_tokens": 7, "completion_tokens": 4, "total_tokens": 11}
DONE = b"data: [DONE]\n\n"


class Server:
    """`answer(handler, body)` writes the reply to a chat request; `requests` are the bodies received."""

    def __init__(self) -> None:
        self.requests: list[dict] = []
        self.headers: list[dict] = []
        self.models = MODELS
        self.answer = lambda handler, body: handler.stream(chunk({"content": "Hi"}), chunk({}, "stop", USAGE), DONE)
        self.url = ""


class Handler(BaseHTTPRequestHandler):
    server_of_test: Server

    def log_message(self, *arguments) -> None:
        pass

    def do_GET(self) -> None:
        self.server_of_test.headers.append({name.lower(): value for name, value in self.headers.items()})
        models = self.server_of_test.models
        self.json(models) if isinstance(models, dict) else models(self)

    def do_POST(self) -> None:
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        self.server_of_test.requests.append(body)
        self.server_of_test.headers.append({name.lower(): value for name, value in self.headers.items()})
        self.server_of_test.answer(self, body)

    def json(self, value, status: int = 200, **headers) -> None:
        self.reply(json.dumps(value).encode(), "application/json", status, **headers)

    def reply(self, text: bytes, kind: str, status: int = 200, **headers) -> None:
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(text)))
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), str(value))
        self.end_headers()
        self.wfile.write(text)

    def stream(self, *parts: bytes, seconds: float = 0.0) -> None:
        """Send the parts as server-sent events, and close the connection after the last."""
        self.send_response(200)
        self.send_header("Content-Type", "text/event-stream")
        self.send_header("Connection", "close")
        self.end_headers()
        self.close_connection = True
        try:
            for part in parts:
                self.wfile.write(part)
                self.wfile.flush()
                time.sleep(seconds)
        except OSError:  # the client has gone
            pass


@contextmanager
def bad_server():
    told = Server()
    server = ThreadingHTTPServer(("127.0.0.1", 0), type("_Handler", (Handler,), {"server_of_test": told}))
    server.daemon_threads = True
    server.block_on_close = False
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
    thread.start()
    told.url = f"http://127.0.0.1:{server.server_address[1]}/v1"
    try:
        yield told
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
