"""A Modelfile for Ollama: which GGUF file, how a conversation becomes a prompt, how to sample, how long a context.

Ollama does not run the template that lies in a GGUF file, which is Jinja; it wants one in Go's template language. Here
one is written from what the model's own template renders, and held against it on several conversations first. Tools are
left out: for official models Ollama's library has templates with them.
"""

from __future__ import annotations

from pathlib import Path

from .models import checkpoint_folder
from .sampling import Sampling
from .templates import ChatTemplate

_TEMPLATE = """\
{{- if .System }}<|im_start|>system
{{ .System }}<|im_end|>
DEFAULT{{ end }}
{{- range $i, $m := .Messages }}
{{- if eq .Role "user" }}<|im_start|>user
{{ .Content }}<|im_end|>
{{ else if eq .Role "assistant" }}<|im_start|>assistant
THOUGHTS{{ .Content }}<|im_end|>
{{ end }}
{{- end }}<|im_start|>assistant
SUFFIX"""
_LAST = '{{- $last := -1 }}{{ range $i, $m := .Messages }}{{ if eq .Role "user" }}{{ $last = $i }}{{ end }}{{ end }}\n'
# Thoughts of earlier turns are dropped; that they have a place here tells Ollama that the model thinks, and its tags.
_THOUGHTS = "{{ if and .Thinking (gt $i $last) }}<think>\n{{ .Thinking }}\n</think>\n\n{{ end }}"
_TURN = "<|im_start|>{}\n{}<|im_end|>\n"
_USER, _BEGIN = "<|im_start|>user\n", "<|im_start|>assistant\n"


def modelfile(
    gguf: str | Path, model: str | Path | None = None, *, context: int | None = None, sampling: Sampling | None = None
) -> str:
    """Return a Modelfile for a GGUF file that was made from `model`: `ollama create NAME -f Modelfile` reads it.

    The file is named relative to the Modelfile, so keep the two in one folder. `context` is in tokens and always set:
    by default Ollama takes 4,096 whatever the model can, and cuts the beginning of what is longer. None means 4,096, or
    what the model can where that is less. `sampling` None is what the checkpoint ships. Raises ValueError where the
    model's template is not of the kind that can be written here. Introduced in notebook 08.
    """
    from transformers import AutoConfig, AutoTokenizer, GenerationConfig

    folder = checkpoint_folder(model)
    longest = AutoConfig.from_pretrained(folder, trust_remote_code=False).get_text_config().max_position_embeddings
    if context is not None and not 0 < context <= longest:
        raise ValueError(f"context is {context!r}; this model takes from 1 to {longest:,} tokens.")
    tokenizer = AutoTokenizer.from_pretrained(folder, trust_remote_code=False)
    if sampling is None:
        has_one = (folder / "generation_config.json").exists()
        sampling = Sampling.from_generation_config(
            GenerationConfig.from_pretrained(folder) if has_one else GenerationConfig()
        )
    parameters = {
        "num_ctx": context or min(4096, longest),
        "temperature": sampling.temperature,
        "top_p": sampling.top_p,
        "top_k": sampling.top_k,
        "min_p": sampling.min_p,
        "repeat_penalty": sampling.repetition_penalty,
        "presence_penalty": sampling.presence_penalty,
        "stop": '"<|im_end|>"',
    }
    lines = [f"PARAMETER {name} {value}" for name, value in parameters.items()]
    return "\n".join([f"FROM ./{Path(gguf).name}", f'TEMPLATE """{_go_template(tokenizer)}"""', *lines, ""])


def _go_template(tokenizer) -> str:
    template = ChatTemplate(tokenizer)
    question = [{"role": "user", "content": "?"}]
    default = render(tokenizer, question, None).partition(_USER)[0]
    suffixes = {mode: render(tokenizer, question, mode).rpartition(_BEGIN)[2] for mode in template.thinking_modes}
    for mode, suffix in suffixes.items():
        for messages in conversations():
            begin = default if messages[0]["role"] != "system" else ""
            turns = "".join(_TURN.format(one["role"], one["content"]) for one in messages)
            if begin + turns + _BEGIN + suffix != render(tokenizer, messages, mode):
                raise ValueError(
                    "The chat template writes more than the turns of a conversation, so no Modelfile is made from it. "
                    "Take the model from Ollama's own library, whose template fits: ollama pull qwen3:0.6b."
                )
    if len(suffixes) == 1:
        (choice,) = suffixes.values()
    elif template.default_thinking:
        otherwise = suffixes[True] and "{{ else }}" + suffixes[True]
        choice = "{{ if and .IsThinkSet (not .Think) }}" + suffixes[False] + otherwise + "{{ end }}"
    else:
        choice = "{{ if .Think }}" + suffixes[True] + "{{ else }}" + suffixes[False] + "{{ end }}"
    thinks = True in suffixes
    text = _TEMPLATE.replace("DEFAULT", default and "{{ else }}" + default).replace("SUFFIX", choice)
    return (_LAST if thinks else "") + text.replace("THOUGHTS", _THOUGHTS if thinks else "")


def conversations() -> list[list[dict]]:
    """Return conversations on which a template is tried: short and long, with a system message and without."""
    question = [{"role": "user", "content": "How many legs has a spider?"}]
    later = [*question, {"role": "assistant", "content": "Eight."}, {"role": "user", "content": "And a bee?"}]
    system = [{"role": "system", "content": "Answer in one word."}]
    return [question, later, system + question, system + later]


def render(tokenizer, messages: list[dict], thinking: bool | None) -> str:
    """Return what the model's own template makes of a conversation."""
    options = {} if thinking is None else {"enable_thinking": thinking}
    return tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True, **options)
