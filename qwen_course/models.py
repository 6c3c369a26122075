"""load(): Pocket, a checkpoint of the hub, or a folder, all behind the same object.

What is decided here is where the weights come from and in which number format they run; `machine.py` knows the
hardware, `hub.py` downloads, `conversation.py` talks. A server is handed on to `endpoint.py`.
"""

import json
import os
import re
import struct
import warnings
from math import prod
from pathlib import Path

from .allocator import keep_freed_memory
from .bitsandbytes_support import quantization_config, spare_odd_shapes
from .conversation import LocalQwen
from .endpoint import EndpointQwen
from .endpoint_address import split_address
from .hub import fetch, hub_reachable, is_complete
from .machine import GIB, PRECISIONS, Machine, choose_precision, describe_machine, fitting_model, room_for_bf16
from .quiet import quiet_transformers
from .vision import has_processor, load_vision_parts

POCKET = Path(__file__).parent / "pocket"
POCKET_VL = Path(__file__).parent / "pocket_vl"
_OWN = {"pocket": POCKET, "pocket-vl": POCKET_VL}
_EXPECTED = (
    "'pocket', 'pocket-vl', a hub id such as 'Qwen/Qwen3-0.6B', a folder with a checkpoint, "
    "or 'http://host:8000/v1#model'"
)
_TITLES = {
    "pocket": "Pocket, a teaching model trained by this course",
    "pocket-vl": "Pocket-VL, a teaching model for pictures trained by this course",
}
_LONG_NAMES = {"fp32": "float32", "bf16": "bfloat16", "fp16": "float16"}


def load(
    model: str | Path | None = None, *, precision: str = "auto", device: str = "auto", local: bool = False
) -> LocalQwen | EndpointQwen:
    """Load a Qwen model, ready to chat.

    `model` is "pocket", "pocket-vl" (which sees), a hub id, a folder, or a server as "http://host:8000/v1#model" (see
    EndpointQwen); None takes $QWEN_COURSE_MODEL, else Pocket. `precision` is "auto" or one of "fp32", "bf16", "fp16",
    "int8", "nf4", "fp4"; the result's `reason` says what was chosen and why. `local=True` asks for weights on this
    machine: given an endpoint it takes Pocket and says so. Only safetensors are read and no code of a repository is
    run. Raises ValueError, FileNotFoundError or ConnectionError with what to do next. Introduced in notebook 02.
    """
    if precision not in PRECISIONS:
        raise ValueError(f"precision is {precision!r}; expected one of {', '.join(map(repr, PRECISIONS))}.")
    name, note = _resolve(model), ""
    if _is_endpoint(name):
        if not local:
            if (precision, device) != ("auto", "auto"):
                raise ValueError("An endpoint's server chose precision and device; leave both at 'auto'.")
            return EndpointQwen(name)
        split_address(name)  # raises where a password is in it, which must not be printed
        name, note = "pocket", f"Instead of the endpoint {name}, as this needs weights: "
    machine = describe_machine(device)
    name, folder, sampling = _find(name)
    config = _check_folder(folder, name)
    parameters = count_stored(folder)
    chosen, why = _choose(parameters, machine, precision, config)
    if machine.kind == "cpu":
        keep_freed_memory()
    with quiet_transformers(), warnings.catch_warnings():
        warnings.simplefilter("ignore")  # bitsandbytes and torch note what the learner cannot change
        loaded, tokenizer = _load_folder(folder, chosen, machine)
    what = _TITLES.get(name, name)
    reason = f"{note}{what} ({_count(parameters)} parameters) on {machine.name}: {why}."
    if name == "pocket" and machine.kind == "cuda" and hub_reachable():
        reason += f" Its {machine.memory / GIB:.0f} GiB would also fit load({fitting_model(room_for_bf16(machine))!r})."
    vision = load_vision_parts(folder, loaded)
    return LocalQwen(name=name, reason=reason, model=loaded, tokenizer=tokenizer, sampling=sampling, vision=vision)


def load_vision(
    model: str | Path | None = None, *, precision: str = "auto", device: str = "auto", local: bool = False
) -> LocalQwen | EndpointQwen:
    """Load a model that sees, as `load` does; instead of one that reads text only, Pocket-VL, and `reason` says so.

    None takes $QWEN_COURSE_MODEL, else Pocket-VL; a server is taken as it is, since nothing tells what it sees.
    Introduced in notebook 09.
    """
    name = _resolve(model)
    if name.lower() == "pocket":
        return load("pocket-vl", precision=precision, device=device)
    qwen = load(name, precision=precision, device=device, local=local)
    if isinstance(qwen, EndpointQwen) or qwen.vision is not None:
        return qwen
    note = f"Instead of {qwen.name}, which reads text only: "
    qwen.close()
    seeing = load("pocket-vl", precision=precision, device=device)
    seeing.reason = note + seeing.reason
    return seeing


def checkpoint_folder(model: str | Path | None = None) -> Path:
    """Return the folder with a checkpoint's files, what `from_pretrained` takes; a hub id is downloaded first.

    `model` as for `load`; instead of an endpoint, which has no files here, Pocket's folder. Introduced in notebook 02.
    """
    name = _resolve(model)
    name, folder, _ = _find("pocket" if _is_endpoint(name) else name)
    _check_folder(folder, name)
    return folder


def _resolve(model: str | Path | None) -> str:
    """Return what was asked for, by argument or environment, else Pocket."""
    return str(model or os.environ.get("QWEN_COURSE_MODEL") or "pocket").strip()


def _is_endpoint(name: str) -> bool:
    return re.match(r"https?://", name) is not None


