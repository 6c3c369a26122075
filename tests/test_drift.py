"""Every name that the course takes from a library exists in the installed version; and the check can fail."""

import json

import drift
import drift_environments
import pytest


def found(code: str) -> list[str]:
    return drift.problems(drift.collect(iter([("made_up.py", code)])))


def test_all_that_the_course_takes_from_libraries_is_there():
    uses = drift.collect(drift.sources())
    assert drift.problems(uses) == []
    paths = {use.path for use in uses}
    assert {"transformers.AutoModelForCausalLM.from_pretrained", ".generate", "torch.no_grad"} <= paths
    assert sum(use.keyword is not None for use in uses) > 50
    assert {use.where.partition(".")[2].partition("[")[0].partition(":")[0] for use in uses} >= {"ipynb", "py"}


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ("from transformers import AutoModelForQwen", "transformers.AutoModelForQwen is not there"),
        ("import transformers.nowhere", "transformers.nowhere is not there"),
        ("import onnxruntime_genai.gone", "is not there"),
        ("import torch\ntorch.cuda.is_availabel()", "torch.cuda.is_availabel is not there"),
        ("def f():\n    from torch.nn import Linear8", "torch.nn.Linear8 is not there"),
        (
            "from transformers import AutoModelForCausalLM as A\nA.from_pretrained('x', torch_dtyp=1)",
            "takes no keyword 'torch_dtyp'",
        ),
        ("import transformers as t\nt.GenerationConfig(max_new_token=3)", "no keyword 'max_new_token'"),
        ("import transformers\ntransformers.Qwen3Config(hidden_sizes=3)", "no keyword 'hidden_sizes'"),
        ("from transformers import BitsAndBytesConfig\nBitsAndBytesConfig(load_in_3bit=True)", "'load_in_3bit'"),
        ("from trl import SFTConfig\nSFTConfig(max_seq_length=3)", "no keyword 'max_seq_length'"),
        ("from trl import SFTTrainer\nSFTTrainer(tokenizer=None)", "no keyword 'tokenizer'"),
        ("from peft import LoraConfig\nLoraConfig(rank=3)", "no keyword 'rank'"),
        ("model.generate(max_token=3)", "no keyword 'max_token'"),
        ("tokenizer.apply_chat_template([], add_generation_promt=True)", "no keyword 'add_generation_promt'"),
    ],
)
def test_a_name_that_is_gone_is_found(code, says):
    assert any(says in line for line in found(code))


@pytest.mark.parametrize(
    "code",
    [
        "from trl import SFTConfig\nSFTConfig(output_dir='x', max_length=3, learning_rate=1e-4)",
        "from trl import SFTTrainer\nSFTTrainer(model=1, processing_class=2, peft_config=3)",
        "from peft import LoraConfig, get_peft_model\nLoraConfig(r=3, lora_alpha=4, target_modules='all-linear')",
        "from transformers import BitsAndBytesConfig\nBitsAndBytesConfig(load_in_4bit=True, bnb_4bit_quant_type='nf4')",
        "import transformers\ntransformers.Qwen3Config(hidden_size=3, max_position_embeddings=9)",
        "import torch\ntorch.full((2,), 0, dtype=torch.long)\ntorch.nn.functional.relu(torch.zeros(1), inplace=True)",
        "model.generate(ids, max_new_tokens=3, do_sample=False, streamer=None)",
        "from datasets import Dataset\nDataset.from_list([], split='train')",
        "def generate(**options): pass\ngenerate(anything=3)",
    ],
)
def test_a_right_use_is_not_complained_about(code):
    assert found(code) == []


def test_an_import_of_one_cell_counts_in_the_next_and_magics_are_passed_over(tmp_path):
    cells = ["%matplotlib inline\nimport torch", "# prose", "torch.gone(1)"]
    kinds = ["code", "markdown", "code"]
    (tmp_path / "notebooks").mkdir()
    notebook = {"cells": [{"cell_type": k, "source": [c]} for k, c in zip(kinds, cells, strict=True)]}
    (tmp_path / "notebooks" / "01.ipynb").write_text(json.dumps(notebook))
    lines = drift.problems(drift.collect(drift.sources(tmp_path)))
    assert len(lines) == 1 and lines[0].startswith("01.ipynb[2]:1: torch.gone is not there")


def test_the_oldest_environment_has_the_lower_bounds_and_the_newest_only_torch_is_held():
    oldest, newest = (drift_environments.requirements(kind) for kind in ("oldest", "newest"))
    assert "torch==2.13.0" in oldest and newest == ["torch==2.13.0"]
    bounds = drift_environments.lower_bounds()
    assert {"transformers", "peft", "trl", "bitsandbytes", "openai"} <= bounds.keys()
    assert all(f"{name}=={version}" in oldest for name, version in bounds.items())
