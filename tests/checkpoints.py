"""Small checkpoints with random weights, one per template family of Qwen, built in a second or two each.

Their answers are nonsense; tokenizer, chat template, configuration and code path are those of the real family. The
chat templates are the official ones, as the trl package carries them; only Thinking-2507's is our own text, after its
behaviour.
"""

from functools import cache
from pathlib import Path

from qwen_course.quiet import quiet_transformers

VISION_STYLES = ("qwen2.5-vl", "qwen3-vl")
STYLES = ("qwen2.5", "qwen3", "instruct-2507", "thinking-2507", "qwen3.5", "qwen3-moe")

SPECIAL = ["<|endoftext|>", "<|im_start|>", "<|im_end|>", "<|vision_start|>", "<|vision_end|>", "<|image_pad|>"]
ADDED = [  # known to the tokenizer, but not "special": skip_special_tokens leaves them in the text
    "<tool_call>",
    "</tool_call>",
    "<|fim_prefix|>",
    "<tool_response>",
    "</tool_response>",
    "<think>",
    "</think>",
]

_CORPUS = [
    "system user assistant tool You are a helpful assistant. What is 12 + 30? The answer is 42.",
    "def add(a: int, b: int) -> int:\n    return a + b\n\nprint(add(1, 2))\n",
    "你好,世界。机器学习是什么? Привет, мир! مرحبا",
    '{"name": "get_weather", "arguments": {"city": "Paris"}} parameter function tools response think',
]

_PATTERN = (  # Qwen's own pre-tokenization: digits one by one
    r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
)

_THINKING_2507 = """\
{%- if tools -%}
<|im_start|>system
{% if messages[0].role == 'system' %}{{ messages[0].content + '\\n\\n' }}{% endif -%}
# Tools
<tools>
{%- for tool in tools %}{{ '\\n' + (tool | tojson) }}{% endfor %}
</tools><|im_end|>
{% elif messages[0].role == 'system' -%}
{{ '<|im_start|>system\\n' + messages[0].content + '<|im_end|>\\n' }}
{%- endif -%}
{%- set last = namespace(query=-1) -%}
{%- for m in messages -%}{%- if m.role == 'user' -%}{%- set last.query = loop.index0 -%}{%- endif -%}{%- endfor -%}
{%- for m in messages -%}
{%- if m.role == 'user' or (m.role == 'system' and not loop.first) -%}
{{ '<|im_start|>' + m.role + '\\n' + m.content + '<|im_end|>\\n' }}
{%- elif m.role == 'assistant' -%}
{%- set thinking = m.reasoning_content or '' -%}
{%- set answer = m.content -%}
{%- if not m.reasoning_content and '</think>' in answer -%}
{%- set thinking = answer.split('</think>')[0].split('<think>')[-1].strip('\\n') -%}
{%- set answer = answer.split('</think>')[-1].lstrip('\\n') -%}
{%- endif -%}
{{ '<|im_start|>assistant\\n' }}
{%- if loop.index0 > last.query %}{{ '<think>\\n' + thinking + '\\n</think>\\n\\n' }}{% endif -%}
{{ answer }}
{%- for call in m.tool_calls or [] -%}
{{ '\\n<tool_call>\\n{"name": "' + call.function.name + '", "arguments": ' }}
{{- (call.function.arguments | tojson) + '}\\n</tool_call>' }}
{%- endfor -%}
{{ '<|im_end|>\\n' }}
{%- elif m.role == 'tool' -%}
{{ '<|im_start|>user\\n<tool_response>\\n' + m.content + '\\n</tool_response><|im_end|>\\n' }}
{%- endif -%}
{%- endfor -%}
{%- if add_generation_prompt %}{{ '<|im_start|>assistant\\n<think>\\n' }}{% endif -%}
"""


