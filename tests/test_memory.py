"""Memory estimates against the bytes of real tensors, and against the memory that the Qwen team measured."""

import json
from importlib.resources import files

import pytest
import torch
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoModelForImageTextToText,
    BitsAndBytesConfig,
    DynamicCache,
    Qwen2MoeConfig,
    Qwen3_5Config,
    Qwen3Config,
    Qwen3VLConfig,
)

import qwen_course as qc
from qwen_course.checkpoints import published_memory
from qwen_course.memory import LORA_RANK, kv_cache_bytes

WIDTH = dict(hidden_size=128, num_attention_heads=4, num_key_value_heads=2, head_dim=32, vocab_size=512)
POCKET_SHAPE = Qwen3Config(hidden_size=256, num_hidden_layers=5, num_attention_heads=4, num_key_value_heads=2,
                           head_dim=128, intermediate_size=768, vocab_size=2000, tie_word_embeddings=True)  # fmt: skip
VISION = dict(depth=2, hidden_size=64, intermediate_size=96, num_heads=2, out_hidden_size=128, patch_size=8)
OTHERS = {
    "mixture of experts": Qwen2MoeConfig(
        hidden_size=128, num_attention_heads=4, num_key_value_heads=2, vocab_size=512, num_hidden_layers=2,
        num_experts=4, num_experts_per_tok=2, moe_intermediate_size=64, shared_expert_intermediate_size=96),
    "hybrid": Qwen3_5Config(
        text_config=dict(WIDTH, num_hidden_layers=4, intermediate_size=192, linear_num_key_heads=2,
                         linear_num_value_heads=4, linear_key_head_dim=32, linear_value_head_dim=32),
        vision_config=VISION, tie_word_embeddings=True),
    "vision": Qwen3VLConfig(
        text_config=dict(WIDTH, num_hidden_layers=2, intermediate_size=192),
        vision_config=dict(VISION, deepstack_visual_indexes=[0, 1]), tie_word_embeddings=False),
}  # fmt: skip


def load(folder, precision):
    """Load a folder as transformers and bitsandbytes do, with 16-bit for whatever is not quantized."""
    options = {
        "dtype": {"fp32": torch.float32, "fp16": torch.float16, "int8": torch.float16}.get(precision, torch.bfloat16)
    }
    if precision == "int8":
        options["quantization_config"] = BitsAndBytesConfig(load_in_8bit=True)
    elif precision in ("nf4", "fp4"):
        options["quantization_config"] = BitsAndBytesConfig(
            load_in_4bit=True, bnb_4bit_quant_type=precision, bnb_4bit_use_double_quant=True
        )
    has_vision = "vision_config" in vars(AutoConfig.from_pretrained(folder))
    return (AutoModelForImageTextToText if has_vision else AutoModelForCausalLM).from_pretrained(folder, **options)


def stored_bytes(model):
    """Return the bytes of all weights with their scales: get_memory_footprint() leaves the scales out."""
    total = 0
    for weight in model.parameters():
        tensors = [weight]
        if (state := getattr(weight, "quant_state", None)) is not None:  # 4 bits, doubly quantized
            tensors += [state.absmax, state.code, state.offset, state.state2.absmax, state.state2.code]
        if getattr(weight, "SCB", None) is not None:  # 8 bits
            tensors.append(weight.SCB)
        total += sum(tensor.numel() * tensor.element_size() for tensor in tensors)
    return total


@pytest.fixture(scope="module")
def folders(tmp_path_factory):
    """Return folders of small models with random weights, one for each architecture."""
    made = {}
    for name, config in {"pocket": POCKET_SHAPE, **OTHERS}.items():
        made[name] = tmp_path_factory.mktemp("model")
        has_vision = "vision_config" in vars(config)
        model = (AutoModelForImageTextToText if has_vision else AutoModelForCausalLM).from_config(config)
        model.to(torch.bfloat16).save_pretrained(made[name])
    return made