def _find(name: str) -> tuple[str, Path, str | None]:
    """Return the model's name, its folder, and the name under which the table of recommended sampling may know it."""
    if name.lower() in _OWN:
        return name.lower(), _OWN[name.lower()], "pocket"
    folder = Path(name).expanduser()
    if folder.is_dir():
        return name, folder, None
    if re.fullmatch(r"[\w.-]+/[\w.-]+", name) and not name.startswith((".", "~")):
        return name, fetch(name), name
    if folder.is_file():
        raise ValueError(f"{name!r} is a file; expected {_EXPECTED}.")
    if folder.is_absolute() or name.startswith((".", "~")) or "/" in name or "\\" in name:
        raise FileNotFoundError(f"There is no folder {name!r}; expected {_EXPECTED}.")
    raise ValueError(f"Unknown model {name!r}; expected {_EXPECTED}.")


def _check_folder(folder: Path, name: str) -> dict:
    """Return the folder's config; raise where something is missing or would need pickles or foreign code."""
    if not (folder / "config.json").exists():
        hint = (
            " It holds a LoRA adapter: load its base model and attach it (notebook 05)."
            if (folder / "adapter_config.json").exists()
            else " Expected what save_pretrained writes: config.json, model.safetensors, tokenizer.json."
        )
        raise FileNotFoundError(f"{name!r} has no config.json (looked in {folder}).{hint}")
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    if not any(folder.glob("*.safetensors")):
        if any(any(folder.glob(pattern)) for pattern in ("*.bin", "*.pt", "*.pth", "*.ckpt")):
            raise ValueError(
                f"{name!r} holds its weights only as pickle files, which can run any code when opened; the course "
                "reads safetensors only. All Qwen since Qwen1.5 have them: take the official version of this one."
            )
        raise FileNotFoundError(f"{name!r} has a config.json but no *.safetensors weights (looked in {folder}).")
    if not is_complete(folder):
        raise FileNotFoundError(
            f"{name!r} lacks weight files that its index names (looked in {folder}): copy it again."
        )
    for file in ("config.json", "tokenizer_config.json"):
        path = folder / file
        if path.exists() and "auto_map" in json.loads(path.read_text(encoding="utf-8")):
            raise ValueError(
                f"{name!r} needs code from its repository, which the course never runs (trust_remote_code; 'auto_map' "
                f"in its {file}). Take a checkpoint that transformers knows itself: every official Qwen since Qwen1.5."
            )
    from transformers.models.auto.configuration_auto import CONFIG_MAPPING_NAMES

    if config.get("model_type") not in CONFIG_MAPPING_NAMES:
        raise ValueError(
            f"{name!r} has the model type {config.get('model_type')!r}, which is unknown. "
            "Take a checkpoint that transformers knows itself (Qwen1.5 or later), or a newer transformers."
        )
    return config


def count_stored(folder: Path) -> int:
    """Return how many parameters the safetensors files of a folder hold, from their headers alone.

    A tied output layer that is stored twice all the same (as in Qwen3-0.6B) counts once.
    """
    config = folder / "config.json"
    tied = config.exists() and json.loads(config.read_text(encoding="utf-8")).get("tie_word_embeddings", False)
    skipped = {"__metadata__", "lm_head.weight"} if tied else {"__metadata__"}
    total = 0
    for path in folder.glob("*.safetensors"):
        with path.open("rb") as file:
            (length,) = struct.unpack("<Q", file.read(8))
            header = json.loads(file.read(length))
        total += sum(prod(tensor["shape"]) for key, tensor in header.items() if key not in skipped)
    return total


def _choose(parameters: int, machine: Machine, precision: str, config: dict) -> tuple[str, str]:
    if "quantization_config" in config:
        method = config["quantization_config"].get("quant_method", "?")
        if precision != "auto":
            raise ValueError(
                f"precision is {precision!r}, but this checkpoint is already quantized ({method}): use 'auto'."
            )
        return "stored", f"as stored, already quantized ({method})"
    if precision == "auto":
        return choose_precision(parameters, machine)
    return precision, f"{_LONG_NAMES.get(precision, precision)}, as asked"


def _load_folder(folder: Path, precision: str, machine: Machine):
    import torch
    from transformers import AutoModelForCausalLM, AutoModelForImageTextToText, AutoTokenizer
    from transformers.models.auto.modeling_auto import MODEL_FOR_CAUSAL_LM_MAPPING_NAMES

    dtypes = {"fp32": torch.float32, "bf16": torch.bfloat16, "fp16": torch.float16, "stored": "auto"}
    options: dict = {}
    if precision in dtypes:
        options["dtype"] = dtypes[precision]
    else:
        options["dtype"], options["quantization_config"] = quantization_config(precision, machine)
    if machine.kind != "cpu":
        options["device_map"] = {"": machine.device}
    config = json.loads((folder / "config.json").read_text(encoding="utf-8"))
    text_alone = config["model_type"] in MODEL_FOR_CAUSAL_LM_MAPPING_NAMES
    sees = "vision_config" in config and (has_processor(folder) or not text_alone)
    kind = AutoModelForImageTextToText if sees else AutoModelForCausalLM
    model = kind.from_pretrained(folder, use_safetensors=True, trust_remote_code=False, **options)
    return spare_odd_shapes(model).eval(), AutoTokenizer.from_pretrained(folder, trust_remote_code=False)


def _count(parameters: int) -> str:
    if parameters < 1e6:
        return f"{parameters:,}"
    return f"{parameters / 1e9:.1f} billion" if parameters >= 1e9 else f"{parameters / 1e6:.1f} million"
