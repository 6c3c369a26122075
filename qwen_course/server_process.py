"""A server as a process of its own: started on a free port, its log in a file, waited for, and always stopped."""

import atexit
import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from urllib.request import ProxyHandler, build_opener

_OPENER = build_opener(ProxyHandler({}))  # a proxy knows nothing about this machine's own ports


class ServerProcess:
    """Run a command that serves HTTP: `with qc.ServerProcess(["transformers", "serve", folder]) as server: ...`.

    `--host 127.0.0.1 --port PORT` are added to it, with a port that is free; `server.url` is its address. Entering
    waits until `health` answers 200. Raises RuntimeError with the end of its log if the process ends first,
    TimeoutError if it is not ready after `seconds`. Introduced in notebook 07.
    """

    def __init__(
        self, command: list, *, health: str = "/health", seconds: float = 180, env: dict | None = None
    ) -> None:
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        program = Path(sys.executable).parent / str(command[0])
        first = str(program) if program.exists() else str(command[0])  # of this environment, PATH or not
        self.command = [first, *map(str, command[1:]), "--host", "127.0.0.1", "--port", str(self.port)]
        self._health, self._seconds, self._env = health, seconds, {**os.environ, **(env or {})}
        self._process: subprocess.Popen | None = None
        self.log_file: Path | None = None

    def start(self) -> "ServerProcess":
        """Start and wait, for code that cannot use a `with` block; Python stops it at its own end, if nobody does."""
        atexit.register(self.stop)
        return self.__enter__()

    def __enter__(self) -> "ServerProcess":
        with tempfile.NamedTemporaryFile(prefix="server-", suffix=".log", delete=False) as log:
            self.log_file = Path(log.name)
            self._process = subprocess.Popen(self.command, stdout=log, stderr=subprocess.STDOUT, env=self._env)
        try:
            self._wait()
        except BaseException:
            self.stop()
            raise
        return self

    def __exit__(self, *exception) -> None:
        self.stop()

    @property
    def running(self) -> bool:
        """Whether the process is there."""
        return self._process is not None and self._process.poll() is None

    @property
    def log(self) -> str:
        """What the server has written so far; "" once it is stopped."""
        there = self.log_file is not None and self.log_file.exists()
        return self.log_file.read_text(encoding="utf-8", errors="replace") if there else ""

    def stop(self) -> None:
        """Ask the process to end, insist after 15 seconds, and remove its log."""
        if self._process is not None:
            self._process.terminate()
            try:
                self._process.wait(15)
            except subprocess.TimeoutExpired:
                self._process.kill()
                self._process.wait()
        if self.log_file is not None:
            self.log_file.unlink(missing_ok=True)

    def _wait(self) -> None:
        end = time.monotonic() + self._seconds
        while not is_up(self.url + self._health):
            if not self.running:
                raise RuntimeError(f"The server ended by itself. The end of its log:\n{self.log[-2000:]}")
            if time.monotonic() > end:
                raise TimeoutError(f"No answer within {self._seconds:g} s. The end of its log:\n{self.log[-2000:]}")
            time.sleep(0.2)


def free_port() -> int:
    """Return a port of this machine that nobody uses now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def is_up(url: str) -> bool:
    """Whether an address answers with 200."""
    try:
        with _OPENER.open(url, timeout=5) as reply:
            return reply.status == 200
    except OSError:
        return False
