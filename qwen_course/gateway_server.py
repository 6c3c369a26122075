"""Run a gateway as a process: `python -m qwen_course.gateway_server MODEL --keys keys.json --port 8000`.

MODEL is what `qc.load` takes: pocket, a name on the hub, a folder, or the address of an upstream server.
"""

import argparse
import asyncio
import os
from pathlib import Path

from uvicorn.protocols.http.h11_impl import H11Protocol

from .api_keys import ApiKeys
from .gateway import Gateway
from .models import load


class PromptProtocol(H11Protocol):
    """HTTP/1.1 that hangs up on a connection which brings no whole request header in time; uvicorn waits for ever."""

    header_seconds = 10.0

    def connection_made(self, transport) -> None:
        super().connection_made(transport)
        self._look_again()

    def _look_again(self) -> None:
        asyncio.get_running_loop().call_later(self.header_seconds, self._look, self.cycle)

    def _look(self, last) -> None:
        """Close the connection if no request has begun since `last`, and none is in work."""
        idle = self.cycle is None or self.cycle.response_complete
        if idle and self.cycle is last:
            self.transport.close()
        elif not self.transport.is_closing():
            self._look_again()


def serve(app, *, host: str, port: int) -> None:
    """Serve an app until the process is told to stop; requests in work have 10 s to end."""
    import uvicorn

    uvicorn.run(
        app,
        host=host,
        port=port,
        http=PromptProtocol,
        access_log=False,
        log_level="warning",
        backlog=2048,
        timeout_graceful_shutdown=10,
    )


def main(arguments: list[str] | None = None) -> None:
    """Load the model, read the keys, serve."""
    parser = argparse.ArgumentParser(prog="python -m qwen_course.gateway_server", description=__doc__)
    parser.add_argument("model")
    parser.add_argument("--keys", type=Path, required=True, help="what ApiKeys.save wrote")
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--max-concurrent", type=int, default=8)
    parser.add_argument("--max-queue", type=int, default=32)
    parser.add_argument("--per-key", type=int, default=8, help="requests that one key may have in work")
    parser.add_argument("--rate", default="60/minute", help='requests per key, as in "20/minute; 500/day"')
    parser.add_argument("--header-seconds", type=float, default=10.0, help="time until a connection has a request")
    parser.add_argument("--body-seconds", type=float, default=10.0, help="time for a request to be complete")
    given = parser.parse_args(arguments)
    keys = ApiKeys.load(given.keys)  # before the model, which takes longer
    os.environ.setdefault("TQDM_DISABLE", "1")
    PromptProtocol.header_seconds = given.header_seconds
    with load(given.model) as qwen:
        gateway = Gateway(
            qwen,
            keys,
            max_concurrent=given.max_concurrent,
            max_queue=given.max_queue,
            per_key=given.per_key,
            rate=given.rate,
            body_seconds=given.body_seconds,
        )
        serve(gateway.app, host=given.host, port=given.port)


if __name__ == "__main__":
    main()
