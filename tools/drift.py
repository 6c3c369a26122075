"""Find the names that the course takes from libraries which change, and check them against what is installed.

Reads the code by `ast`, so it also sees what a fast run never reaches: each import, each attribute of an imported name,
each keyword of a call of one. A keyword of a method of an object (`model.generate(...)`) is checked where the method's
name is in `METHODS`. Nothing of the course is executed. `make drift` runs it with the newest and the oldest versions.
"""

import ast
import dataclasses
import importlib
import inspect
import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).parent.parent
LIBRARIES = (
    "transformers",
    "peft",
    "trl",
    "bitsandbytes",
    "datasets",
    "onnxruntime_genai",
    "torch",
    "openai",
    "limits",
)

# Calls whose signature ends in **kwargs: what is handed through, and to where. (callable, keyword): reason
PASSED_THROUGH = {
    ("transformers.AutoModelForCausalLM.from_pretrained", "use_safetensors"): "read by PreTrainedModel.from_pretrained",
    ("transformers.AutoModelForCausalLM.from_pretrained", "trust_remote_code"): "popped by the auto class itself",
    ("transformers.AutoModelForCausalLM.from_pretrained", "dtype"): "read by PreTrainedModel.from_pretrained",
    ("transformers.AutoModelForCausalLM.from_pretrained", "device_map"): "read by PreTrainedModel.from_pretrained",
    ("transformers.AutoModelForCausalLM.from_pretrained", "quantization_config"): "read by PreTrainedModel",
    ("transformers.AutoModelForCausalLM.from_pretrained", "attn_implementation"): "read by PreTrainedModel",
    ("transformers.AutoModelForCausalLM.from_config", "dtype"): "read by PreTrainedModel._from_config",
    ("transformers.AutoModelForCausalLM.from_config", "attn_implementation"): "read by PreTrainedModel._from_config",
    ("transformers.AutoTokenizer.from_pretrained", "trust_remote_code"): "popped by the auto class itself",
    ("transformers.AutoConfig.from_pretrained", "trust_remote_code"): "popped by the auto class itself",
    ("transformers.AutoImageProcessor.from_pretrained", "trust_remote_code"): "popped by the auto class itself",
    ("transformers.AutoImageProcessor.from_pretrained", "backend"): "popped by the auto class itself",
    ("transformers.AutoModelForCausalLM.from_pretrained", "load_in_4bit"): "the mistake that lesson 04 shows",
    ("transformers.Qwen3MoeConfig.__init__", "head_dim"): "kept as an attribute, and read by Qwen3-MoE's attention",
    ("transformers.PreTrainedTokenizerFast.__init__", "tokenizer_object"): "popped from **kwargs at its begin",
    ("transformers.PreTrainedTokenizerFast.__init__", "eos_token"): "a special token, kept by the base class",
    ("transformers.PreTrainedTokenizerFast.__init__", "pad_token"): "a special token, kept by the base class",
    ("transformers.PreTrainedTokenizerBase.apply_chat_template", "enable_thinking"): "an option of Qwen's template",
    ("transformers.PreTrainedTokenizerBase.apply_chat_template", "enable_thinkng"): "the mistake that lesson 02 shows",
    ("transformers.GenerationMixin.generate", "attention_mask"): "an input of the model's forward",
}