@pytest.mark.parametrize("precision", ["fp32", "bf16", "fp16", "int8", "nf4", "fp4"])
def test_weights_in_the_shape_of_pocket_are_exact_in_each_precision(folders, precision):
    model = load(folders["pocket"], precision)
    assert qc.estimate_memory(model.config, precision=precision).weights == stored_bytes(model)


@pytest.mark.parametrize("precision", ["bf16", "int8", "nf4"])
@pytest.mark.parametrize("name", sorted(OTHERS))
def test_weights_of_other_architectures_are_exact(folders, name, precision):
    model = load(folders[name], precision)
    assert qc.estimate_memory(OTHERS[name], precision=precision).weights == stored_bytes(model)


@pytest.mark.parametrize("precision", ["fp32", "bf16", "fp16", "int8", "nf4", "fp4"])
def test_pocket_itself_is_estimated_within_three_percent(precision):
    model = load(str(files("qwen_course") / "pocket"), precision)
    buffers = sum(buffer.numel() * buffer.element_size() for buffer in model.buffers())
    estimate = qc.estimate_memory(model.config, precision=precision).weights
    assert estimate == pytest.approx(stored_bytes(model) + buffers, rel=0.03)


def test_total_is_within_three_percent_of_the_published_memory_of_qwen3():
    table = published_memory()
    assert len(table) == 28 and set(table.precision) == {"bf16"}
    for row in table.itertuples():
        estimate = qc.estimate_memory(row.repo_id, tokens=row.input_tokens + row.generated_tokens)
        assert estimate.total / 2**20 == pytest.approx(row.mib, rel=0.03), (row.repo_id, row.input_tokens)


def test_cache_equals_that_of_a_running_model(folders):
    model = load(folders["pocket"], "bf16")
    cache = DynamicCache(config=model.config)
    with torch.no_grad():
        model(torch.zeros(3, 17, dtype=torch.long), past_key_values=cache)
    held = sum(part.numel() * part.element_size() for layer in cache.layers for part in (layer.keys, layer.values))
    estimate = qc.estimate_memory(model.config, tokens=17, batch_size=3)
    assert estimate.kv_cache == held


def test_cache_uses_the_true_head_dim():
    assert kv_cache_bytes("Qwen/Qwen3-0.6B", tokens=1) == 114_688  # hidden_size / heads would give half of it


def test_cache_counts_full_attention_layers_only():
    assert kv_cache_bytes("Qwen/Qwen3.8-27B", tokens=1) == 64 * 1024


def test_cache_grows_with_tokens_batch_and_bytes():
    one = qc.estimate_memory("Qwen/Qwen3-8B", tokens=1000).kv_cache
    assert qc.estimate_memory("Qwen/Qwen3-8B", tokens=2000, batch_size=3).kv_cache == 6 * one
    assert qc.estimate_memory("Qwen/Qwen3-8B", tokens=1000, precision="fp32").kv_cache == 2 * one
    assert qc.estimate_memory("Qwen/Qwen3-8B", tokens=1000, precision="nf4").kv_cache == one


def test_quantization_spares_embeddings_head_and_experts():
    experts = 48 * 128 * 3 * 2048 * 768 * 2  # layers x experts x three matrices, 16-bit
    assert qc.estimate_memory("Qwen/Qwen3-30B-A3B", precision="nf4").weights > experts
    embeddings = qc.count_parameters("Qwen/Qwen3-8B").embedding * 2
    four_bits = qc.estimate_memory("Qwen/Qwen3-8B", precision="nf4").weights
    assert embeddings < four_bits < qc.estimate_memory("Qwen/Qwen3-8B", precision="int8").weights


