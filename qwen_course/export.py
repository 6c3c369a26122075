"""Convert a Qwen folder for the engines of small machines: a folder for ONNX Runtime, a file for llama.cpp.

`export_checks.py` says what can be converted, `gguf_file.py` writes GGUF, onnxruntime-genai brings a builder of its
own. Here is what both have in common: everything is refused before a byte is written, and what is written appears
under its name when it is complete, or not at all.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path

from .export_checks import check_exportable
from .export_weights import Weights
from .models import checkpoint_folder, count_stored

# precision -> about how many bytes of disk a parameter takes on the way, to see beforehand whether they are free
ONNX_PRECISIONS = {"fp32": 4.2, "int4": 1.0}
GGUF_PRECISIONS = {"f32": 4.0, "f16": 2.0, "q8_0": 1.1, "q4_k_m": 2.7}  # q4_k_m goes through a 16-bit file
PACKAGES = {  # module -> what pip installs; all together are the course's extra `edge`
    "gguf": "gguf",
    "llama_cpp": "'llama-cpp-python[server]'",
    "onnx": "onnx",
    "onnx_ir": "onnx-ir",
    "onnxruntime_genai": "onnxruntime-genai onnx onnx-ir",
}


def export_onnx(model: str | Path | None, target: str | Path, *, precision: str = "int4") -> Path:
    """Write a model as a folder for onnxruntime-genai, on the CPU, and return it.

    `model` as for `load`; `precision` "fp32", or "int4": blocks of 32 weights, rounded without calibration. The folder
    holds graph, weights, tokenizer and template. Raises ValueError for a model that cannot be converted,
    FileExistsError where `target` is there already, ImportError without onnxruntime-genai, OSError for a full disk,
    RuntimeError with the builder's last words; `target` does not exist then. Introduced in notebook 08.
    """
    target, folder = _prepare(model, target, precision, ONNX_PRECISIONS, ("onnxruntime_genai", "onnx", "onnx_ir"))
    builder = [sys.executable, "-m", "onnxruntime_genai.models.builder", "-m", folder, "-i", folder]
    with _appearing(target) as place:
        options = ["-o", place / "model", "-p", precision, "-e", "cpu", "-c", place / "cache"]
        offline = {**os.environ, "HF_HUB_OFFLINE": "1"}  # the folder has all it needs
        done = subprocess.run([*builder, *options], env=offline, capture_output=True, text=True, errors="replace")
        if done.returncode or not (place / "model" / "genai_config.json").is_file():
            raise RuntimeError(f"The builder could not convert {folder.name}:\n{(done.stderr or done.stdout)[-2000:]}")
        os.replace(place / "model", target)
    return target


def export_gguf(model: str | Path | None, target: str | Path, *, precision: str = "q8_0") -> Path:
    """Write a model as one GGUF file, which llama.cpp and Ollama read, and return its path.

    `model` as for `load`; `precision` "f32", "f16", "q8_0" (blocks of 32 weights in 8 bits), or "q4_k_m" (about 4.8
    bits, mixed), for which llama-cpp-python is needed too. Tokenizer and chat template are in the file. Raises as
    `export_onnx` does. Introduced in notebook 08.
    """
    from .gguf_file import quantize, write_gguf

    if Path(target).suffix != ".gguf":
        raise ValueError(f"target is {str(target)!r}; expected a file that ends in '.gguf', as its readers want it.")
    modules = ("gguf", "llama_cpp") if precision == "q4_k_m" else ("gguf",)
    target, folder = _prepare(model, target, precision, GGUF_PRECISIONS, modules)
    with _appearing(target) as place:
        written = place / "model.gguf"
        write_gguf(folder, written, "f16" if precision == "q4_k_m" else precision)
        if precision == "q4_k_m":
            quantize(written, written := place / "model-q4_k_m.gguf", threads=os.cpu_count() or 1)
        os.replace(written, target)
    return target


def missing_engine(*modules: str) -> str | None:
    """Return the first of these modules that is not installed, None if all are. Introduced in notebook 08."""
    return next((name for name in modules if find_spec(name) is None), None)


def _prepare(model, target, precision: str, precisions: dict, modules: tuple[str, ...]) -> tuple[Path, Path]:
    """Return target and source, or raise what is wrong with them; nothing is written."""
    target = Path(target)
    if precision not in precisions:
        raise ValueError(f"precision is {precision!r}; expected one of {', '.join(map(repr, precisions))}.")
    if missing := missing_engine(*modules):
        raise ImportError(f"{missing} is not installed, which this needs: pip install {PACKAGES[missing]}")
    if target.exists():
        raise FileExistsError(f"{target.name!r} is there already; name a new one, or remove it first.")
    folder = checkpoint_folder(model)
    check_exportable(folder)
    Weights(folder)  # raises where one is missing or of another shape
    needed = count_stored(folder) * precisions[precision]
    place = next(parent for parent in target.absolute().parents if parent.exists())
    free = shutil.disk_usage(place).free
    if free < needed:
        raise OSError(f"{needed / 1e9:.1f} GB are needed and {free / 1e9:.1f} GB free. Nothing was written.")
    return target, folder


@contextmanager
def _appearing(target: Path) -> Iterator[Path]:
    """Yield a new folder beside the target, on the same disk, and remove it at the end, whatever happened."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(prefix=f".{target.name}-", dir=target.parent) as place:
        yield Path(place)
