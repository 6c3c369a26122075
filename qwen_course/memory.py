"""How much memory a Qwen model takes: weights, key-value cache and training, from its shape alone.

The rules for 4 and 8 bits are those of bitsandbytes inside transformers: every nn.Linear but the output head is
quantized, embeddings, head, norms and fused experts stay 16-bit, and the scales of the blocks are counted.
Not counted: activations (they grow with the prompt), the fixed state of Gated DeltaNet layers, the framework and CUDA
itself. Introduced in notebook 01; notebook 04 measures the same bytes on a loaded model.
"""

from dataclasses import dataclass
from math import ceil
from typing import Any, Literal, get_args

from .checkpoints import Checkpoint, shape
from .parameters import (
    ParameterCount,
    Weights,
    config_of,
    count_parameters,
    full_attention_layers_of,
    head_dim_of,
    text_config_of,
    weights_of,
)

__all__ = ["LORA_RANK", "MemoryEstimate", "ParameterCount", "count_parameters", "estimate_memory", "kv_cache_bytes"]

Precision = Literal["auto", "fp32", "bf16", "fp16", "int8", "nf4", "fp4"]
Purpose = Literal["inference", "lora", "qlora", "full"]

LORA_RANK = 16  # the adapters of the course: rank 16 on every nn.Linear but the output head
_BLOCK, _NESTED_BLOCK = 64, 256  # bitsandbytes: weights per scale, and scales per scale of scales


@dataclass(frozen=True)
class MemoryEstimate:
    """Bytes that a model takes. `training` is adapters, gradients and optimizer state, 0 for inference."""

    weights: int
    kv_cache: int
    adapters: int
    gradients: int
    optimizer: int
    reason: str

    @property
    def training(self) -> int:
        return self.adapters + self.gradients + self.optimizer

    @property
    def total(self) -> int:
        return self.weights + self.kv_cache + self.training

    def __str__(self) -> str:
        parts = {"weights": self.weights, "cache": self.kv_cache, "training": self.training}
        return " + ".join(f"{_gib(size)} {name}" for name, size in parts.items() if size) + f" = {_gib(self.total)}"

    def _repr_markdown_(self) -> str:
        return f"{self}  \n*{self.reason}*"


def estimate_memory(
    model: str | Checkpoint | Any,
    *,
    precision: Precision = "bf16",
    tokens: int = 8192,
    batch_size: int = 1,
    purpose: Purpose = "inference",
) -> MemoryEstimate:
    """Estimate the memory of a catalogue id, a Checkpoint or a transformers config of a Qwen model.

    tokens counts prompt and answer of one conversation, batch_size the conversations at once. "auto" is taken as bf16,
    the precision that Qwen publishes. Training keeps no cache; "lora" and "qlora" train adapters of rank 16 in fp32,
    "qlora" on 4-bit weights (nf4 where precision names more bits), "full" trains all weights in `precision`; all with
    AdamW. Raises ValueError for an unknown option or id. Introduced in notebook 01.
    """
    _check("precision", precision, get_args(Precision))
    _check("purpose", purpose, get_args(Purpose))
    if tokens < 0 or batch_size < 1:
        raise ValueError(f"got tokens={tokens!r} and batch_size={batch_size!r}; expected tokens >= 0, batch_size >= 1.")
    config, note = config_of(model), ""
    if isinstance(config, dict) and "same_size_as" in config:
        note = f"; reckoned as {config['same_size_as']}, whose size it has"
        config = shape(config["same_size_as"])
    if precision == "auto":
        precision = "bf16"
    if purpose == "qlora" and precision not in ("nf4", "fp4"):
        precision = "nf4"
    if purpose == "full" and precision in ("int8", "nf4", "fp4"):
        raise ValueError(
            f'{precision!r} weights cannot be trained themselves: take purpose="qlora", or "bf16" weights.'
        )

    table = list(weights_of(config))
    width = 4 if precision == "fp32" else 2
    kv_cache = adapters = gradients = optimizer = 0
    if purpose == "inference":
        kv_cache = kv_cache_bytes(config, tokens, batch_size=batch_size, bytes_per_value=width)
    elif purpose == "full":
        trained = sum(weights.parameters for weights in table)
        gradients, optimizer = width * trained, 2 * width * trained  # AdamW: two moments, in the weights' own precision
    else:
        trained = sum(LORA_RANK * (w.rows + w.columns) * w.copies for w in table if w.linear)
        adapters, gradients, optimizer = 4 * trained, 4 * trained, 8 * trained  # peft keeps adapters in fp32
    text_only = " (language model only: its other encoders are not known)" if _is_partial(config) else ""
    return MemoryEstimate(
        weights=sum(_weight_bytes(weights, precision, width) for weights in table),
        kv_cache=kv_cache,
        adapters=adapters,
        gradients=gradients,
        optimizer=optimizer,
        reason=f"{precision} weights{text_only}, {_what(purpose, tokens, batch_size)}{note}",
    )


def kv_cache_bytes(model: str | Checkpoint | Any, tokens: int, *, batch_size: int = 1, bytes_per_value: int = 2) -> int:
    """Return the bytes that the key-value cache takes.

    Two tensors (keys and values) per full-attention layer, each tokens x kv_heads x head_dim. Qwen3's head_dim is 128,
    not hidden_size / attention_heads. Gated DeltaNet layers keep a fixed state, not counted. Introduced in notebook 01.

    kv_cache_bytes("Qwen/Qwen3-0.6B", tokens=1) -> 114688
    """
    config = config_of(model)
    text = text_config_of(config)
    kv_heads = text["num_key_value_heads"] if isinstance(text, dict) else text.num_key_value_heads
    per_token = 2 * full_attention_layers_of(config) * kv_heads * head_dim_of(config) * bytes_per_value
    return per_token * tokens * batch_size


def _weight_bytes(weights: Weights, precision: str, width: int) -> int:
    """Return the stored bytes of one kind of weight, scales of quantized blocks included."""
    if not weights.linear or precision not in ("int8", "nf4", "fp4"):
        return width * weights.parameters
    values = weights.rows * weights.columns
    if precision == "int8":
        return weights.copies * (values + 4 * weights.rows)  # one fp32 scale for each row
    scales = ceil(values / _BLOCK)
    # double quantization: 8-bit scales, an fp32 scale for 256 of them, two code tables of 16 and 256 values, an offset
    extra = scales + 4 * ceil(scales / _NESTED_BLOCK) + 4 * (16 + 256 + 1)
    return weights.copies * (ceil(values / 2) + extra)


def _is_partial(config: Any) -> bool:
    return isinstance(config, dict) and bool(config.get("text_only", False))


def _what(purpose: str, tokens: int, batch_size: int) -> str:
    if purpose == "inference":
        return f"cache for {batch_size} x {tokens:,} tokens"
    return "all weights trained" if purpose == "full" else f"adapters of rank {LORA_RANK} trained"


def _gib(size: int) -> str:
    return f"{size / 2**30:.1f} GiB" if size >= 2**30 else f"{size / 2**20:.1f} MiB"


def _check(name: str, value: str, allowed: tuple[str, ...]) -> None:
    if value not in allowed:
        raise ValueError(f"got {name}={value!r}; expected one of {', '.join(map(repr, allowed))}.")
