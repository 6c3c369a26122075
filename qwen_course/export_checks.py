"""What a folder must be before it is converted for another engine; it converts nothing itself.

Engines split text by a rule of their own that they know by name ("qwen2"). A folder that splits it otherwise would
convert without an error and then read other tokens than it was trained on, so it is refused before a file is written.
So is whatever the other file format has no word for.
"""

import json
from pathlib import Path

from .models import POCKET

ARCHITECTURES = ("Qwen2ForCausalLM", "Qwen3ForCausalLM")
# Pocket carries Qwen's own rules: NFC, then Qwen's pattern, then bytes.
RULES = ("normalizer", "pre_tokenizer")
# Digits, contractions, white space, several scripts, an emoji of several bytes, a letter that NFC composes
PROBES = (
    "It's 3.14159, isn't it?  Don't!\n\n\tdef f(x):\r\n        return x**2  ",
    "机器学习是什么? Привет, мир! مرحبا بالعالم ñandú e\u0301 👩‍🚀 a_b-c/d\\e",
)


def check_exportable(folder: str | Path) -> str:
    """Return the architecture of a checkpoint folder that can be converted.

    Raises FileNotFoundError where config.json or tokenizer.json is missing, and ValueError for an architecture that is
    not converted, for weights already in few bits, for a stretched context, and for a tokenizer that does not split
    text as Qwen's does. Introduced in notebook 08.
    """
    folder = Path(folder)
    config, tokenizer = _json(folder / "config.json"), _json(folder / "tokenizer.json")
    names = config.get("architectures") or ["none"]
    if len(names) != 1 or names[0] not in ARCHITECTURES:
        raise ValueError(
            f"{folder.name} is {', '.join(names)}; what can be converted is {' or '.join(ARCHITECTURES)}. "
            "Use an engine's own converter for this one."
        )
    _check_config(config, folder.name)
    qwen = _json(Path(POCKET) / "tokenizer.json")
    for rule in RULES:
        if _splitting(tokenizer.get(rule)) != _splitting(qwen[rule]):
            raise ValueError(
                f"The tokenizer of {folder.name} has another {rule} than Qwen's, so an engine would read other tokens "
                "than the model was trained on. Convert a folder with the tokenizer that came with the Qwen checkpoint."
            )
    _check_ids(tokenizer, qwen, folder.name)
    return names[0]


def _check_config(config: dict, name: str) -> None:
    if "quantization_config" in config:
        method = config["quantization_config"].get("quant_method", "?")
        raise ValueError(
            f"{name} is stored in few bits already ({method}). Convert the 16-bit checkpoint that it was made from."
        )
    rope = config.get("rope_parameters") or config.get("rope_scaling") or {}
    kind = rope.get("rope_type", rope.get("type", "default"))
    if kind != "default":
        raise ValueError(
            f"{name} stretches its context ({kind}), which is not converted. Take that out of its config.json; the "
            "native context stays."
        )
    if config.get("use_sliding_window"):
        raise ValueError(f"{name} attends to a sliding window, which is not converted; use an engine's own converter.")
    if config.get("hidden_act", "silu") != "silu":
        raise ValueError(f"{name} has the activation {config['hidden_act']!r}; what can be converted has 'silu'.")


def _check_ids(tokenizer: dict, qwen: dict, name: str) -> None:
    """Compare its ids with those of what is converted: the vocabulary, the merges, the added tokens, Qwen's rules."""
    from tokenizers import Tokenizer

    model = {key: tokenizer["model"].get(key) for key in ("vocab", "merges")}
    plain_tokens = [
        {**token, "single_word": False, "lstrip": False, "rstrip": False, "normalized": False}
        for token in tokenizer.get("added_tokens", [])
    ]
    converted = {**qwen, "model": {**qwen["model"], **model}, "added_tokens": plain_tokens, "post_processor": None}
    ours, theirs = (Tokenizer.from_str(json.dumps(one)) for one in (converted, tokenizer))
    probes = [*PROBES, *(f"a {token['content']} b{token['content']}c" for token in plain_tokens)]
    for probe in probes:
        if ours.encode(probe).ids != theirs.encode(probe).ids:
            raise ValueError(
                f"The tokenizer of {name} reads {probe!r} as other ids than its vocabulary and Qwen's rules give: it "
                "does something that is not converted. Convert a folder with the tokenizer that came with the Qwen "
                "checkpoint."
            )


def _splitting(rule):
    """Return a rule without trim_offsets, which moves the offsets that are reported and never an id."""
    if isinstance(rule, dict):
        return {key: _splitting(value) for key, value in rule.items() if key != "trim_offsets"}
    return [_splitting(part) for part in rule] if isinstance(rule, list) else rule


def _json(path: Path) -> dict:
    if not path.is_file():
        raise FileNotFoundError(f"{path.parent.name} has no {path.name}; give the folder that save_pretrained wrote.")
    return json.loads(path.read_text(encoding="utf-8"))