# Methods called on objects: name -> the callables it may be. One of them has to take the keyword.
METHODS = {
    "generate": ("transformers.GenerationMixin.generate", "transformers.GenerationConfig"),
    "apply_chat_template": ("transformers.PreTrainedTokenizerBase.apply_chat_template",),
    "set_attn_implementation": ("transformers.PreTrainedModel.set_attn_implementation",),
    "save_pretrained": (
        "transformers.PreTrainedModel.save_pretrained",
        "transformers.PreTrainedTokenizerBase.save_pretrained",
    ),
    "get_memory_footprint": ("transformers.PreTrainedModel.get_memory_footprint",),
    "num_parameters": ("transformers.PreTrainedModel.num_parameters",),
    "get_added_vocab": ("transformers.PreTrainedTokenizerBase.get_added_vocab",),
    "convert_tokens_to_ids": ("transformers.PreTrainedTokenizerBase.convert_tokens_to_ids",),
    "convert_ids_to_tokens": ("transformers.PreTrainedTokenizerFast.convert_ids_to_tokens",),
    "init_continuous_batching": ("transformers.PreTrainedModel.init_continuous_batching",),
    "add_request": ("transformers.generation.continuous_batching.ContinuousBatchingManager.add_request",),
    "get_result": ("transformers.generation.continuous_batching.ContinuousBatchingManager.get_result",),
    "cancel_request": ("transformers.generation.continuous_batching.ContinuousBatchingManager.cancel_request",),
    "merge_and_unload": ("peft.LoraModel.merge_and_unload",),  # PeftModel hands it on to it
    "print_trainable_parameters": ("peft.PeftModel.print_trainable_parameters",),
}


@dataclass(frozen=True)
class Use:
    """A name of a library, as a path of attributes, and the keyword given to it, if it is called with one."""

    path: str
    keyword: str | None
    where: str  # file:line


def sources(root: Path = ROOT) -> Iterator[tuple[str, str]]:
    """Yield (label, code) of all notebooks and of every module of the helper, the training and the tools."""
    for notebook in sorted((root / "notebooks").glob("*.ipynb")):
        for number, cell in enumerate(json.loads(notebook.read_text(encoding="utf-8"))["cells"]):
            if cell["cell_type"] == "code":
                lines = "".join(cell["source"]).splitlines()
                code = "\n".join("pass" if line.lstrip().startswith(("%", "!")) else line for line in lines)
                yield f"{notebook.name}[{number}]", code
    for folder in ("qwen_course", "training", "tools"):
        for path in sorted((root / folder).rglob("*.py")):
            yield path.relative_to(root).as_posix(), path.read_text(encoding="utf-8")


def collect(files: Iterator[tuple[str, str]]) -> list[Use]:
    """Return every use; in a notebook a name imported in one cell counts in those after it."""
    uses: dict[Use, None] = {}
    names: dict[str, str] = {}
    notebook = None
    for label, code in files:
        owner = label.partition("[")[0]
        if owner != notebook:
            names, notebook = {}, owner
        tree = ast.parse(code)
        names |= _imported(tree, uses, label)
        for node in ast.walk(tree):
            if isinstance(node, ast.Attribute) and (path := _path(node, names)):
                uses[Use(path, None, f"{label}:{node.lineno}")] = None
            if not isinstance(node, ast.Call):
                continue
            path = _path(node.func, names)
            if path is None and isinstance(node.func, ast.Attribute) and node.func.attr in METHODS:
                path = f".{node.func.attr}"
            for keyword in node.keywords if path else []:
                if keyword.arg is not None:
                    uses[Use(path, keyword.arg, f"{label}:{node.lineno}")] = None
    return list(uses)


def problems(uses: list[Use], libraries: tuple[str, ...] = LIBRARIES) -> list[str]:
    """Return one line for each use that the installed versions do not know."""
    found = []
    for use in uses:
        try:
            paths = METHODS[use.path[1:]] if use.path.startswith(".") else (use.path,)
            targets = [resolve(path) for path in paths if path.partition(".")[0] in libraries]
        except (ImportError, AttributeError) as error:
            found.append(f"{use.where}: {use.path} is not there ({error})")
            continue
        if use.keyword is None or any(accepts(*target, use.keyword) for target in targets):
            continue
        found.append(f"{use.where}: {use.path}() takes no keyword {use.keyword!r}")
    return found


