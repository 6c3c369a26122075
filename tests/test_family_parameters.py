"""Parameter counts against the models themselves, built without memory on torch's meta device."""

import json

import pytest
import torch
from transformers import (
    AutoConfig,
    AutoModelForCausalLM,
    AutoModelForImageTextToText,
    LlamaConfig,
    Qwen2Config,
    Qwen3Config,
    Qwen3MoeConfig,
)

import qwen_course as qc
from qwen_course.checkpoints import _shapes
from qwen_course.parameters import count_shape

# one id for each distinct shape
DISTINCT = {json.dumps(keywords, sort_keys=True): repo_id for repo_id, keywords in reversed(_shapes().items())
            if "same_size_as" not in keywords}  # fmt: skip


def build(config):
    """Return the model of a config on the meta device, where weights have a shape and take no memory."""
    has_vision = "vision_config" in vars(config)
    with torch.device("meta"):
        model = (AutoModelForImageTextToText if has_vision else AutoModelForCausalLM).from_config(config)
    model.tie_weights()
    return model


def count(model):
    return sum(weight.numel() for weight in model.parameters())


def config_for(keywords):
    keywords = {name: value for name, value in keywords.items() if name != "text_only"}
    return AutoConfig.for_model(keywords.pop("model_type"), **keywords)


@pytest.mark.parametrize("repo_id", sorted(DISTINCT.values()))
def test_count_is_exact_for_every_shape(repo_id):
    config = config_for(_shapes()[repo_id])
    built = count(build(config))
    assert qc.count_parameters(repo_id).total == built
    assert count_shape(config).total == built  # the same from the config object as from the keywords


@pytest.mark.parametrize(
    ("repo_id", "total", "text", "active"),
    [  # keras-hub presets, safetensors index of Qwen3-8B, and counts published with the shapes
        ("Qwen/Qwen2.5-0.5B-Instruct", 494_032_768, 494_032_768, 494_032_768),
        ("Qwen/Qwen3-0.6B", 596_049_920, 596_049_920, 596_049_920),
        ("Qwen/Qwen3-8B", 8_190_735_360, 8_190_735_360, 8_190_735_360),
        ("Qwen/Qwen3-Embedding-8B", 8_188_515_328, 8_188_515_328, 8_188_515_328),
        ("Qwen/Qwen1.5-MoE-A2.7B", 14_315_784_192, 14_315_784_192, 2_689_173_504),
        ("Qwen/Qwen3-30B-A3B", 30_532_122_624, 30_532_122_624, 3_353_032_704),
        ("Qwen/Qwen3-235B-A22B", 235_093_634_560, 235_093_634_560, 22_190_763_520),
        ("Qwen/Qwen3-Next-80B-A3B-Instruct", 79_674_391_296, 79_674_391_296, 3_874_929_408),
        ("Qwen/Qwen3.5-9B", 9_409_813_744, 8_953_803_264, 8_953_803_264),
    ],
)
def test_count_equals_published_numbers(repo_id, total, text, active):
    result = qc.count_parameters(repo_id)
    assert (result.total, result.text, result.active) == (total, text, active)


def test_active_of_the_largest_hybrids_equals_published_numbers():
    assert qc.count_parameters("Qwen/Qwen3.5-397B-A17B").text == 396_346_350_336
    assert qc.count_parameters("Qwen/Qwen3.5-397B-A17B").active == 17_349_040_896


def test_embedding_counts_input_and_output_and_tied_ones_once():
    tied, untied = qc.count_parameters("Qwen/Qwen3-0.6B"), qc.count_parameters("Qwen/Qwen3-8B")
    assert tied.embedding == 151_936 * 1024
    assert untied.embedding == 2 * 151_936 * 4096
    assert untied.text - untied.embedding == 6_946_075_648  # the published non-embedding number


def test_checkpoint_and_id_count_alike():
    assert qc.count_parameters(qc.checkpoint("Qwen/Qwen3-4B")) == qc.count_parameters("Qwen/Qwen3-4B")


@pytest.mark.parametrize(
    "config",
    [
        Qwen2Config(hidden_size=64, intermediate_size=96, num_hidden_layers=3, num_attention_heads=4,
                    num_key_value_heads=2),
        Qwen3Config(hidden_size=64, intermediate_size=96, num_hidden_layers=2, num_attention_heads=4, head_dim=8,
                    num_key_value_heads=1, attention_bias=True, tie_word_embeddings=True),
        Qwen3MoeConfig(hidden_size=64, intermediate_size=96, num_hidden_layers=5, num_attention_heads=4, head_dim=16,
                       num_key_value_heads=2, num_experts=6, decoder_sparse_step=2, mlp_only_layers=[3]),
    ],
)  # fmt: skip
def test_count_is_exact_for_configs_outside_the_catalogue(config):
    assert qc.count_parameters(config).total == count(build(config))


def test_active_leaves_out_only_the_experts_that_are_not_chosen():
    config = Qwen3MoeConfig(hidden_size=64, num_hidden_layers=2, num_experts=6, num_experts_per_tok=2,
                            moe_intermediate_size=32)  # fmt: skip
    result = qc.count_parameters(config)
    assert result.total - result.active == 2 * (6 - 2) * 3 * 64 * 32  # layers x idle experts x three matrices


def test_a_shape_known_only_by_size_is_not_counted_exactly():
    with pytest.raises(ValueError, match="Qwen/Qwen3-4B"):
        qc.count_parameters("Qwen/Qwen3Guard-Gen-4B")


def test_only_the_language_model_is_marked_as_such():
    assert qc.count_parameters("Qwen/Qwen2.5-VL-72B-Instruct").text_only
    assert not qc.count_parameters("Qwen/Qwen2.5-VL-7B-Instruct").text_only


def test_another_family_is_refused():
    with pytest.raises(ValueError, match="llama"):
        qc.count_parameters(LlamaConfig())