@pytest.mark.parametrize("dtype", ["fp32", "bf16"])
def test_full_training_equals_gradients_and_adamw_state(folders, dtype):
    model = load(folders["pocket"], dtype)
    optimizer = torch.optim.AdamW(model.parameters())
    model(torch.zeros(1, 4, dtype=torch.long), labels=torch.zeros(1, 4, dtype=torch.long)).loss.backward()
    optimizer.step()
    estimate = qc.estimate_memory(model.config, precision=dtype, purpose="full")
    assert estimate.gradients == sum(weight.grad.numel() * weight.grad.element_size() for weight in model.parameters())
    assert estimate.optimizer == moments(optimizer)
    assert estimate.total == estimate.weights + estimate.training and estimate.kv_cache == 0


@pytest.mark.parametrize(("purpose", "precision"), [("lora", "bf16"), ("qlora", "nf4")])
def test_adapters_equal_those_of_peft(folders, purpose, precision):
    peft = pytest.importorskip("peft")
    adapter = peft.LoraConfig(r=LORA_RANK, target_modules="all-linear")
    model = peft.get_peft_model(load(folders["pocket"], precision), adapter)
    adapters = [weight for weight in model.parameters() if weight.requires_grad]
    optimizer = torch.optim.AdamW(adapters)
    model(input_ids=torch.zeros(1, 4, dtype=torch.long), labels=torch.zeros(1, 4, dtype=torch.long)).loss.backward()
    optimizer.step()
    estimate = qc.estimate_memory(POCKET_SHAPE, precision=precision, purpose=purpose)
    assert estimate.adapters == sum(weight.numel() * weight.element_size() for weight in adapters)
    assert estimate.gradients == sum(weight.grad.numel() * weight.grad.element_size() for weight in adapters)
    assert estimate.optimizer == moments(optimizer)


def moments(optimizer):
    """Return the bytes of AdamW's two moments (its step counters aside)."""
    states = optimizer.state.values()
    return sum(
        state[name].numel() * state[name].element_size() for state in states for name in ("exp_avg", "exp_avg_sq")
    )


def test_qlora_keeps_its_base_in_four_bits():
    qlora = qc.estimate_memory("Qwen/Qwen3-8B", purpose="qlora")
    assert qlora.weights == qc.estimate_memory("Qwen/Qwen3-8B", precision="nf4").weights
    assert qlora.total < qc.estimate_memory("Qwen/Qwen3-8B", purpose="lora").total
    assert (
        qc.estimate_memory("Qwen/Qwen3-8B", purpose="lora").total
        < qc.estimate_memory("Qwen/Qwen3-8B", purpose="full").total
    )


def test_auto_is_the_published_precision():
    assert qc.estimate_memory("Qwen/Qwen3-4B", precision="auto") == qc.estimate_memory(
        "Qwen/Qwen3-4B", precision="bf16"
    )


def test_id_checkpoint_and_config_agree():
    keywords = json.loads((files("qwen_course") / "shapes.json").read_text())["Qwen/Qwen3-4B"]
    config = Qwen3Config(**{name: value for name, value in keywords.items() if name != "model_type"})
    estimates = {qc.estimate_memory(model) for model in ("Qwen/Qwen3-4B", qc.checkpoint("Qwen/Qwen3-4B"), config)}
    assert len(estimates) == 1


def test_a_shape_known_only_by_size_is_reckoned_as_its_twin_and_says_so():
    estimate = qc.estimate_memory("Qwen/Qwen3Guard-Gen-4B")
    assert estimate.total == qc.estimate_memory("Qwen/Qwen3-4B").total
    assert "Qwen/Qwen3-4B" in estimate.reason


def test_an_estimate_reads_well():
    assert str(qc.estimate_memory("Qwen/Qwen3-8B")) == "15.3 GiB weights + 1.1 GiB cache = 16.4 GiB"


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"precision": "int4"}, "'nf4'"),
        ({"purpose": "train"}, "'qlora'"),
        ({"precision": "nf4", "purpose": "full"}, "qlora"),
        ({"tokens": -1}, "tokens"),
        ({"batch_size": 0}, "batch_size"),
    ],
)
def test_what_cannot_be_meant_is_refused(options, message):
    with pytest.raises(ValueError, match=message):
        qc.estimate_memory("Qwen/Qwen3-0.6B", **options)