def official_template(name: str) -> str:
    """Return an official chat template from the trl package, e.g. "qwen3"."""
    import trl

    return (Path(trl.__file__).parent / "chat_templates" / f"{name}.jinja").read_text(encoding="utf-8")


def chat_template(style: str) -> str:
    if style == "thinking-2507":
        return _THINKING_2507
    names = {
        "qwen2.5": "qwen2_5",
        "qwen3": "qwen3",
        "qwen3-moe": "qwen3",
        "instruct-2507": "qwen3_instruct_2507",
        "qwen3.5": "qwen3_5_think",
        "qwen2.5-vl": "qwen2_5_vl",
        "qwen3-vl": "qwen3_vl",
    }
    return official_template(names[style])


@cache
def _bpe_json() -> str:
    from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers

    bpe = Tokenizer(models.BPE())
    bpe.normalizer = normalizers.NFC()
    bpe.pre_tokenizer = pre_tokenizers.Sequence(
        [
            pre_tokenizers.Split(Regex(_PATTERN), "isolated"),
            pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False),
        ]
    )
    bpe.decoder = decoders.ByteLevel()
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(vocab_size=400, min_frequency=1, initial_alphabet=alphabet, show_progress=False)
    bpe.train_from_iterator(_CORPUS, trainer)
    bpe.add_special_tokens([AddedToken(text, special=True, normalized=False) for text in SPECIAL])
    return bpe.to_str()


def make_tokenizer(style: str = "qwen3"):
    """Return a byte-level BPE with Qwen's pre-tokenization and control tokens, and the family's chat template."""
    from tokenizers import AddedToken, Tokenizer
    from transformers import PreTrainedTokenizerFast

    bpe = Tokenizer.from_str(_bpe_json())
    known = ADDED[:3] if style.startswith("qwen2.5") else ADDED  # Qwen2.5 has no think tokens
    bpe.add_tokens([AddedToken(text, special=False, normalized=False) for text in known])
    if style in VISION_STYLES:
        bpe.add_special_tokens([AddedToken("<|video_pad|>", special=True, normalized=False)])
    tokenizer = PreTrainedTokenizerFast(tokenizer_object=bpe, eos_token="<|im_end|>", pad_token="<|endoftext|>")
    tokenizer.chat_template = chat_template(style)
    return tokenizer


def make_model(style: str, tokenizer, *, seed: int = 0, context: int = 2048):
    """Return a two-layer model of the family's class. It has a few more embedding rows than tokens, as Qwen has."""
    import torch
    import transformers

    sizes = dict(
        vocab_size=len(tokenizer) + 5,
        hidden_size=64,  # bitsandbytes packs 4-bit weights in blocks of 64
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=1,
        head_dim=32,
        max_position_embeddings=context,
        tie_word_embeddings=False,  # tied, random weights only repeat the last token
        bos_token_id=None,
        eos_token_id=tokenizer.eos_token_id,
        pad_token_id=tokenizer.pad_token_id,
    )
    torch_state = torch.random.get_rng_state()
    torch.manual_seed(seed)
    try:
        if style == "qwen2.5":
            sizes.pop("head_dim")
            model = transformers.Qwen2ForCausalLM(transformers.Qwen2Config(**sizes))
        elif style == "qwen3-moe":
            experts = dict(num_experts=4, num_experts_per_tok=2, moe_intermediate_size=16)
            model = transformers.Qwen3MoeForCausalLM(transformers.Qwen3MoeConfig(**sizes, **experts))
        elif style in VISION_STYLES:
            model = _vision_model(style, tokenizer, sizes)
        elif style == "qwen3.5":
            linear = dict(
                linear_num_key_heads=2,
                linear_num_value_heads=2,
                linear_key_head_dim=16,
                linear_value_head_dim=16,
                layer_types=["linear_attention", "full_attention"],
            )
            text = transformers.Qwen3_5TextConfig(**sizes, **linear)
            model = transformers.Qwen3_5ForCausalLM(text)
        else:
            model = transformers.Qwen3ForCausalLM(transformers.Qwen3Config(**sizes))
        # Logits far enough apart that rounding cannot swap the first two, so greedy replies can be compared
        model.get_output_embeddings().weight.data.mul_(20)
    finally:
        torch.random.set_rng_state(torch_state)
    eos = [tokenizer.eos_token_id, tokenizer.pad_token_id]
    model.generation_config = transformers.GenerationConfig(
        do_sample=True, temperature=0.6, top_p=0.95, top_k=20, eos_token_id=eos, pad_token_id=tokenizer.pad_token_id
    )
    return model.eval()


