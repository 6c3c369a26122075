"""Three engines behind one door: token ids in, greedy token ids out.

`open_engine` looks at what it is given: a folder of transformers, a folder of onnxruntime-genai, a file of llama.cpp.
Text never comes in here. Prompts are rendered and tokenized once, by the course's own template code, so that all
engines get the same ids and a difference between them is one of arithmetic.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Protocol

CONTEXT = 2048  # tokens, prompt and reply together


class Engine(Protocol):
    """What the three have in common. `name` says which engine, in which version."""

    name: str

    def tokens(self, ids: Sequence[int], limit: int) -> Iterator[int]:
        """Yield the most likely next token, again and again, at most `limit` times. Stop ids are the caller's."""


def open_engine(path: str | Path, *, precision: str = "fp32", threads: int | None = None) -> Engine:
    """Return the engine that runs what lies at `path`, loaded, on the CPU.

    A folder with genai_config.json is for onnxruntime-genai, a file that ends in .gguf for llama.cpp, any other folder
    for transformers, in `precision` "fp32" or "bf16"; the other two have their precision in the file. `threads` None
    means one for each core; it is always set, as what llama.cpp chooses can be very slow on a busy machine.
    Raises ImportError where the engine is not installed. Introduced in notebook 08.
    """
    path, threads = Path(path), threads or physical_cores()
    module = engine_module(path)
    if module == "onnxruntime_genai":
        return OnnxEngine(path, threads)
    if module == "llama_cpp":
        return LlamaEngine(path, threads)
    return TransformersEngine(path, precision, threads)


def engine_module(path: str | Path) -> str:
    """Return the name of the Python module that runs what lies at `path`. Raises FileNotFoundError."""
    path = Path(path)
    if not path.exists():
        raise FileNotFoundError(f"There is no {path.name!r}; expected a folder with a model, or a .gguf file.")
    if (path / "genai_config.json").is_file():
        return "onnxruntime_genai"
    return "llama_cpp" if path.suffix == ".gguf" else "transformers"


class TransformersEngine:
    """A folder with safetensors, run by PyTorch."""

    def __init__(self, path: Path, precision: str, threads: int) -> None:
        import torch
        import transformers

        from .quiet import quiet_transformers

        if precision not in (dtypes := {"fp32": torch.float32, "bf16": torch.bfloat16}):
            raise ValueError(f"precision is {precision!r}; expected 'fp32' or 'bf16'.")
        torch.set_num_threads(threads)
        self.name = f"transformers {transformers.__version__}"
        with quiet_transformers():
            self._model = transformers.AutoModelForCausalLM.from_pretrained(
                path, dtype=dtypes[precision], use_safetensors=True, trust_remote_code=False
            ).eval()

    def tokens(self, ids: Sequence[int], limit: int) -> Iterator[int]:
        import torch

        new, cache = torch.tensor([list(ids)]), None  # (1, tokens)
        for _ in range(limit):
            with torch.inference_mode():
                output = self._model(new, past_key_values=cache, use_cache=True, logits_to_keep=1)
            cache = output.past_key_values
            new = output.logits[:, -1].argmax(-1, keepdim=True)  # (1, 1)
            yield new.item()


class OnnxEngine:
    """A folder that `export_onnx` wrote, run by onnxruntime-genai."""

    def __init__(self, path: Path, threads: int) -> None:
        import onnxruntime_genai as og

        self._og, self.name = og, f"onnxruntime-genai {og.__version__}"
        config = og.Config(str(path))
        options = {"intra_op_num_threads": threads, "inter_op_num_threads": 1}
        config.overlay(json.dumps({"model": {"decoder": {"session_options": options}}}))
        self._model = og.Model(config)

    def tokens(self, ids: Sequence[int], limit: int) -> Iterator[int]:
        settings = self._og.GeneratorParams(self._model)
        settings.set_search_options(do_sample=False, max_length=len(ids) + limit)
        generator = self._og.Generator(self._model, settings)
        generator.append_tokens(list(ids))
        while not generator.is_done():
            generator.generate_next_token()
            yield int(generator.get_next_tokens()[0])


class LlamaEngine:
    """A GGUF file, run by llama.cpp."""

    def __init__(self, path: Path, threads: int) -> None:
        import llama_cpp

        quiet_llama()
        self.name = f"llama-cpp-python {llama_cpp.__version__}"
        self._model = llama_cpp.Llama(
            str(path), n_ctx=CONTEXT, n_threads=threads, n_threads_batch=threads, seed=0, verbose=False
        )

    def tokens(self, ids: Sequence[int], limit: int) -> Iterator[int]:
        if len(ids) + limit > CONTEXT:
            raise ValueError(f"{len(ids)} tokens and {limit} new ones are more than the context of {CONTEXT}.")
        self._model.reset()
        new = list(ids)
        for _ in range(limit):
            self._model.eval(new)
            new = [self._model.sample(temp=0.0)]
            yield new[0]


def quiet_llama() -> None:
    """Let llama.cpp write errors only: it reports every tensor that it loads, past Python, to the process's stderr."""
    import ctypes
    import sys

    import llama_cpp

    @llama_cpp.llama_log_callback
    def log(level: int, text: bytes, user_data: ctypes.c_void_p) -> None:
        if level == 4:  # GGML_LOG_LEVEL_ERROR in ggml.h; the Python package has no name for it
            sys.stderr.write(text.decode(errors="replace"))

    quiet_llama.log = log  # llama.cpp calls it as long as it lives, so it must not be collected
    llama_cpp.llama_log_set(log, ctypes.c_void_p(0))


def physical_cores() -> int:
    """Return how many threads are worth starting: one for each core that this process may use."""
    import psutil

    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(usable, psutil.cpu_count(logical=False) or usable))
