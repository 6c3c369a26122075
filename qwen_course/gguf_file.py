"""One file for llama.cpp: the metadata, the vocabulary and the tensors of a Qwen2 or Qwen3 folder, in GGUF.

The `gguf` package knows the format and the names of tensors; what a Qwen needs to be in there is decided here. Weights
are read, rounded and written one at a time, so that memory holds one of them. 4 bits are made from the 16-bit file by
llama.cpp's own quantizer (`quantize`). Which folders are right for this is the business of `export_checks.py`.
"""

from __future__ import annotations

import json
import re
from math import prod
from pathlib import Path
from typing import TYPE_CHECKING

from .export_weights import Weights

if TYPE_CHECKING:
    import gguf
    import torch

ARCHITECTURES = {"Qwen2ForCausalLM": "QWEN2", "Qwen3ForCausalLM": "QWEN3"}  # to the names of the gguf package
FILE_TYPES = {"f32": "ALL_F32", "f16": "MOSTLY_F16", "q8_0": "MOSTLY_Q8_0"}


def write_gguf(folder: Path, path: Path, precision: str) -> None:
    """Write the folder's model as one GGUF file in "f32", "f16" or "q8_0".

    Raises ValueError where its weights are not those of its config.json, or too large for float16.
    """
    import gguf

    weights = Weights(folder)
    config = weights.config
    architecture = getattr(gguf.MODEL_ARCH, ARCHITECTURES[config.architectures[0]])
    names = gguf.get_tensor_name_map(architecture, config.num_hidden_layers)
    kinds = {name: _kind(shape, precision) for name, shape in weights.shapes.items()}
    writer = gguf.GGUFWriter(path, gguf.MODEL_ARCH_NAMES[architecture])
    try:
        _describe_model(writer, folder.name, config)
        writer.add_file_type(getattr(gguf.LlamaFileType, FILE_TYPES[precision]))
        writer.add_quantization_version(gguf.GGML_QUANT_VERSION)
        _describe_tokenizer(writer, folder, config.get_text_config().vocab_size)
        for name, shape in weights.shapes.items():
            block, size = gguf.GGML_QUANT_SIZES[kinds[name]]  # values in a block, and its bytes
            there = names.get_name(name, try_suffixes=(".weight", ".bias"))
            writer.add_tensor_info(there, shape, None, prod(shape) // block * size, raw_dtype=kinds[name])
        writer.write_header_to_file()
        writer.write_kv_data_to_file()
        writer.write_ti_data_to_file()
        for name in weights.shapes:
            _write_tensor(writer, name, weights[name], kinds[name])
    finally:
        writer.close()


def quantize(source: Path, path: Path, threads: int) -> None:
    """Write a 16-bit GGUF file anew in q4_k_m, by llama.cpp's own quantizer. Raises RuntimeError where that fails."""
    import ctypes

    import llama_cpp

    from .edge import quiet_llama

    quiet_llama()
    settings = llama_cpp.llama_model_quantize_default_params()
    settings.ftype = llama_cpp.LLAMA_FTYPE_MOSTLY_Q4_K_M
    settings.nthread = threads
    if llama_cpp.llama_model_quantize(str(source).encode(), str(path).encode(), ctypes.byref(settings)):
        raise RuntimeError(f"llama.cpp could not quantize {source.name}.")


def _describe_model(writer: gguf.GGUFWriter, name: str, config) -> None:
    heads = config.num_attention_heads
    head_dim = getattr(config, "head_dim", None) or config.hidden_size // heads  # Qwen3 states it, Qwen2 does not
    writer.add_name(name)
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(config.num_hidden_layers)
    writer.add_feed_forward_length(config.intermediate_size)
    writer.add_head_count(heads)
    writer.add_head_count_kv(config.num_key_value_heads)
    writer.add_key_length(head_dim)
    writer.add_value_length(head_dim)
    writer.add_layer_norm_rms_eps(config.rms_norm_eps)
    writer.add_rope_freq_base(config.rope_parameters["rope_theta"])


def _describe_tokenizer(writer: gguf.GGUFWriter, folder: Path, rows: int) -> None:
    """Write tokens, merges and template. `rows` of the embedding without a token get a name that no text has."""
    from gguf import TokenType
    from transformers import AutoTokenizer

    stored = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    tokens = {number: (f"[PAD{number}]", TokenType.UNUSED) for number in range(rows)}
    tokens |= {number: (text, TokenType.NORMAL) for text, number in stored["model"]["vocab"].items()}
    for added in stored["added_tokens"]:
        # Qwen calls some control tokens, such as <|fim_prefix|>, not special; as user-defined ones they would be found
        # in plain text too.
        control = added["special"] or re.fullmatch(r"<\|.*\|>", added["content"])
        tokens[added["id"]] = (added["content"], TokenType.CONTROL if control else TokenType.USER_DEFINED)
    texts, kinds = zip(*(tokens[number] for number in sorted(tokens)), strict=True)
    merges = [pair if isinstance(pair, str) else " ".join(pair) for pair in stored["model"]["merges"]]
    tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
    writer.add_tokenizer_model("gpt2")  # byte-level BPE
    writer.add_tokenizer_pre("qwen2")  # the rule by which text is split, of all Qwen from 1.5 to 3
    writer.add_token_list(texts)
    writer.add_token_types(kinds)
    writer.add_token_merges(merges)
    writer.add_add_bos_token(False)  # Qwen begins with no token of its own
    if tokenizer.eos_token_id is not None:
        writer.add_eos_token_id(tokenizer.eos_token_id)
    if tokenizer.pad_token_id is not None:
        writer.add_pad_token_id(tokenizer.pad_token_id)
    if tokenizer.chat_template:
        writer.add_chat_template(tokenizer.chat_template)


def _kind(shape: tuple[int, ...], precision: str) -> gguf.GGMLQuantizationType:
    """Return the number format of a tensor: norms and biases, which are tiny, stay in float32."""
    from gguf import GGMLQuantizationType as Kind

    if precision == "f32" or len(shape) == 1:
        return Kind.F32
    return Kind.Q8_0 if precision == "q8_0" and shape[-1] % 32 == 0 else Kind.F16  # a block has 32 values of a row


def _write_tensor(writer: gguf.GGUFWriter, name: str, tensor: torch.Tensor, kind: gguf.GGMLQuantizationType) -> None:
    import gguf
    import torch

    if kind == gguf.GGMLQuantizationType.F16 and tensor.abs().max() > torch.finfo(torch.float16).max:
        raise ValueError(f"{name} holds weights that float16 cannot; take precision='f32' or 'q8_0'.")
    writer.write_tensor_data(gguf.quants.quantize(tensor.numpy(), kind))