def _vision_model(style: str, tokenizer, sizes: dict):
    """Return a model of the family that also sees: two layers of vision, patches of its real size."""
    import transformers

    ids = tokenizer.convert_tokens_to_ids
    places = {
        "image_token_id": ids("<|image_pad|>"),
        "video_token_id": ids("<|video_pad|>"),
        "vision_start_token_id": ids("<|vision_start|>"),
        "vision_end_token_id": ids("<|vision_end|>"),
    }
    sizes = {**sizes}
    tied = sizes.pop("tie_word_embeddings")
    rope = {"rope_type": "default", "rope_theta": 10_000.0}
    eye = {"depth": 2, "hidden_size": 32, "num_heads": 2, "intermediate_size": 32, "out_hidden_size": 64}
    if style == "qwen3-vl":
        sizes.pop("bos_token_id")
        sizes.pop("eos_token_id")
        text = {**sizes, "rope_parameters": {**rope, "mrope_section": [6, 5, 5], "mrope_interleaved": True}}
        eye |= {"num_position_embeddings": 64, "deepstack_visual_indexes": [0]}
        config = transformers.Qwen3VLConfig(text_config=text, vision_config=eye, tie_word_embeddings=tied, **places)
        return transformers.Qwen3VLForConditionalGeneration(config)
    sizes.pop("head_dim")
    text = {**sizes, "rope_parameters": {**rope, "mrope_section": [4, 6, 6]}}
    eye |= {"fullatt_block_indexes": [1], "window_size": 56}
    config = transformers.Qwen2_5_VLConfig(text_config=text, vision_config=eye, tie_word_embeddings=tied, **places)
    return transformers.Qwen2_5_VLForConditionalGeneration(config)


def _save_processor(folder: Path, style: str) -> None:
    """Write the image processor's settings as the real repositories have them."""
    import json

    patch, mean = (16, [0.5] * 3) if style == "qwen3-vl" else (14, [0.48145466, 0.4578275, 0.40821073])
    settings = {
        "size": {"shortest_edge": 4 * (2 * patch) ** 2, "longest_edge": 16_384 * (2 * patch) ** 2},
        "patch_size": patch,
        "temporal_patch_size": 2,
        "merge_size": 2,
        "image_mean": mean,
        "image_std": mean,
        "image_processor_type": "Qwen2VLImageProcessor",
    }
    (Path(folder) / "preprocessor_config.json").write_text(json.dumps(settings), encoding="utf-8")


def build_checkpoint(folder: Path, style: str, *, seed: int = 0, context: int = 2048, greedy: bool = True) -> Path:
    """Save a checkpoint of the family into the folder. `greedy`: what its generation_config asks for."""
    import torch
    from transformers import GenerationConfig

    tokenizer = make_tokenizer(style)
    model = make_model(style, tokenizer, seed=seed, context=context)
    if greedy:
        model.generation_config = GenerationConfig(
            do_sample=False,
            eos_token_id=model.generation_config.eos_token_id,
            pad_token_id=tokenizer.pad_token_id,
        )
    with quiet_transformers():
        model.to(torch.bfloat16).save_pretrained(folder)
        tokenizer.save_pretrained(folder)
    if style in VISION_STYLES:
        _save_processor(folder, style)
    return Path(folder)
