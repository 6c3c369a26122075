"""Starting and stopping servers: a free port, waiting, the log in an error, and nothing left behind."""

import sys

import pytest

from qwen_course.server_process import ServerProcess, free_port, is_up

SERVER = """
import http.server, sys
class Handler(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        self.send_response(200 if self.path == "/health" else 404); self.end_headers()
http.server.HTTPServer(("127.0.0.1", int(sys.argv[-1])), Handler).serve_forever()
"""


def test_it_is_ready_when_entered_and_gone_afterwards():
    with ServerProcess([sys.executable, "-c", SERVER]) as server:
        assert server.running and is_up(f"{server.url}/health") and not is_up(f"{server.url}/other")
    assert not server.running and not is_up(f"{server.url}/health") and not server.log_file.exists()


def test_start_and_stop_do_the_same_without_a_block_and_stopping_twice_does_no_harm():
    server = ServerProcess([sys.executable, "-c", SERVER]).start()
    assert server.running
    server.stop()
    server.stop()
    assert not server.running and server.log == ""


def test_a_server_that_ends_by_itself_shows_its_log():
    with pytest.raises(RuntimeError, match="no weights here"):
        ServerProcess([sys.executable, "-c", "raise SystemExit('no weights here')"]).start()


def test_a_server_that_never_answers_is_stopped():
    server = ServerProcess([sys.executable, "-c", "import time; time.sleep(60)"], seconds=0.5)
    with pytest.raises(TimeoutError, match="0.5 s"):
        server.start()
    assert not server.running and not server.log_file.exists()


def test_a_free_port_can_be_used():
    assert 1024 < free_port() < 65536