def resolve(path: str) -> tuple[str, object]:
    """Return (path, object): the longest importable module, then attributes."""
    parts = path.split(".")
    for end in range(len(parts), 0, -1):
        try:
            target = importlib.import_module(".".join(parts[:end]))
        except ModuleNotFoundError as error:
            missing = error.name or ""
            if end == 1 or not ".".join(parts[:end]).startswith(missing):
                raise
            continue
        for name in parts[end:]:
            target = getattr(target, name)
        return path, target
    raise ImportError(path)


def accepts(path: str, target: object, keyword: str) -> bool:
    """Whether the callable takes the keyword by name; **kwargs count only where PASSED_THROUGH says why."""
    if inspect.isclass(target):
        if dataclasses.is_dataclass(target) and keyword in {f.name for f in dataclasses.fields(target) if f.init}:
            return True
        if _config_attribute(target, keyword):
            return True
        path = f"{path}.__init__"
        if (path, keyword) in PASSED_THROUGH:
            return True
        own = [c.__init__ for c in target.__mro__ if "__init__" in vars(c)]
        # a class that hands **kwargs to its parent takes the parent's keywords
        for position, init in enumerate(own):
            taken, open_end = _keywords(init)
            if keyword in taken:
                return True
            if not open_end and (taken or position == 0):
                break
        if "__new__" in vars(target) and keyword in _keywords(target.__new__)[0]:
            return True
        return _is_builtin(target)
    if (path, keyword) in PASSED_THROUGH or _is_builtin(target):
        return True
    taken, _ = _keywords(target)
    return keyword in taken


def _config_attribute(target: type, keyword: str) -> bool:
    """transformers' configurations keep any keyword in silence: only those that they set by default are known."""
    if any(base.__module__.startswith("transformers") and base.__name__ in ("PreTrainedConfig", "GenerationConfig")
           for base in target.__mro__):  # fmt: skip
        return hasattr(target(), keyword)
    return False


def _keywords(function: object) -> tuple[set[str], bool]:
    """Return the names that can be given by keyword, and whether the signature ends in **kwargs."""
    try:
        parameters = inspect.signature(function).parameters.values()
    except (TypeError, ValueError):
        return set(), False
    named = {p.name for p in parameters if p.kind in (p.POSITIONAL_OR_KEYWORD, p.KEYWORD_ONLY)}
    return named, any(p.kind is p.VAR_KEYWORD for p in parameters)


def _is_builtin(target: object) -> bool:
    """Whether it is compiled code without a signature (torch.full, torch.Generator): its name is all we can check."""
    try:
        inspect.signature(target)
    except (TypeError, ValueError):
        return True
    return False


def _imported(tree: ast.AST, uses: dict[Use, None], label: str) -> dict[str, str]:
    """Return {name in the code: path in the library}, and note each import as a use."""
    names = {}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for item in node.names:
                if item.name.partition(".")[0] in LIBRARIES:
                    uses[Use(item.name, None, f"{label}:{node.lineno}")] = None
                    names[item.asname or item.name.partition(".")[0]] = (
                        item.name if item.asname else item.name.partition(".")[0]
                    )
        elif isinstance(node, ast.ImportFrom) and not node.level and node.module.partition(".")[0] in LIBRARIES:
            for item in node.names:
                path = f"{node.module}.{item.name}"
                uses[Use(path, None, f"{label}:{node.lineno}")] = None
                names[item.asname or item.name] = path
    return names


def _path(node: ast.AST, names: dict[str, str]) -> str | None:
    """Return the library path of `name.attribute.attribute`, if its name was imported from a library."""
    if isinstance(node, ast.Name):
        return names.get(node.id)
    if isinstance(node, ast.Attribute) and (path := _path(node.value, names)):
        return f"{path}.{node.attr}"
    return None


def main() -> int:
    uses = collect(sources())
    found = problems(uses)
    keywords = sum(use.keyword is not None for use in uses)
    print(f"{len(uses)} uses of {', '.join(LIBRARIES)} ({keywords} keywords): {len(found)} are not known here.")
    print(*found, sep="\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
