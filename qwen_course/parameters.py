"""Exact parameter counts of Qwen models, by formula, without building them.

`weights_of` writes down every weight of a model as a table: what it belongs to, its size and how many there are of it.
Counting, quantizing and adapting are then sums over that table (see memory.py). It covers the transformers classes of
Qwen1.5 to Qwen3.8: dense, mixture of experts, Gated DeltaNet hybrids, and the picture encoders of the VL models.
It does not cover Qwen 1.0, sound encoders, speech output, or the multi-token-prediction head that some files carry.
Introduced in notebook 01.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from .checkpoints import Checkpoint, shape

_QWEN2 = {"qwen2", "qwen2_moe", "qwen2_vl", "qwen2_5_vl", "qwen2_5_omni"}  # biases on queries, keys and values
_QWEN3 = {"qwen3", "qwen3_moe", "qwen3_vl", "qwen3_vl_moe", "qwen3_omni_moe"}  # norms on queries and keys
_HYBRID = {"qwen3_next", "qwen3_5", "qwen3_5_moe"}  # Gated DeltaNet, and gated attention in every fourth layer


@dataclass(frozen=True)
class Weights:
    """One kind of weight: `copies` matrices of rows x columns (a vector has one column).

    `linear` marks an nn.Linear other than the output head: what bitsandbytes quantizes and LoRA adapts.
    `active_copies` is how many of the copies one token of text passes through.
    """

    part: str
    rows: int
    columns: int
    copies: int
    linear: bool
    active_copies: int

    @property
    def parameters(self) -> int:
        return self.rows * self.columns * self.copies


@dataclass(frozen=True)
class ParameterCount:
    """Numbers of parameters, shared (tied) weights counted once.

    total: the whole checkpoint, with its picture encoder. text: the language model alone.
    active: what one token of text passes through, `text` without the experts not chosen; both embeddings count whole.
    embedding: input table and output head, so that text - embedding is the published "non-embedding" number.
    text_only: True where only the language model's shape is known, so that total is too small.
    """

    total: int
    text: int
    active: int
    embedding: int
    text_only: bool = False


def count_parameters(model: str | Checkpoint | Any) -> ParameterCount:
    """Count the parameters of a catalogue id, a Checkpoint or a transformers config of a Qwen model, to the unit.

    Raises ValueError for an unknown id, a shape that is not verified, or a config of another family.
    Introduced in notebook 01.

    count_parameters("Qwen/Qwen3-0.6B").total -> 596049920
    """
    config = config_of(model)
    if "same_size_as" in _keys(config):
        twin = _get(config, "same_size_as")
        raise ValueError(f"the exact shape of {model!r} is not verified; it has the size of {twin!r}: count that one.")
    return count_shape(config)


def count_shape(config: Any) -> ParameterCount:
    """Count the parameters of transformers config keywords or of a config object."""
    table = list(weights_of(config))
    text = [weights for weights in table if weights.part != "vision"]
    return ParameterCount(
        total=sum(weights.parameters for weights in table),
        text=sum(weights.parameters for weights in text),
        active=sum(weights.rows * weights.columns * weights.active_copies for weights in text),
        embedding=sum(weights.parameters for weights in text if weights.part in ("embedding", "head")),
        text_only=bool(_get(config, "text_only", False)) or "thinker_config" in _keys(config),
    )


def config_of(model: str | Checkpoint | Any) -> Any:
    """Return the config keywords of a catalogue id or Checkpoint, or the config object itself."""
    if isinstance(model, Checkpoint):
        model = model.repo_id
    return shape(model) if isinstance(model, str) else model


def text_config_of(config: Any) -> Any:
    """Return the part of a config that describes the language model."""
    for name in ("thinker_config", "text_config"):
        if name in _keys(config):
            config = _get(config, name)
    return config


def head_dim_of(config: Any) -> int:
    """Return the size of one attention head: Qwen3 and later set it, before that it is hidden_size / heads."""
    text = text_config_of(config)
    return _get(text, "head_dim", None) or _get(text, "hidden_size") // _get(text, "num_attention_heads")


def full_attention_layers_of(config: Any) -> int:
    """Return the number of layers that keep a key-value cache (all of them, but for the Gated DeltaNet hybrids)."""
    text = text_config_of(config)
    layer_types = _get(text, "layer_types", None)
    if layer_types is not None:
        return sum(kind != "linear_attention" for kind in layer_types)
    return _get(text, "num_hidden_layers") // _get(text, "full_attention_interval", 1)


def weights_of(config: Any) -> Iterator[Weights]:
    """Yield every weight of the model that a config describes. Raises ValueError for a family it does not know."""
    text, family = text_config_of(config), _family(config)
    hidden, vocab, layers = (_get(text, name) for name in ("hidden_size", "vocab_size", "num_hidden_layers"))
    full = full_attention_layers_of(config)

    yield Weights("embedding", vocab, hidden, 1, False, 1)
    outer = config if "tie_word_embeddings" in _keys(config) else text
    if not _get(outer, "tie_word_embeddings"):
        yield Weights("head", vocab, hidden, 1, False, 1)
    yield _vector("norm", hidden, 2 * layers + 1)  # two in each layer, one after the last
    yield from _attention(text, family, full)
    if family in _HYBRID:
        yield from _gated_delta_net(text, family, layers - full)
    yield from _feed_forward(text, layers)
    if "vision_config" in _keys(config) and "thinker_config" not in _keys(config):
        yield from _vision(_get(config, "vision_config"), family)


def _attention(text: Any, family: str, layers: int) -> Iterator[Weights]:
    hidden, head_dim = _get(text, "hidden_size"), head_dim_of(text)
    queries, keys = (head_dim * _get(text, name) for name in ("num_attention_heads", "num_key_value_heads"))
    gate = 2 if family in _HYBRID else 1  # the output gate doubles the query projection
    yield _linear("attention", gate * queries, hidden, layers)
    yield _linear("attention", keys, hidden, 2 * layers)
    yield _linear("attention", hidden, queries, layers)
    if family in _QWEN2:
        yield _vector("attention", queries + 2 * keys, layers)
    elif _get(text, "attention_bias", False):
        yield _vector("attention", gate * queries + 2 * keys + hidden, layers)
    if family not in _QWEN2:
        yield _vector("attention", head_dim, 2 * layers)


def _gated_delta_net(text: Any, family: str, layers: int) -> Iterator[Weights]:
    hidden, value_heads = _get(text, "hidden_size"), _get(text, "linear_num_value_heads")
    keys = _get(text, "linear_num_key_heads") * _get(text, "linear_key_head_dim")
    values = value_heads * _get(text, "linear_value_head_dim")
    if family == "qwen3_next":  # one matrix each for queries, keys, values and gate, and for the two decays
        projections = (2 * keys + 2 * values, 2 * value_heads)
    else:
        projections = (2 * keys + values, values, value_heads, value_heads)
    for rows in projections:
        yield _linear("linear attention", rows, hidden, layers)
    yield _linear("linear attention", hidden, values, layers)
    convolution = (2 * keys + values) * _get(text, "linear_conv_kernel_dim")
    yield _vector("linear attention", convolution + 2 * value_heads + _get(text, "linear_value_head_dim"), layers)


def _feed_forward(text: Any, layers: int) -> Iterator[Weights]:
    hidden, experts = _get(text, "hidden_size"), _get(text, "num_experts", 0) or 0
    step, dense_layers = _get(text, "decoder_sparse_step", 1), _get(text, "mlp_only_layers", None) or ()
    sparse = sum((i + 1) % step == 0 and i not in dense_layers for i in range(layers)) if experts else 0
    if sparse < layers:
        yield from _mlp("mlp", hidden, _get(text, "intermediate_size"), layers - sparse)
    if sparse:
        size, chosen = _get(text, "moe_intermediate_size"), _get(text, "num_experts_per_tok")
        # transformers 5 keeps all experts of a layer in two fused parameters, which are no nn.Linear
        yield Weights("experts", 3 * size, hidden, experts * sparse, False, chosen * sparse)
        yield Weights("router", experts, hidden, sparse, False, sparse)
        shared = _get(text, "shared_expert_intermediate_size", 0) or 0
        if shared:
            yield from _mlp("shared expert", hidden, shared, sparse)
            yield _linear("shared expert", 1, hidden, sparse)  # its gate


def _vision(vision: Any, family: str) -> Iterator[Weights]:
    """Yield the picture encoder: patches, blocks, and the mergers that join four patches into one token."""
    older = family in _QWEN2
    width = _get(vision, "embed_dim" if family == "qwen2_vl" else "hidden_size")
    out = _get(vision, "hidden_size" if family == "qwen2_vl" else "out_hidden_size")
    depth, merged = _get(vision, "depth"), width * _get(vision, "spatial_merge_size") ** 2
    patch = _get(vision, "in_channels") * _get(vision, "temporal_patch_size") * _get(vision, "patch_size") ** 2
    inner = width * _get(vision, "mlp_ratio") if family == "qwen2_vl" else _get(vision, "intermediate_size")
    norm = width if family == "qwen2_5_vl" else 2 * width  # RMSNorm has a weight, LayerNorm also a bias

    yield _vector("vision", patch * width + (0 if older else width), 1)
    if not older:
        yield _vector("vision", _get(vision, "num_position_embeddings") * width, 1)
    yield from _with_bias(3 * width, width, depth)
    yield from _with_bias(width, width, depth)
    yield from _with_bias(inner, width, 2 * depth if family == "qwen2_5_vl" else depth)  # gate and up, or one
    yield from _with_bias(width, inner, depth)
    mergers = 1 + len(_get(vision, "deepstack_visual_indexes", None) or ())
    yield from _with_bias(merged, merged, mergers)
    yield from _with_bias(out, merged, mergers)
    yield _vector("vision", 2 * depth * norm + norm + 2 * merged * (mergers - 1), 1)


def _mlp(part: str, hidden: int, inner: int, copies: int) -> Iterator[Weights]:
    yield _linear(part, inner, hidden, 2 * copies)  # gate and up
    yield _linear(part, hidden, inner, copies)


def _with_bias(rows: int, columns: int, copies: int) -> Iterator[Weights]:
    yield _linear("vision", rows, columns, copies)
    yield _vector("vision", rows, copies)


def _linear(part: str, rows: int, columns: int, copies: int) -> Weights:
    return Weights(part, rows, columns, copies, True, copies)


def _vector(part: str, size: int, copies: int) -> Weights:
    return Weights(part, size, 1, copies, False, copies)


def _family(config: Any) -> str:
    text = text_config_of(config)
    name = _get(text, "model_type", None) or _get(config, "model_type", "")
    family = name.removesuffix("_text")
    if family not in _QWEN2 | _QWEN3 | _HYBRID:
        known = ", ".join(sorted(_QWEN2 | _QWEN3 | _HYBRID))
        raise ValueError(f"cannot count a config of model_type {name!r}; the formulas cover {known}.")
    return family


def _keys(config: Any) -> Any:
    return config if isinstance(config, dict) else vars(config)


def _get(config: Any, name: str, *default: Any) -> Any:
    try:
        return config[name] if isinstance(config, dict) else getattr(config, name)
    except (KeyError, AttributeError):
        if default:
            return default[0]
        raise ValueError(f"the config has no {name!r}, which an exact count needs: {config!r:.200}") from None
