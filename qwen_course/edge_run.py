"""One engine in a process of its own: what it weighs, how long it loads, how fast it writes, and what it writes.

A fresh process, because memory that an earlier model has left behind cannot be told from that of the next. The parent
(`run_engine`) hands over ids and gets ids back, as JSON on stdin and stdout; the child is `python -m
qwen_course.edge_run`.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from collections.abc import Sequence
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from statistics import median


@dataclass(frozen=True)
class EngineRun:
    """What one engine did. Bytes and seconds; `replies` are token ids, one list for each prompt."""

    engine: str  # name and version
    file_bytes: int  # weights, graph, tokenizer: what a device has to store
    load_seconds: float
    library_bytes: int  # of memory, before the model is loaded: Python and the engine itself
    memory_bytes: int  # of memory, at its highest, the library included
    first_token_seconds: float  # median over prompts
    tokens_per_second: float  # median over prompts, after the first token
    replies: list[list[int]]


def run_engine(
    path: str | Path,
    prompts: Sequence[Sequence[int]],
    *,
    stop_ids: Sequence[int],
    limit: int = 128,
    precision: str = "fp32",
    threads: int | None = None,
) -> EngineRun:
    """Let an engine answer the prompts, given as token ids, greedily, in a process of its own.

    `path`, `precision` and `threads` as for `open_engine`; a reply ends with one of the `stop_ids` or after `limit`
    tokens. Raises RuntimeError with the process's last words where it fails. Introduced in notebook 08.
    """
    task = {
        "path": str(path),
        "precision": precision,
        "threads": threads,
        "prompts": [list(map(int, ids)) for ids in prompts],
        "stop_ids": list(map(int, stop_ids)),
        "limit": limit,
    }
    done = subprocess.run(
        [sys.executable, "-m", "qwen_course.edge_run"],
        input=json.dumps(task),
        env={**os.environ, "PYTHONPATH": os.pathsep.join([str(Path(__file__).parent.parent), *_python_path()])},
        capture_output=True,
        text=True,
        encoding="utf-8",
        errors="replace",
    )
    if done.returncode:
        raise RuntimeError(f"The engine for {Path(path).name} failed:\n{done.stderr[-2000:]}")
    return EngineRun(**json.loads(done.stdout.splitlines()[-1]))


def _python_path() -> list[str]:
    return [folder for folder in os.environ.get("PYTHONPATH", "").split(os.pathsep) if folder]


def _stored_bytes(path: Path) -> int:
    return path.stat().st_size if path.is_file() else sum(file.stat().st_size for file in path.rglob("*"))


def _measure(task: dict) -> EngineRun:
    import psutil

    from .edge import engine_module, open_engine

    process, path = psutil.Process(), Path(task["path"])
    module = import_module(engine_module(path))
    _ = getattr(module, "AutoModelForCausalLM", None)  # transformers imports itself and torch at the first use
    library = process.memory_info().rss
    start = time.perf_counter()
    engine = open_engine(path, precision=task["precision"], threads=task["threads"])
    loaded = time.perf_counter() - start
    list(engine.tokens(task["prompts"][0], 2))  # the first use sets buffers up
    firsts, rates, replies, highest = [], [], [], 0
    for ids in task["prompts"]:
        times, written = [time.perf_counter()], []
        for token in engine.tokens(ids, task["limit"]):
            times.append(time.perf_counter())
            written.append(token)
            if token in task["stop_ids"]:
                break
        firsts.append(times[1] - times[0])
        if len(times) > 2:
            rates.append((len(times) - 2) / (times[-1] - times[1]))
        replies.append(written)
        highest = max(highest, process.memory_info().rss)
    return EngineRun(
        engine=engine.name,
        file_bytes=_stored_bytes(path),
        load_seconds=loaded,
        library_bytes=library,
        memory_bytes=highest,
        first_token_seconds=median(firsts),
        tokens_per_second=median(rates) if rates else 0.0,
        replies=replies,
    )


if __name__ == "__main__":
    print(json.dumps(vars(_measure(json.load(sys.stdin)))))
