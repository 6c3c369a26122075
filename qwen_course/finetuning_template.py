"""Find trl's training twin of a chat template: the same text, with marks around what the assistant says.

`assistant_only_loss=True` needs those marks. trl knows the official templates by their exact text; a template that
renders the same and is written differently, as Pocket's is, gets its twin here by what it renders.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

_TOOL = {
    "type": "function",
    "function": {"name": "f", "description": "d", "parameters": {"type": "object", "properties": {}}},
}
_USER, _ANSWER = {"role": "user", "content": "Q"}, {"role": "assistant", "content": "A"}
# (messages, tools, with a generation prompt)
_PROBES = (
    ([_USER], None, True),
    ([_USER, _ANSWER], None, False),
    ([{"role": "system", "content": "S"}, _USER, _ANSWER, _USER], None, True),
    ([_USER, {**_ANSWER, "reasoning_content": "R"}], None, False),
    ([_USER], [_TOOL], True),
)


def training_template(tokenizer: Any) -> str:
    """Return the template with generation marks that belongs to a tokenizer's own; raise ValueError if there is none.

    Set it as `tokenizer.chat_template` of the tokenizer given to SFTTrainer, not of the one that is saved: it renders
    an empty think block in every earlier turn, which inference does not. Introduced in notebook 05.
    """
    import trl
    from trl.chat_template_utils import has_generation_markers

    own = tokenizer.chat_template
    if has_generation_markers(own):
        return own
    folder = Path(trl.__file__).parent / "chat_templates"
    for twin in sorted(folder.glob("qwen*_training.jinja")):
        official = (folder / twin.name.replace("_training", "")).read_text(encoding="utf-8")
        if _rendered(tokenizer, official) == _rendered(tokenizer, own):
            return twin.read_text(encoding="utf-8")
    raise ValueError(
        "trl ships no training twin for this chat template. Train on prompt and completion instead (encode_row), "
        "which needs no marks in the template."
    )


def _rendered(tokenizer: Any, template: str) -> list[str]:
    """Return what the template makes of the probes; what it refuses is told apart too."""
    texts = []
    for messages, tools, opened in _PROBES:
        for thinking in (True, False):
            try:
                texts.append(
                    tokenizer.apply_chat_template(
                        messages,
                        tools=tools,
                        chat_template=template,
                        add_generation_prompt=opened,
                        enable_thinking=thinking,
                        tokenize=False,
                    )
                )
            except Exception as error:  # jinja's many, for roles or an order that a template does not take
                texts.append(type(error).__name__)
    return texts
