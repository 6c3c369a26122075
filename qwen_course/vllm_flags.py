"""How vLLM is started for each Qwen family: which parsers, which context, over how many GPUs and machines.

Recorded from vLLM 0.33.0. Parsers: the tables in `vllm/reasoning/__init__.py` and `vllm/tool_parsers/__init__.py`;
flags of the API: `vllm/entrypoints/openai/cli_args.py`; cutting a model: docs.vllm.ai, "Parallelism and Scaling". Where
vLLM is installed, `tests/test_vllm.py` holds these flags against its own command line.
"""

import json

from .checkpoints import checkpoint

VLLM_VERSION = "0.33.0"
FLAGS = (
    *("--max-model-len", "--reasoning-parser", "--enable-auto-tool-choice", "--tool-call-parser", "--hf-overrides"),
    *("--revision", "--tensor-parallel-size", "--pipeline-parallel-size", "--distributed-executor-backend"),
)
REASONING_PARSERS = ("qwen3", "deepseek_r1")
TOOL_PARSERS = ("hermes", "qwen3_coder")


def vllm_command(
    repo_id: str, *, max_model_len: int, gpus: int = 1, machines: int = 1, revision: str | None = None
) -> list[str]:
    """Return the command that serves a chat model of the catalogue, for `subprocess` or `shlex.join`.

    `gpus` are those of one machine. Beyond the native context YaRN is switched on, up to the model's extended one.
    Raises ValueError for a base model, a context that is too long, or sizes below 1. Introduced in notebook 07.
    """
    model = checkpoint(repo_id)
    if model.variant == "base":
        raise ValueError(f"{repo_id!r} is a base model, which does not chat; serve its instruct or thinking sibling.")
    for name, value in (("max_model_len", max_model_len), ("gpus", gpus), ("machines", machines)):
        if isinstance(value, bool) or not isinstance(value, int) or value < 1:
            raise ValueError(f"{name} is {value!r}; expected a whole number of at least 1.")
    command = ["vllm", "serve", repo_id, "--max-model-len", str(max_model_len)]
    command += ["--revision", revision] if revision else []
    command += _context(model, max_model_len)
    if parser := _reasoning(model):
        command += ["--reasoning-parser", parser]
    if parser := _tools(model):
        command += ["--enable-auto-tool-choice", "--tool-call-parser", parser]
    command += ["--tensor-parallel-size", str(gpus)] if gpus > 1 else []
    if machines > 1:
        command += ["--pipeline-parallel-size", str(machines), "--distributed-executor-backend", "ray"]
    return command


def _reasoning(model) -> str | None:
    """Return what cuts the thinking off; QwQ came before the parser that is named after Qwen3."""
    if model.thinking not in ("hybrid", "always"):
        return None
    return "deepseek_r1" if model.generation == "Qwen2.5" else "qwen3"


def _tools(model) -> str | None:
    """Return what reads the format of a family's tool calls: JSON up to Qwen3, XML from Qwen3-Coder and Qwen3.5 on."""
    if model.generation in ("Qwen1.5", "Qwen2"):  # whose templates know no tools
        return None
    coder = "Coder" in model.repo_id and not model.generation.startswith("Qwen2.5")
    later = any(model.generation.startswith(name) for name in ("Qwen3.5", "Qwen3.6", "Qwen3.7", "Qwen3.8"))
    return "qwen3_coder" if coder or later else "hermes"


def _context(model, tokens: int) -> list[str]:
    native, extended = model.native_context, model.extended_context or model.native_context
    if native is None or tokens <= native:
        return []
    if tokens > extended:
        raise ValueError(f"{model.repo_id!r} reads at most {extended:,} tokens; max_model_len is {tokens:,}.")
    factor = max(2.0, float(-(-tokens // native)))
    rope = {"rope_type": "yarn", "factor": factor, "original_max_position_embeddings": native}
    return ["--hf-overrides", json.dumps({"rope_parameters": rope})]
