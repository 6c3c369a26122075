"""Pocket's tokenizer: a byte-level BPE with Qwen's pre-tokenization and Qwen3's added tokens, learned from the curriculum."""

from __future__ import annotations

import json
import random
import re
from pathlib import Path

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from transformers.models.qwen2.tokenization_qwen2 import PRETOKENIZE_REGEX, Qwen2Tokenizer

from training.curriculum import MIX

# The order of Qwen3's added tokens; those before <tool_call> are "special" (decoding can skip them), the others are not.
SPECIAL = (
    "<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|object_ref_start|>", "<|object_ref_end|>", "<|box_start|>", "<|box_end|>", "<|quad_start|>",
    "<|quad_end|>", "<|vision_start|>", "<|vision_end|>", "<|vision_pad|>", "<|image_pad|>", "<|video_pad|>",
)  # fmt: skip
ADDED = (
    "<tool_call>", "</tool_call>", "<|fim_prefix|>", "<|fim_middle|>", "<|fim_suffix|>", "<|fim_pad|>", "<|repo_name|>", "<|file_sep|>",
    "<tool_response>", "</tool_response>", "<think>", "</think>",
)  # fmt: skip
TEMPLATE = Path(__file__).with_name("chat_template.jinja")
MODEL_MAX_LENGTH = 2048


def _texts(examples: int) -> list[str]:
    """Return the texts of the curriculum, every source equally often, and with some of the tools the template's own words."""
    rng = random.Random("tokenizer")
    strings = re.findall(
        r"\{\{- '(.*?)' -\}\}", TEMPLATE.read_text(encoding="utf-8")
    )  # what the template writes around tools
    template = re.sub(r"<\|\w+\|>|</?(tool_call|think)>", "", "".join(strings)).replace("\\n", "\n")
    texts = []
    for source in MIX:
        for _ in range(examples // len(MIX)):
            problem = source(rng, "train")
            texts += [message["content"] for message in problem.messages if message["content"]]
            texts += [problem.thinking, problem.answer["content"]]
            if problem.tools and rng.random() < 0.1:
                texts += [template, *(json.dumps(tool, ensure_ascii=False) for tool in problem.tools)]
    return texts


def build(folder: Path, vocabulary: int, examples: int = 30_000) -> Qwen2Tokenizer:
    """Learn a vocabulary of that many tokens, the added ones included, write the tokenizer to the folder and return it."""
    learner = Tokenizer(models.BPE())
    learner.normalizer = normalizers.NFC()
    learner.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(PRETOKENIZE_REGEX), behavior="isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    learner.decoder = decoders.ByteLevel()
    trainer = trainers.BpeTrainer(
        vocab_size=vocabulary - len(SPECIAL) - len(ADDED),
        min_frequency=8,
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    learner.train_from_iterator(_texts(examples), trainer)
    learner.add_special_tokens([AddedToken(token, special=True, normalized=False) for token in SPECIAL])
    learner.add_tokens([AddedToken(token, special=False, normalized=False) for token in ADDED])
    folder.mkdir(parents=True, exist_ok=True)
    learner.save(str(folder / "tokenizer.json"))
    config = {
        "tokenizer_class": "Qwen2Tokenizer",
        "eos_token": "<|im_end|>",
        "pad_token": "<|endoftext|>",
        "unk_token": None,
        "bos_token": None,
        "model_max_length": MODEL_MAX_LENGTH,
    }
    (folder / "tokenizer_config.json").write_text(json.dumps(config, indent=2) + "\n", encoding="utf-8")
    (folder / "chat_template.jinja").write_text(TEMPLATE.read_text(encoding="utf-8"), encoding="utf-8")
    return Qwen2Tokenizer.from_pretrained(folder)
