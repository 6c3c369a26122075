"""What a folder must be before it is converted for another engine; it converts nothing itself.

Engines split text by a rule of their own that they know by name ("qwen2"). A folder that splits it otherwise would
convert without an error and then read other tokens than it was trained on, so it is refused before a file is written.
"""

import json
from pathlib import Path

from .models import POCKET

ARCHITECTURES = ("Qwen2ForCausalLM", "Qwen3ForCausalLM")
# Pocket carries Qwen's own rules: NFC, then Qwen's pattern, then bytes.
RULES = ("normalizer", "pre_tokenizer")


def check_exportable(folder: str | Path) -> str:
    """Return the architecture of a checkpoint folder that can be converted.

    Raises FileNotFoundError where config.json or tokenizer.json is missing, and ValueError for an architecture that is
    not converted or a tokenizer that does not split text as Qwen's does. Introduced in notebook 08.
    """
    folder = Path(folder)
    config, tokenizer = _json(folder / "config.json"), _json(folder / "tokenizer.json")
    names = config.get("architectures") or ["none"]
    if len(names) != 1 or names[0] not in ARCHITECTURES:
        raise ValueError(
            f"{folder.name} is {', '.join(names)}; what can be converted is {' or '.join(ARCHITECTURES)}. "
            "Use an engine's own converter for this one."
        )
    qwen = _json(Path(POCKET) / "tokenizer.json")
    for rule in RULES:
        if _splitting(tokenizer.get(rule)) != _splitting(qwen[rule]):
            raise ValueError(
                f"The tokenizer of {folder.name} has another {rule} than Qwen's, so an engine would read other tokens "
                "than the model was trained on. Convert a folder with the tokenizer that came with the Qwen checkpoint."
            )
    return names[0]


def _splitting(rule):
    """Return a rule without trim_offsets, which moves the offsets that are reported and never an id."""
    if isinstance(rule, dict):
        return {key: _splitting(value) for key, value in rule.items() if key != "trim_offsets"}
    return [_splitting(part) for part in rule] if isinstance(rule, list) else rule


def _json(path: Path) -> dict:
    if not path.is_file():
        raise FileNotFoundError(f"{path.parent.name} has no {path.name}; give the folder that save_pretrained wrote.")
    return json.loads(path.read_text(encoding="utf-8"))
